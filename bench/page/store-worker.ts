// The module's committer on the browser's own database and locks, without a module around it: fills a record, and times commits of a few
// entries each. One question, one answer, then the worker is ended. The store has to be founded: a module was started on it before.

import { systemClock } from '../../src/worker-module/clock.ts';
import { deriveModuleKeys } from '../../src/worker-module/keys/root.ts';
import { makeCommitter } from '../../src/worker-module/record/committer.ts';
import { openIndexedDbStore } from '../../src/worker-module/store/indexed-db.ts';
import { openWebLocks } from '../../src/worker-module/store/locks.ts';
import type { CommitMeasurement } from './messages.ts';

/** What the page asks: so many commits, one after the other, of so many entries each. Answers milliseconds for each. */
async function measure({ commits, entries }: CommitMeasurement): Promise<readonly number[]> {
  const store = await openIndexedDbStore();
  const slot = (await store.meta('vault'))?.slots.find(({ kind }) => kind === 'device');
  if (slot?.kind !== 'device') throw new Error('the store was not founded');
  const committer = makeCommitter({
    store,
    locks: openWebLocks(),
    clock: systemClock,
    random: (lengthBytes) => crypto.getRandomValues(new Uint8Array(lengthBytes)),
    keys: await deriveModuleKeys(slot.rootKey),
    refusal: () => null,
    onDurable: () => undefined,
    onStoreError: (error) => {
      throw error;
    },
  });
  const tookMs: number[] = [];
  for (let commit = 0; commit < commits; commit += 1) {
    const startedMs = performance.now();
    await committer.commit({
      sessions: [],
      apply: (draft) => {
        for (let entry = 0; entry < entries; entry += 1) draft.append({ kind: 'disclosed', what: 'contact', to: null });
      },
    });
    tookMs.push(performance.now() - startedMs);
  }
  return tookMs;
}

self.onmessage = async ({ data }: MessageEvent<CommitMeasurement>) => self.postMessage(await measure(data));
