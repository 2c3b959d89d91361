// The one table of coded errors, and the error that carries a code inside a realm. Everyone throws it; across worker,
// wire and disk it travels as `toErrorData`. It must never carry keys, clear bytes or a stack across a boundary.

import { BOARD_ERRORS } from './errors/board.ts';
import { CLAIM_ERRORS } from './errors/claims.ts';
import { ENCODING_ERRORS } from './errors/encoding.ts';
import type { ErrorEntry } from './errors/entry.ts';
import { IDENTITY_ERRORS } from './errors/identity.ts';
import { KEEPING_ERRORS } from './errors/keeping.ts';
import { KEY_ERRORS } from './errors/keys.ts';
import { LIVE_ERRORS } from './errors/live.ts';
import { MACHINE_ERRORS } from './errors/machine.ts';
import { OFFLINE_ERRORS } from './errors/offline.ts';
import { PLAYING_ERRORS } from './errors/playing.ts';
import { PROVIDING_ERRORS } from './errors/providing.ts';
import { RECEIPT_ERRORS } from './errors/receipts.ts';

const TABLE = {
  ...ENCODING_ERRORS,
  ...IDENTITY_ERRORS,
  ...PLAYING_ERRORS,
  ...RECEIPT_ERRORS,
  ...CLAIM_ERRORS,
  ...LIVE_ERRORS,
  ...BOARD_ERRORS,
  ...OFFLINE_ERRORS,
  ...MACHINE_ERRORS,
  ...KEEPING_ERRORS,
  ...KEY_ERRORS,
  ...PROVIDING_ERRORS,
} as const;

/** A code of the table: stable for good, `area/what`. */
export type FareboxErrorCode = keyof typeof TABLE;

/** The table; `docs/errors.md` is printed from it and from the words (error-words.ts). */
export const ERRORS: Readonly<Record<FareboxErrorCode, ErrorEntry>> = Object.freeze(TABLE);

/** Plain values that say which thing failed: ids, numbers, names. Never a secret, never clear content. */
export type ErrorDetail = Readonly<Record<string, string | number | boolean>>;

/** An error as it crosses worker, wire and disk. */
export type ErrorData = { readonly code: FareboxErrorCode; readonly detail?: ErrorDetail };

/** The error of this project, thrown within one realm. Its `message` is the code; what a person reads is in error-words.ts. */
export class FareboxError extends Error {
  /** Row of the table. */
  readonly code: FareboxErrorCode;
  /** What it was about, where that helps. */
  declare readonly detail?: ErrorDetail;

  /** `options.cause` stays in this realm; it is for logs and debuggers only. */
  constructor(code: FareboxErrorCode, detail?: ErrorDetail, options?: { readonly cause?: unknown }) {
    super(code, options);
    this.name = 'FareboxError';
    this.code = code;
    if (detail !== undefined) this.detail = detail;
  }
}

/** True where `candidate` is a code of the table; for errors that come from outside. */
export function isErrorCode(candidate: unknown): candidate is FareboxErrorCode {
  return typeof candidate === 'string' && Object.hasOwn(TABLE, candidate);
}

/** What may leave the realm: code and detail. Anything that is not a FareboxError becomes `module/internal` with no detail. */
export function toErrorData(thrown: unknown): ErrorData {
  if (!(thrown instanceof FareboxError)) return { code: 'module/internal' };
  return thrown.detail === undefined ? { code: thrown.code } : { code: thrown.code, detail: thrown.detail };
}
