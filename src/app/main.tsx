// The terminal's entry: checks the browser, draws the shell, starts the module in it and registers the service worker.
// It composes and decides nothing; loaded by index.html alone.

import './tokens.css';
import { App } from './app.tsx';
import { isWatching, tellBusyTab } from './busy-tab.ts';
import { takeGround } from './ground.tsx';
import { registerServiceWorker } from './service-worker.ts';
import { createTerminal, type Terminal } from './state/terminal.ts';
import { TerminalContext } from './terminal-context.tsx';
import { makeTerminalPorts } from './terminal-ports.ts';
import { fetchErrorWords } from './ui/error-note.tsx';

/** The screen is drawn, and its posters are on their way. */
const AFTER_MS = 2_000;

function start(): void {
  const ground = takeGround();
  if (ground === null) return;
  const { root, moduleFrame, connection } = ground;
  const terminal = createTerminal(makeTerminalPorts(connection), watchLine);
  root.render(
    <TerminalContext value={terminal}>
      <App moduleFrame={moduleFrame} />
    </TerminalContext>,
  );
  // These must not compete with the first screen, nor with a picture that was asked for at once; Farebox works without them.
  const afterwards = (): void => {
    registerServiceWorker(() => isIdle(terminal)).catch(() => undefined);
    // Said when there may be no line to fetch the words by.
    import('./watch/stage-failure.tsx').catch(() => undefined);
    fetchErrorWords();
    // What of them cannot be fetched now is not missed before the next visit.
    import('./watch/comforts.ts').then(({ startComforts }) => startComforts(terminal)).catch(() => undefined);
  };
  window.addEventListener('load', () => void firstScreen(terminal).then(afterwards), { once: true });
  tellBusyTab(terminal.player.state, terminal.asking);
}

/** Resolves a moment after the catalogue was shown, or could not be had. */
function firstScreen({ catalogue }: Terminal): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (catalogue.getSnapshot().state === 'loading') return;
      end();
      setTimeout(resolve, AFTER_MS);
    };
    const end = catalogue.subscribe(look);
    look();
  });
}

/** Nothing goes on here that loading the page again would cut; a module that does not answer is not known to be idle. */
async function isIdle({ player, asking, ports }: Terminal): Promise<boolean> {
  if (isWatching(player.state.getSnapshot()) || asking.getSnapshot()) return false;
  const operations = await ports.module.call('operations', {}).catch(() => null);
  // A session that is held and not watched is no work: it is taken up where it stands.
  return operations?.every(({ kind, status }) => kind === 'session' || status !== 'working') ?? false;
}

function watchLine(listener: (online: boolean) => void): void {
  listener(navigator.onLine);
  window.addEventListener('online', () => listener(true));
  window.addEventListener('offline', () => listener(false));
}

start();
