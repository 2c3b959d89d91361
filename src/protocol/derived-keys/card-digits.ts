// What is printed on a card, judged by its digits (docs/protocol.md §24, MC-4). Apart from card.ts because the module's window, which loads before
// anything is shown, judges it too while it is typed: nothing but the errors is imported here.

import { FareboxError } from '../errors.ts';

const NUMBER = /^\d{12,19}$/;
const EXPIRY = /^(\d{4})-(0[1-9]|1[0-2])$/;
/** A month ends last 12 hours behind UTC, and a card is good to the end of its month wherever it is used. */
const LAST_ZONE_MS = 12 * 3_600_000;

/** True for 12 to 19 digits whose last is the check digit of Luhn (ISO/IEC 7812-1, annex B). */
export function isCardNumber(text: string): boolean {
  if (!NUMBER.test(text)) return false;
  const sum = [...text].reverse().reduce((total, digit, at) => {
    const doubled = at % 2 === 1 ? 2 * Number(digit) : Number(digit);
    return total + (doubled > 9 ? doubled - 9 : doubled);
  }, 0);
  return sum % 10 === 0;
}

/** True for `YYYY-MM`. */
export function isExpiry(text: string): boolean {
  return EXPIRY.test(text);
}

/** True where `YYYY-MM` is over in every time zone at `now`, ms since 1970. Errors: `keys/malformed` for what is no month. */
export function isExpiryOver(expiry: string, now: number): boolean {
  const [, year, month] = EXPIRY.exec(expiry) ?? [];
  if (year === undefined || month === undefined) throw new FareboxError('keys/malformed', { member: 'expiry' });
  return now >= Date.UTC(Number(year), Number(month)) + LAST_ZONE_MS;
}
