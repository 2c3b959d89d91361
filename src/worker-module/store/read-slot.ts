// Reads a checkpoint slot out of the origin's private file system, also while another tab writes it. Called by opfs-slots.ts.

import { MODULE_LIMITS } from '../limits.ts';
import { toStoreError } from './store-error.ts';

/** What is needed of a folder of the private file system. */
type SlotFolder = {
  getFileHandle(name: string): Promise<{ getFile(): Promise<Blob> }>;
};

/** Another tab may write the file while it is read; one write comes in a quarter of a second, so that two in a row are rare. */
const READ_ATTEMPTS = 5;

/** A slot's bytes, at most `MODULE_LIMITS.checkpointBytes`; null where it was never written. @throws FareboxError `store/*`. */
export async function readSlot(directory: SlotFolder, name: string): Promise<Uint8Array | null> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await readSlotOnce(directory, name);
    } catch (error) {
      if (tries >= READ_ATTEMPTS || !isChangedMeanwhile(error)) throw toStoreError(error);
    }
  }
}

async function readSlotOnce(directory: SlotFolder, name: string): Promise<Uint8Array | null> {
  let file: Awaited<ReturnType<SlotFolder['getFileHandle']>>;
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

/** Whether a file is not there. */
export function isNotFound(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'NotFoundError';
}
