// The state behind every screen: the player and the stores, made once over the ports. Screens read it through terminal-context.tsx.
// It keeps nothing that the module or the provider would miss.

import type { CatalogueEntry } from '../../host/answers.ts';
import { createPlayer, type Player } from '../../player/player.ts';
import type { ModuleLife } from '../../player/ports.ts';
import { createStore, type ReadableStore } from '../../player/store.ts';
import { ERRORS, toErrorData } from '../../protocol/errors.ts';
import type { ContentHash } from '../../protocol/ids.ts';
import type { ModuleStatus, ReceiptView, SessionView } from '../../worker-module/commands.ts';
import { createLoadable, type LoadableStore } from './loadable.ts';
import type { TerminalPorts } from './ports.ts';
import { openReceipt, type ReceiptDetail } from './receipt-detail.ts';

/** Pause before receipts without an answer are carried again: each errand has tried for some ten seconds already. */
const SETTLE_AGAIN_MS = 15_000;

/** Receipts, and the sessions that have none yet. */
export type Drawer = { readonly receipts: readonly ReceiptView[]; readonly open: readonly SessionView[] };

/** What the screens stand on. */
export type Terminal = {
  readonly player: Player;
  readonly catalogue: LoadableStore<readonly CatalogueEntry[]>;
  readonly moduleStatus: LoadableStore<ModuleStatus>;
  readonly drawer: LoadableStore<Drawer>;
  readonly moduleLife: ReadableStore<ModuleLife>;
  /** Whether the browser has a line. */
  readonly online: ReadableStore<boolean>;
  contentUrl(hash: ContentHash): string;
  /** A store for one receipt; not loaded yet. */
  receipt(session: string): LoadableStore<ReceiptDetail>;
  /** Ends an open session that is not playing, and settles it. */
  settleSession(session: string): Promise<void>;
  /** Asks the provider again for every answer that is missing. */
  settleAll(): Promise<void>;
};

/** Makes the state over `ports`. `line` reports whether there is a line, now and at each change. */
export function createTerminal(ports: TerminalPorts, line: (listener: (online: boolean) => void) => void): Terminal {
  const moduleLife = createStore<ModuleLife>('starting');
  const online = createStore(true);
  const catalogue = createLoadable((signal) => ports.provider.catalogue(signal));
  const moduleStatus = createLoadable(() => ports.module.call('status', {}));
  const drawer = createLoadable<Drawer>(async () => {
    const [receipts, sessions] = await Promise.all([
      ports.module.call('receipts', {}),
      ports.module.call('sessions', {}),
    ]);
    return { receipts, open: sessions.filter(({ state }) => state === 'open') };
  });

  let asksAgain = false;
  // A provider that cannot be reached is asked again by itself, for as long as the page is open.
  const askAgain = (error: unknown): void => {
    if (asksAgain || ERRORS[toErrorData(error).code].retry !== 'same-request') return;
    asksAgain = true;
    void ports.pause(SETTLE_AGAIN_MS, new AbortController().signal).then(() => {
      asksAgain = false;
      return settleAll().catch(() => undefined);
    });
  };
  const settling = async (errand: Promise<void>): Promise<void> => {
    try {
      await errand;
    } catch (error) {
      askAgain(error);
      throw error;
    } finally {
      await drawer.reload();
    }
  };
  const relay = { ...ports.relay, settle: (session: string) => settling(ports.relay.settle(session)) };
  const player = createPlayer({ ...ports, relay });

  ports.module.onState((life) => {
    moduleLife.set(life);
    if (life !== 'ready') return;
    void moduleStatus.reload();
    void settleAll().catch(() => undefined);
  });
  line((is) => {
    const returned = is && !online.getSnapshot();
    online.set(is);
    if (!returned) return;
    if (catalogue.getSnapshot().state !== 'here') void catalogue.reload();
    if (player.state.getSnapshot().code === 'network/offline') player.retry();
    void settleAll().catch(() => undefined);
  });
  void catalogue.reload();

  // Receipts without an answer stay durable here and are carried again at the next start or when the line is back.
  function settleAll(): Promise<void> {
    return settling(ports.relay.settleAll());
  }

  return {
    player,
    catalogue,
    moduleStatus,
    drawer,
    moduleLife,
    online,
    contentUrl: (hash) => ports.provider.contentUrl(hash),
    receipt: (session) => createLoadable((signal) => openReceipt(ports, session, signal)),
    async settleSession(session) {
      await ports.module.call('closeSession', { session });
      await relay.settle(session);
    },
    settleAll,
  };
}
