// A sum over everything a row says, kept beside it in the database: a row of which a bit has turned is `store/altered`, also where that bit is in
// none of its seals. Called by the database adapter for every row, in and out. It is no proof against a person who writes rows on purpose:
// that one can make the sum, too.

import { sha256 } from '@noble/hashes/sha2.js';
import { equalBytes, utf8 } from '../../protocol/bytes.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { memberOf } from './shape.ts';

/** Enough against accidents; every row of every commit carries it. */
const SUM_BYTES = 8;
const NAME = 'sum';

/** The row as it goes into the database. */
export function withSum<Row extends object>(row: Row): Row & { readonly sum: Uint8Array } {
  return { ...row, [NAME]: sumOf(row) };
}

/** The row as it came from the database, without its sum. @throws FareboxError `store/altered` where the sum is another one. */
export function withoutSum(stored: unknown): unknown {
  const sum = memberOf(stored, NAME);
  if (typeof stored !== 'object' || stored === null || !(sum instanceof Uint8Array)) throw altered();
  const { [NAME]: _sum, ...row }: Readonly<Record<string, unknown>> = { ...stored };
  if (!equalBytes(sum, sumOf(row))) throw altered();
  return row;
}

type Hash = ReturnType<typeof sha256.create>;

/** Over all byte strings in order, then over a text of everything else, their lengths included, so that no two rows feed the same. */
function sumOf(row: object): Uint8Array {
  const hash = sha256.create();
  const texts: string[] = [];
  take(row, hash, texts);
  return hash
    .update(utf8(texts.join('')))
    .digest()
    .slice(0, SUM_BYTES);
}

function take(value: unknown, hash: Hash, texts: string[]): void {
  if (value instanceof Uint8Array) {
    hash.update(value);
    texts.push(`b${value.length}:`);
  } else if (Array.isArray(value)) {
    texts.push(`a${value.length}:`);
    for (const item of value) take(item, hash, texts);
  } else if (value instanceof CryptoKey) {
    // A key has nothing to show but that it is one.
    texts.push(`k${value.type} ${value.algorithm.name}:`);
  } else if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
    texts.push(`m${members.length}:`);
    for (const [name, member] of members) {
      texts.push(`${name.length}:${name}`);
      take(member, hash, texts);
    }
  } else {
    const text = String(value);
    texts.push(`${typeof value}${text.length}:${text}`);
  }
}

function altered(): FareboxError {
  return new FareboxError('store/altered', { row: 'sum' });
}
