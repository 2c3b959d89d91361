// Checkpoint slots as two files of the origin's private file system. Only a worker can open them synchronously, which is the only way
// to flush before answering. Each access opens and closes the file, so that a second tab gets its turn (under the checkpoint lock).

import type { CheckpointSlots } from './checkpoint.ts';
import { isNotFound, readSlot } from './read-slot.ts';
import { toStoreError } from './store-error.ts';

const SLOT_NAMES = ['farebox-checkpoint-0', 'farebox-checkpoint-1'] as const;

/** The slots of this origin. @throws FareboxError `store/refused` when the browser gives no private file system. */
export async function openOpfsSlots(): Promise<CheckpointSlots> {
  const directory = await navigator.storage.getDirectory().catch((error: unknown) => {
    throw toStoreError(error);
  });
  return {
    read: async () => [await readSlot(directory, SLOT_NAMES[0]), await readSlot(directory, SLOT_NAMES[1])],
    write: async (slot, bytes) => {
      const file = await directory.getFileHandle(SLOT_NAMES[slot], { create: true });
      const handle = await file.createSyncAccessHandle();
      try {
        handle.truncate(bytes.byteLength);
        handle.write(bytes, { at: 0 });
        handle.flush();
      } finally {
        handle.close();
      }
    },
    remove: async () => {
      for (const name of SLOT_NAMES) {
        await directory.removeEntry(name).catch((error: unknown) => {
          if (!isNotFound(error)) throw toStoreError(error);
        });
      }
    },
  };
}
