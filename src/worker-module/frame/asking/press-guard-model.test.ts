// The guard against a plain model of what it promises, under random sequences of everything that a page and a person can do.
// The model keeps the whole history and looks back over it; it shares nothing with the guard but the numbers.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FRAME_LIMITS } from '../frame-limits.ts';
import { makePressGuard } from './press-guard.ts';

type Step =
  | { readonly type: 'document' | 'cover' | 'inside' | 'large' | 'end'; readonly good: boolean }
  | { readonly type: 'disturbed' | 'replaced' }
  | {
      readonly type: 'begin' | 'press';
      readonly trusted: boolean;
      readonly button: string;
      readonly byPointer: boolean;
    };
type Timed = { readonly step: Step; readonly atMs: number };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ type: fc.constantFrom('document', 'cover', 'inside', 'large', 'end'), good: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('disturbed', 'replaced') }) },
  {
    weight: 6,
    arbitrary: fc.record({
      type: fc.constantFrom('begin', 'press'),
      trusted: fc.boolean(),
      button: fc.constantFrom('yes', 'other'),
      byPointer: fc.boolean(),
    }),
  },
);
const anyHistory = fc
  .array(fc.record({ step: anyStep, gapMs: fc.integer({ min: 0, max: 700 }) }), { minLength: 1, maxLength: 60 })
  .map((steps) => {
    // From a good start, so that presses have something to succeed at.
    const good: Timed[] = (['document', 'cover', 'inside', 'large', 'end'] as const).map((type) => ({
      step: { type, good: true },
      atMs: 0,
    }));
    let atMs = 0;
    for (const { step, gapMs } of steps) {
      atMs += gapMs;
      good.push({ step, atMs });
    }
    return good;
  });

/** Whether the step at `index` has to be refused, by looking back over all that was before. */
function mustRefuse(history: readonly Timed[], index: number): boolean {
  const press = history[index];
  if (press?.step.type !== 'press' || !press.step.trusted) return true;
  const { button, byPointer } = press.step;
  const before = history.slice(0, index);
  const bad = { document: true, cover: true, inside: true, large: true };
  let clearSinceMs: number | null = null;
  let breaks = 0;
  let began: { button: string; breaks: number; fit: boolean } | null = null;
  for (const { step, atMs } of before) {
    const wasClear: boolean = clearSinceMs !== null;
    if (step.type === 'document' || step.type === 'cover' || step.type === 'inside' || step.type === 'large')
      bad[step.type] = !step.good;
    const isClear = !Object.values(bad).includes(true);
    if (step.type === 'disturbed' || step.type === 'replaced' || isClear !== wasClear) {
      clearSinceMs = isClear ? atMs : null;
      breaks += 1;
    }
    const fit = clearSinceMs !== null && atMs - clearSinceMs >= FRAME_LIMITS.settleMs;
    if (step.type === 'begin' && step.trusted) began = { button: step.button, breaks, fit };
    if (step.type === 'disturbed' || step.type === 'replaced' || (step.type === 'press' && step.trusted)) began = null;
  }
  if (clearSinceMs === null || press.atMs - clearSinceMs < FRAME_LIMITS.settleMs) return true;
  if (began === null) return byPointer;
  return began.button !== button || began.breaks !== breaks || !began.fit;
}

function run(history: readonly Timed[]): boolean[] {
  const guard = makePressGuard(0);
  const sight = { ratio: 0, unobscured: false };
  const take = ({ step, atMs }: Timed): boolean => {
    switch (step.type) {
      case 'document':
        guard.documentVisible(step.good, atMs);
        return false;
      case 'cover':
        sight.unobscured = step.good;
        guard.sight({ ...sight }, atMs);
        return false;
      case 'inside':
        sight.ratio = step.good ? 1 : 0.7;
        guard.sight({ ...sight }, atMs);
        return false;
      case 'large':
        guard.extent({ widthPx: 600, heightPx: step.good ? 400 : 100, scale: 1 }, atMs);
        return false;
      case 'end':
        guard.endInView(step.good, atMs);
        return false;
      case 'disturbed':
        guard.disturbed(atMs);
        return false;
      case 'replaced':
        guard.replaced(atMs);
        return false;
      case 'begin':
        guard.begin({ trusted: step.trusted, button: step.button }, atMs);
        return false;
      case 'press':
        return guard.press({ trusted: step.trusted, byPointer: step.byPointer, button: step.button }, atMs);
    }
  };
  return history.map(take);
}

describe('the guard against its model', () => {
  it('CARD-3: never takes a press that the promise forbids, whatever came before', () => {
    let taken = 0;
    fc.assert(
      fc.property(anyHistory, (history) => {
        for (const [index, accepted] of run(history).entries()) {
          if (!accepted) continue;
          taken += 1;
          expect(mustRefuse(history, index)).toBe(false);
        }
      }),
      { numRuns: 5_000 },
    );
    // A guard that takes nothing would keep the promise too.
    expect(taken).toBeGreaterThan(500);
  });
});
