// Golden databases: one for each version, made by the code that wrote it, kept as JSON in store/golden/. Bytes are base64url under `$bytes`; keys
// are raw bytes under `$key`, and are imported so that no script can read them, as they were. Put into a database by tests; never edited.
//
// version-1.json: an enrolled module with an accepted session, a closed one, one cut between its end and its receipt, and an open one with
// counted, late, failed, withheld and reserved frames. version-2.json (make-golden-2.ts): the same but for the cut one, with a passphrase, a
// backup and answered contacts. A new version of the database gets a file of its own.

import { fromBase64Url, ownBytes, toBase64Url } from '../../../protocol/bytes.ts';
import version1 from '../golden/version-1.json' with { type: 'json' };
import version2 from '../golden/version-2.json' with { type: 'json' };
import { memberOf } from '../shape.ts';

/** A golden file, unpacked. */
export type Golden = {
  /** When it was made, ms since 1970. */
  readonly time: number;
  /** The member of this name, wherever it lies: `world.manifest`, `expected.open`. */
  value(path: string): unknown;
  /** The same, as bytes. @throws an Error where it is none. */
  bytes(path: string): Uint8Array;
  text(path: string): string;
  list(path: string): readonly unknown[];
};

const FILES: Readonly<Record<string, unknown>> = { 'version-1': version1, 'version-2': version2 };

/** Reads `store/golden/<name>.json`. */
export async function readGolden(name: string): Promise<Golden> {
  const root = await unpack(FILES[name]);
  const value = (path: string) => path.split('.').reduce(memberOf, root);
  const expect = <T>(path: string, is: (found: unknown) => found is T): T => {
    const found = value(path);
    if (!is(found)) throw new Error(`${name}.json has no such ${path}`);
    return found;
  };
  return {
    value,
    time: expect('time', (found) => typeof found === 'number'),
    bytes: (path) => expect(path, (found) => found instanceof Uint8Array),
    text: (path) => expect(path, (found) => typeof found === 'string'),
    list: (path) => expect(path, (found): found is readonly unknown[] => Array.isArray(found)),
  };
}

async function unpack(value: unknown): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map(unpack));
  if (typeof value !== 'object' || value === null) return value;
  const bytes = memberOf(value, '$bytes');
  if (typeof bytes === 'string') return fromBase64Url(bytes);
  if (memberOf(value, '$key') !== undefined) return unpackKey(value);
  const members = await Promise.all(Object.entries(value).map(async ([name, member]) => [name, await unpack(member)]));
  return Object.fromEntries(members);
}

function unpackKey(value: object): Promise<CryptoKey> {
  const [format, algorithm, bytes, usages] = ['$key', 'algorithm', 'bytes', 'usages'].map((name) =>
    memberOf(value, name),
  );
  if ((format !== 'raw' && format !== 'pkcs8') || typeof algorithm !== 'string' || typeof bytes !== 'string') {
    throw new Error('no key');
  }
  const known = (['sign', 'deriveBits', 'deriveKey', 'encrypt', 'decrypt'] as const).filter(
    (usage) => Array.isArray(usages) && usages.includes(usage),
  );
  return crypto.subtle.importKey(format, ownBytes(fromBase64Url(bytes)), algorithm, false, known);
}

/** Rows as they go into a golden file. They may hold no key that cannot be exported. */
export function packRows(value: unknown): unknown {
  if (value instanceof Uint8Array) return { $bytes: toBase64Url(value) };
  if (Array.isArray(value)) return value.map(packRows);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, packRows(member)]));
}

/** The parts of a frame that the golden world kept, as a provider serves them. */
export function goldenParts(golden: Golden, frame: number): readonly { label: string; sealed: ArrayBuffer }[] {
  const kept = golden.list('world.parts').find((entry) => memberOf(entry, 'frame') === frame);
  const parts = memberOf(kept, 'parts');
  if (!Array.isArray(parts)) throw new Error(`no parts of frame ${frame} were kept`);
  return parts.map((part: unknown) => {
    const [label, sealed] = [memberOf(part, 'label'), memberOf(part, 'sealed')];
    if (typeof label !== 'string' || !(sealed instanceof Uint8Array)) throw new Error('no part');
    return { label, sealed: Uint8Array.from(sealed).buffer };
  });
}

/** The checkpoint's slots as the golden file has them. */
export function goldenSlots(golden: Golden): readonly [Uint8Array | null, Uint8Array | null] {
  const [first, second] = golden.list('slots');
  return [bytesOrNull(first), bytesOrNull(second)];
}

function bytesOrNull(value: unknown): Uint8Array | null {
  if (value !== null && !(value instanceof Uint8Array)) throw new Error('a slot is bytes or nothing');
  return value;
}
