// A PlayerLink over the frame of a provider's player, for pages of other sites: makes the frame, connects when it says that it can be, and
// passes intents up and states down. The frame shows its own promise, price and questions; nothing here can press them.

import { createStore } from '../store.ts';
import { LINK_AT_REST, type LinkIntents, type LinkState, type PlayerLink } from './player-link.ts';
import { CONNECT_MESSAGE, decodeState, intentMessage, isMessage, READY_MESSAGE } from './wire.ts';

/** What the player's frame may do of what this page may: nothing else is passed on. */
const ALLOWED = [
  'autoplay',
  'fullscreen',
  'screen-wake-lock',
  'publickey-credentials-create',
  'publickey-credentials-get',
];

/** Makes it. `provider`: the origin whose programmes are played; `controls`: whether the frame draws controls of its own. */
export function createRemoteLink(provider: string, controls: boolean): PlayerLink {
  const state = createStore<LinkState>(LINK_AT_REST);
  const surface = document.createElement('div');
  const frame = document.createElement('iframe');
  frame.title = 'Farebox: picture, price and questions';
  frame.allow = ALLOWED.map((name) => `${name} ${provider}`).join('; ');
  frame.referrerPolicy = 'no-referrer';
  let port: MessagePort | null = null;

  const connect = (message: MessageEvent<unknown>): void => {
    if (message.source !== frame.contentWindow || message.origin !== provider) return;
    if (!isMessage(message.data, READY_MESSAGE)) return;
    port?.close();
    const channel = new MessageChannel();
    port = channel.port1;
    port.onmessage = ({ data }: MessageEvent<unknown>): void => {
      const next = decodeState(data);
      if (next !== null) state.set(next);
    };
    frame.contentWindow?.postMessage(CONNECT_MESSAGE, provider, [channel.port2]);
  };
  window.addEventListener('message', connect);
  const send = <Name extends keyof LinkIntents>(name: Name, ...args: Parameters<LinkIntents[Name]>): void =>
    port?.postMessage(intentMessage(name, ...args));

  return {
    state,
    surface,
    load(programmeId) {
      port?.close();
      port = null;
      state.set({ ...LINK_AT_REST, programmeId, needsPress: true });
      frame.remove();
      if (programmeId === null) return;
      const address = new URL('/embed/player.html', provider);
      address.searchParams.set('programme', programmeId);
      if (!controls) address.searchParams.set('controls', 'none');
      frame.src = address.href;
      surface.append(frame);
    },
    play: () => send('play'),
    pause: () => send('pause'),
    seek: (positionMs) => send('seek', positionMs),
    setVolume: (volume, muted) => send('setVolume', volume, muted),
    setRate: (rate) => send('setRate', rate),
    setSound: (label) => send('setSound', label),
    setCaptions: (label) => send('setCaptions', label),
    setRung: (choice) => send('setRung', choice),
    goLive: () => send('goLive'),
    // Both are the frame's own affair: its controls are the ones that lie over the picture.
    preview: () => undefined,
    keepClear: () => undefined,
    close() {
      window.removeEventListener('message', connect);
      port?.close();
      frame.remove();
    },
  };
}
