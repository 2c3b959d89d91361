// Whether a provider's answer to a claim agrees with itself, with its contract, with the receipt and with its own record of
// delivery (docs/protocol.md §17). A provider may lie: what is found is shown beside the answer, which stays as evidence. Pure.

import type { AnsweredLine, ClaimAnswer, DeliveredFrame } from './claim-answer.ts';
import { isPaidReason } from './claim-answer.ts';
import { areOrdered, type ClaimLine, framesOfKind } from './claim-lines.ts';
import { type ContractTerms, refundFor, slotTimeMs } from './contract-terms.ts';
import { LIMITS } from './limits.ts';
import { coversFrame } from './ranges.ts';
import type { ReceiptDelivery } from './receipt-delivery.ts';

/**
 * What an answer can contradict: `lines`: other frames than were claimed; `amount`: another sum for a line than the contract's; `sum`: the whole is
 * not the sum of its lines; `verdict`; `currency`; `receipt`: it denies what the receipt says; `record`: the reason is not what its own record says.
 */
export const CONTRADICTIONS = ['lines', 'amount', 'sum', 'verdict', 'currency', 'receipt', 'record'] as const;

/** One of them. */
export type Contradiction = (typeof CONTRADICTIONS)[number];

/** What an answer is held against. */
export type AnswerToJudge = Readonly<{
  answer: ClaimAnswer;
  /** The claim that it answers. */
  lines: readonly ClaimLine[];
  terms: ContractTerms;
  currency: string;
  priceMinor: bigint;
  /** What the receipt says. */
  delivery: ReceiptDelivery;
}>;

/** Everything that does not agree, in the order of `CONTRADICTIONS`; empty for an honest answer, whatever it pays. */
export function findContradictions(given: AnswerToJudge): readonly Contradiction[] {
  const { answer, lines, currency } = given;
  const holds: Readonly<Record<Contradiction, boolean>> = {
    lines: areSameFrames(lines, answer.lines),
    amount: answer.lines.every((line) => line.amountMinor === dueFor(given, line)),
    sum: answer.amountMinor === answer.lines.reduce((sum, line) => sum + line.amountMinor, 0n),
    verdict: answer.verdict === verdictOf(answer.lines),
    currency: answer.currency === currency,
    receipt: answer.lines.every((line) => !deniesReceipt(given.delivery, line)),
    record: answer.lines.every((line) => agreesWithRecord(given, line)),
  };
  return CONTRADICTIONS.filter((name) => !holds[name]);
}

/** How a claim came out whose lines came out so. */
export function verdictOf(lines: readonly Pick<AnsweredLine, 'reason'>[]): ClaimAnswer['verdict'] {
  const paid = lines.filter(({ reason }) => isPaidReason(reason)).length;
  if (paid === 0) return 'refused';
  return paid === lines.length ? 'paid' : 'part';
}

function dueFor({ terms, priceMinor }: AnswerToJudge, { kind, from, to, reason }: AnsweredLine): bigint {
  return isPaidReason(reason) ? refundFor(terms, kind, to - from, priceMinor) : 0n;
}

/** An answer may split a claimed line, and nothing else. */
function areSameFrames(claimed: readonly ClaimLine[], answered: readonly ClaimLine[]): boolean {
  return areOrdered(answered) && sameRuns(joined(claimed), joined(answered));
}

function joined(lines: readonly ClaimLine[]): readonly ClaimLine[] {
  const runs: ClaimLine[] = [];
  for (const line of lines) {
    const last = runs.at(-1);
    if (last?.kind === line.kind && last.to === line.from) runs[runs.length - 1] = { ...last, to: line.to };
    else runs.push(line);
  }
  return runs;
}

function sameRuns(left: readonly ClaimLine[], right: readonly ClaimLine[]): boolean {
  const same = (line: ClaimLine, at: number) =>
    line.kind === right[at]?.kind && line.from === right[at]?.from && line.to === right[at]?.to;
  return left.length === right.length && left.every(same);
}

/** It says that the receipt does not have what the receipt has. */
function deniesReceipt(delivery: ReceiptDelivery, { kind, from, to, reason }: AnsweredLine): boolean {
  if (reason !== 'shown-on-time' && reason !== 'not-in-receipt') return false;
  const stated = framesOfKind(delivery, kind);
  return framesOf(from, to).some((frame) => coversFrame(stated, frame));
}

/** Frames of a line as far as a record can state them. */
function framesOf(from: number, to: number): readonly number[] {
  return Array.from({ length: Math.min(to - from, LIMITS.ranges) }, (_none, at) => from + at);
}

function agreesWithRecord({ answer, terms }: AnswerToJudge, { from, to, reason }: AnsweredLine): boolean {
  const isWhole = answer.delivery.length < LIMITS.ranges;
  return framesOf(from, to).every((frame) => {
    const stated = answer.delivery.find((row) => row.frame === frame);
    if (stated === undefined) return !isWhole || !NEEDS_RECORD.has(reason);
    return fitsReason(stated, reason, slotTimeMs(terms));
  });
}

const NEEDS_RECORD: ReadonlySet<AnsweredLine['reason']> = new Set(['delivered-in-time', 'slow-line', 'given-up']);

/** Whether one frame's line in the record can have this reason; those that are not about the record fit every line. */
function fitsReason(
  { asked, failed, servedMs }: DeliveredFrame,
  reason: AnsweredLine['reason'],
  inMs: number,
): boolean {
  switch (reason) {
    case 'never-asked':
      return asked === 0;
    case 'delivered-in-time':
    case 'slow-line':
      return asked > failed && servedMs <= inMs;
    case 'given-up':
      return asked > 0 && servedMs <= inMs;
    case 'not-delivered':
    case 'delivered-late':
    case 'not-published':
    case 'not-granted':
    case 'shown-on-time':
    case 'not-in-receipt':
    case 'outside-session':
    case 'rung-chosen':
      return true;
  }
}
