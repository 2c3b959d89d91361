// The player's end of the wire: carries out what another site's page asks for, as far as a stranger may, and tells it the state. Used by the
// page that other sites frame. What begins to cost is never begun from there: that needs a press in the player's own frame.

import type { LinkIntents, PlayerLink } from './player-link.ts';
import { decodeIntent, type IntentMessage, stateForOthers } from './wire.ts';

/** Intents taken in a second; more is no person. What is too much is dropped. */
const INTENTS_A_SECOND = 40;
/** States told at most this often, ms. */
const TELL_EVERY_MS = 100;

/** Connects `port` to `link` until `signal` aborts. `nowMs` is a monotonic clock. */
export function bridgePlayer(
  link: Pick<PlayerLink, 'state' | keyof LinkIntents>,
  port: MessagePort,
  nowMs: () => number,
  signal: AbortSignal,
): void {
  let secondFromMs = nowMs();
  let taken = 0;
  let timer: ReturnType<typeof setTimeout> | null = null;

  const tell = (): void => {
    timer = null;
    port.postMessage(stateForOthers(link.state.getSnapshot()));
  };
  const tellSoon = (): void => {
    timer ??= setTimeout(tell, TELL_EVERY_MS);
  };
  const mayTake = (): boolean => {
    if (nowMs() - secondFromMs >= 1_000) {
      secondFromMs = nowMs();
      taken = 0;
    }
    taken += 1;
    return taken <= INTENTS_A_SECOND;
  };

  port.onmessage = ({ data }: MessageEvent<unknown>): void => {
    const intent = decodeIntent(data);
    if (intent === null || !mayTake()) return;
    // A programme that nobody has begun, or that is over, stays so.
    if (link.state.getSnapshot().needsPress && intent.type !== 'setVolume') return;
    carryOut(link, intent);
  };
  const endFollowing = link.state.subscribe(tellSoon);
  signal.addEventListener('abort', () => {
    endFollowing();
    if (timer !== null) clearTimeout(timer);
    port.close();
  });
  tell();
}

function carryOut(link: LinkIntents, intent: IntentMessage): void {
  switch (intent.type) {
    case 'setVolume':
      link.setVolume(...intent.with);
      break;
    case 'seek':
      link.seek(...intent.with);
      break;
    case 'setRate':
      link.setRate(...intent.with);
      break;
    case 'setSound':
      link.setSound(...intent.with);
      break;
    case 'setCaptions':
      link.setCaptions(...intent.with);
      break;
    case 'setRung':
      link.setRung(...intent.with);
      break;
    case 'play':
    case 'pause':
    case 'goLive':
      link[intent.type]();
      break;
  }
}
