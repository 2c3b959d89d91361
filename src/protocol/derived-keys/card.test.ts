// The card that is confided: MC-4. Refused one altered member at a time, on either side.

import { describe, expect, test } from 'vitest';
import { toHex, utf8 } from '../bytes.ts';
import { type CborValue, encodeCbor } from '../cbor.ts';
import { LIMITS } from '../limits.ts';
import { NOW } from '../vectors/cast.ts';
import { type Card, decodeCard, encodeCard } from './card.ts';
import { isCardNumber, isExpiryOver } from './card-digits.ts';

const card: Card = { number: '4111111111111111', expiry: '2027-03', verification: '012', pin: '0471' };

function bytesWith(change: Readonly<Record<string, CborValue>>): Uint8Array {
  return encodeCbor(new Map<string, CborValue>(Object.entries({ kind: 'card', ...card, ...change })));
}

describe('MC-4: a card', () => {
  test('is read as it was written, with a PIN and without', () => {
    for (const pin of ['0471', null]) expect(decodeCard(encodeCard({ ...card, pin }), NOW)).toEqual({ ...card, pin });
    expect(toHex(encodeCard(card))).toContain(toHex(utf8('4111111111111111')));
    expect(encodeCard({ ...card, number: '0'.repeat(19), pin: '0'.repeat(12) }).length).toBeLessThan(
      LIMITS.confidentialSizeBytes / 8,
    );
  });

  test.each(['4111111111111111', '378282246310005', '6011000990139424', '5555555555554444', '30569309025904'])(
    'has a number such as %s, and not with any digit changed or two neighbours swapped',
    (number) => {
      expect(isCardNumber(number)).toBe(true);
      for (let at = 0; at < number.length; at += 1) {
        const digit = (Number(number[at]) + 1) % 10;
        expect(isCardNumber(`${number.slice(0, at)}${digit}${number.slice(at + 1)}`)).toBe(false);
        const [left, right] = [number[at], number[at + 1]];
        // Luhn does not see 09 and 90 changed for each other.
        if (right === undefined || left === right || `${left}${right}` === '09' || `${left}${right}` === '90') continue;
        expect(isCardNumber(`${number.slice(0, at)}${right}${left}${number.slice(at + 2)}`)).toBe(false);
      }
    },
  );

  test.each(['', '0'.repeat(11), '0'.repeat(20), '4111 1111 1111 1111', '４111111111111111', '-411111111111111'])(
    '"%s" is no number of one',
    (number) => {
      expect(isCardNumber(number)).toBe(false);
    },
  );

  test.each<[string, Partial<Card>]>([
    ['a number that fails the check', { number: '4111111111111112' }],
    ['a month 0', { expiry: '2027-00' }],
    ['a month 13', { expiry: '2027-13' }],
    ['a year of two digits', { expiry: '27-03' }],
    ['a verification value of two digits', { verification: '12' }],
    ['a verification value of five digits', { verification: '12345' }],
    ['a PIN of three digits', { pin: '123' }],
    ['a PIN that is empty', { pin: '' }],
  ])('with %s is neither made nor taken', (_, change) => {
    expect(() => encodeCard({ ...card, ...change })).toThrow('keys/malformed');
    expect(() => decodeCard(bytesWith(change), NOW)).toThrow('keys/malformed');
  });

  test.each<[string, Uint8Array]>([
    ['another kind', bytesWith({ kind: 'cash' })],
    ['a member more', bytesWith({ name: 'A' })],
    ['a number as number', bytesWith({ number: 4111111111111111 })],
    ['a PIN as number', bytesWith({ pin: 471 })],
    ['no map', encodeCbor(['card'])],
    ['half of it', encodeCard(card).subarray(0, 40)],
    ['something behind it', Uint8Array.from([...encodeCard(card), 0])],
    ['more than the bound', bytesWith({ number: '0'.repeat(1_100) })],
  ])('is refused with %s', (_, bytes) => {
    expect(() => decodeCard(bytes, NOW)).toThrow('keys/malformed');
  });

  test('is good to the end of its month in every time zone, and not a moment longer', () => {
    const over = Date.UTC(2027, 3, 1, 12);
    expect(isExpiryOver('2027-03', over - 1)).toBe(false);
    expect(isExpiryOver('2027-03', over)).toBe(true);
    expect(isExpiryOver('2027-12', Date.UTC(2028, 0, 1, 12))).toBe(true);
    expect(decodeCard(encodeCard(card), over - 1)).toEqual(card);
    expect(() => decodeCard(encodeCard(card), over)).toThrow('keys/expired-card');
    expect(() => isExpiryOver('2027-3', NOW)).toThrow('keys/malformed');
  });

  test('is not quoted by an error, whatever is wrong with it', () => {
    for (const bytes of [bytesWith({ pin: '123' }), encodeCard(card).subarray(0, 60), bytesWith({ name: 'A' })]) {
      let told = '';
      try {
        decodeCard(bytes, NOW);
      } catch (error) {
        for (let each = error; each instanceof Error; each = each.cause)
          told += `${each.message} ${JSON.stringify(each)}`;
      }
      expect(told).toContain('keys/malformed');
      for (const secret of [card.number, card.expiry, card.verification]) expect(told).not.toContain(secret);
    }
  });
});
