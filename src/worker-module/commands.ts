// The module's command set: the whole of what a terminal's page may ask. Types and documentation only, so that the
// other origin may import it; the implementations are in commands/, the gate that admits calls is in gate/.
// A command takes one plain argument and answers with a Result; nothing here may carry a key, a clear byte or a function.

import type { ErrorDetail, FareboxErrorCode } from '../protocol/errors.ts';
import type { FrameRange } from '../protocol/ranges.ts';

/** What every command answers: a value, or an error as data. Class and stack stay inside. */
export type Result<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: { readonly code: FareboxErrorCode; readonly detail?: ErrorDetail } };

/** Where the module's storage stands. `wiped`: a checkpoint says more was written than the database holds. */
export type StorageState = 'ready' | 'refused' | 'full' | 'wiped' | 'newer-version';

/** The module as its holder may see it. */
export type ModuleStatus = {
  /** 32 hex digits, or null before enrolment. */
  readonly moduleId: string | null;
  /** COSE bytes of the agency's certificate, or null before enrolment. */
  readonly certificate: Uint8Array | null;
  /** Number of entries in the record. */
  readonly counter: number;
  /** 32 bytes: head of the record's hash chain. */
  readonly head: Uint8Array;
  readonly storage: StorageState;
  /** Calls that the gate dropped since this worker started. */
  readonly droppedCalls: number;
};

/** `open`: can play; `closed`: has its receipt, durable; `accepted`: the provider's acknowledgement is kept. */
export type SessionState = 'open' | 'closed' | 'accepted';

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
  readonly state: 'durable' | 'accepted';
  readonly closedTime: number;
  readonly count: number;
  readonly currency: string;
  readonly amountMinor: number;
};

/** Sealed parts of one frame, as fetched. The buffers are transferred and are gone for the caller. */
export type SealedPart = { readonly label: string; readonly sealed: ArrayBuffer };

/** Every command: its argument and its answer. Errors named are beyond `module/*` and `store/*`, which any may give. */
export type Commands = {
  /** Reads; changes nothing. */
  status(argument: Record<string, never>): ModuleStatus;

  /** Makes the module's keys if there are none and returns the signed enrolment request; the same bytes until a certificate is accepted. */
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
] as const satisfies readonly CommandName[];
