// What a bench asks of its page and what comes back: plain values, so that they pass from Node to the page and to its workers as they are.

/** A measurement of the key sequence, done in a worker of its own. */
export type KeysMeasurement =
  /** Consecutive keys of the default function, from a grant of `count` frames. Answers keys a second. */
  | { readonly kind: 'keys-in-sequence'; readonly count: number }
  /** Keys at random places in 2^32, each from an untouched grant of everything. Answers the mean milliseconds of one. */
  | { readonly kind: 'keys-at-random'; readonly places: number }
  /** Derived keys (DEA1) of one master key and a set of series numbers. Answers keys a second. */
  | { readonly kind: 'derived-keys'; readonly count: number };

/** Parts to decrypt: `parts` of `partBytes` clear bytes each, at most `inFlight` of them under way at once; `warmUpParts` before the clock runs. */
export type DecryptLoad = {
  readonly warmUpParts: number;
  readonly parts: number;
  readonly partBytes: number;
  readonly inFlight: number;
};

/** Bare WebCrypto, AES-256-GCM, in a worker of its own, over parts that lie ready there. Answers bytes a second. */
export type BareMeasurement = { readonly kind: 'bare-decrypt'; readonly load: DecryptLoad };

/** The module in its worker, asked over its command port as a terminal asks it. */
export type ModuleMeasurement =
  /** Parts sent in, recorded, decrypted, counted. Answers bytes a second. */
  | { readonly kind: 'module-decrypt'; readonly load: DecryptLoad }
  /** One durable record entry after the other. Answers milliseconds for each. */
  | { readonly kind: 'module-record'; readonly entries: number };

/** The committer in a worker of its own, on a store that a module has founded. Answers milliseconds for each commit. */
export type CommitMeasurement = { readonly kind: 'store-commit'; readonly commits: number; readonly entries: number };

/** Starts of the module, one after the other, on what is stored. Answers milliseconds from the worker's making to its `started`, for each. */
export type StartMeasurement = { readonly kind: 'module-start'; readonly starts: number };

/** A backup of so many objects, half of them sessions and half their receipts, put into an empty store. Answers milliseconds, and how many the report accounts for. */
export type RestoreMeasurement = { readonly kind: 'module-restore'; readonly objects: number };

/** Any measurement; its answer is a list of values in the unit said with its kind. */
export type Measurement =
  | KeysMeasurement
  | BareMeasurement
  | ModuleMeasurement
  | CommitMeasurement
  | StartMeasurement
  | RestoreMeasurement;
