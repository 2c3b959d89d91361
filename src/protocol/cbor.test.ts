// Deterministic CBOR: what goes in comes out, and nothing that has a second spelling gets in.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, equalBytes, fromHex, toHex } from './bytes.ts';
import { type CborKey, type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import { FareboxError } from './errors.ts';
import { LIMITS } from './limits.ts';
import { runs } from './testing/runs.ts';

const CBOR_CODES = ['cbor/malformed', 'cbor/not-deterministic', 'cbor/too-deep', 'cbor/too-large'];

function codeOf(bytes: Uint8Array): string | null {
  try {
    decodeCbor(bytes);
    return null;
  } catch (thrown) {
    return thrown instanceof FareboxError ? thrown.code : `not coded: ${String(thrown)}`;
  }
}

const integer = fc.oneof(
  fc.integer(),
  fc.maxSafeInteger(),
  fc.bigInt(-(2n ** 64n), 2n ** 64n - 1n).map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value)),
);
const key = fc.oneof(fc.string(), fc.maxSafeInteger());

const { value: anyValue } = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 6, withCrossShrink: true },
    integer,
    fc.string({ unit: 'grapheme' }),
    fc.boolean(),
    fc.constant(null),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.array(fc.tuple(key, tie('value')), { maxLength: 5 }).map((members) => new Map<CborKey, CborValue>(members)),
  ),
}));

describe('CBOR encoding', () => {
  test.each<[CborValue, string]>([
    [0, '00'],
    [-0, '00'],
    [23, '17'],
    [24, '1818'],
    [-70_041, '3a00011198'],
    [2 ** 53 - 1, '1b001fffffffffffff'],
    [2n ** 64n - 1n, '1bffffffffffffffff'],
    [-(2n ** 64n), '3bffffffffffffffff'],
    [5n, '05'],
    ['ü', '62c3bc'],
    [fromHex('0102'), '420102'],
    [[1, [2, null]], '82018202f6'],
    [true, 'f5'],
  ])('of %s is %s', (value, encoded) => {
    expect(toHex(encodeCbor(value))).toBe(encoded);
  });

  test('sorts map keys bytewise by their encoding: shorter integers, longer ones, negative ones, texts', () => {
    const members: [CborKey, CborValue][] = [
      ['aa', 1],
      [-1, 2],
      ['b', 3],
      [100, 4],
      [10, 5],
      [-70_001, 6],
    ];
    expect(toHex(encodeCbor(new Map(members)))).toBe('a60a0518640420023a00011170066162036261610 1'.replace(' ', ''));
  });

  test.each<[string, CborValue]>([
    ['a fraction', 1.5],
    ['not a number', Number.NaN],
    ['an unsafe integer', 2 ** 53],
    ['an integer beyond 64 bits', 2n ** 64n],
    ['a fraction as key', new Map([[0.5, 1]])],
  ])('refuses %s', (_, value) => {
    expect(() => encodeCbor(value)).toThrow('module/internal');
  });

  test('refuses what is deeper than it would read', () => {
    let nested: CborValue = 1;
    for (let level = 0; level < LIMITS.cborDepth; level += 1) nested = [nested];
    expect(decodeCbor(encodeCbor(nested))).toEqual(nested);
    expect(() => encodeCbor([nested])).toThrow('module/internal');
  });

  test('comes back as it went in, and has one encoding', () => {
    fc.assert(
      fc.property(anyValue, (value) => {
        const encoded = encodeCbor(value);
        const decoded = decodeCbor(encoded);
        expect(decoded).toEqual(value);
        expect(encodeCbor(decoded)).toEqual(encoded);
      }),
      { numRuns: runs(1000) },
    );
  });
});

describe('CBOR decoding', () => {
  test.each([
    ['nothing', '', 'cbor/malformed'],
    ['a cut integer', '18', 'cbor/malformed'],
    ['a cut text', '63 6161', 'cbor/malformed'],
    ['a cut array', '8201', 'cbor/malformed'],
    ['bytes behind the object', '0000', 'cbor/malformed'],
    ['a reserved length', '1c', 'cbor/malformed'],
    ['an array that promises more than there is', '9bffffffffffffffff', 'cbor/malformed'],
    ['a map that promises more than there is', 'bbffffffffffffffff', 'cbor/malformed'],
    ['a byte string that promises more than there is', '5bffffffffffffffff00', 'cbor/malformed'],
    ['an integer longer than needed', '1817', 'cbor/not-deterministic'],
    ['a 16-bit integer longer than needed', '1900ff', 'cbor/not-deterministic'],
    ['a 32-bit integer longer than needed', '1a0000ffff', 'cbor/not-deterministic'],
    ['a 64-bit integer longer than needed', '1b00000000ffffffff', 'cbor/not-deterministic'],
    ['a length longer than needed', '580100', 'cbor/not-deterministic'],
    ['an indefinite array', '9fff', 'cbor/not-deterministic'],
    ['an indefinite text', '7fff', 'cbor/not-deterministic'],
    ['a float', 'fb3ff8000000000000', 'cbor/not-deterministic'],
    ['a half float', 'f93c00', 'cbor/not-deterministic'],
    ['undefined', 'f7', 'cbor/not-deterministic'],
    ['another simple value', 'e0', 'cbor/not-deterministic'],
    ['a tag', 'c100', 'cbor/not-deterministic'],
    ['tag 18 inside', '81d280', 'cbor/not-deterministic'],
    ['a repeated key', 'a201000100', 'cbor/not-deterministic'],
    ['keys out of order', 'a202000100', 'cbor/not-deterministic'],
    ['a byte string as key', 'a1410000', 'cbor/not-deterministic'],
    ['two equal byte strings as keys', 'a24100004100 00', 'cbor/not-deterministic'],
    ['an array as key', 'a18000', 'cbor/not-deterministic'],
    ['text that is not UTF-8', '61ff', 'cbor/not-deterministic'],
    ['17 levels', `${'81'.repeat(17)}00`, 'cbor/too-deep'],
    ['100 000 levels', `${'81'.repeat(100_000)}00`, 'cbor/too-deep'],
  ])('refuses %s', (_, encoded, code) => {
    expect(codeOf(fromHex(encoded.replaceAll(' ', '')))).toBe(code);
  });

  test('refuses one item and one byte more than the limits', () => {
    const items = (count: number) =>
      concatBytes(fromHex('9a'), new Uint8Array([0, count >>> 16, count >>> 8, count]), new Uint8Array(count));
    expect(codeOf(encodeCbor(new Array(LIMITS.cborItems - 1).fill(0)))).toBeNull();
    expect(codeOf(items(LIMITS.cborItems))).toBe('cbor/too-large');
    const bytes = (lengthBytes: number) => encodeCbor(new Uint8Array(lengthBytes - 5));
    expect(codeOf(bytes(LIMITS.cborSizeBytes))).toBeNull();
    expect(codeOf(bytes(LIMITS.cborSizeBytes + 1))).toBe('cbor/too-large');
  });

  test('keeps to the limits of its caller', () => {
    expect(() => decodeCbor(fromHex('820102'), { items: 2 })).toThrow('cbor/too-large');
    expect(() => decodeCbor(fromHex('820102'), { sizeBytes: 2 })).toThrow('cbor/too-large');
    expect(() => decodeCbor(fromHex('8180'), { depth: 1 })).toThrow('cbor/too-deep');
  });

  test('reads one object in the middle of a buffer and keeps no part of that buffer', () => {
    const surroundings = fromHex('ffff43010203ffff');
    const decoded = decodeCbor(surroundings.subarray(2, 6));
    surroundings.fill(0);
    expect(decoded).toEqual(fromHex('010203'));
  });

  test('answers 20 000 pieces of structured garbage with a coded error or a value that encodes back, in linear time', () => {
    const head = fc.tuple(
      fc.integer({ min: 0, max: 7 }),
      fc.integer({ min: 0, max: 31 }),
      fc.uint8Array({ maxLength: 8 }),
    );
    const heads = fc
      .array(head, { maxLength: 60 })
      .map((list) =>
        concatBytes(
          ...list.map(([major, additional, rest]) => concatBytes(Uint8Array.of((major << 5) | additional), rest)),
        ),
      );
    const altered = fc.tuple(anyValue, fc.nat(), fc.integer({ min: 1, max: 255 })).map(([value, place, flip]) => {
      const bytes = encodeCbor(value).slice();
      const at = place % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ flip;
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(heads, altered, fc.uint8Array({ maxLength: 200 })), (bytes) => {
        const code = codeOf(bytes);
        if (code === null) expect(equalBytes(encodeCbor(decodeCbor(bytes)), bytes)).toBe(true);
        else expect(CBOR_CODES).toContain(code);
      }),
      { numRuns: runs(20_000) },
    );
  });

  test('takes time in proportion to the length of a hostile input', () => {
    const hostile = (count: number) =>
      concatBytes(fromHex('99'), new Uint8Array([count >>> 8, count]), new Uint8Array(count).fill(0x80));
    const tookMs = (bytes: Uint8Array) => {
      const start = performance.now();
      decodeCbor(bytes);
      return performance.now() - start;
    };
    const short = hostile(4_000);
    const shortMs = Math.min(...[1, 2, 3, 4, 5, 6].map(() => tookMs(short)));
    // Eight times the length; quadratic time would be sixty-four times as long, however often it is tried. A busy machine stops a try now and then.
    const mostMs = 32 * Math.max(shortMs, 0.2);
    const long = hostile(32_000);
    let fastestMs = Number.POSITIVE_INFINITY;
    for (let tries = 0; tries < 40 && fastestMs >= mostMs; tries += 1) fastestMs = Math.min(fastestMs, tookMs(long));
    expect(fastestMs).toBeLessThan(mostMs);
  });
});
