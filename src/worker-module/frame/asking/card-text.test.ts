// What a person types of a card: grouped as it goes, and what is wrong said in words, no sooner than it is known.

import { describe, expect, test } from 'vitest';
import { groupExpiry, groupNumber, readExpiry, troubleOfExpiry, troubleOfNumber } from './card-text.ts';

const NOW = Date.UTC(2026, 10, 21);
const NUMBER = '4000056655665556';

describe('MC-4: the number of a card', () => {
  test.each([
    ['', ''],
    ['4', '4'],
    ['4000', '4000'],
    ['40000', '4000 0'],
    [NUMBER, '4000 0566 5566 5556'],
    ['6304000000000000000', '6304 0000 0000 0000 000'],
    ['63040000000000000001', '6304 0000 0000 0000 000'],
  ])('%s stands in fours: %s', (digits, grouped) => {
    expect(groupNumber(digits)).toBe(grouped);
  });

  test('is not called wrong while it is typed, until it is as long as it will be', () => {
    for (let length = 0; length < 16; length += 1)
      expect(troubleOfNumber(NUMBER.slice(0, length), false), `${length} digits`).toBeNull();
    expect(troubleOfNumber(NUMBER, false)).toBeNull();
    expect(troubleOfNumber('4000056655665557', false)).toContain('not right');
    expect(troubleOfNumber('4000056655665565', false)).toContain('not right');
    expect(troubleOfNumber('371449635398432', false)).toContain('not right');
    expect(troubleOfNumber('371449635398431', false)).toBeNull();
  });

  test('that was left too short is said to be', () => {
    expect(troubleOfNumber('4000', true)).toContain('too short');
    expect(troubleOfNumber('4000056655665', true)).toContain('whole');
    expect(troubleOfNumber('', true)).toBeNull();
    expect(troubleOfNumber('4222222222222', true)).toBeNull();
  });
});

describe('MC-4: the expiry of a card', () => {
  test.each([
    ['', ''],
    ['0', '0'],
    ['1', '1'],
    ['12', '12'],
    ['123', '12/3'],
    ['1231', '12/31'],
    ['8', '08'],
    ['831', '08/31'],
    ['8/', '08/'],
    ['8/3', '08/3'],
    ['08/31', '08/31'],
    ['08/2031', '08/31'],
    ['082031', '08/31'],
    ['08/3', '08/3'],
    ['12/', '12/'],
    ['1/', '01/'],
    ['/', ''],
    ['12/315', '12/31'],
  ])('%s becomes %s', (typed, grouped) => {
    expect(groupExpiry(typed)).toBe(grouped);
    expect(groupExpiry(grouped)).toBe(grouped);
  });

  test('is read as a month of this century, or not at all', () => {
    expect(readExpiry('08/31')).toBe('2031-08');
    for (const text of ['', '8/31', '13/31', '00/31', '08/3', '0831', '08/311']) expect(readExpiry(text)).toBeNull();
  });

  test('is said to be wrong as soon as it is, and over once its month is', () => {
    expect(troubleOfExpiry('13', NOW, false)).toBe('There is no month 13.');
    expect(troubleOfExpiry('0', NOW, false)).toBeNull();
    expect(troubleOfExpiry('08/3', NOW, false)).toBeNull();
    expect(troubleOfExpiry('08/3', NOW, true)).toContain('month and year');
    expect(troubleOfExpiry('10/26', NOW, false)).toBe('This card ran out in 10/26.');
    expect(troubleOfExpiry('11/26', NOW, true)).toBeNull();
    expect(troubleOfExpiry('', NOW, true)).toBeNull();
  });
});
