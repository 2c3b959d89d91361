// One session in memory: its terms, its progress, and the secrets of its tree. Made by session-codec.ts from a row, changed only by
// frame-life.ts inside a commit. A value of this type is either the committed state (never changed) or a draft's copy.

import type { FareboxErrorCode } from '../../protocol/errors.ts';
import type { ContentHash, ProgrammeId, ProviderId, SessionId } from '../../protocol/ids.ts';
import type { LiveTerms } from '../../protocol/live-terms.ts';
import type { OutputMode, ReplayPolicy } from '../../protocol/programme.ts';
import { coversFrame, type FrameRange } from '../../protocol/ranges.ts';
import { type SequenceState, type SessionSequenceName, sessionSequence } from '../../protocol/sequence/sequence.ts';
import type { SealedBytes, SessionRowState } from '../store/rows.ts';
import type { ClaimOutcome } from './claim-outcome.ts';
import type { SessionContract } from './session-contract.ts';

/** What was agreed, from objects whose signatures were checked when the session was opened. */
export type SessionTerms = {
  readonly provider: ProviderId;
  readonly programme: ProgrammeId;
  readonly programmeHash: ContentHash;
  readonly manifestHash: ContentHash;
  readonly grantHash: ContentHash;
  readonly title: string;
  readonly currency: string;
  readonly priceMinor: bigint;
  readonly creditMinor: bigint;
  /** Milliseconds since 1970 at which the grant ends. */
  readonly expires: number;
  readonly frameCount: number;
  readonly frameDurationMs: number;
  readonly granted: readonly FrameRange[];
  readonly replay: ReplayPolicy;
  readonly sequence: SessionSequenceName;
  /** What the provider promised of its delivery, or null. */
  readonly contract: SessionContract | null;
  /** The way out of the module. */
  readonly mode: OutputMode;
  /** Of a live programme; null for one that is whole. */
  readonly live: LiveTerms | null;
  /** For watching with no line (docs/protocol.md §21). */
  readonly offline: boolean;
};

/** What has happened so far. */
export type SessionProgress = {
  decrypted: readonly FrameRange[];
  /** Subset of `decrypted`: counted later than its picture was due. */
  late: readonly FrameRange[];
  /** Of a session with a contract. Subset of `decrypted`: shown at a lower video part than was promised. */
  low: readonly FrameRange[];
  /** Of a session with a contract. Frame → ms for which play stood still for it, longer than was promised. */
  readonly stalls: Map<number, number>;
  /** COSE bytes of the claim that was made, and of the provider's answer, each null until then. */
  claim: Uint8Array | null;
  claimAnswer: Uint8Array | null;
  /** COSE bytes of two live updates that contradict each other: the proof that the provider equivocates; null while there is none. */
  contradiction: readonly [Uint8Array, Uint8Array] | null;
  /** What the answer came to; null until then. */
  claimOutcome: ClaimOutcome | null;
  /** Last outcome of each frame that was reserved and is not decrypted. */
  readonly failures: Map<number, FareboxErrorCode>;
  /** Frames reserved and without an outcome → the tabs that reserved them. */
  readonly reservations: Map<number, readonly string[]>;
  /** Frames decrypted. */
  count: number;
  /** Rung → frames decrypted with it. */
  readonly rungs: Map<string, number>;
  /** Earliest and latest `decrypted`, milliseconds since 1970; 0 while nothing was. */
  firstTime: number;
  lastTime: number;
  /** Counter of this session's newest entry. */
  lastCounter: number;
  /** Of an offline session: the latest time at which anything was done with it, milliseconds since 1970; 0 for any other. */
  mark: number;
  positionMs: number;
};

/** The key of a session's secrets: for use, and as it is kept. Made from the session key when the session is opened, gone when it ends. */
export type SecretsKey = { readonly sealingKey: CryptoKey; readonly kept: SealedBytes };

/** Secrets of an open session. */
export type SessionSecrets = {
  readonly sequence: SequenceState;
  /** Leaves (32 bytes) of frames reserved and not counted: a bad copy does not burn a frame. */
  readonly pending: Map<number, Uint8Array>;
  /** Opens the programme's previews, 32 bytes; null where the grant gave none. */
  readonly previewKey: Uint8Array | null;
};

/** A session as loaded. */
export type LoadedSession = {
  readonly session: SessionId;
  readonly terms: SessionTerms;
  readonly openedTime: number;
  readonly openedCounter: number;
  readonly programme: Uint8Array;
  readonly grant: Uint8Array;
  readonly providerCertificate: Uint8Array;
  /** `terms` as sealed, written back unchanged. */
  readonly sealedTerms: SealedBytes;
  state: SessionRowState;
  readonly progress: SessionProgress;
  secrets: SessionSecrets | null;
  secretsKey: SecretsKey | null;
};

/** A copy that a draft may change while the committed state stays as it is. */
export function copySession(loaded: LoadedSession): LoadedSession {
  const { progress, secrets } = loaded;
  return {
    ...loaded,
    progress: {
      ...progress,
      stalls: new Map(progress.stalls),
      failures: new Map(progress.failures),
      reservations: new Map(progress.reservations),
      rungs: new Map(progress.rungs),
    },
    secrets: secrets && {
      sequence: sessionSequence(loaded.terms.sequence).restore(secrets.sequence.snapshot(), loaded.terms.granted),
      pending: new Map(secrets.pending),
      previewKey: secrets.previewKey,
    },
  };
}

/** True where this frame was counted in this session. */
export function isCounted(loaded: LoadedSession, frame: number): boolean {
  return coversFrame(loaded.progress.decrypted, frame);
}

/** True where counted frames may be opened again at `now`. */
export function allowsReplay(policy: ReplayPolicy, now: number): boolean {
  return policy === 'session' || (policy !== 'none' && now < policy.untilMs);
}
