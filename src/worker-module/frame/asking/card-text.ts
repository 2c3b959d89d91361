// What is written on a card, as a person types it: how it is grouped while it is typed, and what is wrong with it, in words. Pure: the
// fields of questions/card.ts call it; the worker judges the card again (protocol/derived-keys/card.ts).

import { isCardNumber, isExpiryOver } from '../../../protocol/derived-keys/card-digits.ts';

/** Fewest and most digits of a card's number. */
const NUMBER_DIGITS = { least: 12, most: 19 } as const;
/** Where most numbers end; one that is as long and does not fit has a slip in it. */
const USUAL_DIGITS = 16;
/** Cards that begin so have 15 digits. */
const FIFTEEN_DIGITS = /^3[47]/;

const EXPIRY_DIGITS = 4;

/** At most 19 digits in fours, `4000 0566 5566 5556`. */
export function groupNumber(digits: string): string {
  return (digits.slice(0, NUMBER_DIGITS.most).match(/.{1,4}/g) ?? []).join(' ');
}

/**
 * What is wrong with a number, or null. While it is typed (`isDone` false) it is given time: only one that is as long as a card's number
 * usually is can be wrong yet.
 */
export function troubleOfNumber(digits: string, isDone: boolean): string | null {
  if (digits === '' || isCardNumber(digits)) return null;
  const whole = FIFTEEN_DIGITS.test(digits) ? USUAL_DIGITS - 1 : USUAL_DIGITS;
  if (digits.length >= whole) return 'One of these digits is not right. Compare them with your card.';
  if (!isDone) return null;
  return digits.length < NUMBER_DIGITS.least
    ? 'This is too short for a card number.'
    : 'This is not a whole card number. Compare it with your card.';
}

/**
 * What was typed of `MM/YY`, set as far as it goes: `8` is `08`, and the line comes with the first digit of the year. A year of four digits,
 * as a browser fills it in, becomes one of two.
 */
export function groupExpiry(typed: string): string {
  const parts = typed.split('/');
  const first = (parts[0] ?? '').replace(/\D/g, '');
  const hasLine = parts.length > 1 && first !== '';
  // One digit before the line is a whole month, and no month begins with 2 or more.
  const isMonth = (hasLine && first.length === 1) || Number(first[0] ?? 0) > 1;
  const digits = (isMonth ? '0' : '') + typed.replace(/\D/g, '');
  const short = /^\d\d20\d\d$/.test(digits) ? digits.slice(0, 2) + digits.slice(4) : digits.slice(0, EXPIRY_DIGITS);
  return short.length > 2 || (short.length === 2 && hasLine) ? `${short.slice(0, 2)}/${short.slice(2)}` : short;
}

/** `08/31` as `2031-08`; null for what is no month of a year. */
export function readExpiry(text: string): string | null {
  const [, month, year] = /^(0[1-9]|1[0-2])\/(\d\d)$/.exec(text) ?? [];
  return month === undefined || year === undefined ? null : `20${year}-${month}`;
}

/** What is wrong with an expiry at `nowMs`, or null; null as well while it is short, unless the person has left the field. */
export function troubleOfExpiry(text: string, nowMs: number, isDone: boolean): string | null {
  if (text === '') return null;
  const [month = ''] = text.split('/');
  if (month.length === 2 && !/^(?:0[1-9]|1[0-2])$/.test(month)) return `There is no month ${month}.`;
  const expiry = readExpiry(text);
  if (expiry === null) return isDone ? 'Type month and year, as on your card: 08/31.' : null;
  return isExpiryOver(expiry, nowMs) ? `This card ran out in ${text}.` : null;
}
