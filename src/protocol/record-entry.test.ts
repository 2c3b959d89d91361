// Entries of the record and their chain: BT-7.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, equalBytes, fromHex, toHex } from './bytes.ts';
import type { CborValue } from './cbor.ts';
import { FareboxError } from './errors.ts';
import { decodeContentHash, decodeProviderId, decodeSessionId } from './ids.ts';
import { decodeEntry, encodeEntry, firstHead, nextHead, type RecordEntry } from './record-entry.ts';
import { runs } from './testing/runs.ts';
import { withMember } from './vectors/altered.ts';
import { bytesOf, NOW, PROGRAMME, SESSION } from './vectors/cast.ts';

const hash = decodeContentHash(bytesOf('hash'));
const base = { counter: 3, time: NOW, session: SESSION } as const;
const ENTRIES: readonly RecordEntry[] = [
  { ...base, kind: 'opened', programme: PROGRAMME, grantHash: hash },
  { ...base, kind: 'reserved', frame: 0, rung: 'video/720p' },
  { ...base, kind: 'decrypted', frame: 2 ** 32 - 1, rung: 'audio/main', late: true },
  { ...base, kind: 'failed', frame: 7, code: 'frame/tampered' },
  { ...base, kind: 'closed' },
  { ...base, kind: 'receipt', receiptHash: hash },
  { ...base, kind: 'acknowledged', sequenceNumber: 12 },
  { counter: 4, time: NOW, kind: 'alarm', code: 'store/wiped' },
  { counter: 5, time: NOW, kind: 'epoch', device: bytesOf('device', 16), epoch: 2 ** 32 - 1 },
  { counter: 6, time: NOW, kind: 'disclosed', what: 'enrolment', to: null },
  { counter: 7, time: NOW, kind: 'disclosed', what: 'contact', to: decodeProviderId(bytesOf('provider', 16)) },
  { counter: 8, time: NOW, kind: 'disclosed', what: 'backup', to: null },
];

describe('BT-7: an entry of the record', () => {
  test.each(ENTRIES)('of kind $kind comes back as it was written', (entry) => {
    expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
  });

  test.each<[number, string, CborValue | undefined]>([
    [0, 'counter', 0],
    [0, 'counter', undefined],
    [0, 'time', -1],
    [0, 'kind', 'counted'],
    [0, 'session', bytesOf('s', 15)],
    [0, 'programme', undefined],
    [0, 'grantHash', bytesOf('h', 31)],
    [1, 'frame', 2 ** 32],
    [1, 'rung', 'Rung'],
    [1, 'late', false],
    [2, 'late', 1],
    [3, 'code', 'frame/unheard-of'],
    [5, 'receiptHash', 'hash'],
    [6, 'sequenceNumber', 0],
    [7, 'session', bytesOf('s', 16)],
    [8, 'device', bytesOf('device', 15)],
    [8, 'device', new Uint8Array(16)],
    [8, 'device', undefined],
    [8, 'epoch', 0],
    [8, 'epoch', 2 ** 32],
    [8, 'session', bytesOf('s', 16)],
    [9, 'what', 'receipt'],
    [9, 'what', 1],
    [9, 'to', null],
    [9, 'to', undefined],
    [10, 'to', bytesOf('provider', 15)],
    [10, 'to', bytesOf('provider', 17)],
    [10, 'to', 'provider'],
    [10, 'device', bytesOf('device', 16)],
    [4, 'more', 1],
  ])('%i with another %s (%s) means that the store was altered', (at, name, value) => {
    const entry = ENTRIES[at];
    if (entry === undefined) throw new Error('no such entry');
    expect(() => decodeEntry(withMember(encodeEntry(entry), name, value))).toThrow('store/altered');
  });

  test('that is structured garbage gives a coded error or an entry that encodes back', () => {
    const member = fc.oneof(
      fc.integer({ min: -1, max: 2 ** 33 }),
      fc.string({ maxLength: 20 }),
      fc.uint8Array({ maxLength: 33 }),
      fc.boolean(),
      fc.constant(null),
    );
    const names = ['counter', 'kind', 'session', 'frame', 'rung', 'code', 'device', 'epoch', 'what', 'to', 'more'];
    const entry = fc.constantFrom(...ENTRIES);
    fc.assert(
      fc.property(entry, fc.constantFrom(...names), fc.option(member, { nil: undefined }), (written, name, value) => {
        const bytes = withMember(encodeEntry(written), name, value);
        try {
          expect(equalBytes(encodeEntry(decodeEntry(bytes)), bytes)).toBe(true);
        } catch (thrown) {
          if (!(thrown instanceof FareboxError)) throw thrown;
          expect(thrown.code).toBe('store/altered');
        }
      }),
      { numRuns: runs(20_000) },
    );
  });

  test('that is no CBOR means that the store was altered', () => {
    expect(() => decodeEntry(fromHex('ff'))).toThrow('store/altered');
    expect(() => decodeEntry(fromHex('01'))).toThrow('store/altered');
  });
});

describe('BT-7: the chain over the record', () => {
  const headOf = (entries: readonly RecordEntry[]) =>
    toHex(entries.reduce((head, entry) => nextHead(head, encodeEntry(entry)), firstHead()));

  test('begins with 32 zero bytes and depends on every entry and their order', () => {
    expect(toHex(firstHead())).toBe('00'.repeat(32));
    const whole = headOf(ENTRIES);
    fc.assert(
      fc.property(fc.nat(ENTRIES.length - 1), fc.nat(ENTRIES.length - 1), (left, right) => {
        const without = ENTRIES.filter((_, at) => at !== left);
        expect(headOf(without)).not.toBe(whole);
        const swapped = [...ENTRIES];
        const [first, second] = [ENTRIES[left], ENTRIES[right]];
        if (left === right || first === undefined || second === undefined) return;
        swapped.splice(left, 1, second);
        swapped.splice(right, 1, first);
        expect(headOf(swapped)).not.toBe(whole);
      }),
      { numRuns: runs(1000) },
    );
  });

  test('keeps sessions apart', () => {
    const other = decodeSessionId(bytesOf('other session', 16));
    expect(headOf([{ ...base, kind: 'closed' }])).not.toBe(headOf([{ ...base, kind: 'closed', session: other }]));
  });

  test('takes no head of another length', () => {
    expect(() => nextHead(new Uint8Array(31), new Uint8Array(1))).toThrow('module/internal');
    expect(() => nextHead(concatBytes(firstHead(), fromHex('00')), new Uint8Array(1))).toThrow('module/internal');
  });
});
