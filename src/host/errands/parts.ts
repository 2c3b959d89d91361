// What every errand of this folder runs between: the module's port, the provider, a clock, and the page's own notes. Types, and the
// refusals that several errands know; nothing is carried here.

import { FareboxError, type FareboxErrorCode } from '../../protocol/errors.ts';
import type { ModuleConnection } from '../connect.ts';
import type { Contacted, Provider } from '../provider.ts';

/** What the page remembers for itself over reloads: when it last did something. Nothing secret, and nothing that anyone may believe. */
export type HostNotes = {
  /** The note, or null where there is none. */
  read(name: string): string | null;
  write(name: string, text: string): void;
};

/** What the errands run between. */
export type RelayParts = {
  readonly module: Pick<ModuleConnection, 'call'>;
  readonly provider: Provider;
  readonly notes: HostNotes;
  /** Milliseconds since 1970. */
  readonly wallClockMs: () => number;
};

/** Does one thing with a contact: the module's response and who it is. */
export type Send<T> = (contact: Contacted) => Promise<T>;

/** Makes a contact of the enrolled module and does one thing with it. Throws FareboxError; an abort throws its reason. */
export type InContact = <T>(signal: AbortSignal, send: Send<T>) => Promise<T>;

/** What the provider answers to a copy that it does not deal with: docs/protocol.md §14. */
const REFUSED_COPY: ReadonlySet<FareboxErrorCode> = new Set(['record/regress', 'record/fork', 'module/superseded']);

/** True where the provider refused this copy of the module, and not what was asked. */
export function isRefusedCopy(thrown: unknown): thrown is FareboxError {
  return thrown instanceof FareboxError && REFUSED_COPY.has(thrown.code);
}

/** A signal that nobody aborts, for what is finished whoever gives up on it. */
export function unaborted(): AbortSignal {
  return new AbortController().signal;
}
