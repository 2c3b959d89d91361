// What content requests say about themselves, against the standard's own rules: CTA-5004 §3 for names, types and units, its examples for the form.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Cmcd, drawDeliveryId, encodeCmcd } from './cmcd.ts';

/** What is said → what the parameter has to be, key by key. */
const KNOWN_ANSWERS: readonly (readonly [string, Cmcd, string])[] = [
  ['nothing', {}, ''],
  ['br: whole kbit/s', { br: 3_200.4 }, 'br=3200'],
  ['bl: ms to the nearest hundred, up', { bl: 21_350 }, 'bl=21400'],
  ['bl: ms to the nearest hundred, down', { bl: 21_349 }, 'bl=21300'],
  ['bl: an empty buffer is said', { bl: 0 }, 'bl=0'],
  ['bs: the key alone', { bs: true }, 'bs'],
  ['bs: not said where it is false', { bs: false }, ''],
  [
    'cid: a text in quotes',
    { cid: 'faec5fc2-ac30-11ea-bb37-0242ac130002' },
    'cid="faec5fc2-ac30-11ea-bb37-0242ac130002"',
  ],
  ['cid: quotes and backslashes are escaped', { cid: 'a"b\\c' }, 'cid="a\\"b\\\\c"'],
  ['cid: at most 64 characters', { cid: 'c'.repeat(65) }, ''],
  ['d: whole ms', { d: 4_004.2 }, 'd=4004'],
  ['mtp: kbit/s to the nearest hundred', { mtp: 48_149 }, 'mtp=48100'],
  ['nor: a text in quotes, however long', { nor: 'e'.repeat(65) }, `nor="${'e'.repeat(65)}"`],
  ['ot: a token', { ot: 'v' }, 'ot=v'],
  ['pr: a decimal of three places at most', { pr: 1.083_333 }, 'pr=1.083'],
  ['pr: not said where it is one', { pr: 1 }, ''],
  ['pr: nothing plays', { pr: 0 }, 'pr=0'],
  ['rtp: kbit/s to the nearest hundred', { rtp: 15_951 }, 'rtp=16000'],
  ['sf: a token', { sf: 'o' }, 'sf=o'],
  [
    'sid: a text in quotes',
    { sid: '6e2fb550-c457-11e9-bb97-0800200c9a66' },
    'sid="6e2fb550-c457-11e9-bb97-0800200c9a66"',
  ],
  ['st: on demand', { st: 'v' }, 'st=v'],
  ['st: live', { st: 'l' }, 'st=l'],
  ['su: the key alone', { su: true }, 'su'],
  ['tb: whole kbit/s', { tb: 6_000.6 }, 'tb=6001'],
  ['what is no number', { mtp: Number.NaN, bl: Number.POSITIVE_INFINITY, d: -1 }, ''],
  [
    'all of it, in the order of the alphabet',
    {
      ...{ tb: 6_000, su: true, st: 'v', sid: 'ab', sf: 'o', rtp: 15_000, pr: 1.5, ot: 'v', nor: 'cd' },
      ...{ mtp: 25_400, d: 4_004, cid: 'ef', bs: true, br: 3_200, bl: 21_300 },
    },
    'bl=21300,br=3200,bs,cid="ef",d=4004,mtp=25400,nor="cd",ot=v,pr=1.5,rtp=15000,sf=o,sid="ab",st=v,su,tb=6000',
  ],
];

test.each(KNOWN_ANSWERS)('BT-9: CMCD says %s', (_what, said, expected) => {
  expect(encodeCmcd(said)).toBe(expected);
});

describe('the parameter CMCD', () => {
  test('BT-9: whatever is said, it is a structured dictionary in order whose numbers are whole', () => {
    const number = fc.option(fc.double(), { nil: undefined });
    const said = fc.record({
      bl: number,
      br: number,
      mtp: number,
      d: number,
      rtp: number,
      tb: number,
      su: fc.boolean(),
    });
    fc.assert(
      fc.property(said, (each) => {
        const pairs = encodeCmcd(each).split(',').filter(Boolean);
        const keys = pairs.map((pair) => pair.split('=')[0]);
        expect(keys).toEqual(keys.toSorted());
        for (const pair of pairs) expect(pair).toMatch(/^(su|(?:bl|mtp|rtp)=(?:0|\d{1,13}00)|(?:br|d|tb)=\d{1,15})$/);
      }),
    );
  });

  test('BT-9: every delivery has an id of its own', () => {
    const ids = Array.from({ length: 100 }, drawDeliveryId);
    expect(new Set(ids).size).toBe(100);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });
});
