// Bounds of the host's errands, each with its reason. Times in milliseconds, sizes in bytes.

import type { CommandName } from '../worker-module/commands.ts';

/** The module answers within its own deadlines; the host's are a little longer, so that the module's own word comes first. */
export const CALL_DEADLINES_MS: Readonly<Record<CommandName, number>> = Object.freeze({
  status: 7_000,
  enrolmentRequest: 17_000,
  acceptCertificate: 17_000,
  answerChallenge: 17_000,
  openSession: 22_000,
  resumeSession: 22_000,
  sessions: 17_000,
  deliver: 22_000,
  play: 7_000,
  pause: 7_000,
  seek: 7_000,
  setVolume: 7_000,
  closeSession: 62_000,
  receiptFile: 62_000,
  receipts: 17_000,
  acceptAcknowledgement: 17_000,
});

export const HOST_LIMITS = Object.freeze({
  /** The module's document says `ready` within this, or the connection has failed: its own start is given up after 15 s. */
  readyTimeoutMs: 20_000,
  /** Deaths of the worker within `deathWindowMs` after which the host stops hoping and says so. */
  deathsBeforeFailed: 5,
  deathWindowMs: 60_000,
  /** One attempt at a request; the provider's own work takes milliseconds. */
  requestTimeoutMs: 15_000,
  /** One attempt at a content file: 32 MiB over 10 Mbit/s. */
  contentTimeoutMs: 30_000,
  /** Attempts at one request that may be repeated, the first included: about ten seconds in all. */
  requestAttempts: 5,
  /** First wait between attempts; each next one is twice as long, up to `retryMaxMs`, times a chance between ½ and 1. */
  retryBaseMs: 250,
  retryMaxMs: 4_000,
  /** Longest wait that a provider's `Retry-After` is obeyed for; beyond it the person is told instead. */
  retryAfterMaxMs: 30_000,
  /** A JSON answer: the catalogue is the longest. */
  answerSizeBytes: 4 * 1024 * 1024,
  /** A content file: the largest sealed part, and the manifest is far smaller. */
  contentSizeBytes: 32 * 1024 * 1024 + 1024,
  /** Programmes in one catalogue. */
  catalogueEntries: 1_000,
});
