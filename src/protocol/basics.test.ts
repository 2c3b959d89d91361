// Bytes, ids, ranges, amounts, errors and labels.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { add, amount, formatAmount, formatMeteredAmount, isCurrency, multiply, subtract } from './amount.ts';
import {
  concatBytes,
  equalBytes,
  fromBase64Url,
  fromHex,
  isAllZero,
  ownBytes,
  toBase64Url,
  toHex,
  u64be,
  utf8,
} from './bytes.ts';
import { ERROR_WORDS } from './error-words.ts';
import { ERRORS, FareboxError, isErrorCode, toErrorData } from './errors.ts';
import {
  decodeAgencyId,
  decodeContentHash,
  decodeModuleId,
  decodeProgrammeId,
  decodeProviderId,
  decodeSessionId,
  hashObject,
  idBytes,
  makeProgrammeId,
  makeSessionId,
  partyIdOf,
} from './ids.ts';
import { decodeLabel, isLabel } from './label.ts';
import { LIMITS } from './limits.ts';
import {
  addFrame,
  countFrames,
  coversFrame,
  decodeRanges,
  equalRanges,
  intersectRanges,
  rangesFromFrames,
} from './ranges.ts';
import { runs } from './testing/runs.ts';

const RUNS = { numRuns: runs(1000) };

describe('bytes', () => {
  test('come back from hex and from base64url', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(fromHex(toHex(bytes))).toEqual(bytes);
        expect(fromBase64Url(toBase64Url(bytes))).toEqual(bytes);
        expect(toBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
      }),
      RUNS,
    );
  });

  test('of a megabyte come back from base64url', () => {
    const large = new Uint8Array(1_000_000).fill(0xa5);
    expect(equalBytes(fromBase64Url(toBase64Url(large)), large)).toBe(true);
  });

  test.each(['0', '0G', 'AB', '0x00', ' 00'])('hex %o is refused', (digits) => {
    expect(() => fromHex(digits)).toThrow('request/malformed');
  });

  test.each(['A', 'AA==', 'A+', 'A/', 'AB', 'AA A', 'ä'])('base64url %o is refused', (text) => {
    expect(() => fromBase64Url(text)).toThrow('request/malformed');
  });

  test('are equal where all of them are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), fc.nat(), (bytes, at) => {
        const other = Uint8Array.from(bytes);
        expect(equalBytes(bytes, other)).toBe(true);
        other[at % bytes.length] = (other[at % bytes.length] ?? 0) ^ 0x80;
        expect(equalBytes(bytes, other)).toBe(false);
        expect(equalBytes(bytes, bytes.subarray(1))).toBe(false);
      }),
      RUNS,
    );
    expect([isAllZero(new Uint8Array(3)), isAllZero(fromHex('000001'))]).toEqual([true, false]);
  });

  test('are joined, written as 64-bit numbers, and taken out of shared memory', () => {
    expect(toHex(concatBytes(fromHex('01'), new Uint8Array(0), fromHex('0203')))).toBe('010203');
    expect(toHex(u64be(2 ** 32))).toBe('0000000100000000');
    expect(toHex(u64be(2n ** 64n - 1n))).toBe('ffffffffffffffff');
    for (const value of [-1, 0.5, 2 ** 53, -1n, 2n ** 64n]) expect(() => u64be(value)).toThrow('module/internal');
    const shared = new Uint8Array(new SharedArrayBuffer(4)).fill(7);
    expect(ownBytes(shared).buffer).toBeInstanceOf(ArrayBuffer);
    expect(toHex(ownBytes(shared))).toBe('07070707');
    expect(toHex(utf8('€'))).toBe('e282ac');
  });
});

describe('ids', () => {
  const sixteen = [decodeModuleId, decodeProviderId, decodeAgencyId, decodeProgrammeId, decodeSessionId];

  test('are read from hex and from bytes', () => {
    const digits = '0123456789abcdef0123456789abcdef';
    for (const decode of sixteen) expect([decode(digits), decode(fromHex(digits))]).toEqual([digits, digits]);
    expect(decodeContentHash(fromHex(digits + digits))).toBe(digits + digits);
    expect(toHex(idBytes(decodeSessionId(digits)))).toBe(digits);
  });

  test.each<[unknown]>([
    [''],
    ['0'.repeat(31)],
    ['0'.repeat(33)],
    ['A'.repeat(32)],
    [`${'0'.repeat(32)}\n`],
    [new Uint8Array(15)],
    [7],
    [null],
    [undefined],
  ])('%o is none', (candidate) => {
    for (const decode of sixteen) expect(() => decode(candidate)).toThrow('request/malformed');
    expect(() => decodeContentHash(candidate)).toThrow('request/malformed');
    expect(() => decodeSessionId(candidate, 'grant/malformed')).toThrow('grant/malformed');
  });

  test('of parties and objects are made from SHA-256', () => {
    // SHA-256 of nothing, FIPS 180-4.
    const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    expect(hashObject(new Uint8Array(0))).toBe(empty);
    expect(partyIdOf(new Uint8Array(0))).toBe(empty.slice(0, 32));
  });

  test('of sessions and programmes are 16 random bytes', () => {
    const random = (lengthBytes: number) => new Uint8Array(lengthBytes).fill(0xab);
    expect([makeSessionId(random), makeProgrammeId(random)]).toEqual(['ab'.repeat(16), 'ab'.repeat(16)]);
  });
});

describe('ranges of frames', () => {
  const frames = fc.uniqueArray(fc.integer({ min: 0, max: 60 }));

  test('hold exactly the frames they are made of, in whatever order', () => {
    fc.assert(
      fc.property(frames, (list) => {
        const ranges = rangesFromFrames(list);
        expect(decodeRanges(ranges)).toEqual(ranges);
        expect(countFrames(ranges)).toBe(list.length);
        expect([...Array(62).keys()].filter((frame) => coversFrame(ranges, frame))).toEqual(
          [...list].sort((left, right) => left - right),
        );
        const grown = list.reduce<ReturnType<typeof rangesFromFrames>>((held, frame) => addFrame(held, frame), []);
        expect(equalRanges(grown, ranges)).toBe(true);
      }),
      RUNS,
    );
  });

  test('have in common the frames that are in both', () => {
    fc.assert(
      fc.property(frames, frames, (left, right) => {
        const shared = intersectRanges(rangesFromFrames(left), rangesFromFrames(right));
        expect(countFrames(shared)).toBe(left.filter((frame) => right.includes(frame)).length);
        for (const frame of left) expect(coversFrame(shared, frame)).toBe(right.includes(frame));
      }),
      RUNS,
    );
  });

  test('do not change when a frame is added that is there', () => {
    const ranges = rangesFromFrames([1, 2, 5]);
    expect(addFrame(ranges, 2)).toBe(ranges);
    expect(addFrame(ranges, 3)).toEqual([
      [1, 4],
      [5, 6],
    ]);
    expect(ranges).toEqual([
      [1, 3],
      [5, 6],
    ]);
    for (const frame of [-1, 0.5, 2 ** 32]) {
      expect(() => addFrame(ranges, frame)).toThrow('module/internal');
      expect(() => rangesFromFrames([frame])).toThrow('module/internal');
    }
    expect(rangesFromFrames([2 ** 32 - 1])).toEqual([[2 ** 32 - 1, 2 ** 32]]);
  });

  test('are unequal where one frame is', () => {
    expect(equalRanges([[0, 1]], [[0, 2]])).toBe(false);
    expect(equalRanges([[0, 1]], [])).toBe(false);
    expect(equalRanges([], [])).toBe(true);
  });

  test.each<[string, unknown]>([
    ['no list', 5],
    ['an empty range', [[1, 1]]],
    ['a range backwards', [[2, 1]]],
    [
      'touching ranges',
      [
        [0, 1],
        [1, 2],
      ],
    ],
    [
      'overlapping ranges',
      [
        [0, 3],
        [2, 4],
      ],
    ],
    [
      'descending ranges',
      [
        [4, 5],
        [0, 1],
      ],
    ],
    ['a fraction', [[0, 1.5]]],
    ['a negative frame', [[-1, 1]]],
    ['a frame beyond 2^32', [[0, 2 ** 32 + 1]]],
    ['three bounds', [[0, 1, 2]]],
    ['text', [['0', '1']]],
    ['too many', Array.from({ length: LIMITS.ranges + 1 }, (_, at) => [2 * at, 2 * at + 1])],
  ])('refuse %s', (_, candidate) => {
    expect(() => decodeRanges(candidate)).toThrow('request/malformed');
    expect(() => decodeRanges(candidate, 'grant/malformed')).toThrow('grant/malformed');
  });
});

describe('amounts', () => {
  test.each<[string, bigint, string]>([
    ['EUR', 120n, '€0.0120'],
    ['EUR', 120_000n, '€12.00'],
    ['EUR', 1n, '€0.0001'],
    ['EUR', 100n, '€0.01'],
    ['EUR', 0n, '€0.00'],
    ['EUR', -2000n, '−€0.20'],
    ['GBP', 15_000n, '£1.50'],
    ['USD', 10n ** 19n, '$1000000000000000.00'],
    ['CHF', 15_050n, 'CHF 1.5050'],
  ])('%s %s is shown as %s', (currency, amountMinor, shown) => {
    expect(formatAmount(amount(currency, amountMinor))).toBe(shown);
  });

  test('keep four places while they run, so that their width stays', () => {
    const shown = [80n, 100n, 120n].map((amountMinor) => formatMeteredAmount(amount('EUR', amountMinor)));
    expect(shown).toEqual(['€0.0080', '€0.0100', '€0.0120']);
  });

  test('add up, and what was added can be taken away', () => {
    fc.assert(
      fc.property(fc.bigInt(), fc.bigInt(), (left, right) => {
        const sum = add(amount('EUR', left), amount('EUR', right));
        expect(sum).toEqual({ currency: 'EUR', amountMinor: left + right });
        expect(subtract(sum, amount('EUR', right))).toEqual(amount('EUR', left));
      }),
      RUNS,
    );
    expect(multiply(amount('EUR', 20), 3)).toEqual(amount('EUR', 60));
    expect(multiply(amount('EUR', 20), 3n)).toEqual(amount('EUR', 60));
  });

  test('are frozen, of one currency, and never fractions', () => {
    expect(Object.isFrozen(amount('EUR', 1n))).toBe(true);
    expect(() => add(amount('EUR', 1n), amount('USD', 1n))).toThrow('module/internal');
    expect(() => subtract(amount('EUR', 1n), amount('USD', 1n))).toThrow('module/internal');
    for (const wrong of [0.5, Number.NaN, 2 ** 53]) {
      expect(() => amount('EUR', wrong)).toThrow('request/malformed');
      expect(() => multiply(amount('EUR', 1n), wrong)).toThrow('request/malformed');
    }
    for (const currency of ['eur', 'EURO', '']) expect(() => amount(currency, 1n)).toThrow('request/malformed');
    expect([isCurrency('EUR'), isCurrency(5)]).toEqual([true, false]);
  });
});

describe('errors', () => {
  test('each tell what happened in whole sentences, calmly', () => {
    expect(Object.keys(ERROR_WORDS)).toEqual(Object.keys(ERRORS));
    for (const [code, { message }] of Object.entries(ERROR_WORDS)) expect(message, code).toMatch(/^[A-Z][^!]{40,}\.$/);
    for (const [code, { httpStatus }] of Object.entries(ERRORS)) {
      expect(code).toMatch(/^[a-z]+\/[a-z-]+$/);
      expect(httpStatus >= 400 && httpStatus < 600, code).toBe(true);
    }
  });

  test('cross a boundary as code and detail only', () => {
    const thrown = new FareboxError('grant/price', { programme: 'x' }, { cause: new Error('secret') });
    expect(toErrorData(thrown)).toEqual({ code: 'grant/price', detail: { programme: 'x' } });
    expect(toErrorData(new FareboxError('grant/price'))).toEqual({ code: 'grant/price' });
    expect(toErrorData(new Error('secret'))).toEqual({ code: 'module/internal' });
    expect(toErrorData('secret')).toEqual({ code: 'module/internal' });
    expect(thrown.message).toBe('grant/price');
  });

  test('are told from what is none', () => {
    expect(isErrorCode('grant/price')).toBe(true);
    for (const other of ['grant/unheard-of', 'toString', '', 5, null]) expect(isErrorCode(other)).toBe(false);
  });
});

describe('labels', () => {
  test.each(['video/720p', 'audio/main', 'video/720p/a', 'thumbnails'])('%s is one', (label) => {
    expect(decodeLabel(label, 'frame/unknown-part')).toBe(label);
  });

  test.each(['', 'Video', 'video/', '/video', 'video//a', 'video 720p', '-a', 'a'.repeat(65), 'video/720p\n'])(
    '%o is none',
    (label) => {
      expect(isLabel(label)).toBe(false);
      expect(() => decodeLabel(label, 'frame/unknown-part')).toThrow('frame/unknown-part');
    },
  );
});
