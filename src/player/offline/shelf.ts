// Where kept programmes are: one cache of the terminal's origin each, so that removing one is one step. Sealed files by their hash, and the entry
// beside them. It believes nothing and opens nothing; whoever puts a file in has compared its hash, and the module checks what comes out.

import { FareboxError } from '../../protocol/errors.ts';
import { decodeEntry, encodeEntry, type KeptEntry } from './kept-entry.ts';

/** Runs `work` while no other tab runs anything under this name. */
export type InTurn = <T>(name: string, work: () => Promise<T>) => Promise<T>;

/** The store of kept programmes. Tabs share it; what changes it is done one after another, in whatever tab. */
export type Shelf = {
  /** Those that can be read, in the order in which they were asked for. */
  entries(): Promise<readonly KeptEntry[]>;
  entry(programmeId: string): Promise<KeptEntry | null>;
  /** Durable on return, against a kill. @throws FareboxError `offline/full`. */
  addEntry(entry: KeptEntry): Promise<void>;
  /** Changes an entry that is there. False where it is not. @throws FareboxError `offline/full`. */
  changeEntry(programmeId: string, change: Partial<Pick<KeptEntry, 'wish'>>): Promise<boolean>;
  /** SHA-256 in hex of every file that is there. */
  files(programmeId: string): Promise<ReadonlySet<string>>;
  /** Puts a file beside an entry that is there. False, and nothing put, where it is not. @throws FareboxError `offline/full`. */
  putFile(programmeId: string, hash: string, bytes: Uint8Array<ArrayBuffer>): Promise<boolean>;
  /** A file of any kept programme; null where it is not there. */
  file(hash: string): Promise<ArrayBuffer | null>;
  /** Entry and files, at once. */
  remove(programmeId: string): Promise<void>;
};

const PREFIX = 'farebox-kept-';
const LOCK = 'farebox-shelf';
const ENTRY = '/kept/entry';
const FILE = /\/kept\/([0-9a-f]{64})$/;
const ID = /^[0-9a-f]{32}$/;

/** What it uses of the browser's caches. */
export type KeptCaches = Pick<CacheStorage, 'has' | 'match' | 'keys' | 'delete'> & {
  open(name: string): Promise<Pick<Cache, 'put' | 'keys'>>;
};

/** The shelf in the browser's caches. */
export function openShelf(storage: KeptCaches, inTurn: InTurn): Shelf {
  const nameOf = (programmeId: string): string => `${PREFIX}${programmeId}`;

  async function readEntry(programmeId: string): Promise<KeptEntry | null> {
    // Opening one that is not there would make it.
    if (!ID.test(programmeId) || !(await storage.has(nameOf(programmeId)))) return null;
    const found = await storage.match(ENTRY, { cacheName: nameOf(programmeId) });
    const entry = found === undefined ? null : decodeEntry(await found.text());
    return entry?.programmeId === programmeId ? entry : null;
  }

  async function put(programmeId: string, path: string, body: string | Uint8Array<ArrayBuffer>): Promise<void> {
    try {
      const cache = await storage.open(nameOf(programmeId));
      await cache.put(path, new Response(body));
    } catch (cause) {
      if (cause instanceof DOMException && cause.name === 'QuotaExceededError') {
        throw new FareboxError('offline/full', undefined, { cause });
      }
      throw cause;
    }
  }

  return {
    async entries() {
      const names = (await storage.keys()).filter((name) => name.startsWith(PREFIX));
      const read = await Promise.all(names.map((name) => readEntry(name.slice(PREFIX.length))));
      return read.flatMap((entry) => entry ?? []).sort((a, b) => a.keptTime - b.keptTime);
    },
    entry: readEntry,
    addEntry: (entry) => inTurn(LOCK, () => put(entry.programmeId, ENTRY, encodeEntry(entry))),
    changeEntry: (programmeId, change) =>
      inTurn(LOCK, async () => {
        const entry = await readEntry(programmeId);
        if (entry !== null) await put(programmeId, ENTRY, encodeEntry({ ...entry, ...change }));
        return entry !== null;
      }),
    async files(programmeId) {
      if (!(await storage.has(nameOf(programmeId)))) return new Set();
      const cache = await storage.open(nameOf(programmeId));
      const paths = await cache.keys();
      return new Set(paths.flatMap(({ url }) => FILE.exec(url)?.[1] ?? []));
    },
    putFile: (programmeId, hash, bytes) =>
      inTurn(LOCK, async () => {
        // Removed in another tab meanwhile: putting it would bring back a cache that nobody lists.
        if (!(await storage.has(nameOf(programmeId)))) return false;
        await put(programmeId, `/kept/${hash}`, bytes);
        return true;
      }),
    async file(hash) {
      const found = await storage.match(`/kept/${hash}`);
      return found === undefined ? null : found.arrayBuffer();
    },
    remove: (programmeId) =>
      inTurn(LOCK, async () => {
        await storage.delete(nameOf(programmeId));
      }),
  };
}
