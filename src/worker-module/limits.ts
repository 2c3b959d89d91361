// Every bound of the module that its two neighbours do not share, each with its reason. The bounds of messages are in src/protocol/limits.ts.

import type { CommandName } from './commands.ts';

/** Sizes in bytes, counts in things, times in milliseconds. */
export const MODULE_LIMITS = Object.freeze({
  /** Requests for keys that are kept unanswered: those of a batch that is on its way; the oldest is spent first. */
  keyRequests: 64,
  /** How long a request can be answered: a batch may run over night. */
  keyRequestLifeMs: 86_400_000,
  /** A transport key that was signed longer ago is an old one: a challenge, which comes before it, is not answered so late either. */
  transportKeyAgeMs: 600_000,
  /** Application keys of one provider: far more than it has uses for, and still one row. */
  keySlots: 64,
  /** Providers whose keys are kept: more than a person has, and still one row. */
  keyHolders: 16,
  /** Requests drawn by one command: what one answer of a key unit brings. */
  keyRequestsAtOnce: 16,
  /** What happened to the keys of one provider, as it is shown: months. */
  keyEvents: 50,
  /** PINs typed in a day, right or wrong: beyond it somebody is guessing. */
  pinTries: 30,
  pinTriesMs: 86_400_000,
  /** How old a token may be when the person has done typing: the provider takes it for 60 s, and it has to get there. */
  tokenFreshMs: 45_000,
  /** How long what was typed for a token that is over waits for the next one: a round trip on a bad line. */
  typedKeptMs: 60_000,
  /** Calls of the port being answered at once: a player has about ten frames in flight; beyond this a page is flooding. */
  callsInFlight: 64,
  /** Length of a call's id: Comlink makes four hexadecimal words of up to 14 digits, with dashes. */
  callIdLength: 80,
  /** Events kept until a host connects: start says at most a line for each thing it could not finish. */
  earlyEvents: 16,
  /** Parts of a frame in one call: picture, sound, captions, and one to spare. */
  partsPerDelivery: 4,
  /** Lowest and highest speed of play: beyond them speech cannot be followed, and a decoder not be fed. */
  rateMin: 0.5,
  rateMax: 2,
  /** Most of the frame's height that the host may take for itself below: captions have the other half. */
  clearBelowMax: 0.5,
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
  /** A checkpoint slot holds everything that is not settled yet; a larger file is not ours. */
  checkpointBytes: 8 * 1_024 * 1_024,
  /** A question on the module's surface is taken back after this; shorter than the deadline of the commands that ask. */
  questionMs: 9 * 60_000,
  /** What the window only has to look up is there at once, or not at all. */
  lookUpMs: 5_000,
  /** Least characters of a passphrase: with the cost below, a guess a second on one core. */
  passphraseLengthMin: 10,
  /** Most characters of a passphrase: a page of text is not one. */
  passphraseLengthMax: 1_024,
  /** Most that a stored slot may ask for: 1 GiB and some ten seconds; beyond it the slot was altered. */
  passphraseCost: { costLog2: 20, blockSize: 8, parallelism: 1 },
  /** Longest piece of the passphrase's function without a pause: a picture is due every 16 ms. */
  passphraseSliceMs: 8,
  /** Most words that are looked at, and their longest: twelve are right, none of the list is longer than eight letters. */
  typedWords: 48,
  typedWordLength: 64,
  /** Wrong factors asked for again by one command before it gives up with `lock/wrong`. */
  wrongTriesInOneCommand: 3,
  /** Wrong factors in a row after which the module refuses to ask for a while (`lock/too-many`). */
  wrongTries: 10,
  /** Wait before the next question, by how many were wrong before: nothing for a slip, then ever longer. */
  wrongTryWaitsMs: [0, 0, 1_000, 2_000, 4_000, 8_000, 15_000, 30_000, 60_000] as const,
  /** How long the module refuses to ask after too many. */
  tooManyTriesMs: 5 * 60_000,
  /** How long a tab that opens locked waits for another tab that has the keys. */
  keysFromTabMs: 300,
  /** How often a tab that is used says so to the others: a fraction of the shortest idle lock. */
  useSaidEveryMs: 10_000,
  /** What may be reserved in 24 hours without asking, before anyone has set it: an evening, EUR 5.00 in ten-thousandths. */
  allowanceMinor: 50_000,
  /** What open grants may hold while an eviction would lose it: EUR 5.00, a film of two hours. */
  unsafeValueMinor: 50_000,
  /** Operations and disclosures in one list: what a person reads through. */
  listedOperations: 200,
  listedDisclosures: 100,
  /** Sessions named as missing in one answer: four requests for their papers. */
  missingPapers: 200,
  /** Reads of `pagesPerRead` pages while disclosures are looked for: some two long films back. */
  disclosureReads: 64,
  /** Sessions read at a time while those of the last 24 hours are looked for: nearly always the first is enough. */
  recentSessionReads: [32, 512, 8_192] as const,
  /** Longest idle lock: a day. */
  idleLockMinutes: 1_440,
} as const);

/**
 * What a new passphrase costs to try (RFC 7914): 128 MiB and about half a second here. The memory is what makes guessing on rented
 * hardware dear; more would not fit on a small phone.
 */
export const PASSPHRASE_COST = Object.freeze({ costLog2: 17, blockSize: 8, parallelism: 1 });

/** A person needs minutes: to read, to look for the authenticator, to write twelve words down. */
const ASKING_MS = 10 * 60_000;

/** How long the host waits for each command before it gets `module/deadline`; the work itself is not undone. */
export const COMMAND_DEADLINES_MS: Readonly<Record<CommandName, number>> = Object.freeze({
  status: 5_000,
  enrolmentRequest: 15_000,
  acceptCertificate: 15_000,
  answerChallenge: 15_000,
  // Beyond the allowance it asks.
  openSession: ASKING_MS,
  resumeSession: 20_000,
  extendManifest: 15_000,
  sessions: 15_000,
  // A phone's disk at its worst, with a full buffer before it.
  deliver: 20_000,
  openFrame: 20_000,
  frameKeys: 20_000,
  play: 5_000,
  pause: 5_000,
  seek: 5_000,
  setSound: 5_000,
  setCaptions: 5_000,
  setRate: 5_000,
  setCaptionStyle: 5_000,
  preview: 5_000,
  deliverSheet: 20_000,
  setVolume: 5_000,
  // Reads the whole session's record: an evening is a few thousand pages.
  closeSession: 60_000,
  receiptFile: 60_000,
  receipts: 15_000,
  acceptAcknowledgement: 15_000,
  makeClaim: 15_000,
  acceptClaimAnswer: 15_000,
  lock: 20_000,
  unlock: ASKING_MS,
  setLock: ASKING_MS,
  removeFactor: ASKING_MS,
  setIdleLock: ASKING_MS,
  // Firefox asks the person in a panel of its own.
  askPersistence: ASKING_MS,
  setAllowance: ASKING_MS,
  makeBackup: ASKING_MS,
  // A snapshot of years of receipts.
  backupCopy: 60_000,
  verifyBackup: ASKING_MS,
  recoveryLocator: ASKING_MS,
  restore: ASKING_MS,
  recover: ASKING_MS,
  restoreReport: 15_000,
  startAnew: ASKING_MS,
  // Verifies up to fifty receipts, each with four signatures.
  acceptStanding: 30_000,
  acceptPapers: 60_000,
  beginEpoch: ASKING_MS,
  keys: 15_000,
  acceptTransportKey: 15_000,
  drawKeyRequests: 15_000,
  importKey: 15_000,
  acceptAgreement: 15_000,
  signIn: 15_000,
  choosePin: ASKING_MS,
  signInWithPin: ASKING_MS,
  giveCard: ASKING_MS,
  renewKeys: ASKING_MS,
  operations: 15_000,
  disclosures: 60_000,
});
