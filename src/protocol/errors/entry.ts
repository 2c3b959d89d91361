// The shape of one row of the error table. The rows stand in one file an area beside this one; errors.ts puts them
// together. A row never holds a function: it is printed into docs/errors.md as it is.

/** How loudly a screen or a log should say it. `fatal`: the module stops rather than guess. */
export type ErrorSeverity = 'info' | 'warning' | 'error' | 'fatal';

/** What may be tried, decided by the thrower. `same-request`: the same bytes again; `after-sync`: after the newest state was fetched. */
export type ErrorRetry = 'never' | 'same-request' | 'new-request' | 'after-sync';

/** One row: `message` is read by a person and says what happened, what is safe and what to do. */
export type ErrorEntry = Readonly<{
  severity: ErrorSeverity;
  /** Status that the provider's HTTP interface answers with. */
  httpStatus: number;
  retry: ErrorRetry;
  message: string;
}>;
