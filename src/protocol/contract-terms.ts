// What a provider promises of its delivery and what it pays back where it breaks the promise (docs/protocol.md §17): in a
// programme as an offer, in a contract as agreed. Pure. Both sides work refunds out with the one function here.

import type { CborValue } from './cbor.ts';
import type { FareboxErrorCode } from './errors.ts';
import { decodeLabel } from './label.ts';
import { LIMITS } from './limits.ts';
import { type MembersReader, readMembers } from './members.ts';

/** What can be paid back for. `late`: shown later than its picture was due; `lost`: could not be opened; `stall`: play stood still for it longer than promised; `rung`: shown below the promised rung. */
export const CLAIM_KINDS = ['late', 'lost', 'stall', 'rung'] as const;

/** One of them. */
export type ClaimKind = (typeof CLAIM_KINDS)[number];

/** Shares of a frame's price, in thousandths, for each frame of a kind. */
export type Refunds = Readonly<Record<ClaimKind, number>>;

/** The terms of delivery. */
export type ContractTerms = Readonly<{
  /** Slots that the provider delivers a minute, 1 to `LIMITS.slotsPerMinute`: each within a minute divided by it from when it was asked for. */
  slotsPerMinute: number;
  /** The longest that play may stand still for one frame, 0 to `LIMITS.stallMs`. */
  longestStallMs: number;
  /** Label of the lowest video part that counts as delivered; empty where any does. */
  leastRung: string;
  refunds: Refunds;
}>;

/** The claim `contract` of terms. */
export function encodeContractTerms(terms: ContractTerms): CborValue {
  return new Map<string, CborValue>([
    ['slotsPerMinute', terms.slotsPerMinute],
    ['longestStallMs', terms.longestStallMs],
    ['leastRung', terms.leastRung],
    ['refunds', new Map<string, CborValue>(CLAIM_KINDS.map((kind) => [kind, terms.refunds[kind]]))],
  ]);
}

/** Reads the claim. Throws `code`. */
export function decodeContractTerms(value: CborValue, code: FareboxErrorCode): ContractTerms {
  const members = readMembers(value, code);
  const terms = {
    slotsPerMinute: members.integer('slotsPerMinute', 1, LIMITS.slotsPerMinute),
    longestStallMs: members.integer('longestStallMs', 0, LIMITS.stallMs),
    leastRung: leastRungIn(members, code),
    refunds: refundsIn(members.raw('refunds'), code),
  };
  members.end();
  return terms;
}

function leastRungIn(members: MembersReader, code: FareboxErrorCode): string {
  const label = members.raw('leastRung');
  return label === '' ? '' : decodeLabel(label, code);
}

function refundsIn(value: CborValue, code: FareboxErrorCode): Refunds {
  const members = readMembers(value, code);
  const share = (kind: ClaimKind) => members.integer(kind, 0, LIMITS.refundThousandths);
  const refunds = { late: share('late'), lost: share('lost'), stall: share('stall'), rung: share('rung') };
  members.end();
  return refunds;
}

/** True where both promise the same. */
export function equalContractTerms(left: ContractTerms, right: ContractTerms): boolean {
  const { slotsPerMinute, longestStallMs, leastRung, refunds } = left;
  return (
    slotsPerMinute === right.slotsPerMinute &&
    longestStallMs === right.longestStallMs &&
    leastRung === right.leastRung &&
    CLAIM_KINDS.every((kind) => refunds[kind] === right.refunds[kind])
  );
}

/** Longest time in ms that a slot may take to be delivered, from when it was asked for. */
export function slotTimeMs({ slotsPerMinute }: ContractTerms): number {
  return Math.floor(60_000 / slotsPerMinute);
}

/** What `frames` frames of a kind are paid back with, in the unit of `priceMinor`: rounded down once, for all of them together. */
export function refundFor(terms: ContractTerms, kind: ClaimKind, frames: number, priceMinor: bigint): bigint {
  return (priceMinor * BigInt(terms.refunds[kind]) * BigInt(frames)) / 1000n;
}
