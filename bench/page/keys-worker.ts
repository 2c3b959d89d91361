// Measures the default sequence function in a worker, as the module uses it: from a grant's nodes, each key derived and spent. And DEA1.
import { deriveDerivedKey } from '../../src/protocol/derived-keys/dea.ts';
import { deriveSeriesSet } from '../../src/protocol/derived-keys/series.ts';
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

const SERIES_NUMBERS = 64;

function derivedKeysPerSecond(count: number): number {
  const masterKey = crypto.getRandomValues(new Uint8Array(32));
  const numbers = deriveSeriesSet(crypto.getRandomValues(new Uint8Array(32)), SERIES_NUMBERS);
  const startedMs = performance.now();
  let made = 0;
  while (made < count) {
    for (const number of numbers) deriveDerivedKey(masterKey, 1, number).fill(0);
    made += SERIES_NUMBERS;
  }
  return (made * 1000) / (performance.now() - startedMs);
}

function measure(asked: KeysMeasurement): number {
  switch (asked.kind) {
    case 'keys-in-sequence':
      return keysPerSecond(asked.count);
    case 'keys-at-random':
      return meanMsAtRandom(asked.places);
    case 'derived-keys':
      return derivedKeysPerSecond(asked.count);
  }
}

self.onmessage = (event: MessageEvent<KeysMeasurement>) => {
  self.postMessage([measure(event.data)]);
};
