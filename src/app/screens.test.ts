import { describe, expect, it } from 'vitest';
import { FRAME_MARKS } from '../player/tally.ts';
import { amount, formatAmount } from '../protocol/amount.ts';
import type { ReceiptView } from '../worker-module/commands.ts';
import {
  formatBitrate,
  formatClock,
  formatLength,
  formatRung,
  formatSeconds,
  formatSize,
  groupDigits,
  pricePerMinute,
} from './format.ts';
import { byMonth } from './receipts/months.ts';
import { layOutStrip } from './ui/strip-layout.ts';
import { describeMarks, marksOfRanges, rangesOfMarks } from './watch/marks.ts';
import { type KeyPress, shortcutOf } from './watch/shortcuts.ts';

describe('what the screens write', () => {
  it.each([
    [0, '0:00'],
    [59_999, '0:59'],
    [247_000, '4:07'],
    [3_729_000, '1:02:09'],
    [-5, '0:00'],
  ])('writes the place %d ms as %s', (ms, written) => expect(formatClock(ms)).toBe(written));

  it.each([
    [48_000, '48 s'],
    [720_000, '12 min'],
    [5_640_000, '1 h 34 min'],
    [3_599_000, '1 h 0 min'],
  ])('writes the length %d ms as %s', (ms, written) => expect(formatLength(ms)).toBe(written));

  it('writes lengths of frames, rungs, rates, sizes and numbers', () => {
    expect(formatSeconds(2_000)).toBe('2 s');
    expect(formatSeconds(480)).toBe('0.48 s');
    expect(formatRung('video/720p')).toBe('720p');
    expect(formatRung('audio/main')).toBe('audio/main');
    expect(formatBitrate(2_540_000)).toBe('2.5 Mbit/s');
    expect(formatSize(999)).toBe('999 B');
    expect(formatSize(1_432)).toBe('1.4 kB');
    expect(formatSize(4_812_000)).toBe('4.8 MB');
    expect(formatSize(2_147_483_648)).toBe('2.1 GB');
    expect(groupDigits('0123456789ab')).toBe('0123 4567 89ab');
  });

  it('works out the price of a minute in whole minor units, half up', () => {
    const minute = (minor: bigint, frameMs: number) => pricePerMinute(amount('EUR', minor), frameMs);
    expect(formatAmount(minute(20n, 2_000))).toBe('€0.06');
    expect(minute(1n, 7_000).amountMinor).toBe(9n);
    expect(minute(1n, 24_000).amountMinor).toBe(3n);
  });
});

describe('the strip of frames', () => {
  it.each([1, 36, 300, 3_000])('has a place inside its box for each of %d frames', (count) => {
    const layout = layOutStrip(count, 304);
    expect(layout.perRow * layout.rows).toBeGreaterThanOrEqual(count);
    expect((layout.perRow - 1) * layout.pitch + layout.tickWidth).toBeLessThanOrEqual(304);
    expect(layout.height).toBe((layout.rows - 1) * layout.rowHeight + layout.tickHeight);
    expect(layout.height).toBeLessThan(300);
  });

  it('stays drawable before it has a width', () => {
    expect(layOutStrip(0, 0)).toMatchObject({ perRow: 1, rows: 1 });
  });

  it('shows late frames as decrypted ones on the seek bar, and lost ones not', () => {
    const { decrypted, late, failed, toCome } = FRAME_MARKS;
    expect(rangesOfMarks(Uint8Array.of(decrypted, late, failed, toCome, decrypted))).toEqual([
      [0, 2],
      [4, 5],
    ]);
  });

  it('draws the frames of a receipt', () => {
    expect([...marksOfRanges([[1, 3]], 4)]).toEqual([0, 1, 1, 0]);
  });

  it('says in words what it shows', () => {
    expect(describeMarks(12, 1, 0, 30)).toBe('12 of 30 frames decrypted, 1 of them late, 0 lost');
  });
});

describe('the keys', () => {
  const press = (pressed: string, changes: Partial<KeyPress> = {}) =>
    shortcutOf({ pressed, modified: false, on: 'page', ...changes });

  it.each([
    [' ', { type: 'toggle-play' }],
    ['k', { type: 'toggle-play' }],
    ['K', { type: 'toggle-play' }],
    ['ArrowLeft', { type: 'skip', byMs: -5_000 }],
    ['ArrowRight', { type: 'skip', byMs: 5_000 }],
    ['j', { type: 'skip', byMs: -10_000 }],
    ['l', { type: 'skip', byMs: 10_000 }],
    ['ArrowUp', { type: 'volume', by: 0.05 }],
    ['ArrowDown', { type: 'volume', by: -0.05 }],
    ['m', { type: 'toggle-mute' }],
    ['f', { type: 'toggle-full-screen' }],
    [',', { type: 'step', by: -1 }],
    ['.', { type: 'step', by: 1 }],
    ['?', { type: 'show-keys' }],
    ['0', { type: 'jump', share: 0 }],
    ['7', { type: 'jump', share: 0.7 }],
    ['Home', { type: 'jump', share: 0 }],
    ['End', { type: 'jump', share: 1 }],
  ])('%j does what a player does', (pressed, intent) => expect(press(pressed)).toEqual(intent));

  it('leaves alone what belongs to the browser, to a text field or to a focused button', () => {
    expect(press('f', { modified: true })).toBeNull();
    expect(press('m', { on: 'text' })).toBeNull();
    expect(press(' ', { on: 'button' })).toBeNull();
    expect(press('k', { on: 'button' })).toEqual({ type: 'toggle-play' });
    expect(press('x')).toBeNull();
  });
});

describe('the drawer', () => {
  it('keeps receipts by month, newest first', () => {
    const receipt = (session: string, closedTime: number): ReceiptView => ({
      session,
      title: 'T',
      state: 'accepted',
      closedTime,
      count: 1,
      unused: false,
      currency: 'EUR',
      amountMinor: 20,
      claim: null,
    });
    const months = byMonth([
      receipt('october', Date.UTC(2026, 9, 15)),
      receipt('early', Date.UTC(2026, 10, 2, 12)),
      receipt('later', Date.UTC(2026, 10, 20, 12)),
    ]);
    expect(months.map(({ month, receipts }) => [month, receipts.map(({ session }) => session)])).toEqual([
      ['November 2026', ['later', 'early']],
      ['October 2026', ['october']],
    ]);
  });
});
