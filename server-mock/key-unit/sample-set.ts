// The set that a new provider has from its first start: open, so that every terminal that enrols gets its keys and agrees by itself. main.ts calls
// it; a keeper who has made sets has their own way.

import { FareboxError } from '../../src/protocol/errors.ts';
import type { KeyPolicy, KeyRegistry } from './registry.ts';

/** Name of the set; those that follow on it are `terminals-2`, `terminals-3` … */
export const SAMPLE_SET = 'terminals';

const OPEN_SIZE = 256;
const SERIES_NUMBERS = 64;
const POLICY: KeyPolicy = {
  rule: 'client',
  master: 'master',
  series: [
    { reference: 'watch', pin: false },
    { reference: 'wallet', pin: true },
    { reference: 'messages', pin: true },
  ],
};

/**
 * Makes the set where the key unit has none. Cut in between, it goes on where it was at the next start.
 * @returns whether it did anything. @throws what the registry throws.
 */
export async function makeSampleSet(keys: KeyRegistry): Promise<boolean> {
  const sets = await keys.sets();
  const known = sets.find(({ name }) => name === SAMPLE_SET);
  if (known === undefined ? sets.length > 0 : known.policy !== null || known.retiredTime !== null) return false;
  try {
    if (known === undefined) await keys.addSet(SAMPLE_SET, OPEN_SIZE);
  } catch (cause) {
    // Another process on the same database has begun in this moment, and goes on with it.
    if (cause instanceof FareboxError && cause.code === 'keys/exists') return false;
    throw cause;
  }
  const there = new Set((await keys.apps(SAMPLE_SET)).map(({ reference }) => reference));
  const wanted = [
    { reference: POLICY.master, kind: 'master', count: 0 },
    ...POLICY.series.map(({ reference }) => ({ reference, kind: 'series', count: SERIES_NUMBERS }) as const),
  ] as const;
  for (const application of wanted) if (!there.has(application.reference)) await keys.addApp(SAMPLE_SET, application);
  await keys.setPolicy(SAMPLE_SET, POLICY);
  return true;
}
