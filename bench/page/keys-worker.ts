// Measures the default sequence function in a worker, as the module uses it: from a grant's nodes, each key derived and spent.
import { sequenceFunction } from '../../src/protocol/sequence/sequence.ts';
import type { KeysMeasurement } from './messages.ts';

const WHOLE_RANGE = 2 ** 32;
const tree = sequenceFunction('tree');
const seed = crypto.getRandomValues(new Uint8Array(32));

function keysPerSecond(count: number): number {
  const state = tree.restore(tree.grant(seed, [[0, count]]));
  const startedMs = performance.now();
  for (let n = 0; n < count; n += 1) state.next();
  return (count * 1000) / (performance.now() - startedMs);
}

/** The clock of a worker ticks in tenths of a millisecond, so the places are timed together. */
function meanMsAtRandom(count: number): number {
  const nodes = tree.grant(seed, [[0, WHOLE_RANGE]]);
  const places = crypto.getRandomValues(new Uint32Array(count));
  const states = Array.from(places, () => tree.restore(nodes));
  const startedMs = performance.now();
  for (const [i, place] of places.entries()) states[i]?.at(place);
  return (performance.now() - startedMs) / count;
}

self.onmessage = (event: MessageEvent<KeysMeasurement>) => {
  const asked = event.data;
  self.postMessage([asked.kind === 'keys-in-sequence' ? keysPerSecond(asked.count) : meanMsAtRandom(asked.places)]);
};
