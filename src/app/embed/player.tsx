// The entry of /embed/player.html: the media element under media-chrome's controls, for Farebox itself and, where the provider lists them, for
// other sites' frames. `?programme=ID` names the programme, `controls=none` leaves the controls to the page around. Composes; decides nothing.

import '../tokens.css';
import { createRoot } from 'react-dom/client';
import { connectModule } from '../../host/connect.ts';
import { startMediaSession } from '../../player/comforts/media-session.ts';
import { rememberPlaces } from '../../player/comforts/remembered-place.ts';
import { rememberSound } from '../../player/comforts/remembered-sound.ts';
import { startWakeLock } from '../../player/comforts/wake-lock.ts';
import { defineFareboxVideo, ELEMENT_NAME, type FareboxVideoElement } from '../../player/element/farebox-video.ts';
import type { ProgrammeFacts } from '../../player/element/link-state.ts';
import { createLocalLink } from '../../player/element/local-link.ts';
import { createPlayer } from '../../player/player.ts';
import { createStore } from '../../player/store.ts';
import { findMissing } from '../browser-support.ts';
import { createLoadable } from '../state/loadable.ts';
import { followSurface } from '../state/surface.ts';
import { makeTerminalPorts } from '../terminal-ports.ts';
import { UnsupportedPage } from '../unsupported-page.tsx';
import { PlayerCurtain } from './player-curtain.tsx';
import { awaitEmbedder, listedEmbedders } from './player-embedder.ts';
import { createPressGate } from './player-press.ts';
import { PlayerTicket } from './player-ticket.tsx';

/** media-chrome's elements write their own markup; what would run, or load anything, does not get through. */
function allowMarkup(): void {
  window.trustedTypes?.createPolicy('default', {
    createHTML: (html) =>
      /<\s*(script|iframe|frame|object|embed|base|meta|link|form)\b|[\s/"']on\w+\s*=|javascript:/i.test(html)
        ? null
        : html,
  });
}

function part(selector: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(selector);
  if (found === null) throw new Error(`player.html lacks ${selector}.`);
  return found;
}

function start(): void {
  const moduleOrigin = document.querySelector<HTMLMetaElement>('meta[name="farebox-module-origin"]')?.content;
  if (moduleOrigin === undefined) throw new Error('player.html lacks its module origin.');
  const missing = findMissing();
  if (missing.length > 0) {
    createRoot(part('main')).render(<UnsupportedPage missing={missing} />);
    return;
  }
  const query = new URLSearchParams(window.location.search);
  const programmeId = query.get('programme') ?? '';
  const framed = window.parent !== window;
  document.body.toggleAttribute('data-framed', framed);
  document.body.toggleAttribute('data-bare', query.get('controls') === 'none');

  const surface = document.createElement('div');
  const connection = connectModule({ container: surface, moduleOrigin, signal: new AbortController().signal });
  const ports = makeTerminalPorts(connection);
  const player = createPlayer(ports);
  const catalogue = createLoadable((signal) => ports.provider.catalogue(signal));
  const gate = createPressGate(framed, () => performance.now());
  const entryOf = (id: string) => {
    const loaded = catalogue.getSnapshot();
    return 'value' in loaded ? (loaded.value.find((entry) => entry.id === id) ?? null) : null;
  };
  const facts = createStore<(id: string) => ProgrammeFacts | null>(() => null);
  catalogue.subscribe(() =>
    facts.set((id) => {
      const entry = entryOf(id);
      return entry && { title: entry.title, durationMs: entry.durationMs, isLive: entry.live !== null };
    }),
  );
  void catalogue.reload();

  const link = createLocalLink({ player, surface, facts, needsPress: gate.needsPress });
  defineFareboxVideo(() => link);
  const controller = part('#controller');
  const video = document.querySelector<FareboxVideoElement>(ELEMENT_NAME);
  if (video === null) throw new Error('player.html lacks its element.');
  if (programmeId !== '') video.src = programmeId;

  const asking = followSurface(ports.module);
  asking.subscribe(() => document.body.toggleAttribute('data-asking', asking.getSnapshot()));
  player.state.subscribe(() => {
    const { phase } = player.state.getSnapshot();
    document.body.dataset.phase = phase;
    if (phase === 'stopped' || phase === 'failed') gate.close();
    // Keys begin to play, too: not before somebody has pressed.
    controller.toggleAttribute('nohotkeys', gate.needsPress.getSnapshot());
  });
  controller.toggleAttribute('nohotkeys', framed);
  document.body.dataset.phase = 'idle';

  rememberSound(player, ports.notes);
  rememberPlaces(player, ports.notes);
  if ('wakeLock' in navigator) startWakeLock(player, { wakeLock: navigator.wakeLock, document });
  if ('mediaSession' in navigator) {
    startMediaSession(player, navigator.mediaSession, (id) => {
      const entry = entryOf(id);
      const posterUrl = entry && new URL(ports.provider.contentUrl(entry.poster), window.location.href).href;
      return entry && { title: entry.title, provider: 'Farebox', posterUrl };
    });
  }
  const begin = (): void => void video.play().catch(() => undefined);
  const given = { player, ports, catalogue, programmeId, gate, framed };
  createRoot(part('#curtain')).render(<PlayerCurtain {...given} onBegin={begin} />);
  createRoot(part('#ticket')).render(<PlayerTicket {...given} />);

  allowMarkup();
  void import('./player-controls.ts').then(({ tieControls }) => tieControls(controller, video));
  if (framed) {
    const embedders = listedEmbedders(
      document.querySelector<HTMLMetaElement>('meta[name="farebox-embedders"]')?.content,
    );
    awaitEmbedder(link, embedders);
  }
}

start();
