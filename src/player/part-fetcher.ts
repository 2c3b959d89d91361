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
  /** What its requests say about themselves. */
  readonly cmcd?: string;
  /** The line is bad (its code) or good again (null). */
  onTrouble(error: FareboxError | null): void;
};

/**
 * Brings all parts of a frame. Goes on asking, at growing pauses, while the error says that the same request may be sent again.
 * @throws FareboxError for an answer that asking again would not change, and the signal's reason when aborted.
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
  for (let failures = 0; ; failures += 1) {
    signal.throwIfAborted();
    meter.started(ports.nowMs());
    let sizeBytes = 0;
    try {
      const sealed = await ports.provider.content(part.hash, {
        signal,
        fresh: context.fresh,
        urgent: context.urgent,
        ...(context.cmcd === undefined ? {} : { cmcd: context.cmcd }),
      });
      sizeBytes = sealed.byteLength;
      if (failures > PLAYER_LIMITS.quietFailures) context.onTrouble(null);
      return { label: part.label, sealed };
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof FareboxError) || ERRORS[error.code].retry !== 'same-request') throw error;
      if (failures >= PLAYER_LIMITS.quietFailures) context.onTrouble(error);
    } finally {
      meter.finished(ports.nowMs(), sizeBytes);
    }
    await ports.pause(retryPauseMs(failures, ports.chance()), signal);
  }
}

/** Pause before attempt `failures + 2`: doubling, bounded, spread over its upper half by `chance` in [0, 1). */
export function retryPauseMs(failures: number, chance: number): number {
  const longest = Math.min(PLAYER_LIMITS.retryLongestMs, PLAYER_LIMITS.retryFirstMs * 2 ** failures);
  return Math.round((longest * (1 + chance)) / 2);
}
