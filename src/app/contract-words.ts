// Contracts and claims in plain words (docs/protocol.md §17). Pure; what is said here is looked up by the screens of watching and of receipts.

import type { ClaimReason, ClaimVerdict } from '../protocol/claim-answer.ts';
import type { Contradiction } from '../protocol/claim-judgements.ts';
import { CLAIM_KINDS, type ClaimKind, type ContractTerms } from '../protocol/contract-terms.ts';
import { formatRung, formatSeconds } from './format.ts';

/** What can be paid back for. */
export const KINDS: Readonly<Record<ClaimKind, string>> = {
  late: 'Late',
  lost: 'Lost',
  stall: 'Stood still',
  rung: 'Below the promised quality',
};

const REFUNDED: Readonly<Record<ClaimKind, string>> = {
  late: 'late',
  lost: 'lost',
  stall: 'that you waited for too long',
  rung: 'below that quality',
};

/** Why a line was paid or refused. */
export const REASONS: Readonly<Record<ClaimReason, string>> = {
  'not-delivered': 'the provider did not give it whole',
  'delivered-late': 'the provider took too long',
  'not-published': 'it was live, and the provider had not sent it when it was due',
  'not-granted': 'it was not part of this session',
  'shown-on-time': 'your receipt has it as shown on time',
  'not-in-receipt': 'your receipt does not speak of it',
  'outside-session': 'the times on your receipt do not fit the session',
  'never-asked': 'the provider was never asked for it',
  'delivered-in-time': 'the provider gave it in time',
  'slow-line': 'the provider gave it in time; the line to you was slow',
  'given-up': 'it was broken off here before its time was over',
  'rung-chosen': 'nothing better was asked for in vain',
};

/** How a claim came out. */
export const VERDICTS: Readonly<Record<ClaimVerdict, string>> = {
  paid: 'paid back',
  part: 'paid back in part',
  refused: 'refused',
};

/** What is wrong with an answer that contradicts itself. */
export const CONTRADICTED: Readonly<Record<Contradiction, string>> = {
  lines: 'It does not answer the frames that were claimed.',
  amount: 'A line is not what the contract says.',
  sum: 'The sum is not the sum of its lines.',
  verdict: 'Its verdict does not follow from its lines.',
  currency: 'It is in another currency than the contract.',
  receipt: 'It denies what your receipt says.',
  record: "Its reasons do not agree with the provider's own record.",
};

/** The promise, a sentence a line. */
export function sayContract({ slotsPerMinute, longestStallMs, leastRung, refunds }: ContractTerms): readonly string[] {
  const shares = CLAIM_KINDS.filter((kind) => refunds[kind] > 0 && (kind !== 'rung' || leastRung !== ''));
  const list = shares.map((kind) => `${formatShare(refunds[kind])} of its price for a frame ${REFUNDED[kind]}`);
  return [
    `Each frame is sent within ${formatSeconds(60_000 / slotsPerMinute)} of being asked for.`,
    `Play stands still for ${formatSeconds(longestStallMs)} at most.`,
    ...(leastRung === '' ? [] : [`The picture is ${formatRung(leastRung)} or better.`]),
    list.length === 0 ? 'Nothing is paid back where that is broken.' : `Paid back: ${list.join(', ')}.`,
  ];
}

/** `50 %`, from thousandths. */
function formatShare(thousandths: number): string {
  return `${(thousandths / 10).toLocaleString('en', { maximumFractionDigits: 1 })} %`;
}

/** `frame 4`, `frames 4 to 9`, as people count: from 1. */
export function sayFrames(from: number, to: number): string {
  return to - from === 1 ? `frame ${from + 1}` : `frames ${from + 1} to ${to}`;
}
