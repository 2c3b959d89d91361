// How fast the default sequence function makes frame keys, in a worker of real Chromium: one after the other, and at random places.
import { atLeast, atMost, type Bench, figureOf } from './figure.ts';
import { withBenchPage } from './rig/bench-page.ts';

const ROUNDS = 9;
const KEYS_IN_SEQUENCE = 100_000;
const RANDOM_PLACES = 2000;

export const keysBench: Bench = {
  about: `the tree function, ${KEYS_IN_SEQUENCE} keys in sequence and ${RANDOM_PLACES} at random places in 2^32 a round`,
  run: ({ runs }) =>
    withBenchPage(async (measure) => {
      const inSequence: number[] = [];
      const atRandom: number[] = [];
      for (let round = 0; round < (runs ?? ROUNDS); round += 1) {
        inSequence.push(...(await measure({ kind: 'keys-in-sequence', count: KEYS_IN_SEQUENCE })));
        atRandom.push(...(await measure({ kind: 'keys-at-random', places: RANDOM_PLACES })));
      }
      return [
        figureOf({ name: 'keys/sequence', unit: 'keys/s', rounds: inSequence, goal: atLeast(50_000) }),
        figureOf({ name: 'keys/random', unit: 'ms', rounds: atRandom, goal: atMost(0.2) }),
      ];
    }),
};
