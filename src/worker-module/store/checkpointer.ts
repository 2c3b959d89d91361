// Writes the checkpoint after commits: at most one write in MODULE_LIMITS.checkpointMs, and at once when asked to flush (a receipt is about
// to leave). Made by start.ts, told by record/. Runs under its own lock, so that writing it never holds up the record.

import { FareboxError } from '../../protocol/errors.ts';
import type { RandomBytes } from '../../protocol/ids.ts';
import type { Clock } from '../clock.ts';
import { MODULE_LIMITS } from '../limits.ts';
import { type CheckpointSlots, readCheckpoint, sealCheckpoint } from './checkpoint.ts';
import { CHECKPOINT_LOCK, type Locks } from './locks.ts';
import type { VaultSlot } from './rows.ts';
import { toStoreError } from './store-error.ts';

/** Keeps the checkpoint close behind the record. */
export type Checkpointer = {
  /** Notes that a commit is durable, after which the record has `counter` entries; what is stored then, or later, is written soon. */
  noteChange(counter: number): void;
  /** Writes now where something was noted; durable on return. @throws FareboxError `store/refused`, `store/full`. */
  flush(): Promise<void>;
  /**
   * Writes both slots anew, so that nothing of what they held before stays: after a change of the vault. Cut between the two, one slot is old
   * and one is new. Durable on return. @throws FareboxError `store/wiped` where a slot says more than the record holds, `store/refused`, `store/full`.
   */
  rewriteBoth(): Promise<void>;
};

/** What a checkpoint holds, as the store has it at one moment. */
export type CheckpointContent = { readonly counter: number; readonly bytes: Uint8Array };

/** What a checkpointer needs. `vault` and `snapshot` read the store; `onFailure` hears of writes that failed in the background. */
export type CheckpointerParts = {
  readonly slots: CheckpointSlots;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly checkpointKey: CryptoKey;
  readonly vault: () => Promise<readonly VaultSlot[]>;
  readonly snapshot: () => Promise<CheckpointContent>;
  readonly onFailure: (error: FareboxError) => void;
};

/** Makes the checkpointer of this worker. */
export function makeCheckpointer(parts: CheckpointerParts): Checkpointer {
  // Commits noted, and how many of them the slots have.
  let noted = 0;
  let written = 0;
  let cancelTimer: (() => void) | null = null;

  /** Runs `write` under the lock; what was noted before it began is written when it ends. */
  async function settle(write: () => Promise<unknown>): Promise<void> {
    cancelTimer?.();
    cancelTimer = null;
    const upTo = noted;
    try {
      await write();
    } catch (error) {
      throw toStoreError(error);
    }
    written = Math.max(written, upTo);
  }

  const flush = () =>
    parts.locks.withLock(CHECKPOINT_LOCK, async () => {
      // Asked inside the lock: a flush that waited for another one finds its work done.
      if (written < noted) await settle(() => writeNext(parts));
    });

  return {
    flush,
    noteChange: () => {
      noted += 1;
      cancelTimer ??= parts.clock.after(MODULE_LIMITS.checkpointMs, () => {
        cancelTimer = null;
        flush().catch((error: unknown) => parts.onFailure(toStoreError(error)));
      });
    },
    rewriteBoth: () =>
      parts.locks.withLock(CHECKPOINT_LOCK, () =>
        settle(async () => {
          for (let slots = 0; slots < 2; slots += 1) {
            if (!(await writeNext(parts))) throw new FareboxError('store/wiped');
          }
        }),
      ),
  };
}

/**
 * Writes the slot whose turn it is with what is stored at this moment. False, and nothing written, where the other slot tells of a longer
 * record: the high-water mark never goes down, and a record that has become shorter is noticed at the next start.
 */
async function writeNext(parts: CheckpointerParts): Promise<boolean> {
  const reading = await readCheckpoint(parts.slots);
  const found = reading.state === 'found' ? reading : null;
  const [vault, { counter, bytes: snapshot }] = await Promise.all([parts.vault(), parts.snapshot()]);
  if (found !== null && found.newest.counter > counter) return false;
  const { checkpointKey, random } = parts;
  const serial = (found?.newest.serial ?? 0) + 1;
  const slot = await sealCheckpoint({ serial, counter, vault, snapshot, checkpointKey, random });
  await parts.slots.write(found?.next ?? 0, slot);
  return true;
}
