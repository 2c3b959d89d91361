// The shape of one row of the error table. The rows stand in one file an area beside this one; errors.ts puts them
// together. A row never holds a function: it is printed into docs/errors.md as it is. What a person reads of it
// stands in words/, in a file of the same name.

/**
 * What it is about. `network`: the provider, the way to it, and what comes over it; `media`: programmes, their pieces, and publishing them;
 * `licence`: who may watch what, for which credit; `module`: the module, its lock and its standing, and the browser around it; `storage`: what
 * is kept, and its backups; `contract`: receipts, contracts and claims.
 */
export type ErrorCategory = 'network' | 'media' | 'licence' | 'module' | 'storage' | 'contract';

/** How loudly a screen or a log should say it. `fatal`: the module stops rather than guess. */
export type ErrorSeverity = 'info' | 'warning' | 'error' | 'fatal';

/** What may be tried, decided by the thrower. `same-request`: the same bytes again; `after-sync`: after the newest state was fetched. */
export type ErrorRetry = 'never' | 'same-request' | 'new-request' | 'after-sync';

/** Statuses that the table uses; the provider's server knows how to answer each. */
export type ErrorHttpStatus = 400 | 401 | 402 | 403 | 404 | 409 | 413 | 422 | 429 | 500 | 502 | 503 | 504 | 507;

/** What Farebox does about it by itself, in the words that a person reads; empty where it does nothing. The player goes by these. */
export const ERROR_DEEDS = {
  none: '',
  'asked-again': 'Farebox asks again by itself.',
  'fetched-afresh': 'Farebox fetches it once more; if that does not help, play goes on behind it.',
  lowered: 'Farebox tries a lower quality; where there is none, play does not go on with it.',
  skipped: 'Play goes on behind it.',
  'left-out': 'Play goes on without it.',
  waited: 'Farebox waits for the network, and asks again by itself.',
  renewed: 'Farebox asks for a new permission by itself.',
  certified: 'Farebox asks for a new certificate by itself.',
  restarted: 'Farebox starts it again by itself, and play goes on.',
  'sent-later': 'Farebox sends it again by itself.',
  stopped: 'Play does not go on.',
} as const;
/** A key of `ERROR_DEEDS`. */
export type ErrorDeed = keyof typeof ERROR_DEEDS;

/** One row: what a program goes by. */
export type ErrorEntry = Readonly<{
  category: ErrorCategory;
  severity: ErrorSeverity;
  /** Status that the provider's HTTP interface answers with. */
  httpStatus: ErrorHttpStatus;
  retry: ErrorRetry;
  did: ErrorDeed;
}>;

/** What a person reads of a row, in this order: `message`, the words of `did`, `next`. */
export type ErrorWords = Readonly<{
  /** What happened and what is safe. */
  message: string;
  /** What the person can do. */
  next: string;
}>;

/** Words for each row of a part of the table, and for nothing else. */
export type WordsOf<Part> = Readonly<Record<keyof Part, ErrorWords>>;
