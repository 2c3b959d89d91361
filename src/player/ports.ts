// What the player needs of the world: the module's commands and events, the provider's files, and the relay between the two.
// The app composes them from src/host; tests script them. Nothing here is implemented.

import type { OutputMode } from '../protocol/output-modes.ts';
import type { ChosenSequence } from '../protocol/sequence/names.ts';
import type { CommandName, Commands, SessionView } from '../worker-module/commands.ts';
import type { ModuleEvent } from '../worker-module/events.ts';

/** How the module's worker stands, as its connection reports it. */
export type ModuleLife = 'starting' | 'ready' | 'restarting' | 'failed';

/** The secure module, through its ports. Calls reject with a FareboxError. */
export type ModulePort = {
  call<K extends CommandName>(
    name: K,
    argument: Parameters<Commands[K]>[0],
    options?: { readonly transfer?: readonly Transferable[]; readonly timeoutMs?: number },
  ): Promise<ReturnType<Commands[K]>>;
  /** Returns the function that ends it. */
  onEvent(listener: (event: ModuleEvent) => void): () => void;
  /** Calls at once with the state now, then at each change. Returns the function that ends it. */
  onState(listener: (state: ModuleLife) => void): () => void;
};

/** One attempt at a content file. */
export type ContentRequest = {
  readonly signal: AbortSignal;
  /** Asks past every cache: what a cache gave was no good. */
  readonly fresh?: boolean;
  /** What a picture waits for goes before what is only kept ahead. */
  readonly urgent?: boolean;
  /** What the request says about itself (cmcd.ts); caches go by the path alone. */
  readonly cmcd?: string;
};

/** What a programme page needs from the provider. Each rejects with a FareboxError of code `network/*` or `request/*`. */
export type ProviderPort = {
  programme(
    programmeId: string,
    signal: AbortSignal,
  ): Promise<{
    readonly programme: Uint8Array<ArrayBuffer>;
    /** SHA-256 of the manifest, hex. */
    readonly manifest: string;
    readonly providerCertificate: Uint8Array<ArrayBuffer>;
  }>;
  /** An update of a live programme, not checked. Errors: `live/not-live`, `network/*`. */
  liveUpdate(programmeId: string, number: number | 'newest', signal: AbortSignal): Promise<ArrayBuffer>;
  /** A content file by its SHA-256 in hex; one attempt, not checked. */
  content(hash: string, request: ContentRequest): Promise<ArrayBuffer>;
};

/** The signed errands between module and provider (docs/protocol.md §5, §6, §9). */
export type RelayPort = {
  /** Makes the contact of the next session ahead, so that it does not wait for it; enrols the module if need be. Safe to repeat. */
  prepare(): Promise<void>;
  /** P1 and P2: enrols the module if need be, answers a challenge and opens a session that covers frame `from`. */
  beginSession(order: {
    readonly programmeId: string;
    /** The signed programme and its manifest, needed only when the grant is here. */
    readonly material: Promise<{
      readonly programme: Uint8Array<ArrayBuffer>;
      readonly manifest: Uint8Array<ArrayBuffer>;
    }>;
    readonly from: number;
    /** What `sessions` said a moment ago; left out, the module is asked. */
    readonly sessions?: readonly SessionView[];
    /** The part of frame `from` that is delivered first, asked when the grant is here; null where none is on its way. */
    readonly firstRung?: () => string | null;
    /** The way out of the module. */
    readonly mode: OutputMode;
    /** Under which the session's content is asked for, where it is: 32 hex digits. */
    readonly deliveryId?: string;
    /** What a person chose in place of the programme's own sequence function. */
    readonly sequence?: ChosenSequence;
    /** Nobody has pressed yet: nobody is asked, and a session that would need it comes back `closed`. */
    readonly ahead?: true;
    readonly signal: AbortSignal;
  }): Promise<SessionView>;
  /** P4: closes the session, carries its receipt to the provider and the acknowledgement back. Safe to repeat. */
  settle(session: string): Promise<void>;
  /** The same for one that nobody has watched: nothing else follows from it. */
  release(session: string): Promise<void>;
};

/** What the page remembers of a person's choices over reloads. Nothing secret, and nothing that anyone believes. */
export type NotesPort = {
  /** The note, or null where there is none. */
  read(name: string): string | null;
  write(name: string, text: string): void;
};

/** What is kept for watching with no line (docs/protocol.md §21). */
export type KeptPort = {
  /** Labels of the parts of a kept programme; null for one that is not kept. */
  labels(programmeId: string): Promise<readonly string[] | null>;
};

/** All of it, with the clock and the chance that retries use. */
export type PlayerPorts = {
  readonly module: ModulePort;
  readonly provider: ProviderPort;
  readonly relay: RelayPort;
  /** Without it a choice holds until the page is closed. */
  readonly notes?: NotesPort;
  /** Without it nothing is kept. */
  readonly kept?: KeptPort;
  /** Calls at each moment from which nobody sees the page. Without it the page is always seen. */
  onHidden?(listener: () => void): void;
  /** Milliseconds, monotonic. */
  nowMs(): number;
  /** Milliseconds since 1970, to compare with a grant's end. */
  wallClockMs(): number;
  /** Resolves after `ms`, rejects when `signal` aborts. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
  /** In [0, 1). Spreads retries of many terminals; nothing secret comes of it. */
  chance(): number;
};
