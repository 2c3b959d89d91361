// Fig. 2 and 4 on the wire: MC-3, MC-5. What is read back is what was written, each altered thing is refused by its code, and no two purposes
// share a context.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { concatBytes, toHex, utf8 } from '../bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../cbor.ts';
import { FareboxError } from '../errors.ts';
import { decodeModuleId, decodeProviderId } from '../ids.ts';
import { runs } from '../testing/runs.ts';
import { bytesOf, NOW } from '../vectors/cast.ts';
import { confidentialContext, pinContext, signInContext } from './context.ts';
import {
  decodePinSignIn,
  decodeSignIn,
  decodeTicket,
  deriveTokenKey,
  encodePinSignIn,
  encodeSignIn,
  encodeTicket,
  isSignIn,
  type SignInMessage,
  type SignInTicket,
  tokenOf,
} from './sign-in.ts';

const ticket: SignInTicket = {
  module: decodeModuleId(bytesOf('module', 16)),
  epoch: 3,
  expires: NOW + 60_000,
  counter: 41,
  head: bytesOf('head'),
  index: null,
  nonce: bytesOf('nonce', 16),
};
const tags = [
  { reference: 'messages', index: 7, tag: bytesOf('tag messages', 16) },
  { reference: 'watch', index: null, tag: bytesOf('tag watch', 16) },
];
const message: SignInMessage = {
  ticket: encodeTicket(ticket),
  agreement: 2,
  device: bytesOf('device', 16),
  epoch: 3,
  counter: 42,
  head: bytesOf('new head'),
  pastHead: bytesOf('head'),
  tags,
};
const pin = { ticket: message.ticket, agreement: 2, tags };

/** The list that stands in `bytes` with the item at `place` replaced, or left out where `by` is undefined. */
function withItem(bytes: Uint8Array, place: number, by: CborValue | undefined): Uint8Array {
  const items = decodeCbor(bytes);
  if (!Array.isArray(items)) throw new Error('no list');
  const altered: CborValue[] = [...items];
  altered.splice(place, 1, ...(by === undefined ? [] : [by]));
  return encodeCbor(altered);
}

describe('MC-3: a ticket', () => {
  test('is read as it was written, with an index and without', () => {
    for (const index of [null, 0, 4_095])
      expect(decodeTicket(encodeTicket({ ...ticket, index }))).toEqual({ ...ticket, index });
  });

  test.each<[string, number, CborValue | undefined]>([
    ['another type', 0, 'farebox/sign-in'],
    ['another version', 1, 2],
    ['a shorter module', 2, bytesOf('module', 15)],
    ['an epoch that is no number', 3, '3'],
    ['an epoch beyond the bound', 3, 2 ** 40],
    ['a time below 0', 4, -1],
    ['a counter below 0', 5, -1],
    ['a longer head', 6, bytesOf('head', 33)],
    ['an index beyond a set', 7, 4_096],
    ['no nonce', 8, undefined],
    ['one item more', 9, 0],
  ])('is refused with %s', (_, place, by) => {
    expect(() => decodeTicket(withItem(encodeTicket(ticket), place, by))).toThrow('keys/malformed');
  });

  test('has one token under one key, and another with any bit of it changed', () => {
    const tokenKey = bytesOf('token key');
    const bytes = encodeTicket(ticket);
    const tokens = new Set([toHex(tokenOf(tokenKey, bytes)), toHex(tokenOf(bytesOf('another'), bytes))]);
    for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
      const altered = Uint8Array.from(bytes);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      tokens.add(toHex(tokenOf(tokenKey, altered)));
    }
    expect(tokens.size).toBe(2 + 8 * bytes.length);
    expect(() => tokenOf(bytesOf('short', 31), bytes)).toThrow('keys/malformed');
    expect(() => deriveTokenKey(bytesOf('short', 31))).toThrow('keys/malformed');
  });
});

describe('MC-3: a sign-in message', () => {
  test('is read as it was written, and told from everything else by how it begins', () => {
    const bytes = encodeSignIn(message);
    expect(decodeSignIn(bytes)).toEqual(message);
    expect(isSignIn(bytes)).toBe(true);
    for (const other of [encodePinSignIn(pin), message.ticket, Uint8Array.of(0xd2, 0x84), new Uint8Array(0)])
      expect(isSignIn(other)).toBe(false);
  });

  test.each<[string, number, CborValue | undefined]>([
    ['another type', 0, 'farebox/sign-im'],
    ['another version', 1, 0],
    ['an empty ticket', 2, new Uint8Array(0)],
    ['a ticket that is text', 2, 'ticket'],
    ['an agreement beyond the bound', 3, 2 ** 32],
    ['a shorter device', 4, bytesOf('device', 15)],
    ['a device of zeros', 4, new Uint8Array(16)],
    ['epoch 0 with a device', 5, 0],
    ['a counter that is no number', 6, null],
    ['a shorter head', 7, bytesOf('head', 31)],
    ['a longer past head', 8, bytesOf('head', 33)],
    ['no tags', 9, []],
    ['tags that are no list', 9, 1],
    ['nine tags', 9, Array.from({ length: 9 }, (_, at) => [`s${at}`, null, bytesOf('tag', 16)])],
    [
      'tags that do not ascend',
      9,
      [
        ['watch', null, bytesOf('t', 16)],
        ['messages', null, bytesOf('t', 16)],
      ],
    ],
    [
      'two tags of one set',
      9,
      [
        ['watch', null, bytesOf('t', 16)],
        ['watch', null, bytesOf('u', 16)],
      ],
    ],
    ['a reference that is none', 9, [['Watch', null, bytesOf('t', 16)]]],
    ['an index beyond a set', 9, [['watch', 4_096, bytesOf('t', 16)]]],
    ['a shorter tag', 9, [['watch', null, bytesOf('t', 15)]]],
    ['a tag of four items', 9, [['watch', null, bytesOf('t', 16), 0]]],
    ['a ticket left out', 2, undefined],
    ['one item more', 10, 0],
  ])('is refused with %s', (_, place, by) => {
    expect(() => decodeSignIn(withItem(encodeSignIn(message), place, by))).toThrow('challenge/malformed');
  });

  test('is refused where it is long, and is not made with tags that do not ascend', () => {
    const long = encodeSignIn({ ...message, ticket: new Uint8Array(2_048) });
    expect(() => decodeSignIn(long)).toThrow('challenge/malformed');
    for (const wrong of [[], [...tags].reverse()])
      expect(() => encodeSignIn({ ...message, tags: wrong })).toThrow('module/internal');
  });

  test('of any bytes is read or refused by its code', () => {
    const whole = encodeSignIn(message);
    const flipped = fc.tuple(fc.nat(8 * whole.length - 1)).map(([bit]) => {
      const altered = Uint8Array.from(whole);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      return altered;
    });
    fc.assert(
      fc.property(fc.oneof(flipped, fc.uint8Array({ maxLength: 300 })), (bytes) => {
        for (const [decode, code] of [
          [decodeSignIn, 'challenge/malformed'],
          [decodePinSignIn, 'keys/malformed'],
          [decodeTicket, 'keys/malformed'],
        ] as const) {
          try {
            decode(bytes);
          } catch (error) {
            expect(error instanceof FareboxError ? error.code : error).toBe(code);
          }
        }
      }),
      { numRuns: runs(500) },
    );
  });
});

describe('MC-5: what goes with a PIN', () => {
  test('is read as it was written, and says of itself no more than a ticket, a number and tags', () => {
    expect(decodePinSignIn(encodePinSignIn(pin))).toEqual(pin);
    const longest = tags.map((tag) => ({ ...tag, index: 9 }));
    expect(encodePinSignIn({ ...pin, tags: longest }).length).toBeLessThan(300);
  });

  test.each<[string, number, CborValue | undefined]>([
    ['the type of a sign-in', 0, 'farebox/sign-in'],
    ['another version', 1, 2],
    ['a ticket that is none', 2, 0],
    ['a number that is none', 3, 'two'],
    ['no tags', 4, []],
    ['one item more', 5, 0],
  ])('is refused with %s', (_, place, by) => {
    expect(() => decodePinSignIn(withItem(encodePinSignIn(pin), place, by))).toThrow('keys/malformed');
  });
});

describe('MC-3 to MC-5: the context', () => {
  const parties = { provider: decodeProviderId(bytesOf('provider', 16)), module: ticket.module, agreement: 1 };
  const place = message;

  test('is another one for another purpose, provider, module, agreement, place and token', () => {
    const token = bytesOf('token');
    const all = [
      signInContext({ ...parties, place }),
      pinContext(parties),
      confidentialContext({ ...parties, token }),
      confidentialContext({ ...parties, token: bytesOf('another token') }),
      signInContext({ ...parties, provider: decodeProviderId(parties.module), place }),
      signInContext({ ...parties, module: decodeModuleId(parties.provider), place }),
      signInContext({ ...parties, agreement: 2, place }),
      signInContext({ ...parties, place: { ...place, device: bytesOf('other', 16) } }),
      signInContext({ ...parties, place: { ...place, epoch: 4 } }),
      signInContext({ ...parties, place: { ...place, counter: 43 } }),
      signInContext({ ...parties, place: { ...place, head: place.pastHead } }),
      signInContext({ ...parties, place: { ...place, pastHead: place.head } }),
    ].map(toHex);
    expect(new Set(all).size).toBe(all.length);
  });

  test('is written as the protocol says', () => {
    const head = concatBytes(Uint8Array.of(0x8a, 0x6f), utf8('farebox/sign-in'), Uint8Array.of(1, 0x50));
    const ids = `${toHex(head)}${parties.provider}50${parties.module}01`;
    const shown = `50${toHex(place.device)}03182a5820${toHex(place.head)}5820${toHex(place.pastHead)}`;
    expect(toHex(signInContext({ ...parties, place }))).toBe(ids + shown);
  });
});
