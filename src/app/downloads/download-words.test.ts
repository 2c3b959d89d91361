// The words of downloads: each state its own, with amounts and times as people read them.

import { expect, test } from 'vitest';
import { sayLength, sayPhase, sayTerm, shareOf } from './download-words.ts';

test('every state of a download has words of its own', () => {
  const some = { doneBytes: 1_500_000, sizeBytes: 6_000_000 };
  const phases = ['waiting', 'fetching', 'no-line', 'paused', 'failed', 'here'] as const;
  const said = phases.map((phase) => sayPhase({ ...some, phase }));
  expect(new Set(said).size).toBe(phases.length);
  expect(said[1]).toBe('Coming, 1.5 MB of 6 MB');
  expect(said[5]).toBe('On this device, 6 MB');
  expect(shareOf(some)).toBe(0.25);
  expect(shareOf({ doneBytes: 0, sizeBytes: 0 })).toBe(1);
});

test('a term says until when, that it is over, or that it was ended', () => {
  const untilTime = new Date(2026, 10, 24, 18, 0).getTime();
  expect(sayTerm({ term: 'open', untilTime })).toBe('until 24 Nov, 18:00');
  expect(sayTerm({ term: 'over', untilTime })).toBe('its time ended 24 Nov, 18:00');
  expect(sayTerm({ term: 'ended', untilTime })).toBe('ended, its receipt is made');
});

test.each([
  [3_600_000, '1 hour'],
  [36 * 3_600_000, '36 hours'],
  [86_400_000, '1 day'],
  [7 * 86_400_000, '7 days'],
])('%d ms is %s', (ms, words) => expect(sayLength(ms)).toBe(words));
