// Checkpoint slots after a change of the lock that was cut off: a slot keeps the vault of its time, and a clear root key must not stay behind
// a lock. Called by keeper.ts at each opening. Slots are read one by one here; who is newer is for checkpoint.ts to say.

import type { RandomBytes } from '../protocol/ids.ts';
import { deriveModuleKeys } from './keys/root.ts';
import { equalVaults, openDeviceSlot } from './keys/vault.ts';
import type { OpenedStorage } from './life.ts';
import {
  type CheckpointSlot,
  type CheckpointSlots,
  openCheckpoint,
  readCheckpoint,
  sealCheckpoint,
} from './store/checkpoint.ts';
import { CHECKPOINT_LOCK } from './store/locks.ts';
import type { VaultSlot } from './store/rows.ts';

type Written = { readonly place: 0 | 1; readonly slot: CheckpointSlot };

/** True where a slot has another vault than the database, or was torn: both are to be written anew. */
export async function staleSlots(slots: CheckpointSlots, vault: readonly VaultSlot[]): Promise<boolean> {
  const places = (await slots.read()).filter((bytes) => bytes !== null).length;
  const whole = await readWritten(slots);
  return whole.length < places || whole.some(({ slot }) => !equalVaults(slot.vault, vault));
}

/**
 * Takes every clear root key out of the slots of a module that is locked: the slot is sealed again as it was, with the database's vault
 * beside it. A slot left by an earlier factor cannot be opened here; it is written anew when the module is unlocked.
 */
export async function mendLockedSlots(
  { slots, locks }: OpenedStorage,
  vault: readonly VaultSlot[],
  random: RandomBytes,
): Promise<void> {
  await locks.withLock(CHECKPOINT_LOCK, async () => {
    const written = await readWritten(slots);
    // The older one first: cut here, the newer one still stands.
    for (const { place, slot } of written.sort((a, b) => a.slot.serial - b.slot.serial)) {
      const rootKey = openDeviceSlot(slot.vault);
      if (rootKey === null) continue;
      const { checkpointKey } = await deriveModuleKeys(rootKey);
      rootKey.fill(0);
      const snapshot = await openCheckpoint(slot, checkpointKey);
      const { counter, serial } = slot;
      const bytes = await sealCheckpoint({ snapshot, counter, vault, serial, checkpointKey, random });
      snapshot.fill(0);
      await slots.write(place, bytes);
    }
  });
}

async function readWritten(slots: CheckpointSlots): Promise<Written[]> {
  const both = await slots.read();
  const written: Written[] = [];
  for (const place of [0, 1] as const) {
    const bytes = both[place];
    if (bytes === null) continue;
    const alone: CheckpointSlots = { ...slots, read: async () => [bytes, null] };
    const reading = await readCheckpoint(alone);
    if (reading.state === 'found') written.push({ place, slot: reading.newest });
  }
  return written;
}
