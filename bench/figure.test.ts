import { describe, expect, test } from 'vitest';
import {
  atLeast,
  atMost,
  figureOf,
  lowestPeer,
  medianOf,
  noMoreThanPeer,
  percentileOf,
  ratioAtLeast,
  ratioAtMost,
} from './figure.ts';

describe('figures', () => {
  test('a figure says the median of its rounds with the smallest and the largest beside it', () => {
    const figure = figureOf({ name: 'record', unit: 'ms', rounds: [5, 1, 3], goal: atMost(8) });
    expect(figure).toMatchObject({ value: 3, unit: 'ms', goal: '≤ 8 ms', ok: true, peer: null, ratio: null });
    expect(figure.spread).toEqual({ low: 1, high: 5, rounds: 3 });
  });

  test('a goal for the ratio judges the ratio to the peer, not the value', () => {
    const peer = { name: 'bare', rounds: [100, 100] };
    const figure = (rounds: number[]) =>
      figureOf({ name: 'decrypt', unit: 'MB/s', rounds, peer, goal: ratioAtLeast(0.8) });
    expect(figure([80, 80])).toMatchObject({ ratio: 0.8, ok: true, goal: 'ratio ≥ 0.8' });
    expect(figure([79, 79])).toMatchObject({ ratio: 0.79, ok: false });
  });

  test('a ratio pairs each round with the round of the peer beside it, and refuses rounds without one', () => {
    const against = (peerRounds: number[]) =>
      figureOf({
        name: 'a',
        unit: 's',
        rounds: [10, 60, 50],
        peer: { name: 'b', rounds: peerRounds },
        goal: ratioAtLeast(1),
      });
    expect(against([20, 60, 200])).toMatchObject({ value: 50, peerValue: 60, ratio: 0.5, ok: false });
    expect(() => against([20, 60])).toThrow('not measured in turns');
    expect(() => against([20, 60, 200, 1])).toThrow('not measured in turns');
  });

  test('a goal by the peer compares the medians, with its slack, where both may be nothing', () => {
    const figure = (value: number, peerValue: number) =>
      figureOf({
        name: 'stalls',
        unit: 'ms',
        rounds: [value],
        peer: { name: 'hls.js', rounds: [peerValue] },
        goal: noMoreThanPeer(250),
      });
    expect(figure(0, 0)).toMatchObject({ ratio: null, ok: true, goal: '≤ the peer ± 250 ms' });
    expect(figure(250, 0)).toMatchObject({ ratio: null, ok: true });
    expect(figure(251, 0).ok).toBe(false);
    expect(figure(1_251, 1_000)).toMatchObject({ ratio: 1.251, ok: false });
  });

  test('the better of two peers is the one with the lower median', () => {
    const peers = new Map([
      ['a', [5, 5, 1]],
      ['b', [4, 4, 90]],
    ]);
    const peer = lowestPeer(peers);
    expect(peer).toEqual({ name: 'b', rounds: [4, 4, 90] });
    expect(() => lowestPeer(new Map())).toThrow('no peer');
    const figure = figureOf({ name: 'seek', unit: 'ms', rounds: [4, 4, 90], peer, goal: ratioAtMost(1) });
    expect(figure).toMatchObject({ ratio: 1, ok: true });
  });

  test('a value at its bound meets the goal, one beyond it does not', () => {
    expect(figureOf({ name: 'a', unit: 's', rounds: [8], goal: atMost(8) }).ok).toBe(true);
    expect(figureOf({ name: 'a', unit: 's', rounds: [8.1], goal: atMost(8) }).ok).toBe(false);
    expect(figureOf({ name: 'a', unit: 's', rounds: [8], goal: atLeast(8) }).ok).toBe(true);
    expect(figureOf({ name: 'a', unit: 's', rounds: [7.9], goal: atLeast(8) }).ok).toBe(false);
  });

  test('nothing measured is an error, not a figure', () => {
    expect(() => figureOf({ name: 'a', unit: 's', rounds: [], goal: atMost(8) })).toThrow();
    expect(() => figureOf({ name: 'a', unit: 's', rounds: [Number.NaN], goal: atMost(8) })).toThrow('was not measured');
  });

  test('medians and percentiles are taken from the sorted values', () => {
    expect(medianOf([9, 1, 5])).toBe(5);
    expect(medianOf([4, 1, 3, 2])).toBe(2.5);
    expect(percentileOf([10, 20, 30, 40, 50], 0.95)).toBe(50);
    expect(percentileOf([10, 20, 30, 40, 50], 0)).toBe(10);
  });
});
