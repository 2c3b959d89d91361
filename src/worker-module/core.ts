// What the duties of the module share: storage that is ready, the committer, and the arguments that make them pure. Made once by start.ts.

import type { RandomBytes } from '../protocol/ids.ts';
import type { CryptoSuite } from '../protocol/suite/suite.ts';
import type { Clock } from './clock.ts';
import type { Emit } from './event-port.ts';
import type { Committer } from './record/committer.ts';
import type { Checkpointer } from './store/checkpointer.ts';
import type { RecordStore } from './store/record-store.ts';

/** What does not depend on storage. */
export type Surroundings = {
  /** 32 bytes, Ed25519: the agency's key, from the module's own document. */
  readonly agencyKey: Uint8Array;
  readonly suite: CryptoSuite;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly emit: Emit;
};

/** The module's storage, open. Only `committer` writes. */
export type Core = Surroundings & {
  readonly store: Omit<RecordStore, 'commit'>;
  /** AES-256-GCM, not extractable. */
  readonly recordKey: CryptoKey;
  readonly committer: Committer;
  readonly checkpointer: Checkpointer;
  /** This worker's name among the tabs; it holds the lock of that name while it lives. */
  readonly tabId: string;
};
