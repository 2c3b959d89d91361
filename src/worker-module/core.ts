// What the duties of the module share: storage that is ready, its keys, the committer, and the arguments that make them pure. Made by
// start.ts at each opening; a core that was dropped (locked, restored, begun anew) refuses every further write.

import type { RandomBytes } from '../protocol/ids.ts';
import type { CryptoSuite } from '../protocol/suite/suite.ts';
import type { Ask } from './ask.ts';
import type { Clock } from './clock.ts';
import type { Emit } from './event-port.ts';
import type { Committer } from './record/committer.ts';
import type { Checkpointer } from './store/checkpointer.ts';
import type { ChangedThing } from './store/hints.ts';
import type { RecordStore } from './store/record-store.ts';

/** The keys made from the root key (docs/protocol.md §16): AES-256-GCM, not extractable. All that is in memory of an open module. */
export type ModuleKeys = {
  /** Seals pages of the record, terms and progress of sessions, reports. */
  readonly recordKey: CryptoKey;
  /** Seals keys: the identity's, those of sessions, the backup's secret. */
  readonly wrappingKey: CryptoKey;
  /** Seals the checkpoint. */
  readonly checkpointKey: CryptoKey;
};

/** What a passphrase costs to try (RFC 7914): N is 2 to `costLog2`. */
export type PassphraseCost = {
  readonly costLog2: number;
  readonly blockSize: number;
  readonly parallelism: number;
};

/** What does not depend on storage. */
export type Surroundings = {
  /** 32 bytes, Ed25519: the agency's key, from the module's own document. */
  readonly agencyKey: Uint8Array;
  readonly suite: CryptoSuite;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly emit: Emit;
  /** The person, through the module's own surface; the only way to reach them. */
  readonly ask: Ask;
  /** What new passphrases cost; PASSPHRASE_COST everywhere but in tests. */
  readonly passphraseCost: PassphraseCost;
};

/** The module's storage, open. Only `committer` writes. */
export type Core = Surroundings & {
  readonly store: Omit<RecordStore, 'commit'>;
  readonly keys: ModuleKeys;
  readonly committer: Committer;
  readonly checkpointer: Checkpointer;
  /** Tells the screens, of this tab and of the others, that something they show has changed. */
  readonly noteChanged: (what: ChangedThing) => void;
  /** This worker's name among the tabs; it holds the lock of that name while it lives. */
  readonly tabId: string;
};
