// Pictures wait for the sound, and for nothing that does not come.

import { expect, test } from 'vitest';
import { LIVE_LIMITS } from './limits.ts';
import { makeSoundLead } from './sound-lead.ts';

/** True where it is still waited for after a few looks. */
async function waits(waited: Promise<void>): Promise<boolean> {
  const after = new Promise<true>((resolve) => setTimeout(() => resolve(true), 5 * LIVE_LIMITS.soundLookMs));
  return Promise.race([waited.then(() => false), after]);
}

const lead = (nowMs: () => number = () => 0) => makeSoundLead(new AbortController().signal, nowMs);

test('BT-10: a picture far ahead of the sound waits until the sound has come near, and one near it does not', async () => {
  const sound = lead();
  sound.came(3_000_000);
  expect(await waits(sound.wait(3_000_000 + LIVE_LIMITS.soundLeadUs))).toBe(false);
  const far = sound.wait(6_000_000);
  expect(await waits(far)).toBe(true);
  sound.came(5_000_000);
  expect(await waits(far)).toBe(false);
});

test('BT-10: no picture waits for sound that has ended or stands still, nor after a stop', async () => {
  const ended = lead();
  ended.end();
  expect(await waits(ended.wait(9e9))).toBe(false);

  let nowMs = 0;
  const still = lead(() => nowMs);
  const waited = still.wait(9e9);
  expect(await waits(waited)).toBe(true);
  nowMs = LIVE_LIMITS.soundStandsMs + 1;
  expect(await waits(waited)).toBe(false);
  // It stands still as long as nothing comes: the next picture does not wait anew.
  expect(await waits(still.wait(9e9))).toBe(false);

  const stop = new AbortController();
  const stopped = makeSoundLead(stop.signal, () => 0).wait(9e9);
  stop.abort();
  expect(await waits(stopped)).toBe(false);
});
