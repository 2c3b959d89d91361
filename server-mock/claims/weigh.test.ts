// What the record of delivery says of one frame: BT-9, each way in which requests can go as a row.

import { expect, test } from 'vitest';
import { type AskedFile, type Attempt, type Delivered, weighFrame } from './weigh.ts';

const IN_MS = 2_000;
const WHOLE: Attempt = {
  ...{ status: 200, askedBytes: 100, sentBytes: 100 },
  ...{ startedTime: 10_000, ownMs: 5, elapsedMs: 40, brokenOff: false },
};
const GONE: Attempt = { ...WHOLE, status: 404, askedBytes: 0, sentBytes: 0 };
const file = (kind: string, ...attempts: readonly Partial<Attempt>[]): AskedFile => ({
  kind,
  sizeBytes: 100,
  attempts: attempts.map((attempt) => ({ ...WHOLE, ...attempt })),
});

test.each<[string, readonly AskedFile[], Delivered | null, number, number]>([
  ['nothing was asked for', [file('video')], null, 0, 0],
  ['all came whole and soon', [file('video', {}), file('audio', {})], 'in-time', 5, 0],
  ['it was in a cache of the terminal already', [file('video', { status: 304, sentBytes: 0 })], 'in-time', 5, 0],
  ['a part was wanted, and given', [file('video', { status: 206, askedBytes: 1, sentBytes: 1 })], 'in-time', 5, 0],
  ['the provider took too long', [file('video', { ownMs: 2_001, elapsedMs: 2_100 })], 'late', 2_001, 0],
  ['the line was slow, or read slowly on purpose', [file('video', { elapsedMs: 60_000 })], 'slow-line', 5, 0],
  ['it was not there', [file('video', GONE)], 'missing', 0, 1],
  ['it was not there, and then in time', [file('video', GONE, { startedTime: 11_000 })], 'in-time', 1_005, 1],
  ['it was not there, and then too late', [file('video', GONE, { startedTime: 12_000 })], 'late', 2_005, 1],
  ['it was not there after it had come', [file('video', {}, { ...GONE, startedTime: 12_000 })], 'in-time', 5, 1],
  ['it came short', [file('video', { askedBytes: 60, sentBytes: 60 })], 'missing', 0, 1],
  ['it ended early', [file('video', { sentBytes: 60 })], 'missing', 0, 1],
  ['the terminal broke it off at once', [file('video', { sentBytes: 60, brokenOff: true })], 'given-up', 0, 1],
  [
    'the terminal broke it off when its time was over',
    [file('video', { sentBytes: 60, brokenOff: true, ownMs: 2_001 })],
    'missing',
    0,
    1,
  ],
  [
    'the terminal broke it off and asked again',
    [file('video', { sentBytes: 60, brokenOff: true }, { startedTime: 60_000 })],
    'in-time',
    5,
    1,
  ],
  [
    'one rung was missing and another came',
    [file('video', GONE), file('video', {}), file('audio', {})],
    'in-time',
    5,
    1,
  ],
  ['one rung was given up for another', [file('video', { brokenOff: true }), file('video', {})], 'in-time', 5, 1],
  ['the picture came and the sound did not', [file('video', {}), file('audio', GONE)], 'missing', 5, 1],
  ['the picture came and the sound was late', [file('video', {}), file('audio', { ownMs: 3_000 })], 'late', 3_000, 0],
  [
    'one rung was missing and the other given up',
    [file('video', GONE), file('video', { brokenOff: true })],
    'missing',
    0,
    2,
  ],
])('BT-9: %s', (_what, files, outcome, servedMs, failed) => {
  const weighed = weighFrame(files, IN_MS);
  const asked = files.reduce((sum, { attempts }) => sum + attempts.length, 0);
  expect(weighed).toEqual({ asked, failed, servedMs, outcome });
});
