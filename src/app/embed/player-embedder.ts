// The page of another site that frames this one: found by its window and its origin, which the provider has listed, and connected to the
// player. Called by player.tsx. Every other message is left unanswered.

import { bridgePlayer } from '../../player/element/bridge.ts';
import type { PlayerLink } from '../../player/element/player-link.ts';
import { CONNECT_MESSAGE, isMessage, READY_MESSAGE } from '../../player/element/wire.ts';

/** The origins that may frame this page, as the server wrote them into the document. */
export function listedEmbedders(content: string | undefined): readonly string[] {
  return (content ?? '').split(' ').filter((origin) => URL.parse(origin)?.origin === origin);
}

/** Lets the page above connect, each time that it asks; a new connection ends the one before. */
export function awaitEmbedder(link: PlayerLink, embedders: readonly string[]): void {
  let connection = new AbortController();
  window.addEventListener('message', (message: MessageEvent<unknown>) => {
    const [port] = message.ports;
    if (message.source !== window.parent || !embedders.includes(message.origin)) return;
    if (!isMessage(message.data, CONNECT_MESSAGE) || port === undefined || message.ports.length !== 1) return;
    connection.abort();
    connection = new AbortController();
    bridgePlayer(link, port, () => performance.now(), connection.signal);
  });
  // It says nothing, so it may be heard by anyone.
  window.parent.postMessage(READY_MESSAGE, '*');
}
