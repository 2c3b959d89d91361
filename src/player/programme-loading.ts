// Brings a programme to the point where its frames can be fetched: the provider's signed programme, the manifest it names,
// hash-checked and decoded; ahead of the click where one is to be expected. Called by player.ts. The signature is the module's
// to check: the host could lie to itself only.

import { toHex } from '../protocol/bytes.ts';
import { FareboxError } from '../protocol/errors.ts';
import type { LiveTerms } from '../protocol/live-terms.ts';
import type { Manifest } from '../protocol/manifest.ts';
import type { SessionView } from '../worker-module/commands.ts';
import { manifestCmcd } from './cmcd-content.ts';
import { PLAYER_LIMITS } from './limits.ts';
import { type FetchContext, fetchParts } from './part-fetcher.ts';
import type { KeptPort } from './ports.ts';
import { createThroughputMeter } from './throughput.ts';

/** A programme whose frames can be fetched. */
export type LoadedProgramme = {
  readonly programmeId: string;
  readonly programme: Uint8Array<ArrayBuffer>;
  readonly manifestBytes: Uint8Array<ArrayBuffer>;
  readonly manifest: Manifest;
  /** Of a live programme, as its signed bytes say, unbelieved; null for one that is whole. */
  readonly live: LiveTerms | null;
};

/** What loading needs of the world. */
type LoadingPorts = FetchContext['ports'];

/** What the provider says of a programme before its manifest is here. */
type Signed = Pick<LoadedProgramme, 'programmeId' | 'programme' | 'live'> & {
  readonly manifestHash: string;
  readonly decode: (bytes: Uint8Array) => Manifest;
};

async function loadSigned(ports: LoadingPorts, programmeId: string, signal: AbortSignal): Promise<Signed> {
  // The decoders come while the provider answers: the first screen does without them.
  const [{ programme, manifest: manifestHash }, { decodeManifest }, { peekLiveTerms }] = await Promise.all([
    ports.provider.programme(programmeId, signal),
    import('../protocol/manifest.ts'),
    import('../protocol/live-update.ts'),
  ]);
  return { programmeId, programme, live: peekLiveTerms(programme), manifestHash, decode: decodeManifest };
}

async function loadManifest(
  ports: LoadingPorts,
  { manifestHash, decode, ...signed }: Signed,
  signal: AbortSignal,
): Promise<LoadedProgramme> {
  const { programmeId, live } = signed;
  // A cache may hold another file in its place: once more past it.
  for (const fresh of [false, true]) {
    const [part] = await fetchParts([{ label: 'manifest', hash: manifestHash }], {
      ...{ ports, signal, fresh, urgent: true, meter: createThroughputMeter(), onTrouble: () => undefined },
      mostFailures: PLAYER_LIMITS.openingTries,
      cmcd: () => manifestCmcd(programmeId, live !== null),
    });
    const manifestBytes = new Uint8Array(part?.sealed ?? new ArrayBuffer(0));
    if (toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', manifestBytes))) !== manifestHash) continue;
    return { ...signed, manifestBytes, manifest: decode(manifestBytes) };
  }
  throw new FareboxError('programme/other-manifest', { programmeId });
}

/** Of a kept programme there is only what was kept to choose from. */
function narrowed(manifest: Manifest, labels: readonly string[] | null): Manifest {
  if (labels === null) return manifest;
  return { ...manifest, parts: manifest.parts.filter(({ label }) => labels.includes(label)) };
}

/** Loads it. Throws what the provider port throws, `programme/other-manifest` where the bytes do not match the hash, and the codes of `decodeManifest`. */
export async function loadProgramme(
  ports: LoadingPorts,
  programmeId: string,
  signal: AbortSignal,
): Promise<LoadedProgramme> {
  return loadManifest(ports, await loadSigned(ports, programmeId, signal), signal);
}

/** Loads programmes and keeps the last one. */
export type ProgrammeLoader = {
  /** Begins to load, because it will probably be opened. What goes wrong is met again, and told, by `load`. */
  prepare(programmeId: string): void;
  /** The terms of a live programme, null for one that is whole: known before its manifest is. Throws as `load` does. */
  terms(programmeId: string, signal: AbortSignal): Promise<LiveTerms | null>;
  /** The programme, from what was prepared or loaded before where it is the same. Throws as `loadProgramme` does, and the signal's reason. */
  load(programmeId: string, signal: AbortSignal): Promise<LoadedProgramme>;
};

/** Makes the loader of a player. */
export function createProgrammeLoader(ports: LoadingPorts & { readonly kept?: KeptPort }): ProgrammeLoader {
  type Loading = {
    readonly programmeId: string;
    readonly signed: Promise<Signed>;
    readonly whole: Promise<LoadedProgramme>;
  };
  let newest: Loading | null = null;

  // Not bound to one visit: who comes back in the middle waits for the same answer.
  function begin(programmeId: string): Loading {
    if (newest?.programmeId === programmeId) return newest;
    const { signal } = new AbortController();
    const signed = loadSigned(ports, programmeId, signal);
    const own = { programmeId, signed, whole: signed.then((known) => loadManifest(ports, known, signal)) };
    newest = own;
    own.whole.catch(() => {
      if (newest === own) newest = null;
    });
    return own;
  }

  return {
    prepare: (programmeId) => void begin(programmeId),
    async terms(programmeId, signal) {
      const { live } = await begin(programmeId).signed;
      signal.throwIfAborted();
      return live;
    },
    async load(programmeId, signal) {
      const programme = await begin(programmeId).whole;
      // Asked each time: it may have been kept, or let go of, since it was loaded.
      const labels = (await ports.kept?.labels(programmeId)) ?? null;
      signal.throwIfAborted();
      return { ...programme, manifest: narrowed(programme.manifest, labels) };
    },
  };
}

/** The open session of this programme that the module's display can take up: the newest whose grant has not ended; null when there is none. */
export function findOpenSession(
  sessions: readonly SessionView[],
  programmeId: string,
  wallClockMs: number,
): SessionView | null {
  const fitting = sessions.filter(
    (view) =>
      view.programme === programmeId && view.mode === 'display' && view.state === 'open' && view.expires > wallClockMs,
  );
  return fitting.toSorted((a, b) => b.openedTime - a.openedTime)[0] ?? null;
}
