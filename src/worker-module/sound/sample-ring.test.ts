// The ring of samples beside the sound device, against a plain list.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../../protocol/testing/runs.ts';
import { SampleRing } from './sample-ring.ts';

const CAPACITY = 16;

describe('the ring of samples', () => {
  it('gives out exactly what it took in, in order, and refuses what does not fit', () => {
    const steps = fc.array(fc.record({ write: fc.boolean(), count: fc.integer({ min: 0, max: 12 }) }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(steps, (taken) => {
        const ring = new SampleRing(2, CAPACITY);
        let model: number[] = [];
        let next = 1;
        for (const { write, count } of taken) {
          if (write) {
            const samples = Float32Array.from({ length: count }, () => next++);
            const kept = ring.write([samples, samples.map((sample) => -sample)]);
            expect(kept).toBe(Math.min(count, CAPACITY - model.length));
            model = [...model, ...samples.subarray(0, kept)];
          } else {
            const outputs = [new Float32Array(count), new Float32Array(count)];
            const read = ring.read(outputs);
            expect([...(outputs[0]?.subarray(0, read) ?? [])]).toEqual(model.slice(0, count));
            expect([...(outputs[1]?.subarray(0, read) ?? [])]).toEqual(model.slice(0, count).map((sample) => -sample));
            model = model.slice(read);
          }
          expect(ring.held).toBe(model.length);
        }
      }),
      { numRuns: runs(1_000) },
    );
  });

  it('spreads one channel over both', () => {
    const ring = new SampleRing(2, CAPACITY);
    ring.write([Float32Array.of(1, 2)]);
    const outputs = [new Float32Array(2), new Float32Array(2)];
    ring.read(outputs);
    expect(outputs.map((output) => [...output])).toEqual([
      [1, 2],
      [1, 2],
    ]);
  });

  it('is empty after clearing', () => {
    const ring = new SampleRing(2, CAPACITY);
    ring.write([Float32Array.of(1, 2)]);
    ring.clear();
    expect(ring.held).toBe(0);
    expect(ring.read([new Float32Array(2)])).toBe(0);
  });
});
