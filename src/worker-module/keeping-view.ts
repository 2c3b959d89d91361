// What the module keeps and what left it, as the screens see it: a part of the command set, which passes it on (commands.ts). Types alone.

import type { FareboxErrorCode } from '../protocol/errors.ts';

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
  readonly what: 'enrolment' | 'contact' | 'receipt' | 'backup' | 'claim' | 'agreement' | 'pin' | 'card';
  /** Id of the provider it was for; null where it was for the agency or the person. */
  readonly to: string | null;
};
