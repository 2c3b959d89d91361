// Brings a programme to the point where its frames can be fetched: the provider's signed programme, the manifest it names,
// hash-checked and decoded; ahead of the click where one is to be expected. Called by player.ts. The signature is the module's
// to check: the host could lie to itself only.

import { FareboxError } from '../protocol/errors.ts';
import { hashObject } from '../protocol/ids.ts';
import type { Manifest } from '../protocol/manifest.ts';
import type { SessionView } from '../worker-module/commands.ts';
import type { PlayerPorts } from './ports.ts';

/** A programme whose frames can be fetched. */
export type LoadedProgramme = {
  readonly programmeId: string;
  readonly programme: Uint8Array<ArrayBuffer>;
  readonly manifestBytes: Uint8Array<ArrayBuffer>;
  readonly manifest: Manifest;
};

/** Loads it. Throws what the provider port throws, `programme/other-manifest` where the bytes do not match the hash, and the codes of `decodeManifest`. */
export async function loadProgramme(
  ports: Pick<PlayerPorts, 'provider'>,
  programmeId: string,
  signal: AbortSignal,
): Promise<LoadedProgramme> {
  // The decoder comes while the provider answers: the first screen does without it.
  const [{ programme, manifest: manifestHash }, { decodeManifest }] = await Promise.all([
    ports.provider.programme(programmeId, signal),
    import('../protocol/manifest.ts'),
  ]);
  const manifestBytes = new Uint8Array(await ports.provider.content(manifestHash, { signal, urgent: true }));
  if (hashObject(manifestBytes) !== manifestHash) throw new FareboxError('programme/other-manifest', { programmeId });
  return { programmeId, programme, manifestBytes, manifest: decodeManifest(manifestBytes) };
}

/** Loads programmes and keeps the last one. */
export type ProgrammeLoader = {
  /** Begins to load, because it will probably be opened. What goes wrong is met again, and told, by `load`. */
  prepare(programmeId: string): void;
  /** The programme, from what was prepared or loaded before where it is the same. Throws as `loadProgramme` does, and the signal's reason. */
  load(programmeId: string, signal: AbortSignal): Promise<LoadedProgramme>;
};

/** Makes the loader of a player. */
export function createProgrammeLoader(ports: Pick<PlayerPorts, 'provider'>): ProgrammeLoader {
  let newest: { readonly programmeId: string; readonly loading: Promise<LoadedProgramme> } | null = null;

  // Not bound to one visit: who comes back in the middle waits for the same answer.
  function begin(programmeId: string): Promise<LoadedProgramme> {
    if (newest?.programmeId === programmeId) return newest.loading;
    const loading = loadProgramme(ports, programmeId, new AbortController().signal);
    const own = { programmeId, loading };
    newest = own;
    loading.catch(() => {
      if (newest === own) newest = null;
    });
    return loading;
  }

  return {
    prepare: (programmeId) => void begin(programmeId),
    async load(programmeId, signal) {
      const programme = await begin(programmeId);
      signal.throwIfAborted();
      return programme;
    },
  };
}

/** The open session of this programme that can be taken up: the newest whose grant has not ended; null when there is none. */
export function findOpenSession(
  sessions: readonly SessionView[],
  programmeId: string,
  wallClockMs: number,
): SessionView | null {
  const fitting = sessions.filter(
    (view) => view.programme === programmeId && view.state === 'open' && view.expires > wallClockMs,
  );
  return fitting.toSorted((a, b) => b.openedTime - a.openedTime)[0] ?? null;
}
