// Writes the checkpoint after commits: at most one write in MODULE_LIMITS.checkpointMs, and at once when asked to flush (a receipt is about
// to leave). Owned by module.ts, told by record/. Runs under its own lock, so that writing it never holds up the record.

import type { FareboxError } from '../../protocol/errors.ts';
import type { RandomBytes } from '../../protocol/ids.ts';
import type { Clock } from '../clock.ts';
import { MODULE_LIMITS } from '../limits.ts';
import { type Checkpoint, type CheckpointSlots, readCheckpoint, sealCheckpoint } from './checkpoint.ts';
import { CHECKPOINT_LOCK, type Locks } from './locks.ts';
import { toStoreError } from './store-error.ts';

/** Keeps the checkpoint close behind the record. */
export type Checkpointer = {
  /** Notes that this much is durable; written soon. */
  note(checkpoint: Checkpoint): void;
  /** Writes what was noted; durable on return. @throws FareboxError `store/refused`, `store/full`. */
  flush(): Promise<void>;
};

/** What a checkpointer needs. `onFailure` hears of writes that failed in the background. */
export type CheckpointerParts = {
  readonly slots: CheckpointSlots;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly sealingKey: CryptoKey;
  readonly onFailure: (error: FareboxError) => void;
};

/** Makes the checkpointer of this worker. */
export function makeCheckpointer(parts: CheckpointerParts): Checkpointer {
  let noted: Checkpoint | null = null;
  let cancelTimer: (() => void) | null = null;

  async function flush(): Promise<void> {
    cancelTimer?.();
    cancelTimer = null;
    await parts.locks.withLock(CHECKPOINT_LOCK, async () => {
      // Taken inside the lock: a flush that waited for another one finds its work done.
      const checkpoint = noted;
      if (checkpoint === null) return;
      try {
        await writeCheckpoint(parts, checkpoint);
      } catch (error) {
        throw toStoreError(error);
      }
      if (noted === checkpoint) noted = null;
    });
  }

  return {
    flush,
    note: (checkpoint) => {
      noted = checkpoint;
      cancelTimer ??= parts.clock.after(MODULE_LIMITS.checkpointMs, () => {
        flush().catch((error) => parts.onFailure(toStoreError(error)));
      });
    },
  };
}

async function writeCheckpoint(parts: CheckpointerParts, checkpoint: Checkpoint): Promise<void> {
  const reading = await readCheckpoint(parts.slots);
  const found = reading.state === 'found' ? reading : null;
  // Another tab may have written a later one: the high-water mark never goes down.
  if (found !== null && found.newest.counter >= checkpoint.counter) return;
  const serial = (found?.newest.serial ?? 0) + 1;
  const bytes = await sealCheckpoint(checkpoint, serial, parts.sealingKey, parts.random);
  await parts.slots.write(found?.next ?? 0, bytes);
}
