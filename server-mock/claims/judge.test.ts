// Judging a claim: BT-9. Every line with its reason, and every way of cheating as a row; the answer that follows never
// contradicts itself, whatever was claimed.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ClaimReason } from '../../src/protocol/claim-answer.ts';
import { findContradictions, verdictOf } from '../../src/protocol/claim-judgements.ts';
import type { ClaimLine } from '../../src/protocol/claim-lines.ts';
import { CLAIM_KINDS, type ClaimKind, type ContractTerms } from '../../src/protocol/contract-terms.ts';
import { decodeContentHash, decodeModuleId, decodeSessionId } from '../../src/protocol/ids.ts';
import { rangesFromFrames } from '../../src/protocol/ranges.ts';
import type { ReceiptDelivery } from '../../src/protocol/receipt-delivery.ts';
import { runs } from '../../src/protocol/testing/runs.ts';
import { type ClaimCase, judgeClaim } from './judge.ts';
import type { WeighedFrame } from './weigh.ts';

const TERMS: ContractTerms = {
  slotsPerMinute: 30,
  longestStallMs: 1_000,
  leastRung: 'video/720p',
  refunds: { late: 500, lost: 1_000, stall: 250, rung: 300 },
};
const HASH = decodeContentHash('ab'.repeat(32));
const CREATED = 1_000_000_000;
const NEVER: WeighedFrame = { asked: 0, failed: 0, servedMs: 0, outcome: null };
const IN_TIME: WeighedFrame = { asked: 2, failed: 0, servedMs: 12, outcome: 'in-time' };
const LATE: WeighedFrame = { asked: 3, failed: 1, servedMs: 3_100, outcome: 'late' };
const MISSING: WeighedFrame = { asked: 2, failed: 2, servedMs: 0, outcome: 'missing' };

const DELIVERY: ReceiptDelivery = {
  contractHash: HASH,
  lateFrames: [[2, 4]],
  lostFrames: [[6, 7]],
  stalls: [[2, 2_000]],
  belowRung: [[1, 3]],
};

/** Frames 0 to 5 shown, 6 lost, of 10, of which 9 were granted; the record has all of them in time. */
function caseOf(changes: Partial<ClaimCase> = {}): ClaimCase {
  return {
    lines: [],
    terms: TERMS,
    priceMinor: 20n,
    frameCount: 10,
    frameDurationMs: 2_000,
    granted: [[0, 9]],
    receipt: { frames: [[0, 6]], firstTime: CREATED + 2_000, lastTime: CREATED + 14_000, delivery: DELIVERY },
    createdTime: CREATED,
    settledTime: CREATED + 20_000,
    weigh: () => IN_TIME,
    weighHigh: () => IN_TIME,
    wasUnpublished: () => false,
    ...changes,
  };
}

const line = (kind: ClaimKind, from: number, to = from + 1): ClaimLine => ({ kind, from, to });
const reasonsOf = (given: ClaimCase) => judgeClaim(given).lines.map(({ from, to, reason }) => [from, to, reason]);

describe('BT-9: a claim that is right', () => {
  test.each<[string, ClaimLine, Partial<ClaimCase>, ClaimReason, bigint]>([
    ['a late frame that the provider was slow with', line('late', 2), { weigh: () => LATE }, 'delivered-late', 10n],
    ['a late frame that it did not have', line('late', 2), { weigh: () => MISSING }, 'not-delivered', 10n],
    ['a lost frame that it never gave whole', line('lost', 6), { weigh: () => MISSING }, 'not-delivered', 20n],
    ['a stall that it caused', line('stall', 2), { weigh: () => LATE }, 'delivered-late', 5n],
    [
      'a low frame after it failed at the promised rung',
      line('rung', 2),
      { weighHigh: () => LATE },
      'delivered-late',
      6n,
    ],
  ])('is paid for %s', (_what, claimed, changes, reason, amountMinor) => {
    const { lines } = judgeClaim(caseOf({ lines: [claimed], ...changes }));
    expect(lines).toEqual([{ ...claimed, reason, amountMinor }]);
    expect(verdictOf(lines)).toBe('paid');
  });

  test('is paid in part where only some of it is, each run with its own reason', () => {
    const weigh = (frame: number) => (frame === 3 ? LATE : IN_TIME);
    const { lines, delivery } = judgeClaim(caseOf({ lines: [line('late', 2, 4), line('lost', 6)], weigh }));
    expect(lines.map(({ from, reason, amountMinor }) => [from, reason, amountMinor])).toEqual([
      [2, 'delivered-in-time', 0n],
      [3, 'delivered-late', 10n],
      [6, 'delivered-in-time', 0n],
    ]);
    expect(verdictOf(lines)).toBe('part');
    expect(delivery.map(({ frame }) => frame)).toEqual([2, 3, 6]);
  });

  test('for a low frame looks at the ten frames before it, and no further', () => {
    const at = (faulty: number) => ({
      lines: [line('rung', 20)],
      frameCount: 30,
      granted: [[0, 30]] as const,
      receipt: {
        ...caseOf().receipt,
        frames: [[0, 30]] as const,
        delivery: { ...DELIVERY, belowRung: [[20, 21]] as const },
      },
      settledTime: CREATED + 60_000,
      weighHigh: (frame: number) => (frame === faulty ? MISSING : NEVER),
    });
    expect(reasonsOf(caseOf(at(10)))).toEqual([[20, 21, 'not-delivered']]);
    expect(reasonsOf(caseOf(at(9)))).toEqual([[20, 21, 'rung-chosen']]);
    expect(reasonsOf(caseOf(at(21)))).toEqual([[20, 21, 'rung-chosen']]);
  });
});

describe('BT-9: cheating is refused, with the reason', () => {
  const shifted = (ms: number) => ({ firstTime: CREATED + 2_000 + ms, lastTime: CREATED + 14_000 + ms });
  const withReceipt = (changes: Partial<ClaimCase['receipt']>): Partial<ClaimCase> => ({
    receipt: { ...caseOf().receipt, ...changes },
    weigh: () => MISSING,
  });

  test.each<[string, ClaimLine, Partial<ClaimCase>, ClaimReason]>([
    ['frames that were shown on time, as late', line('late', 0), { weigh: () => MISSING }, 'shown-on-time'],
    ['frames that were shown, as lost', line('lost', 2), { weigh: () => MISSING }, 'shown-on-time'],
    ['a stall that the receipt does not have', line('stall', 4), { weigh: () => MISSING }, 'shown-on-time'],
    ['frames that the receipt does not speak of', line('lost', 8), { weigh: () => MISSING }, 'not-in-receipt'],
    ['frames that were never granted', line('late', 9), { weigh: () => MISSING }, 'not-granted'],
    ['frames that were never asked for', line('late', 2), { weigh: () => NEVER }, 'never-asked'],
    ['fetched frames that were dropped on purpose', line('lost', 6), {}, 'delivered-in-time'],
    [
      'frames that were read slowly on purpose',
      line('late', 2),
      { weigh: () => ({ ...IN_TIME, outcome: 'slow-line' }) },
      'slow-line',
    ],
    [
      'frames that were asked for and broken off',
      line('lost', 6),
      { weigh: () => ({ ...IN_TIME, outcome: 'given-up' }) },
      'given-up',
    ],
    ['a low rung that was chosen', line('rung', 2), { weigh: () => MISSING }, 'rung-chosen'],
    ['with a clock that was before the session', line('late', 2), withReceipt(shifted(-302_001)), 'outside-session'],
    ['with a clock that was after it', line('stall', 2), withReceipt(shifted(306_001)), 'outside-session'],
    [
      'with a clock that was moved while it played',
      line('late', 2),
      withReceipt({ firstTime: CREATED, lastTime: CREATED + 320_001 }),
      'outside-session',
    ],
    [
      'with more standing still than there was time',
      line('stall', 2),
      withReceipt({ delivery: { ...DELIVERY, stalls: [[2, 314_001]] } }),
      'outside-session',
    ],
  ])('claiming %s', (_what, claimed, changes, reason) => {
    const { lines } = judgeClaim(caseOf({ lines: [claimed], ...changes }));
    expect(lines).toEqual([{ ...claimed, reason, amountMinor: 0n }]);
    expect(verdictOf(lines)).toBe('refused');
  });

  test('a clock that is off by less than the tolerance costs nobody anything', () => {
    for (const ms of [-302_000, 0, 306_000])
      expect(reasonsOf(caseOf({ lines: [line('late', 2)], ...withReceipt(shifted(ms)) }))).toEqual([
        [2, 3, 'not-delivered'],
      ]);
  });

  test('frames beyond the programme are one line, however many are named', () => {
    const lines = [line('late', 8, 2 ** 32)];
    expect(reasonsOf(caseOf({ lines, weigh: () => MISSING }))).toEqual([
      [8, 9, 'not-in-receipt'],
      [9, 2 ** 32, 'not-granted'],
    ]);
  });
});

test('BT-9: an answer never contradicts its claim, its contract, the receipt or its record', () => {
  const frames = fc.uniqueArray(fc.nat(9), { maxLength: 6 });
  const outcome = fc.constantFrom(NEVER, IN_TIME, LATE, MISSING, { ...IN_TIME, outcome: 'slow-line' as const });
  fc.assert(
    fc.property(
      fc.record({ late: frames, lost: frames, stall: frames, rung: frames }),
      fc.record({ late: frames, lost: frames, stall: frames, rung: frames }),
      fc.array(outcome, { minLength: 10, maxLength: 10 }),
      fc.nat(30),
      (claimed, stated, record, price) => {
        const lines = CLAIM_KINDS.flatMap((kind) =>
          rangesFromFrames(claimed[kind]).map(([from, to]) => ({ kind, from, to })),
        );
        const delivery: ReceiptDelivery = {
          contractHash: HASH,
          lateFrames: rangesFromFrames(stated.late),
          lostFrames: rangesFromFrames(stated.lost),
          stalls: [...stated.stall].sort((a, b) => a - b).map((frame) => [frame, 1_500]),
          belowRung: rangesFromFrames(stated.rung),
        };
        const priceMinor = BigInt(price);
        const receipt = { ...caseOf().receipt, delivery };
        const weigh = (frame: number) => record[frame] ?? NEVER;
        const judged = judgeClaim(caseOf({ lines, receipt, priceMinor, weigh, weighHigh: weigh }));
        const answer = {
          ...judged,
          module: decodeModuleId('11'.repeat(16)),
          session: decodeSessionId('22'.repeat(16)),
          ...{ claimHash: HASH, receiptHash: HASH, contractHash: HASH },
          verdict: verdictOf(judged.lines),
          currency: 'EUR',
          amountMinor: judged.lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
          creditMinor: 0n,
          issuedAt: CREATED,
        };
        expect(findContradictions({ answer, lines, terms: TERMS, currency: 'EUR', priceMinor, delivery })).toEqual([]);
      },
    ),
    { numRuns: runs(300) },
  );
});
