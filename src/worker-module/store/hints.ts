// Hints between tabs of one module: "this session has ended, look". Called by session/. A hint is never believed: whoever gets one
// asks the store. It carries an id and nothing else.

import { decodeSessionId, type SessionId } from '../../protocol/ids.ts';

const CHANNEL_NAME = 'farebox-module';

/** The port; `openBroadcastHints` in a browser. */
export type Hints = {
  announce(session: SessionId): void;
  /** Hears the hints of other tabs. */
  onHint(listener: (session: SessionId) => void): void;
};

/** Hints over a BroadcastChannel of this origin. Messages that are not a session id are ignored. */
export function openBroadcastHints(): Hints {
  const channel = new BroadcastChannel(CHANNEL_NAME);
  return {
    announce: (session) => channel.postMessage(session),
    onHint: (listener) => {
      channel.addEventListener('message', (event: MessageEvent<unknown>) => {
        try {
          listener(decodeSessionId(event.data));
        } catch {
          // Of another build of this origin: nothing that this one must act on.
        }
      });
    },
  };
}
