// The module's command set: the whole of what a terminal's page may ask. Types and documentation only, so that the
// other origin may import it; the implementations are in commands/, the gate that admits calls is in gate/.
// A command takes one plain argument and answers with a Result; nothing here may carry a key, a clear byte or a function.

import type { ErrorDetail, FareboxErrorCode } from '../protocol/errors.ts';
import type { FrameRange } from '../protocol/ranges.ts';

/** What every command answers: a value, or an error as data. Class and stack stay inside. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: { readonly code: FareboxErrorCode; readonly detail?: ErrorDetail } };

/**
 * Where the module's storage stands. `wiped`: a checkpoint says more was written than the database holds; `altered`: what is stored does not
 * open or does not fit together. Both have a way back: `recover`.
 */
export type StorageState = 'ready' | 'refused' | 'full' | 'wiped' | 'altered' | 'newer-version';

/** `none`: no lock is set; `locked`: nothing but `status` and `unlock` is answered. */
export type LockState = 'none' | 'locked' | 'unlocked';

/** A way to unlock. */
export type LockFactor = 'passkey' | 'passphrase';

/** What the provider last said of this copy; `unknown` before it was asked. `regress`: older than one it has met; `fork`: another copy went on from the same state; `superseded`: restored on another device. */
export type Standing = 'unknown' | 'good' | 'regress' | 'fork' | 'superseded';

/** How safe what is stored is from the browser itself. */
export type StorageSafety = {
  /** True where the browser has promised not to evict it. */
  readonly persistent: boolean;
  /** `unverified`: made, but nobody has shown that its words, or a passkey, open it. */
  readonly backup: 'none' | 'unverified' | 'verified';
  /** Milliseconds since 1970 of the newest backup, or null. */
  readonly backupTime: number | null;
  /** True where a passkey opens the newest backup beside its words. */
  readonly backupPasskey: boolean;
  /** Bytes used and allowed by the browser's estimate; null where it gives none. */
  readonly usageBytes: number | null;
  readonly quotaBytes: number | null;
  /** Most that open grants may hold while storage is neither persistent nor backed up; minor units. */
  readonly unsafeLimitMinor: number;
};

/** What may be reserved without asking. Minor units, of any one currency. */
export type Allowance = { readonly dayMinor: number; readonly leftMinor: number };

/** The module as its holder may see it. */
export type ModuleStatus = {
  /** 32 hex digits, or null before enrolment. */
  readonly moduleId: string | null;
  /** COSE bytes of the agency's certificate, or null before enrolment. */
  readonly certificate: Uint8Array | null;
  /** Which life of the module this is; 0 before enrolment. */
  readonly epoch: number;
  /** True while a new epoch was asked for and is not granted yet: the host has to enrol. */
  readonly epochPending: boolean;
  /** Number of entries in the record. */
  readonly counter: number;
  /** 32 bytes: head of the record's hash chain. */
  readonly head: Uint8Array;
  readonly storage: StorageState;
  readonly lock: LockState;
  readonly factors: readonly LockFactor[];
  readonly idleLockMinutes: number | null;
  /** False for keys made by an older version, which can be neither locked nor backed up. */
  readonly keysMovable: boolean;
  readonly standing: Standing;
  readonly safety: StorageSafety;
  readonly allowance: Allowance;
  /** Calls that the gate dropped since this worker started. */
  readonly droppedCalls: number;
};

/** What a person opens a backup with. Words always open it; a passkey where one was taken when it was made. */
export type BackupFactor = 'words' | 'passkey';

/** A sealed backup file, and in hex where the provider keeps its copies: for whoever has the words, and for whoever has only a passkey. */
export type SealedBackup = {
  readonly backup: Uint8Array;
  readonly locator: string;
  readonly passkeyLocators: readonly string[];
};

/** One thing begun and not forgotten, as the screens show it. `needs-you`: only the person can bring it on. */
export type OperationView = {
  readonly name: string;
  readonly kind: 'session' | 'enrolment' | 'epoch' | 'backup' | 'restore';
  readonly status: 'working' | 'waiting' | 'needs-you' | 'done' | 'failed';
  readonly code: FareboxErrorCode | null;
  readonly session: string | null;
  readonly changedTime: number;
};

/** Something that left the module signed or sealed. */
export type DisclosureView = {
  readonly counter: number;
  readonly time: number;
  readonly what: 'enrolment' | 'contact' | 'receipt' | 'backup';
  /** Id of the provider it was for; null where it was for the agency or the person. */
  readonly to: string | null;
};

/** Where one thing of a backup was found. `used`: the provider has it from another copy; `unreachable`: nobody could be asked yet. */
export type RestoredThing = {
  readonly session: string;
  readonly title: string;
  readonly kind: 'receipt' | 'session';
  readonly outcome: 'found' | 'not-found' | 'used' | 'unreachable';
  /** In words for the person: where it is, or why not. */
  readonly place: 'backup' | 'checkpoint' | 'provider' | 'database';
  readonly currency: string;
  readonly amountMinor: number;
};

/** What a restore or a recovery came to. */
export type RestoreReport = {
  readonly source: 'backup' | 'checkpoint';
  readonly time: number;
  /** True once the provider was asked. */
  readonly reconciled: boolean;
  readonly counts: {
    readonly found: number;
    readonly notFound: number;
    readonly used: number;
    readonly unreachable: number;
  };
  /** The newest 500, those that were not simply found first. */
  readonly things: readonly RestoredThing[];
};

/** `open`: can play; `closed`: has its receipt, durable; `accepted`: the provider's acknowledgement is kept; `refused`: it has another one from another copy. */
export type SessionState = 'open' | 'closed' | 'accepted' | 'refused';

/** One session as the screens show it. */
export type SessionView = {
  readonly session: string;
  readonly programme: string;
  readonly title: string;
  readonly state: SessionState;
  readonly currency: string;
  readonly priceMinor: number;
  readonly creditMinor: number;
  /** Milliseconds since 1970 at which the grant ends. */
  readonly expires: number;
  readonly frameCount: number;
  readonly frameDurationMs: number;
  readonly granted: readonly FrameRange[];
  readonly decrypted: readonly FrameRange[];
  readonly lateFrames: readonly number[];
  readonly failedFrames: readonly number[];
  readonly count: number;
  readonly amountMinor: number;
  readonly counter: number;
  readonly openedTime: number;
  /** Last place of play, for taking up after a reload. */
  readonly positionMs: number;
};

/** A receipt in the drawer. */
export type ReceiptView = {
  readonly session: string;
  readonly title: string;
  readonly state: 'durable' | 'accepted' | 'refused';
  readonly closedTime: number;
  readonly count: number;
  readonly currency: string;
  readonly amountMinor: number;
};

/** Sealed parts of one frame, as fetched. The buffers are transferred and are gone for the caller. */
export type SealedPart = { readonly label: string; readonly sealed: ArrayBuffer };

/**
 * Every command: its argument and its answer. Errors named are beyond `module/*` and `store/*`, which any may give; while the module is
 * locked every command but `status`, `unlock` and `startAnew` is `module/locked`. Commands that ask the person do it on the module's own surface, with
 * a `surface` event before and after: `consent/refused` where the person said no, `consent/covered` where the surface could not be seen whole,
 * `consent/busy` where another question is being asked.
 */
export type Commands = {
  /** Reads; changes nothing. */
  status(argument: Record<string, never>): ModuleStatus;

  /** Makes the module's keys if there are none and returns the signed enrolment request, that of a pending epoch where there is one; the same bytes until a certificate is accepted. */
  enrolmentRequest(argument: Record<string, never>): { readonly request: Uint8Array };

  /** Keeps the agency's certificate, durable on return. Errors: `certificate/*`, `enrolment/other-key`. */
  acceptCertificate(argument: { readonly certificate: Uint8Array }): { readonly moduleId: string };

  /** P1, S3–S5. Signs a certified provider's challenge. Errors: `certificate/*`, `challenge/malformed`, `challenge/expired`, `enrolment/needed`. */
  answerChallenge(argument: { readonly challenge: Uint8Array; readonly providerCertificate: Uint8Array }): {
    readonly response: Uint8Array;
    readonly certificate: Uint8Array;
  };

  /** P2, s55–s57. Checks and opens a grant; the session is durable on return and its display is ready to `play`. Errors: `certificate/*`, `programme/*`, `grant/*`, `session/exists`. */
  openSession(argument: {
    readonly programme: Uint8Array;
    readonly manifest: Uint8Array;
    readonly grant: Uint8Array;
    readonly providerCertificate: Uint8Array;
  }): SessionView;

  /** Takes an open session up again in this tab (after a reload, a restart, in a second tab). Errors: `session/unknown`, `session/closed`, `grant/expired`, `programme/malformed`. */
  resumeSession(argument: { readonly session: string; readonly manifest: Uint8Array }): SessionView;

  /** All sessions, newest first, at most 500. */
  sessions(argument: Record<string, never>): readonly SessionView[];

  /**
   * P3, s61–s65. Gives the module the sealed parts of one frame (one video rung, the sound) that it asked for with a `wanted` event.
   * Answers when the frame is reserved, opened and handed to the display, not when it is shown. Giving a frame twice is harmless.
   * Errors: `session/unknown`, `session/closed`, `session/not-active`, `grant/not-covered`, `grant/expired`, `sequence/spent`, `frame/*`.
   */
  deliver(argument: { readonly session: string; readonly frame: number; readonly parts: readonly SealedPart[] }): {
    readonly replay: boolean;
  };

  /** Starts or goes on playing. Errors: `session/not-active`. */
  play(argument: { readonly session: string }): null;
  /** Holds picture and sound. Errors: `session/not-active`. */
  pause(argument: { readonly session: string }): null;
  /** Goes to a place; frames decrypted ahead and not due there are withheld. Errors: `session/not-active`, `request/malformed`. */
  seek(argument: { readonly session: string; readonly positionMs: number }): null;
  /** Volume 0–1 of this tab's sound. */
  setVolume(argument: { readonly volume: number; readonly muted: boolean }): null;

  /** P4, s71–s74. Ends the session and signs its receipt; durable on return, the same bytes ever after. Returns the receipt file. Errors: `session/unknown`. */
  closeSession(argument: { readonly session: string }): { readonly receiptFile: Uint8Array };

  /** The receipt file of a closed session. Errors: `session/unknown`, `receipt/none`. */
  receiptFile(argument: { readonly session: string }): { readonly receiptFile: Uint8Array };

  /** The drawer: receipts, newest first, at most 500. */
  receipts(argument: Record<string, never>): readonly ReceiptView[];

  /** Keeps the provider's signed answer, durable on return; the same answer twice is one. Errors: `session/unknown`, `receipt/none`, `receipt/acknowledgement`. */
  acceptAcknowledgement(argument: { readonly session: string; readonly acknowledgement: Uint8Array }): ReceiptView;

  /** Forgets the keys in memory, in every tab; play stops, sessions stay open. Errors: `lock/none` where no lock is set. */
  lock(argument: Record<string, never>): null;
  /** Asks the person for a factor on the module's surface. Errors: `lock/wrong`, `lock/too-many` after wrong tries. Does nothing to a module that is open. */
  unlock(argument: Record<string, never>): null;
  /** Asks, then sets, changes or removes the lock; atomic: the old or the new factors open the module. `none` removes it. Errors: `lock/bound-keys`, `lock/no-passkey`. */
  setLock(argument: { readonly factor: LockFactor | 'none' }): null;
  /** Asks for a factor that stays, then removes this one; atomic. The last one takes the lock with it. Does nothing where there is no such factor. Errors: `lock/wrong`, `store/conflict`. */
  removeFactor(argument: { readonly factor: LockFactor }): null;
  /** Minutes without a command of the person's after which the module locks itself, 1 to 1440, or null; making the lock weaker asks. Errors: `lock/none`. */
  setIdleLock(argument: { readonly minutes: number | null }): null;

  /** Asks the browser not to evict this module's storage; answers whether it promised. */
  askPersistence(argument: Record<string, never>): { readonly persistent: boolean };
  /** What may be reserved in 24 hours without asking; raising it asks the person. */
  setAllowance(argument: { readonly dayMinor: number }): null;

  /**
   * Asks, takes a passkey where `passkey` says so, shows the recovery words, and returns the sealed file and where the provider keeps its copies.
   * Errors: `lock/bound-keys`, `enrolment/needed`, `backup/no-passkey`.
   */
  makeBackup(argument: { readonly passkey: boolean }): SealedBackup;
  /** A fresh copy under the words and passkeys that the person has, without asking; null where no backup was made yet. */
  backupCopy(argument: Record<string, never>): SealedBackup | null;
  /** Asks for the words or a passkey and opens the file with them, changing nothing; from then on the backup counts as verified. Errors: `backup/*`. */
  verifyBackup(argument: { readonly backup: Uint8Array }): {
    readonly sessions: number;
    readonly receipts: number;
    readonly openedBy: BackupFactor;
  };
  /** Asks for the words or a passkey; keeps what was given for the `restore` that follows, and says where the provider keeps its copy. Errors: `backup/words`. */
  recoveryLocator(argument: Record<string, never>): { readonly locator: string };
  /** Asks, then puts the backup in place of an empty or lost store, whole or not at all, as a new device in a pending epoch. Errors: `backup/*`, `restore/not-empty`. */
  restore(argument: { readonly backup: Uint8Array }): RestoreReport;
  /** The way back from `wiped` or `altered`: from the checkpoint and what still opens, in a pending epoch. Errors: `restore/nothing`. */
  recover(argument: Record<string, never>): RestoreReport;
  /** What the last restore or recovery came to, or null. */
  restoreReport(argument: Record<string, never>): RestoreReport | null;
  /** Asks, then erases everything for good: keys, record, receipts. */
  startAnew(argument: Record<string, never>): null;

  /** Keeps the provider's signed word on this copy, durable on return; names the sessions whose papers the module lacks, at most 200. Errors: `certificate/*`, `standing/*`. */
  acceptStanding(argument: { readonly standing: Uint8Array; readonly providerCertificate: Uint8Array }): {
    readonly standing: Standing;
    readonly missing: readonly string[];
  };
  /** Keeps receipts of this module that the provider has and this copy lacks; each is checked as anyone would. Answers how many are new. Errors: `receipt/*`. */
  acceptPapers(argument: { readonly receiptFiles: readonly Uint8Array[] }): { readonly kept: number };
  /** Asks, then goes on here as a new device in a new epoch: the other copy is refused from its first contact on. Durable on return; the host enrols next. */
  beginEpoch(argument: Record<string, never>): null;

  /** What was begun and is not done, newest change first, at most 200. */
  operations(argument: Record<string, never>): readonly OperationView[];
  /** What left the module, newest first, at most 100. */
  disclosures(argument: Record<string, never>): readonly DisclosureView[];
};

/** A name on the list. */
export type CommandName = keyof Commands;

/** The list itself: the gate admits these and nothing else. */
export const COMMAND_NAMES = [
  'status',
  'enrolmentRequest',
  'acceptCertificate',
  'answerChallenge',
  'openSession',
  'resumeSession',
  'sessions',
  'deliver',
  'play',
  'pause',
  'seek',
  'setVolume',
  'closeSession',
  'receiptFile',
  'receipts',
  'acceptAcknowledgement',
  'lock',
  'unlock',
  'setLock',
  'removeFactor',
  'setIdleLock',
  'askPersistence',
  'setAllowance',
  'makeBackup',
  'backupCopy',
  'verifyBackup',
  'recoveryLocator',
  'restore',
  'recover',
  'restoreReport',
  'startAnew',
  'acceptStanding',
  'acceptPapers',
  'beginEpoch',
  'operations',
  'disclosures',
] as const satisfies readonly CommandName[];
