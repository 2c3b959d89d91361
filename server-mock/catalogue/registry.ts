// The port between whoever publishes and the provider's catalogue. Two adapters: direct-registry.ts on the database and
// admin/admin-registry.ts over a running server. A registry never makes content; the files must be stored before `add`.

import type { ContentHash, ProgrammeId } from '../../src/protocol/ids.ts';
import type { OutputMode } from '../../src/protocol/programme.ts';

/** Name of a sequence function as a programme names it. */
export type ProgrammeSequence = 'tree' | 'hkdf';

/** A stored file that belongs to a programme. */
export type ProgrammeFile = {
  readonly hash: ContentHash;
  readonly sizeBytes: number;
};

/** Everything the provider must know to sell a programme. */
export type PublishedProgramme = {
  readonly id: ProgrammeId;
  readonly title: string;
  /** COSE bytes, signed by this provider. */
  readonly programmeBytes: Uint8Array;
  readonly manifestHash: ContentHash;
  readonly posterHash: ContentHash;
  readonly sequence: ProgrammeSequence;
  /** 32 clear bytes; the registry wraps them before they are written. */
  readonly seed: Uint8Array;
  readonly frameCount: number;
  readonly frameDurationMs: number;
  readonly durationMs: number;
  /** ISO 4217. */
  readonly currency: string;
  /** Ten-thousandths of the currency's unit, per frame. */
  readonly priceMinor: number;
  /** Heights as people name them, best first: `720p`, `360p`. */
  readonly rungs: readonly string[];
  /** Ways out of the module that the signed programme offers. */
  readonly modes: readonly OutputMode[];
  /** Every content file of the programme, manifest and poster included. */
  readonly files: readonly ProgrammeFile[];
};

/** How far a live programme is, as the catalogue lists it. */
export type LiveSummary = {
  /** Milliseconds since 1970 at which its first frame began. */
  readonly startTime: number;
  /** Frames before the edge that are on sale. */
  readonly windowFrames: number;
  /** Frames that are out. */
  readonly edge: number;
  readonly ended: boolean;
};

/** A programme as the catalogue lists it. */
export type ProgrammeSummary = {
  readonly id: ProgrammeId;
  readonly title: string;
  readonly durationMs: number;
  readonly frameCount: number;
  readonly frameDurationMs: number;
  readonly currency: string;
  readonly priceMinor: number;
  readonly posterHash: ContentHash;
  readonly rungs: readonly string[];
  readonly modes: readonly OutputMode[];
  /** Null for a programme that is whole. */
  readonly live: LiveSummary | null;
  /** For how long it may be kept and watched with no line, ms; null where it may not. */
  readonly offlineMs: number | null;
  /** Sum of the programme's content files. */
  readonly sizeBytes: number;
  /** Milliseconds since 1970. */
  readonly publishedTime: number;
};

/** The catalogue as publishers use it. */
export type ProgrammeRegistry = {
  /**
   * Lists a programme for sale; durable on return. The same programme again changes nothing.
   * @throws FareboxError `publish/exists` where the id is taken by another programme, `publish/failed` where a file is
   * missing from the content store or the signed programme says something else.
   */
  readonly add: (programme: PublishedProgramme) => Promise<void>;
  /** All programmes: those that are live now before the others, the newest first. */
  readonly list: () => Promise<readonly ProgrammeSummary[]>;
  /**
   * Takes a programme off sale and deletes the content files no other programme uses. Sessions already granted keep
   * their receipts. @throws FareboxError `programme/unknown`.
   */
  readonly remove: (id: ProgrammeId) => Promise<void>;
  /**
   * Deletes those of some content files that no listed programme uses: for taking back clear files, which two programmes
   * may share. Which ones went is nobody's concern.
   */
  readonly removeUnlisted: (hashes: readonly ContentHash[]) => Promise<void>;
};
