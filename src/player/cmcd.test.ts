// What content requests say about themselves.

import { expect, test } from 'vitest';
import { drawDeliveryId, encodeCmcd } from './cmcd.ts';

test('BT-9: keys are in order, texts in quotes, what is true is its key alone, and what is not known is left out', () => {
  expect(encodeCmcd({ su: true, sid: 'ab', cid: 'cd' })).toBe('cid="cd",sid="ab",su');
  expect(encodeCmcd({ sid: 'ab', su: false })).toBe('sid="ab"');
});

test('BT-9: every delivery has an id of its own', () => {
  const ids = Array.from({ length: 100 }, drawDeliveryId);
  expect(new Set(ids).size).toBe(100);
  for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
});
