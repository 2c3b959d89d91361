// Downloaded keys as the screens see them: a part of the command set, which passes them on (commands.ts). Types alone. No byte of a key is in
// any of them beyond a check value, and of a key that a PIN chooses not even that.

import type { ExportedKey } from '../protocol/key-unit/export-key.ts';

/** A key in its slot, by name. */
export type KeySlotView = {
  /** Its name, REF1: 1 to 32 characters. */
  readonly reference: string;
  /** 1 to 65 535; never goes down. */
  readonly version: number;
  readonly kind: 'key' | 'master' | 'series';
  /** 6 hex digits; null where a PIN chooses it: they would tell the PIN. */
  readonly checkValue: string | null;
  /** True where it is kept masked by a PIN. */
  readonly pin: boolean;
  /** Milliseconds since 1970. */
  readonly importedTime: number;
};

/** What happened to the keys of one provider. `joined`: a set took this module in; `replaced`: a slot has another key; `pin`: a PIN was chosen. */
export type KeyEventView = {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly what: 'joined' | 'imported' | 'replaced' | 'agreed' | 'pin';
  /** The slot that it is about, or null. */
  readonly reference: string | null;
  readonly version: number | null;
  /** Of an agreement, from 1; else null. */
  readonly number: number | null;
};

/** The keys of one provider. */
export type KeySetView = {
  /** 32 hex digits. */
  readonly provider: string;
  /** Name of the set: 32 hex digits. */
  readonly set: string;
  /** 6 hex digits. */
  readonly transportCheckValue: string;
  /** What the module accepted last, in the epoch that it is in; null where there is none, or where it is over. */
  readonly agreement: {
    readonly number: number;
    readonly rule: 'client' | 'server' | 'date' | 'counter';
    /** What it names that a PIN chooses, by reference, ascending; such a key is in a slot once a PIN was chosen for it, and of this version where that is in force. */
    readonly pins: readonly { readonly reference: string; readonly version: number }[];
  } | null;
  /** Contacts counted under the rule `counter` since that agreement. */
  readonly count: number;
  /** By reference, ascending. */
  readonly slots: readonly KeySlotView[];
  /** Newest last, at most 50. */
  readonly history: readonly KeyEventView[];
};

/** A request for a key. `random`: R, 16 bytes, durable before it is answered. */
export type KeyRequestView = { readonly reference: string; readonly random: Uint8Array };

/** IMPORTKEY, from a provider (id in hex), with the R that it answers (16 bytes). */
export type KeyImport = ExportedKey & { readonly provider: string; readonly random: Uint8Array };

/** What a provider answers to a request for a token (docs/protocol.md §24, fig. 2), with its id in hex. */
export type TokenGiven = {
  readonly provider: string;
  /** CBOR bytes. */
  readonly ticket: Uint8Array;
  /** 32 bytes. */
  readonly token: Uint8Array;
  /** Number of the agreement that the provider goes by, from 1. */
  readonly agreement: number;
  /** The index that the rule `server` selected, else null. */
  readonly index: number | null;
};

/** A token for a contact: with the counter of the record that the provider expects, or 0. */
export type ContactToken = TokenGiven & { readonly counter: number };
