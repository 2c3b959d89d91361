// The provider's content files, addressed by the SHA-256 of their bytes: <dataDir>/content/ab/abcdef…. The publisher and
// the catalogue write here, http/content-routes.ts reads. A file is whole or absent: it never changes and is never seen half written.

import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FareboxError } from '../../src/protocol/errors.ts';
import { type ContentHash, decodeContentHash } from '../../src/protocol/ids.ts';
import { SERVER_LIMITS } from '../limits.ts';

/** What `put` stored. */
export type StoredContent = {
  readonly hash: ContentHash;
  readonly sizeBytes: number;
};

/** Content-addressed files. Several processes may share one folder: equal names mean equal bytes. */
export type ContentStore = {
  /**
   * Stores bytes; on return they are flushed to the disk under their hash. Storing them again is harmless.
   * @throws FareboxError `publish/no-space` where the disk is full, `server/no-permission` where it may not be written.
   */
  readonly put: (content: Uint8Array | AsyncIterable<Uint8Array>) => Promise<StoredContent>;
  readonly has: (hash: ContentHash) => Promise<boolean>;
  /** Size in bytes, or null where there is no such file. */
  readonly sizeOf: (hash: ContentHash) => Promise<number | null>;
  /** Where the file is, whether or not it exists. */
  readonly path: (hash: ContentHash) => string;
  /** Deletes a file; one that is not there is fine. */
  readonly remove: (hash: ContentHash) => Promise<void>;
  /** The first bytes of a file that exists; fewer where it is shorter. */
  readonly leadingBytes: (hash: ContentHash, count: number) => Promise<Uint8Array>;
  /** Bytes `from` (inclusive) to `to` (exclusive) of a file that exists, read from the disk as they are taken. */
  readonly openRange: (hash: ContentHash, from: number, to: number) => ReadableStream<Uint8Array>;
};

/**
 * Opens the store below a folder, making what is missing and clearing what an interrupted write left.
 * @throws FareboxError `server/no-permission`.
 */
export async function openContentStore(dataDir: string): Promise<ContentStore> {
  const root = join(dataDir, 'content');
  const staging = join(root, 'staging');
  await guarded(async () => {
    await mkdir(staging, { recursive: true });
    await clearAbandoned(staging);
  });

  const path = (hash: ContentHash): string => join(root, hash.slice(0, 2), hash);

  const sizeOf = async (hash: ContentHash): Promise<number | null> => {
    try {
      const found = await stat(path(hash));
      return found.isFile() ? found.size : null;
    } catch (cause) {
      if (systemCode(cause) === 'ENOENT') return null;
      throw cause;
    }
  };

  const put = async (content: Uint8Array | AsyncIterable<Uint8Array>): Promise<StoredContent> => {
    const staged = join(staging, randomUUID());
    try {
      const { hash, sizeBytes } = await writeStaged(staged, content);
      if ((await sizeOf(hash)) === null) {
        await mkdir(join(root, hash.slice(0, 2)), { recursive: true });
        await rename(staged, path(hash));
        await flushFolder(join(root, hash.slice(0, 2)));
      }
      return { hash, sizeBytes };
    } catch (cause) {
      throw asStoreError(cause);
    } finally {
      await rm(staged, { force: true });
    }
  };

  return Object.freeze({
    put,
    sizeOf,
    path,
    has: async (hash: ContentHash) => (await sizeOf(hash)) !== null,
    remove: (hash: ContentHash) => rm(path(hash), { force: true }),
    leadingBytes: async (hash: ContentHash, count: number) => {
      const file = await open(path(hash), 'r');
      try {
        const { buffer, bytesRead } = await file.read(new Uint8Array(count), 0, count, 0);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
    openRange: (hash: ContentHash, from: number, to: number): ReadableStream<Uint8Array> => {
      if (from >= to) return new Blob([]).stream();
      const file = createReadStream(path(hash), {
        start: from,
        end: to - 1,
        highWaterMark: SERVER_LIMITS.contentChunkBytes,
      });
      return streamOf(file);
    },
  });
}

/** A file being read, as a web stream: read on only when the last piece was taken, closed when nobody wants the rest. */
function streamOf(file: ReadStream): ReadableStream<Uint8Array> {
  const pieces: AsyncIterator<unknown> = file[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      pull: async (controller) => {
        const { done, value } = await pieces.next();
        if (done === true) controller.close();
        else if (value instanceof Uint8Array) controller.enqueue(value);
        else throw new FareboxError('server/internal');
      },
      cancel: () => {
        file.destroy();
      },
    },
    { highWaterMark: 0 },
  );
}

/** Deletes staged files that no living write can own any more; younger ones may belong to another process. */
async function clearAbandoned(staging: string): Promise<void> {
  const oldest = Date.now() - SERVER_LIMITS.stagedFileLifeMs;
  for (const name of await readdir(staging)) {
    const staged = join(staging, name);
    const found = await stat(staged).catch(() => null);
    if (found !== null && found.mtimeMs < oldest) await rm(staged, { force: true });
  }
}

/** Writes and flushes one staged file, hashing on the way. */
async function writeStaged(staged: string, content: Uint8Array | AsyncIterable<Uint8Array>): Promise<StoredContent> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  const file = await open(staged, 'wx');
  try {
    for await (const piece of content instanceof Uint8Array ? [content] : content) {
      hash.update(piece);
      sizeBytes += piece.byteLength;
      await file.writeFile(piece);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { hash: decodeContentHash(hash.digest('hex')), sizeBytes };
}

/** Makes a rename durable: a name lives in its folder, which is flushed apart from the file. */
async function flushFolder(folder: string): Promise<void> {
  // Windows cannot open a folder; its rename is flushed by the journal of the file system.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw asStoreError(cause);
  }
}

function systemCode(cause: unknown): string | undefined {
  return cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}

function asStoreError(cause: unknown): unknown {
  const code = systemCode(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT') return new FareboxError('publish/no-space', undefined, { cause });
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new FareboxError('server/no-permission', undefined, { cause });
  }
  return cause;
}
