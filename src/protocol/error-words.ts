// What a person reads of each error. Apart from the table, because a screen carries the table from its first moment on and words only where something
// went wrong. The server, the command line and docs/errors.md take both.

import { ERROR_DEEDS, type ErrorWords } from './errors/entry.ts';
import { BOARD_WORDS } from './errors/words/board.ts';
import { CLAIM_WORDS } from './errors/words/claims.ts';
import { ENCODING_WORDS } from './errors/words/encoding.ts';
import { IDENTITY_WORDS } from './errors/words/identity.ts';
import { KEEPING_WORDS } from './errors/words/keeping.ts';
import { KEY_WORDS } from './errors/words/keys.ts';
import { LIVE_WORDS } from './errors/words/live.ts';
import { MACHINE_WORDS } from './errors/words/machine.ts';
import { OFFLINE_WORDS } from './errors/words/offline.ts';
import { PLAYING_WORDS } from './errors/words/playing.ts';
import { PROVIDING_WORDS } from './errors/words/providing.ts';
import { RECEIPT_WORDS } from './errors/words/receipts.ts';
import { ERRORS, type FareboxErrorCode } from './errors.ts';

/** The words of every code of the table. */
export const ERROR_WORDS: Readonly<Record<FareboxErrorCode, ErrorWords>> = Object.freeze({
  ...ENCODING_WORDS,
  ...IDENTITY_WORDS,
  ...PLAYING_WORDS,
  ...RECEIPT_WORDS,
  ...CLAIM_WORDS,
  ...LIVE_WORDS,
  ...BOARD_WORDS,
  ...OFFLINE_WORDS,
  ...MACHINE_WORDS,
  ...KEEPING_WORDS,
  ...KEY_WORDS,
  ...PROVIDING_WORDS,
});

/** The code in words that a person reads: what happened and what is safe, what Farebox does about it by itself, what they can do. */
export function errorWords(code: FareboxErrorCode): string {
  const { message, next } = ERROR_WORDS[code];
  return [message, ERROR_DEEDS[ERRORS[code].did], next].filter((words) => words !== '').join(' ');
}
