// The lines of a claim (docs/protocol.md §17): which frames of which kind money is asked back for. A module takes them from
// its receipt, all of them; a provider reads whatever it is sent. Pure.

import type { CborValue } from './cbor.ts';
import { CLAIM_KINDS, type ClaimKind, type ContractTerms } from './contract-terms.ts';
import { FareboxError, type FareboxErrorCode } from './errors.ts';
import { LIMITS } from './limits.ts';
import type { FrameRange } from './ranges.ts';
import { rangesFromFrames } from './ranges.ts';
import type { ReceiptDelivery } from './receipt-delivery.ts';

/** Frames `from` up to and without `to`, of one kind. */
export type ClaimLine = Readonly<{ kind: ClaimKind; from: number; to: number }>;

/** Reads a kind. Throws `code`. */
export function decodeClaimKind(candidate: unknown, code: FareboxErrorCode): ClaimKind {
  const kind = CLAIM_KINDS.find((known) => known === candidate);
  if (kind === undefined) throw new FareboxError(code, { expected: 'kind of claim' });
  return kind;
}

/** Frames of this kind that the receipt speaks of. */
export function framesOfKind(delivery: ReceiptDelivery, kind: ClaimKind): readonly FrameRange[] {
  switch (kind) {
    case 'late':
      return delivery.lateFrames;
    case 'lost':
      return delivery.lostFrames;
    case 'stall':
      return rangesFromFrames(delivery.stalls.map(([frame]) => frame));
    case 'rung':
      return delivery.belowRung;
  }
}

/** All that a receipt gives reason to claim under these terms, in the order of `CLAIM_KINDS` and then of the frames, at most `LIMITS.claimLines`. Empty where the delivery was as promised. */
export function claimLinesOf(delivery: ReceiptDelivery, terms: ContractTerms): readonly ClaimLine[] {
  return CLAIM_KINDS.filter((kind) => terms.refunds[kind] > 0)
    .flatMap((kind) => framesOfKind(delivery, kind).map(([from, to]) => ({ kind, from, to })))
    .slice(0, LIMITS.claimLines);
}

/** The claim `lines`. */
export function encodeClaimLines(lines: readonly ClaimLine[]): CborValue {
  return lines.map(({ kind, from, to }) => [kind, from, to]);
}

/** Reads one line of three members. Throws `code`. */
export function decodeClaimLine(entry: unknown, code: FareboxErrorCode): ClaimLine {
  const members: readonly unknown[] = Array.isArray(entry) ? entry : [];
  const [kind, from, to] = members;
  const isFrame = (bound: unknown): bound is number =>
    typeof bound === 'number' && Number.isSafeInteger(bound) && bound >= 0 && bound <= LIMITS.frameNumbers;
  if (members.length !== 3 || !isFrame(from) || !isFrame(to) || from >= to)
    throw new FareboxError(code, { expected: 'line' });
  return { kind: decodeClaimKind(kind, code), from, to };
}

/** Reads the claim `lines`: at least one, in the order of `CLAIM_KINDS`, and within a kind ascending and apart, so that no frame is claimed twice. Throws `code`. */
export function decodeClaimLines(value: CborValue, code: FareboxErrorCode): readonly ClaimLine[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > LIMITS.claimLines)
    throw new FareboxError(code, { claim: 'lines' });
  const lines = value.map((entry: unknown) => decodeClaimLine(entry, code));
  if (!areOrdered(lines)) throw new FareboxError(code, { claim: 'lines' });
  return lines;
}

/** True where lines stand in their order and no frame stands twice in a kind. */
export function areOrdered(lines: readonly ClaimLine[]): boolean {
  return lines.every((line, at) => {
    const before = lines[at - 1];
    if (before === undefined) return true;
    const step = CLAIM_KINDS.indexOf(line.kind) - CLAIM_KINDS.indexOf(before.kind);
    return step > 0 || (step === 0 && line.from >= before.to);
  });
}
