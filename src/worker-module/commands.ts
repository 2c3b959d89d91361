// The module's command set: the whole of what a terminal's page may ask. Types and documentation only, so that the
// other origin may import it; the implementations are in commands/, the gate that admits calls is in gate/.
// A command takes one plain argument and answers with a Result; none carries a function, and none a key or a clear byte but the two that
// serve sessions whose licence says so (`openFrame`, `frameKeys`).

import type { ErrorDetail, FareboxErrorCode } from '../protocol/errors.ts';
import type { OutputMode } from '../protocol/output-modes.ts';
import type { FrameRange } from '../protocol/ranges.ts';
import type { SessionSequenceName } from '../protocol/sequence/names.ts';
import type { ClaimView, ContractView } from './claim-views.ts';
import type { BackupFactor, DisclosureView, OperationView, SealedBackup } from './keeping-view.ts';
import type { ContactToken, KeyImport, KeyRequestView, KeySetView, KeySlotView, TokenGiven } from './key-views.ts';
import type { LiveView } from './live-view.ts';
import type { RestoreReport } from './restore-view.ts';
import type { LockFactor, ModuleStatus, Standing } from './status-view.ts';

export type { ClaimView, ContractView } from './claim-views.ts';
export type { BackupFactor, DisclosureView, OperationView, SealedBackup } from './keeping-view.ts';
export type {
  ContactToken,
  KeyEventView,
  KeyImport,
  KeyRequestView,
  KeySetView,
  KeySlotView,
  TokenGiven,
} from './key-views.ts';
export type { LiveView } from './live-view.ts';
export type { RestoredThing, RestoreReport } from './restore-view.ts';
export type { Allowance, LockFactor, LockState, ModuleStatus, Standing, StorageState } from './status-view.ts';
export type { StorageSafety } from './storage-safety.ts';

/** What every command answers: a value, or an error as data. Class and stack stay inside. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: { readonly code: FareboxErrorCode; readonly detail?: ErrorDetail } };

/** `open`: can play; `closed`: has its receipt, durable; `accepted`: the provider's acknowledgement is kept; `refused`: it has another one from another copy. */
export type SessionState = 'open' | 'closed' | 'accepted' | 'refused';

/** One session as the screens show it. */
export type SessionView = {
  readonly session: string;
  readonly programme: string;
  readonly title: string;
  /** The way out of the module that the grant names. */
  readonly mode: OutputMode;
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
  /** Null where the provider promised nothing. */
  readonly contract: ContractView | null;
  /** Null for a programme that is whole. */
  readonly live: LiveView | null;
  /** For watching with no line until `expires` (docs/protocol.md §21). */
  readonly offline: boolean;
  /** Where its frame keys come from, as the grant names it; `logistic` is weak, which is said wherever it is shown. */
  readonly sequence: SessionSequenceName;
  /** Nothing of it was shown, and nothing that was to be shown failed: nobody has watched it. */
  readonly unused: boolean;
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
  /** Null where there is nothing to claim. */
  readonly claim: ClaimView | null;
  /** Of a session that nobody has watched: it gives back what was set aside, and says no more. */
  readonly unused: boolean;
};

/** Sealed parts of one frame, as fetched. The buffers are transferred and are gone for the caller. */
export type SealedPart = { readonly label: string; readonly sealed: ArrayBuffer };

/** How captions look in this tab. The host names a choice of a few, never a font, a colour or a word. */
export type CaptionStyle = {
  readonly size: 'small' | 'medium' | 'large' | 'huge';
  readonly background: 'none' | 'shade' | 'solid';
  readonly colour: 'white' | 'yellow';
  /** Where captions stand that name no place of their own. */
  readonly position: 'bottom' | 'top';
  /** Share of the frame's height, 0 to 0.5, that the host draws over from below: captions and previews stand above it. */
  readonly clearBelow: number;
};

/** An opened part, for a session whose way out is `frames`: a CMAF segment, or what its kind has. */
export type ClearPart = { readonly label: string; readonly clear: Uint8Array };

/** The base key of one part of one frame (32 bytes, docs/protocol.md §4), for a session whose way out is `keys`. */
export type PartKey = { readonly label: string; readonly key: Uint8Array };

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

  /** P2, s55–s57. Checks and opens a grant, and signs that it takes the contract where there is one; the session is durable on return and its display is ready to `play`. Errors: `certificate/*`, `programme/*`, `grant/*`, `contract/*`, `session/exists`. */
  openSession(argument: {
    readonly programme: Uint8Array;
    readonly manifest: Uint8Array;
    readonly grant: Uint8Array;
    readonly providerCertificate: Uint8Array;
    /** The provider's contract, where it gave one. */
    readonly contract?: Uint8Array;
    /** The frame that will be delivered first, and its picture's label: reserved in the same durable change, where the grant covers it. */
    readonly first?: { readonly frame: number; readonly rung: string };
    /**
     * Nobody has pressed play yet: nobody is asked anything. Where the person would have to be, or where what is kept is at risk, the session is ended in
     * the same durable change that opens it, and the answer says `closed`: its receipt gives back what was set aside.
     */
    readonly ahead?: true;
  }): SessionView;

  /** Takes an open session up again in this tab (after a reload, a restart, in a second tab). Errors: `session/unknown`, `session/closed`, `grant/expired`, `programme/malformed`. */
  resumeSession(argument: { readonly session: string; readonly manifest: Uint8Array }): SessionView;

  /**
   * Tells a live session in this tab of more frames: updates in order, at most 64, each verified and bound to the one before; what is known already changes
   * nothing. Errors: `session/not-active`, `live/not-live`, `live/malformed`, `live/gap`, `live/ended`, `live/equivocation` (both updates are kept, durably).
   */
  extendManifest(argument: { readonly session: string; readonly updates: readonly Uint8Array[] }): SessionView;

  /** All sessions, newest first, at most 500. */
  sessions(argument: Record<string, never>): readonly SessionView[];

  /**
   * P3, s61–s65. Gives the module the sealed parts of one frame (at most one video rung, one sound, one captions part) that it asked for with a
   * `wanted` event. Answers when the frame is reserved, opened and handed to the display, not when it is shown. Giving a frame twice is harmless;
   * of a frame that the display has, it takes the parts that are missing (`wanted.tracks`), which counts nothing. Captions that do not open cost
   * the frame nothing: a `failed` event says so.
   * Errors: `session/unknown`, `session/closed`, `session/not-active`, `session/mode`, `grant/not-covered`, `grant/expired`, `sequence/spent`, `frame/*`.
   */
  deliver(argument: { readonly session: string; readonly frame: number; readonly parts: readonly SealedPart[] }): {
    readonly replay: boolean;
  };

  /**
   * Opens parts of one frame for the host, in a session whose way out is `frames`. The frame is counted, durably, before they leave; `replay` where
   * it was counted before. Errors: as `deliver`; `session/mode` for a session with any other way out.
   */
  openFrame(argument: { readonly session: string; readonly frame: number; readonly parts: readonly SealedPart[] }): {
    readonly replay: boolean;
    readonly parts: readonly ClearPart[];
  };
  /**
   * The base keys of parts of one frame (never K(n)), at most 4, in a session whose way out is `keys`. Counted as by `openFrame`; whether their
   * ciphertext is good the host sees by itself. Errors: as `deliver`; `session/mode` for a session with any other way out.
   */
  frameKeys(argument: { readonly session: string; readonly frame: number; readonly labels: readonly string[] }): {
    readonly replay: boolean;
    readonly keys: readonly PartKey[];
  };

  /** Starts or goes on playing. Errors: `session/not-active`, `session/mode`. */
  play(argument: { readonly session: string }): null;
  /** Holds picture and sound. Errors: `session/not-active`, `session/mode`. */
  pause(argument: { readonly session: string }): null;
  /** Goes to a place; frames decrypted ahead and not due there are withheld. Errors: `session/not-active`, `session/mode`, `request/malformed`. */
  seek(argument: { readonly session: string; readonly positionMs: number }): null;
  /** Chooses a sound track by its label, from the frame that plays on as soon as its parts are here. Errors: `session/not-active`, `session/mode`, `frame/unknown-part`. */
  setSound(argument: { readonly session: string; readonly label: string }): null;
  /** Chooses captions by their label, or none. They are drawn in the module's own frame. Errors: as `setSound`. */
  setCaptions(argument: { readonly session: string; readonly label: string | null }): null;
  /** Speed of play, 0.5–2, at the same pitch. Errors: `session/not-active`, `session/mode`. */
  setRate(argument: { readonly session: string; readonly rate: number }): null;
  /** How captions look in this tab, and how much of the frame below is the host's. */
  setCaptionStyle(argument: CaptionStyle): null;
  /**
   * Shows the preview of a place above what the host draws below, or none (`positionMs` null). `at`: where it stands, 0 the frame's left edge,
   * 1 its right. Sheets that it needs come as `wanted.sheets`. Errors: `session/not-active`, `session/mode`.
   */
  preview(argument: { readonly session: string; readonly positionMs: number | null; readonly at: number }): null;
  /** Gives a sealed sheet of previews; a bad one is ridden over with a `failed` event. Errors: `session/*`, `grant/expired`, `frame/too-large`. */
  deliverSheet(argument: { readonly session: string; readonly sheet: number; readonly sealed: ArrayBuffer }): null;
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

  /** Signs the claim of a session whose receipt the provider has: everything that the receipt gives reason for. Durable on return, the same bytes ever after; with the receipt file that it refers to. Errors: `session/unknown`, `receipt/none`, `claim/none`, `claim/too-early`. */
  makeClaim(argument: { readonly session: string }): { readonly claim: Uint8Array; readonly receiptFile: Uint8Array };
  /** Keeps the provider's signed answer to the claim, durable on return, also one that contradicts itself; the first one stays. Errors: `session/unknown`, `receipt/none`, `claim/none`, `claim/answer`. */
  acceptClaimAnswer(argument: { readonly session: string; readonly answer: Uint8Array }): ReceiptView;

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

  /** The downloaded keys, by provider, ascending: names, versions and check values, never a key. Errors: `keys/altered`, as of every command that needs one. */
  keys(argument: Record<string, never>): readonly KeySetView[];
  /** SD-1. Takes the transport key of the set that a provider took this module into, durable on return; the same one again changes nothing, another one empties the slots. Errors: `certificate/*`, `enrolment/needed`, `keys/malformed`, `keys/data`, `keys/replayed`, `keys/unknown-slot` for a provider too many. */
  acceptTransportKey(argument: {
    readonly transportKey: Uint8Array;
    readonly providerCertificate: Uint8Array;
  }): KeySetView;
  /** Draws a random for each of 1 to 16 references of keys, durable before it is answered. Errors: `enrolment/needed`, `keys/unknown-unit`, `keys/malformed`. */
  drawKeyRequests(argument: {
    readonly provider: string;
    readonly references: readonly string[];
  }): readonly KeyRequestView[];
  /**
   * SD-3, SD-4: IMPORTKEY. Stores the key and spends its random, durable on return, or leaves everything as it was. Errors: `enrolment/needed`,
   * `keys/unknown-unit`, `keys/replayed`, `keys/malformed`, `keys/certificate`, `keys/unknown-slot`, `keys/old-reference`, `keys/data`, `keys/signature`,
   * `keys/pin` for a key that a PIN chooses.
   */
  importKey(argument: KeyImport): KeySlotView;
  /** MC-2. Keeps a provider's agreement, durably, then signs it. Errors: `certificate/*`, `enrolment/needed`, `keys/unknown-unit`, `keys/malformed`, `keys/unknown-slot` where a key that it names is missing, `keys/retired` for one that is over. */
  acceptAgreement(argument: { readonly agreement: Uint8Array; readonly providerCertificate: Uint8Array }): {
    readonly acceptance: Uint8Array;
  };
  /** MC-3, fig. 2. Answers a token in place of a challenge, with the certificate; the contact is in the record, durably, before. Errors: `enrolment/needed`, `keys/unknown-unit`, `keys/malformed`, `keys/unknown-slot`, `keys/refused` for an index that is none, `keys/retired` where this module has another agreement, `challenge/expired`. */
  signIn(argument: ContactToken): { readonly response: Uint8Array; readonly certificate: Uint8Array };
  /** MC-5. Asks the person for a PIN and imports the key that it chooses, masked by it, in one durable change. Errors: `consent/*`, `enrolment/needed`, and as `importKey`. */
  choosePin(argument: KeyImport): KeySlotView;
  /** MC-5, fig. 4. Asks the person for the PIN and answers a token for each key that a PIN chooses; whether it was right the provider says. Errors: `consent/*`, `keys/pin` where none was chosen, `keys/too-many` after 30 tries in a day, and as `signIn`; `challenge/expired` too where typing took longer than the token is good for: the same command with the next token does not ask again, for a minute. */
  signInWithPin(argument: TokenGiven): { readonly pin: Uint8Array };
  /** MC-4, fig. 3. Asks the person for a card on the module's surface and conceals it for the provider, in a contact as `signIn`. Errors: `consent/*`, `keys/expired-card`, and as `signIn`; `challenge/expired` as for `signInWithPin`. */
  giveCard(argument: ContactToken): {
    readonly response: Uint8Array;
    readonly certificate: Uint8Array;
    readonly concealed: Uint8Array;
  };
  /** Where the row of downloaded keys was altered: asks, then removes it and says so in the record, durable on return; the host fetches keys next. Does nothing where it is sound. Errors: `consent/*`. */
  renewKeys(argument: Record<string, never>): null;

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
  'extendManifest',
  'sessions',
  'deliver',
  'openFrame',
  'frameKeys',
  'play',
  'pause',
  'seek',
  'setSound',
  'setCaptions',
  'setRate',
  'setCaptionStyle',
  'preview',
  'deliverSheet',
  'setVolume',
  'closeSession',
  'receiptFile',
  'receipts',
  'acceptAcknowledgement',
  'makeClaim',
  'acceptClaimAnswer',
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
  'keys',
  'acceptTransportKey',
  'drawKeyRequests',
  'importKey',
  'acceptAgreement',
  'signIn',
  'choosePin',
  'signInWithPin',
  'giveCard',
  'renewKeys',
  'operations',
  'disclosures',
] as const satisfies readonly CommandName[];
