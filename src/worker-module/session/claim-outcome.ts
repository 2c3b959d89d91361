// What became of a claim, as the module keeps it beside the signed answer: how it came out, what was paid back, and what of the answer
// contradicts the rest (docs/protocol.md §17). Pure; a part of a session's progress.

import type { CborValue } from '../../protocol/cbor.ts';
import { CLAIM_VERDICTS, type ClaimVerdict } from '../../protocol/claim-answer.ts';
import { CONTRADICTIONS, type Contradiction } from '../../protocol/claim-judgements.ts';
import { altered } from './members.ts';

/** One claim's end. */
export type ClaimOutcome = {
  readonly verdict: ClaimVerdict;
  /** Paid back, ten-thousandths of the unit of the session's currency. */
  readonly paidMinor: number;
  readonly contradictions: readonly Contradiction[];
};

/** The member of a session's progress. */
export function encodeOutcome({ verdict, paidMinor, contradictions }: ClaimOutcome): CborValue {
  return [verdict, paidMinor, contradictions];
}

/** Reads it back; null where there is none. @throws FareboxError `store/altered`. */
export function decodeOutcome(value: CborValue | undefined): ClaimOutcome | null {
  if (value === undefined) return null;
  const [said, paidMinor, found]: readonly CborValue[] = Array.isArray(value) && value.length === 3 ? value : [];
  const verdict = CLAIM_VERDICTS.find((known) => known === said);
  if (verdict === undefined || typeof paidMinor !== 'number' || !Array.isArray(found)) throw altered('claimOutcome');
  const contradictions = found.map((name: unknown) => {
    const contradiction = CONTRADICTIONS.find((known) => known === name);
    if (contradiction === undefined) throw altered('claimOutcome');
    return contradiction;
  });
  return { verdict, paidMinor, contradictions };
}
