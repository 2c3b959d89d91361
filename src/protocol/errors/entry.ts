// The shape of one row of the error table. The rows stand in one file an area beside this one; errors.ts puts them
// together. A row never holds a function: it is printed into docs/errors.md as it is.

/** How loudly a screen or a log should say it. `fatal`: the module stops rather than guess. */
export type ErrorSeverity = 'info' | 'warning' | 'error' | 'fatal';

/** What may be tried, decided by the thrower. `same-request`: the same bytes again; `after-sync`: after the newest state was fetched. */
export type ErrorRetry = 'never' | 'same-request' | 'new-request' | 'after-sync';

/** Statuses that the table uses; the provider's server knows how to answer each. */
export type ErrorHttpStatus = 400 | 401 | 402 | 403 | 404 | 409 | 413 | 422 | 429 | 500 | 502 | 503 | 504 | 507;

/** One row: `message` is read by a person and says what happened, what is safe and what to do. */
export type ErrorEntry = Readonly<{
  severity: ErrorSeverity;
  /** Status that the provider's HTTP interface answers with. */
  httpStatus: ErrorHttpStatus;
  retry: ErrorRetry;
  message: string;
}>;
