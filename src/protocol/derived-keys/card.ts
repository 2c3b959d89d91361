// The confidential number N1 of fig. 3 (docs/protocol.md §24, MC-4): a card as the person typed it. Written in the module, read by the
// provider, sealed between them; whoever has the bytes clears them.

import type { Bytes } from '../bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../cbor.ts';
import { FareboxError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { type MembersReader, readMembers } from '../members.ts';
import { isCardNumber, isExpiry, isExpiryOver } from './card-digits.ts';
import { isPin } from './pin.ts';

const CODE = 'keys/malformed';
const VERIFICATION = /^\d{3,4}$/;
const MEMBERS = 5;
/** A card. Digits are text: they are no number, and may begin with a zero. */
export type Card = Readonly<{
  /** 12 to 19 digits that pass the check of Luhn. */
  number: string;
  /** `YYYY-MM`, the last month in which it is good. */
  expiry: string;
  /** 3 or 4 digits. */
  verification: string;
  /** 4 to 12 digits; null where none is asked for. */
  pin: string | null;
}>;

function requireCard({ number, expiry, verification, pin }: Card): void {
  const wrong =
    (!isCardNumber(number) && 'number') ||
    (!isExpiry(expiry) && 'expiry') ||
    (!VERIFICATION.test(verification) && 'verification') ||
    (pin !== null && !isPin(pin) && 'pin');
  if (wrong !== false) throw new FareboxError(CODE, { member: wrong });
}

/** N1 of a card: CBOR, at most `LIMITS.confidentialSizeBytes`. Errors: `keys/malformed`, with the `member` that has another form. */
export function encodeCard(card: Card): Bytes {
  requireCard(card);
  const { number, expiry, verification, pin } = card;
  return encodeCbor(new Map<string, CborValue>(Object.entries({ kind: 'card', number, expiry, verification, pin })));
}

/** Reads N1. `now` in ms since 1970. Errors: `keys/malformed`; `keys/expired-card` for an expiry that is over. */
export function decodeCard(bytes: Uint8Array, now: number): Card {
  const members = readMembers(decodeBounded(bytes), CODE);
  if (members.text('kind', 8) !== 'card') throw new FareboxError(CODE, { member: 'kind' });
  const card = {
    number: members.text('number', 19),
    expiry: members.text('expiry', 7),
    verification: members.text('verification', 4),
    pin: readPin(members),
  };
  members.end();
  requireCard(card);
  if (isExpiryOver(card.expiry, now)) throw new FareboxError('keys/expired-card');
  return Object.freeze(card);
}

function readPin(members: MembersReader): string | null {
  return members.raw('pin') === null ? null : members.text('pin', LIMITS.pinMaxDigits);
}

/** Its cause is not kept: what a decoder says of bytes may quote them. */
function decodeBounded(bytes: Uint8Array): CborValue {
  try {
    return decodeCbor(bytes, { depth: 2, sizeBytes: LIMITS.confidentialSizeBytes, items: 1 + 2 * MEMBERS });
  } catch {
    throw new FareboxError(CODE, { expected: 'a card' });
  }
}
