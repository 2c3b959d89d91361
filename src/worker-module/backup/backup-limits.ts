// Bounds of backup/, each with its reason. Counts in things, sizes in bytes, times in milliseconds.

/** See each line. */
export const BACKUP_LIMITS = Object.freeze({
  /** Sessions of a checkpoint: a terminal that has been offline for months has a few hundred receipts to deliver. */
  unsettledSessions: 1_000,
  /** Bytes of the papers in a checkpoint: with its frame and its seal it stays within a slot (MODULE_LIMITS.checkpointBytes). */
  unsettledBytes: 7 * 1024 * 1024,
  /** Attempts at a snapshot of a store that other tabs write to meanwhile; one takes a few milliseconds, commits come a few a second. */
  snapshotAttempts: 8,
  /** Sessions opened or sealed at once: enough to keep WebCrypto busy, few enough to let a frame through. */
  batch: 256,
  /** Record entries in one page of a restored store. */
  entriesPerPage: 1_024,
  /** Things of a report that are shown. */
  reportedThings: 500,
  /** Wrong words or passkeys after which one command asks no more. */
  proofTries: 3,
  /** How long recovery words, or the key of a passkey, are kept in memory between two commands: to fetch a file from the provider. */
  proofKeptMs: 5 * 60_000,
} as const);
