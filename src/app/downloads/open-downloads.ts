// Makes the downloads of this page from the browser: its caches, locks, room, and the channel between tabs. Loaded when something is kept or looked at.

import type { ModuleConnection } from '../../host/connect.ts';
import type { KeepStart } from '../../host/errands/keep-session.ts';
import { pauseFor } from '../../host/pause.ts';
import type { Provider } from '../../host/provider.ts';
import { createDownloads, type Downloads } from '../../player/offline/downloads.ts';
import { decodeTabMessage } from '../../player/offline/downloads-state.ts';
import type { SessionView } from '../../worker-module/commands.ts';
import { browserShelf, inTurn } from './browser-shelf.ts';

const CHANNEL = 'farebox-downloads';

/** What it needs of the page. */
export type OpenDownloads = {
  readonly module: Pick<ModuleConnection, 'call'>;
  readonly provider: Pick<Provider, 'programme' | 'content'>;
  keepSession(start: KeepStart): Promise<SessionView>;
  settle(session: string): Promise<void>;
  noteKept(ids: readonly string[]): void;
};

/** Opens them; what was cut goes on with `refresh`. */
export function openDownloads({ module, provider, keepSession, settle, noteKept }: OpenDownloads): Downloads {
  const channel = new BroadcastChannel(CHANNEL);
  const { storage } = navigator;
  return createDownloads({
    ...{ provider, inTurn, noteKept },
    shelf: browserShelf(),
    keepSession: (order) => keepSession({ ...order, signal: new AbortController().signal }),
    sessions: () => module.call('sessions', {}),
    async endSession(session) {
      const known = (await module.call('sessions', {})).find((view) => view.session === session);
      if (known?.state !== 'open') return;
      await module.call('closeSession', { session });
      // The receipt is durable: it is sent now, or when there is a line.
      void settle(session).catch(() => undefined);
    },
    tabs: {
      post: (message) => channel.postMessage(message),
      onMessage(listener) {
        channel.addEventListener('message', ({ data }) => {
          const message = decodeTabMessage(data);
          if (message !== null) listener(message);
        });
      },
    },
    async space() {
      const { usage, quota } = await storage.estimate();
      return usage === undefined || quota === undefined ? null : { usedBytes: usage, allowedBytes: quota };
    },
    isPersistent: () => storage.persisted(),
    askPersistence: () => storage.persist(),
    pause: pauseFor,
    chance: () => Math.random(),
    wallClockMs: () => Date.now(),
    nowMs: () => performance.now(),
  });
}
