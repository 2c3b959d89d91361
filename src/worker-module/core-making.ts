// Puts a core together on storage that was found sound: committer, checkpointer, the sign of life among the tabs. Called by keeper.ts at
// each opening. A core that was ended writes nothing more, neither to the database nor to the checkpoint, whoever still holds it.

import { toHex } from '../protocol/bytes.ts';
import { FareboxError, type FareboxErrorCode } from '../protocol/errors.ts';
import { makeCheckpointContent } from './backup/snapshot.ts';
import type { Core, ModuleKeys, Surroundings } from './core.ts';
import type { OpenedStorage } from './life.ts';
import { makeCommitter } from './record/committer.ts';
import { makeCheckpointer } from './store/checkpointer.ts';
import { generationOf } from './store/generation.ts';
import type { StorageHealth } from './store/health.ts';
import type { Hints } from './store/hints.ts';
import { tabLockName } from './store/locks.ts';
import type { RecordStore } from './store/record-store.ts';

/** A core, and its end. */
export type LivingCore = {
  readonly core: Core;
  /** From now on every write is refused with `code`, and the tab's sign of life is gone. */
  end(code: FareboxErrorCode): void;
};

/** How a store can go away under an open core. */
export type GoneCode = 'store/replaced' | 'store/wiped' | 'store/newer-version';

/** What a core is made of beside storage and keys. `onGone`: the store under it is not there any more, thrown away or put anew by another tab. */
export type CoreParts = {
  readonly around: Surroundings;
  readonly health: StorageHealth;
  readonly hints: Hints;
  readonly onGone: (code: GoneCode) => void;
};

const TAB_ID_BYTES = 16;

/** Makes the core of this worker. */
export async function makeCore(parts: CoreParts, storage: OpenedStorage, keys: ModuleKeys): Promise<LivingCore> {
  const { around, health, hints } = parts;
  const { clock, random, emit } = around;
  const { store, slots, locks } = storage;
  let ended: FareboxErrorCode | null = null;
  const tabId = toHex(random(TAB_ID_BYTES));
  const sign = await locks.hold(tabLockName(tabId));
  const generation = await readGeneration(store);
  const noteError = (error: FareboxError): void => {
    // A store that is known to be lost refuses every write; that is no news.
    const isNews = health.refusal() === null;
    health.noteError(error);
    const { code } = error;
    if (isNews && (code === 'store/replaced' || code === 'store/wiped')) parts.onGone(code);
  };

  const committer = makeCommitter({
    ...{ store, locks, clock, random, keys },
    refusal: () => ended ?? health.refusal(),
    onDurable: (place) => {
      health.noteDurable();
      core.checkpointer.noteChange(place.counter);
    },
    onStoreError: (error) => {
      if (ended === null) noteError(error);
    },
  });
  const checkpointer = makeCheckpointer({
    ...{ slots, locks, clock, random, checkpointKey: keys.checkpointKey },
    vault: async () => {
      const vault = await store.meta('vault');
      if (ended !== null || vault === null) throw new FareboxError(ended ?? 'store/altered');
      return vault.slots;
    },
    snapshot: async () => {
      const content = await readContent();
      // A store that took this one's place has other keys: its checkpoint is not this core's to seal.
      const isSame = (await readGeneration(store)) === generation;
      if (ended !== null || !isSame) throw new FareboxError(ended ?? 'store/replaced');
      return content;
    },
    onFailure: (error) => {
      if (ended !== null) return;
      noteError(error);
      emit({ type: 'failed', session: null, code: error.code });
    },
  });
  const core: Core = {
    ...around,
    ...{ store, keys, committer, checkpointer, tabId },
    noteChanged: (what) => {
      emit({ type: 'changed', what });
      hints.announce({ kind: 'changed', what });
    },
  };
  const readContent = makeCheckpointContent(core);
  return {
    core,
    end: (code) => {
      ended ??= code;
      sign.release();
    },
  };
}

async function readGeneration(store: RecordStore): Promise<number | null> {
  const header = await store.meta('header');
  return header === null ? null : generationOf(header.revision);
}
