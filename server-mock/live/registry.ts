// The port between whoever publishes live and the provider: what it has to know to go on, and the two steps of each frame. Two
// adapters: direct-live.ts on the database and admin/admin-live.ts over a running server. A live programme begins as any other one, in the catalogue.

import type { ContentHash, ProgrammeId } from '../../src/protocol/ids.ts';
import type { ProgrammeFile, ProgrammeSequence } from '../catalogue/registry.ts';

/** A live programme as its publisher goes on with it. */
export type StoredLive = {
  readonly id: ProgrammeId;
  readonly title: string;
  readonly manifestHash: ContentHash;
  readonly sequence: ProgrammeSequence;
  readonly frameCount: number;
  /** Milliseconds since 1970. */
  readonly startTime: number;
  /** Under the storage key, see catalogue/seed-wrap.ts: a clear seed goes nowhere. */
  readonly wrappedSeed: Uint8Array;
  /** Frames from here on were sealed by nobody. */
  readonly reservedTo: number;
  /** Frames that are out. */
  readonly edge: number;
  /** Number of the next update, and the hash of the one before it (`NO_UPDATE` where there is none). */
  readonly nextNumber: number;
  readonly previous: ContentHash;
  readonly ended: boolean;
};

/** The files of the frames that an update adds, each stored already. */
export type LiveNews = { readonly update: Uint8Array; readonly files: readonly ProgrammeFile[] };

/** Live programmes as publishers use them. */
export type LiveRegistry = {
  /** @throws FareboxError `programme/unknown`, `live/not-live`. */
  readonly find: (id: ProgrammeId) => Promise<StoredLive>;
  /**
   * Takes frames `from` up to and without `to` for sealing; durable on return. Each frame is given to one publisher once.
   * @throws FareboxError `live/taken` where one of them was given before, `live/ended`, `live/not-live`, `request/malformed`.
   */
  readonly reserve: (id: ProgrammeId, from: number, to: number) => Promise<void>;
  /**
   * Publishes an update; durable on return. The same again changes nothing.
   * @throws FareboxError `live/taken` for another update of a number that is out, `live/gap`, `live/ended`, `live/malformed`,
   * `publish/failed` for a file that is not stored, `live/not-live`.
   */
  readonly publish: (id: ProgrammeId, news: LiveNews) => Promise<void>;
};
