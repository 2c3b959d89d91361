// Money: whole ten-thousandths of a currency's unit beside its ISO 4217 code. The only arithmetic on money there is;
// nothing here ever rounds or passes through a floating number.

import { FareboxError } from './errors.ts';

/** ISO 4217's code for no currency: for sums that are of none, or of any. */
export const NO_CURRENCY = 'XXX';

/** So many ten-thousandths (€0.0020 is 20) of a currency's unit; may be below zero on a ledger. Frozen. */
export type Amount = Readonly<{ currency: string; amountMinor: bigint }>;

/** Ten-thousandths in one unit of a currency. */
export const MINOR_PER_UNIT = 10_000n;

const CURRENCY = /^[A-Z]{3}$/;
const SYMBOLS: Readonly<Record<string, string>> = { EUR: '€', GBP: '£', USD: '$' };

/** True for three capital letters, the form of an ISO 4217 code. */
export function isCurrency(candidate: unknown): candidate is string {
  return typeof candidate === 'string' && CURRENCY.test(candidate);
}

/** An amount; a `number` must be a safe integer. Errors: `request/malformed`. */
export function amount(currency: string, amountMinor: bigint | number): Amount {
  if (!isCurrency(currency)) throw new FareboxError('request/malformed', { expected: 'currency' });
  if (typeof amountMinor === 'number' && !Number.isSafeInteger(amountMinor)) {
    throw new FareboxError('request/malformed', { expected: 'amountMinor' });
  }
  return Object.freeze({ currency, amountMinor: BigInt(amountMinor) });
}

function inOneCurrency(left: Amount, right: Amount): string {
  if (left.currency !== right.currency) throw new FareboxError('module/internal', { expected: 'one currency' });
  return left.currency;
}

/** The sum. Errors: `module/internal` for two currencies. */
export function add(left: Amount, right: Amount): Amount {
  return amount(inOneCurrency(left, right), left.amountMinor + right.amountMinor);
}

/** The difference, which may be below zero. Errors: `module/internal` for two currencies. */
export function subtract(left: Amount, right: Amount): Amount {
  return amount(inOneCurrency(left, right), left.amountMinor - right.amountMinor);
}

/** So many times the amount; `times` a whole number. Errors: `request/malformed`. */
export function multiply(price: Amount, times: bigint | number): Amount {
  if (typeof times === 'number' && !Number.isSafeInteger(times)) {
    throw new FareboxError('request/malformed', { expected: 'whole number' });
  }
  return amount(price.currency, price.amountMinor * BigInt(times));
}

/** As a person reads it: `€0.0120`, `€12.00`, `CHF 1.50`, `−€0.20`; four places, or two where the last two are zero. */
export function formatAmount(value: Amount): string {
  return formatMeteredAmount(value).replace(/00$/, '');
}

/** An amount that runs: always four places (`€0.0100`), so that it never changes its width while it counts. */
export function formatMeteredAmount({ currency, amountMinor }: Amount): string {
  const magnitude = amountMinor < 0n ? -amountMinor : amountMinor;
  const places = (magnitude % MINOR_PER_UNIT).toString().padStart(4, '0');
  const sign = amountMinor < 0n ? '−' : '';
  return `${sign}${SYMBOLS[currency] ?? `${currency} `}${magnitude / MINOR_PER_UNIT}.${places}`;
}
