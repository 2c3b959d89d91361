// Every bound of the module that its two neighbours do not share, each with its reason. The bounds of messages are in src/protocol/limits.ts.

import type { CommandName } from './commands.ts';

/** Sizes in bytes, counts in things, times in milliseconds. */
export const MODULE_LIMITS = Object.freeze({
  /** Calls of the port being answered at once: a player has about ten frames in flight; beyond this a page is flooding. */
  callsInFlight: 64,
  /** Length of a call's id: Comlink makes four hexadecimal words of up to 14 digits, with dashes. */
  callIdLength: 80,
  /** Events kept until a host connects: start says at most a line for each thing it could not finish. */
  earlyEvents: 16,
  /** Sealed parts in one delivery: picture and sound now, captions and thumbnails later. */
  partsPerDelivery: 4,
  /** Frames reserved and not yet come to an outcome, in one tab: bounds the clear bytes in memory. */
  framesInFlight: 32,
  /** Changes in one commit: what this many frames in flight can ask for, so that one page stays small. */
  changesPerCommit: 128,
  /** Attempts at one commit while another tab writes without the lock; then `store/conflict`. */
  commitAttempts: 4,
  /** Record entries in one page at most: a close may settle every frame in flight of several tabs. */
  entriesPerPage: 4_096,
  /** Pages read at once while a receipt is made: about 100 kB of memory. */
  pagesPerRead: 256,
  /** Sessions and receipts in one list: a year of evenings, still one message. */
  listedSessions: 500,
  /** Longest time that the checkpoint may lag behind the record; what a wound-back database can hide is what is written in it. */
  checkpointMs: 250,
  /** A checkpoint slot is about 200 bytes; a larger file is not ours. */
  checkpointBytes: 4_096,
} as const);

/** How long the host waits for each command before it gets `module/deadline`; the work itself is not undone. */
export const COMMAND_DEADLINES_MS: Readonly<Record<CommandName, number>> = Object.freeze({
  status: 5_000,
  enrolmentRequest: 15_000,
  acceptCertificate: 15_000,
  answerChallenge: 15_000,
  openSession: 20_000,
  resumeSession: 20_000,
  sessions: 15_000,
  // A phone's disk at its worst, with a full buffer before it.
  deliver: 20_000,
  play: 5_000,
  pause: 5_000,
  seek: 5_000,
  setVolume: 5_000,
  // Reads the whole session's record: an evening is a few thousand pages.
  closeSession: 60_000,
  receiptFile: 60_000,
  receipts: 15_000,
  acceptAcknowledgement: 15_000,
});
