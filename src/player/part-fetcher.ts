// Brings the sealed parts of one frame, in parallel, asking again while the line is bad. Called by delivery.ts; aborted by its
// signal. It knows hashes and bytes only: what comes is checked by the module, which alone can open it.

import { ERRORS, FareboxError } from '../protocol/errors.ts';
import { PLAYER_LIMITS } from './limits.ts';
import type { PlayerPorts } from './ports.ts';
import type { ThroughputMeter } from './throughput.ts';

/** A part to bring. */
export type PartAddress = { readonly label: string; readonly hash: string };
/** A part that came. */
export type FetchedPart = { readonly label: string; readonly sealed: ArrayBuffer };

/** What a fetch reports to. */
export type FetchContext = {
  readonly ports: Pick<PlayerPorts, 'provider' | 'nowMs' | 'pause' | 'chance'>;
  readonly meter: ThroughputMeter;
  readonly signal: AbortSignal;
  readonly fresh: boolean;
  readonly urgent: boolean;
  /** What a request says about itself, at the moment it is sent. */
  readonly cmcd?: (part: PartAddress) => string;
  /** Failures in a row before it is given up; never, where left out. */
  readonly mostFailures?: number;
  /** The line is bad (its code) or good again (null). */
  onTrouble(error: FareboxError | null): void;
};

/**
 * Brings all parts of a frame. Goes on asking, at growing pauses, while the error says that the same request may be sent again.
 * @throws FareboxError `frame/missing` for a file that is not there however often it is asked for; for an answer that asking again would not
 * change; and the signal's reason when aborted.
 */
export function fetchParts(parts: readonly PartAddress[], context: FetchContext): Promise<FetchedPart[]> {
  const together = new AbortController();
  const signal = AbortSignal.any([context.signal, together.signal]);
  return Promise.all(parts.map((part) => fetchPart(part, { ...context, signal }))).catch((error: unknown) => {
    together.abort(error);
    throw error;
  });
}

async function fetchPart(part: PartAddress, context: FetchContext): Promise<FetchedPart> {
  const { ports, meter, signal } = context;
  let missing = 0;
  for (let failures = 0; ; failures += 1) {
    signal.throwIfAborted();
    meter.started(ports.nowMs());
    let sizeBytes = 0;
    try {
      const sealed = await ports.provider.content(part.hash, {
        signal,
        // What a cache gave may be what is wrong.
        fresh: context.fresh || missing > 0,
        urgent: context.urgent,
        ...(context.cmcd === undefined ? {} : { cmcd: context.cmcd(part) }),
      });
      sizeBytes = sealed.byteLength;
      if (failures > PLAYER_LIMITS.quietFailures) context.onTrouble(null);
      return { label: part.label, sealed };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof FareboxError) || ERRORS[error.code].retry !== 'same-request') throw error;
      missing = isMissing(error) ? missing + 1 : 0;
      if (missing >= PLAYER_LIMITS.missingTries) throw new FareboxError('frame/missing', { label: part.label });
      if (failures + 1 >= (context.mostFailures ?? Number.POSITIVE_INFINITY)) throw error;
      if (failures >= PLAYER_LIMITS.quietFailures) context.onTrouble(error);
    } finally {
      meter.finished(ports.nowMs(), sizeBytes);
    }
    await ports.pause(retryPauseMs(failures, ports.chance()), signal);
  }
}

/** The provider, or a cache before it, has no such file, or gives another in its place. */
function isMissing({ code, detail }: FareboxError): boolean {
  if (code === 'network/wrong-content') return true;
  return code === 'network/bad-status' && (detail?.status === 404 || detail?.status === 410);
}

/** Pause before attempt `failures + 2`: doubling, bounded, spread over its upper half by `chance` in [0, 1). */
export function retryPauseMs(failures: number, chance: number): number {
  const longest = Math.min(PLAYER_LIMITS.retryLongestMs, PLAYER_LIMITS.retryFirstMs * 2 ** failures);
  return Math.round((longest * (1 + chance)) / 2);
}
