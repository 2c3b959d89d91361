// Checkpoint slots as two files of the origin's private file system. Only a worker can open them synchronously, which is the only way
// to flush before answering. Each access opens and closes the file, so that a second tab gets its turn (under the checkpoint lock).

import { MODULE_LIMITS } from '../limits.ts';
import type { CheckpointSlots } from './checkpoint.ts';
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

/** Another tab may write the file while it is read; one write comes in a quarter of a second, so that two in a row are rare. */
const READ_ATTEMPTS = 5;

async function readSlot(directory: FileSystemDirectoryHandle, name: string): Promise<Uint8Array | null> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await readSlotOnce(directory, name);
    } catch (error) {
      if (tries >= READ_ATTEMPTS || !isChangedMeanwhile(error)) throw toStoreError(error);
    }
  }
}

async function readSlotOnce(directory: FileSystemDirectoryHandle, name: string): Promise<Uint8Array | null> {
  let file: FileSystemFileHandle;
  try {
    file = await directory.getFileHandle(name);
  } catch (error) {
    if (isNotFound(error)) return null;
    throw error;
  }
  const content = await file.getFile();
  const head = content.slice(0, MODULE_LIMITS.checkpointBytes);
  return new Uint8Array(await head.arrayBuffer());
}

/** A file's content is as it was when the file was asked for, or it is not read at all. */
function isChangedMeanwhile(error: unknown): boolean {
  return error instanceof DOMException && (error.name === 'NotReadableError' || error.name === 'NotFoundError');
}

function isNotFound(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'NotFoundError';
}
