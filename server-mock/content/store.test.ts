import { createHash, randomBytes } from 'node:crypto';
import { readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeContentHash } from '../../src/protocol/ids.ts';
import { makeTestFolder } from '../testing/test-provider.ts';
import { type ContentStore, openContentStore } from './store.ts';

describe('content store', () => {
  let folder: string;
  let store: ContentStore;
  beforeEach(async () => {
    folder = await makeTestFolder();
    store = await openContentStore(folder);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const staged = (): Promise<string[]> => readdir(join(folder, 'content/staging'));

  it('stores bytes under their SHA-256, whole or streamed', async () => {
    const bytes = randomBytes(100_000);
    const expected = createHash('sha256').update(bytes).digest('hex');
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, 7);
      yield bytes.subarray(7);
    }
    expect(await store.put(bytes)).toEqual({ hash: expected, sizeBytes: 100_000 });
    expect(await store.put(pieces())).toEqual({ hash: expected, sizeBytes: 100_000 });
    expect(await readFile(join(folder, 'content', expected.slice(0, 2), expected))).toEqual(bytes);
    expect(await staged()).toEqual([]);
  });

  it('leaves nothing of a write that breaks off', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield randomBytes(10);
      throw new Error('cut');
    }
    await expect(store.put(broken())).rejects.toThrow('cut');
    expect(await staged()).toEqual([]);
    expect(await readdir(join(folder, 'content'))).toEqual(['staging']);
  });

  it('clears what a killed process left a day ago, and nothing younger', async () => {
    const old = join(folder, 'content/staging/old');
    await writeFile(old, 'x');
    await utimes(old, 0, 0);
    await writeFile(join(folder, 'content/staging/young'), 'x');
    await openContentStore(folder);
    expect(await staged()).toEqual(['young']);
  });

  it('knows what it has not', async () => {
    const absent = decodeContentHash('0'.repeat(64));
    expect(await store.has(absent)).toBe(false);
    expect(await store.sizeOf(absent)).toBeNull();
    await store.remove(absent);
  });

  it('reads any range of a file, the empty one included', async () => {
    const bytes = Uint8Array.from(randomBytes(200_000));
    const { hash } = await store.put(bytes);
    const read = async (from: number, to: number): Promise<Uint8Array> =>
      new Uint8Array(await new Response(store.openRange(hash, from, to)).arrayBuffer());
    expect(await read(0, 200_000)).toEqual(bytes);
    expect(await read(65_530, 131_100)).toEqual(bytes.subarray(65_530, 131_100));
    expect(await read(5, 5)).toHaveLength(0);
  });
});
