// Sound at another speed: as long as it should be, at the pitch it had, and where it belongs.

import { describe, expect, it } from 'vitest';
import { TimeStretch } from './time-stretch.ts';

const RATE_HZ = 48_000;
const TONE_HZ = 440;

/** A tone that sets in at `fromS`, two seconds in all, in pieces of 1024 samples as a decoder gives them. */
function stretched(rate: number, fromS: number): Float32Array {
  const stretch = new TimeStretch(RATE_HZ, rate);
  const wave = Float32Array.from({ length: 2 * RATE_HZ }, (_, i) =>
    i < fromS * RATE_HZ ? 0 : Math.sin((2 * Math.PI * TONE_HZ * i) / RATE_HZ),
  );
  const out: number[] = [];
  for (let at = 0; at < wave.length; at += 1_024) out.push(...(stretch.process([wave.slice(at, at + 1_024)])[0] ?? []));
  return Float32Array.from(out);
}

function frequencyOf(wave: Float32Array): number {
  let crossings = 0;
  for (let i = 1; i < wave.length; i += 1) if ((wave[i - 1] ?? 0) < 0 && (wave[i] ?? 0) >= 0) crossings += 1;
  return (crossings * RATE_HZ) / wave.length;
}

describe('the time stretch', () => {
  it.each([0.5, 0.75, 1.25, 1.5, 2])('plays at speed %d in the time it should, at the same pitch', (rate) => {
    const out = stretched(rate, 0);
    const lengthS = out.length / RATE_HZ;
    // What stays inside is less than a fifth of a second of the original.
    expect(lengthS).toBeLessThanOrEqual(2 / rate);
    expect(lengthS).toBeGreaterThan((2 - 0.2) / rate);
    const middle = out.slice(Math.floor(out.length / 4), Math.floor((out.length * 3) / 4));
    expect(Math.abs(frequencyOf(middle) - TONE_HZ)).toBeLessThan(TONE_HZ * 0.03);
  });

  it.each([0.5, 0.75, 1.25, 1.5, 2])('CARD-3: at speed %d a sound is heard within 45 ms of its picture', (rate) => {
    const out = stretched(rate, 1);
    const first = out.findIndex((sample) => Math.abs(sample) > 0.2);
    expect(Math.abs(first / RATE_HZ - 1 / rate) * 1_000).toBeLessThan(30);
  });

  it('gives both channels apart, and spreads one over both', () => {
    const stretch = new TimeStretch(RATE_HZ, 1.5);
    const [left, right] = stretch.process([new Float32Array(RATE_HZ).fill(0.5), new Float32Array(RATE_HZ).fill(-0.25)]);
    const last = (left?.length ?? 0) - 1;
    expect(left?.[last]).toBeCloseTo(0.5);
    expect(right?.[last]).toBeCloseTo(-0.25);
    const [one, two] = new TimeStretch(RATE_HZ, 1.5).process([new Float32Array(RATE_HZ).fill(0.5)]);
    expect(two).toEqual(one);
  });
});
