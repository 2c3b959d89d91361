// How fast parts have been arriving: a pure estimator with two moving averages, fed by part-fetcher.ts, read by rungs.ts.
// Parts come in parallel, so bytes are counted against the time in which anything at all was on its way.
// It has no clock of its own: each call is given the time.

/** Weight of a sample halves after this much transfer time. The fast one follows a fall, the slow one forgives a spike. */
const FAST_HALF_LIFE_MS = 1_500;
const SLOW_HALF_LIFE_MS = 6_000;
/** Smaller bursts measure latency rather than throughput. */
const LEAST_SAMPLE_BYTES = 16 * 1024;
/** A burst from a disk cache can take no measurable time at all. */
const LEAST_SAMPLE_MS = 1;

/** A measure of throughput over a player's life. */
export type ThroughputMeter = {
  /** A transfer begins. */
  started(nowMs: number): void;
  /** A transfer ends, having brought `sizeBytes` (0 when it failed or was given up). */
  finished(nowMs: number, sizeBytes: number): void;
  /** Bits a second, the lower of both averages; null before the first sample. */
  bitsPerSecond(): number | null;
};

/** Makes a meter that has seen nothing. */
export function createThroughputMeter(): ThroughputMeter {
  const fast = movingAverage(FAST_HALF_LIFE_MS);
  const slow = movingAverage(SLOW_HALF_LIFE_MS);
  let active = 0;
  let sinceMs = 0;
  let burstMs = 0;
  let burstBytes = 0;

  return {
    started(nowMs) {
      if (active === 0) sinceMs = nowMs;
      active += 1;
    },
    finished(nowMs, sizeBytes) {
      if (active === 0) return;
      active -= 1;
      burstMs += Math.max(0, nowMs - sinceMs);
      sinceMs = nowMs;
      burstBytes += sizeBytes;
      if (burstBytes < LEAST_SAMPLE_BYTES) return;
      // Of transfers that began together the shortest ends first, and by itself says only its share of the line: the first sample is of all.
      if (active > 0 && fast.value() === null) return;
      const durationMs = Math.max(burstMs, LEAST_SAMPLE_MS);
      const rate = (burstBytes * 8_000) / durationMs;
      fast.add(rate, durationMs);
      slow.add(rate, durationMs);
      burstMs = 0;
      burstBytes = 0;
    },
    bitsPerSecond() {
      const rates = [fast.value(), slow.value()].filter((rate) => rate !== null);
      return rates.length === 0 ? null : Math.min(...rates);
    },
  };
}

/** An average weighted by duration and corrected for its start at zero, so that the first sample counts whole. */
function movingAverage(halfLifeMs: number): { add(rate: number, durationMs: number): void; value(): number | null } {
  let sum = 0;
  let weight = 0;
  return {
    add(rate, durationMs) {
      const kept = 0.5 ** (durationMs / halfLifeMs);
      sum = sum * kept + rate * (1 - kept);
      weight = weight * kept + (1 - kept);
    },
    value: () => (weight === 0 ? null : sum / weight),
  };
}
