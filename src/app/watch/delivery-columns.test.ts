// The strip chart of delivery.

import { expect, test } from 'vitest';
import { FRAME_MARKS } from '../../player/tally.ts';
import { columnsOf, describeDelivery } from './delivery-columns.ts';

const RUNGS = ['video/360p', 'video/720p'];
const RECENT = [
  { order: 7, frame: 0, mark: FRAME_MARKS.decrypted, rung: 'video/720p' },
  { order: 8, frame: 1, mark: FRAME_MARKS.late, rung: 'video/360p' },
  { order: 9, frame: 2, mark: FRAME_MARKS.failed, rung: 'video/360p' },
];

test('BT-9: a column stands as high as its quality and says what became of its frame', () => {
  expect(columnsOf(RECENT, RUNGS)).toEqual([
    { key: '7', height: 1, kind: 'on-time' },
    { key: '8', height: 0.5, kind: 'late' },
    { key: '9', height: 1, kind: 'lost' },
  ]);
});

test('the chart is said in a sentence for who does not see it', () => {
  expect(describeDelivery([])).toBe('No frame was delivered yet');
  expect(describeDelivery(RECENT)).toBe('The last 3 frames: 1 on time, 1 late, 1 lost; now at 360p');
});
