// Bounds of the host's errands, each with its reason. Times in milliseconds, sizes in bytes.

import type { CommandName } from '../worker-module/commands.ts';

/** A command that asks the person, on the module's own surface, waits ten minutes for the answer. */
const ASKING_MS = 602_000;

/** Commands with the usual deadline. A type alone: whatever is in neither list does not compile, and these cost the first screen nothing. */
type Usual =
  | 'enrolmentRequest'
  | 'acceptCertificate'
  | 'answerChallenge'
  | 'extendManifest'
  | 'sessions'
  | 'receipts'
  | 'acceptAcknowledgement'
  | 'restoreReport'
  | 'makeClaim'
  | 'acceptClaimAnswer'
  | 'operations'
  | 'keys'
  | 'acceptTransportKey'
  | 'drawKeyRequests'
  | 'importKey'
  | 'acceptAgreement'
  | 'signIn';

const USUAL_MS = 17_000;

const OTHERS_MS: Readonly<Record<Exclude<CommandName, Usual>, number>> = {
  status: 7_000,
  // Asks where the grant goes beyond the allowance.
  openSession: ASKING_MS,
  resumeSession: 22_000,
  deliver: 22_000,
  openFrame: 22_000,
  frameKeys: 22_000,
  play: 7_000,
  pause: 7_000,
  seek: 7_000,
  setSound: 7_000,
  setCaptions: 7_000,
  setRate: 7_000,
  setCaptionStyle: 7_000,
  preview: 7_000,
  deliverSheet: 22_000,
  setVolume: 7_000,
  closeSession: 62_000,
  receiptFile: 62_000,
  lock: 22_000,
  unlock: ASKING_MS,
  setLock: ASKING_MS,
  removeFactor: ASKING_MS,
  setIdleLock: ASKING_MS,
  // The browser may ask the person as well.
  askPersistence: ASKING_MS,
  setAllowance: ASKING_MS,
  makeBackup: ASKING_MS,
  backupCopy: 62_000,
  verifyBackup: ASKING_MS,
  recoveryLocator: ASKING_MS,
  restore: ASKING_MS,
  recover: ASKING_MS,
  startAnew: ASKING_MS,
  acceptStanding: 32_000,
  acceptPapers: 62_000,
  beginEpoch: ASKING_MS,
  disclosures: 62_000,
  choosePin: ASKING_MS,
  signInWithPin: ASKING_MS,
  giveCard: ASKING_MS,
  renewKeys: ASKING_MS,
};

/** How long the host waits for a command. The module answers within its own deadlines; these are a little longer, so that the module's own word comes first. */
export function callDeadlineMs(name: CommandName): number {
  const others: Partial<Record<CommandName, number>> = OTHERS_MS;
  return others[name] ?? USUAL_MS;
}

export const HOST_LIMITS = Object.freeze({
  /** A contact that was made ahead is used within this: its challenge is good for a minute, and its use takes time on a bad line. */
  preparedContactMs: 45_000,
  /** Time for one live update: a kilobyte, and the next one comes with the next frame. */
  liveTimeoutMs: 8_000,
  /** The module's document says `ready` within this, or the connection has failed: its own start is given up after 15 s. */
  readyTimeoutMs: 20_000,
  /** Deaths of the worker within `deathWindowMs` after which the host stops hoping and says so. */
  deathsBeforeFailed: 5,
  deathWindowMs: 60_000,
  /** One attempt at a request; the provider's own work takes milliseconds. */
  requestTimeoutMs: 15_000,
  /** One attempt at a content file: 32 MiB over 10 Mbit/s. */
  contentTimeoutMs: 30_000,
  /** A content file of which less than this comes in so long trickles, and is asked for again: 5 kbit/s, which nobody watches by. */
  trickleSizeBytes: 4 * 1024,
  trickleMs: 6_000,
  /** Attempts at one request that may be repeated, the first included: about ten seconds in all. */
  requestAttempts: 5,
  /** First wait between attempts; each next one is twice as long, up to `retryMaxMs`, times a chance between ½ and 1. */
  retryBaseMs: 250,
  retryMaxMs: 4_000,
  /** Longest wait that a provider's `Retry-After` is obeyed for; beyond it the person is told instead. */
  retryAfterMaxMs: 30_000,
  /** A JSON answer: the catalogue is the longest. */
  answerSizeBytes: 4 * 1024 * 1024,
  /** An answer with papers: fifty receipt files of the size that hour-long sessions have, and room. */
  papersAnswerSizeBytes: 32 * 1024 * 1024,
  /** A content file: the largest sealed part, and the manifest is far smaller. */
  contentSizeBytes: 32 * 1024 * 1024 + 1024,
  /** Programmes in one catalogue. */
  catalogueEntries: 1_000,
  /** One attempt at carrying a backup either way: its 64 MiB over 10 Mbit/s. */
  backupTimeoutMs: 60_000,
  /** Rounds of asking what the provider has and the module lacks: its 10 000 sessions, of which each standing names 200. */
  reconcileRounds: 50,
  /** An answer on keys: sixteen exported keys of a few hundred bytes, or an agreement; and room. */
  keyAnswerSizeBytes: 64 * 1024,
  /** A reference, a stroke and a version. */
  keySlotLength: 38,
  /** Token of fig. 2. */
  tokenLengthBytes: 32,
  /** A provider that had no set for this terminal is asked again at most this often, unless the person asks. */
  keysEveryMs: 24 * 60 * 60_000,
  /** Times that keys are fetched from the beginning, where another tab or the provider changed something in between. */
  keyRounds: 3,
  /** The provider's copy of a backup is renewed at most this often. */
  backupEveryMs: 60 * 60_000,
});
