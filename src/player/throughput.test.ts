import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseRung, type Rung } from './rungs.ts';
import { createThroughputMeter } from './throughput.ts';

const RUNGS: readonly Rung[] = [
  { label: 'video/1080p', height: 1080, bitrate: 5_000_000 },
  { label: 'video/360p', height: 360, bitrate: 800_000 },
  { label: 'video/720p', height: 720, bitrate: 2_500_000 },
];
const AUTO = { rungs: RUNGS, choice: 'auto', bufferedSeconds: 10 } as const;

describe('the throughput meter', () => {
  it('knows nothing before its first sample', () => {
    const meter = createThroughputMeter();
    meter.started(0);
    expect(meter.bitsPerSecond()).toBeNull();
  });

  it('knows nothing of the line before all that began together is here', () => {
    const meter = createThroughputMeter();
    for (const _ of [1, 2, 3, 4]) meter.started(0);
    meter.finished(800, 34_000);
    meter.finished(810, 34_000);
    meter.finished(1_390, 88_000);
    expect(meter.bitsPerSecond()).toBeNull();
    meter.finished(1_400, 88_000);
    expect(meter.bitsPerSecond()).toBeCloseTo((244_000 * 8_000) / 1_400, 0);
  });

  it('measures what really arrived when parts come in parallel', () => {
    const meter = createThroughputMeter();
    meter.started(0);
    meter.started(0);
    meter.finished(1_000, 500_000);
    meter.finished(1_000, 500_000);
    // Half of it after one second, the other half in the same instant: one megabyte a second in all, never half of that.
    expect(meter.bitsPerSecond()).toBeGreaterThanOrEqual(4_000_000);
  });

  it('does not count the time in which nothing was asked for', () => {
    const meter = createThroughputMeter();
    meter.started(0);
    meter.finished(1_000, 1_000_000);
    meter.started(60_000);
    meter.finished(61_000, 1_000_000);
    expect(meter.bitsPerSecond()).toBeCloseTo(8_000_000, -1);
  });

  it('follows a fall faster than a rise', () => {
    const rateAfter = (rates: readonly number[]): number | null => {
      const meter = createThroughputMeter();
      rates.forEach((bytes, second) => {
        meter.started(second * 1_000);
        meter.finished((second + 1) * 1_000, bytes);
      });
      return meter.bitsPerSecond();
    };
    const fallen = rateAfter([1_000_000, 1_000_000, 1_000_000, 100_000, 100_000]) ?? 0;
    const risen = rateAfter([100_000, 100_000, 100_000, 1_000_000, 1_000_000]) ?? 0;
    expect(8_000_000 - fallen).toBeGreaterThan(risen - 800_000);
  });

  it('stays between the slowest and the fastest sample', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 20_000, max: 5_000_000 }), { minLength: 1, maxLength: 30 }), (samples) => {
        const meter = createThroughputMeter();
        samples.forEach((sizeBytes, second) => {
          meter.started(second * 1_000);
          meter.finished((second + 1) * 1_000, sizeBytes);
        });
        const rate = meter.bitsPerSecond() ?? 0;
        expect(rate).toBeGreaterThanOrEqual(Math.min(...samples) * 8 * 0.999);
        expect(rate).toBeLessThanOrEqual(Math.max(...samples) * 8 * 1.001);
      }),
    );
  });
});

describe('the choice of a rung', () => {
  it('starts low but good, whatever order the rungs come in', () => {
    expect(chooseRung({ ...AUTO, current: null, bitsPerSecond: null })).toBe('video/360p');
  });

  it('starts at the lowest where every rung asks for more than a line is presumed to carry', () => {
    const heavy = RUNGS.filter(({ bitrate }) => bitrate > 1_000_000);
    expect(chooseRung({ ...AUTO, rungs: heavy, current: null, bitsPerSecond: null })).toBe('video/720p');
  });

  it('starts at the best one where all are light', () => {
    const light = RUNGS.map((rung) => ({ ...rung, bitrate: rung.bitrate / 10 }));
    expect(chooseRung({ ...AUTO, rungs: light, current: null, bitsPerSecond: null })).toBe('video/1080p');
  });

  it('climbs when the measure is clear, and only with something buffered when it is not', () => {
    const at = { ...AUTO, current: 'video/360p', bitsPerSecond: 4_500_000 };
    expect(chooseRung(at)).toBe('video/720p');
    expect(chooseRung({ ...at, bufferedSeconds: 2 })).toBe('video/360p');
    expect(chooseRung({ ...at, bufferedSeconds: 2, bitsPerSecond: 60_000_000 })).toBe('video/1080p');
  });

  it('falls as soon as the rung no longer fits', () => {
    expect(chooseRung({ ...AUTO, current: 'video/1080p', bitsPerSecond: 3_000_000 })).toBe('video/720p');
    expect(chooseRung({ ...AUTO, current: 'video/1080p', bitsPerSecond: 10_000 })).toBe('video/360p');
  });

  it('rides a dip out at the rung there is while much is buffered', () => {
    const dip = { ...AUTO, current: 'video/720p', bitsPerSecond: 100_000 };
    expect(chooseRung({ ...dip, bufferedSeconds: 20 })).toBe('video/720p');
    expect(chooseRung({ ...dip, bufferedSeconds: 19 })).toBe('video/360p');
    expect(chooseRung({ ...dip, bufferedSeconds: 40, bitsPerSecond: 60_000_000 })).toBe('video/1080p');
  });

  it('does not flutter: a measure between keeping and climbing changes nothing', () => {
    const bitsPerSecond = 3_500_000;
    expect(chooseRung({ ...AUTO, current: 'video/720p', bitsPerSecond })).toBe('video/720p');
    expect(chooseRung({ ...AUTO, current: 'video/360p', bitsPerSecond })).toBe('video/360p');
  });

  it('does what the person chose, and ignores a choice that this programme does not have', () => {
    expect(chooseRung({ ...AUTO, choice: 'video/1080p', current: null, bitsPerSecond: 1 })).toBe('video/1080p');
    expect(chooseRung({ ...AUTO, choice: 'video/4320p', current: null, bitsPerSecond: null })).toBe('video/360p');
  });

  it('has no choice where there is no video', () => {
    expect(chooseRung({ ...AUTO, rungs: [], current: null, bitsPerSecond: null })).toBeNull();
  });
});
