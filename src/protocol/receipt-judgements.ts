// The checks of a receipt that need no key: does it agree with its grant, and with itself (docs/protocol.md §9). Pure;
// each gives a value to show, and the code that stands for its failure. Called by receipt-checks.ts.

import { amount, formatAmount, multiply } from './amount.ts';
import { toHex } from './bytes.ts';
import type { VerifiedCertificate } from './certificate.ts';
import type { ContractTerms } from './contract-terms.ts';
import type { FareboxErrorCode } from './errors.ts';
import type { VerifiedGrant } from './grant.ts';
import { sameLife } from './life.ts';
import { LIMITS } from './limits.ts';
import type { VerifiedProgramme } from './programme.ts';
import { countFrames, equalRanges, type FrameRange, intersectRanges, rangesFromFrames } from './ranges.ts';
import type { VerifiedReceipt } from './receipt.ts';

/** What was found: `null` where it holds, else the code of what does not. */
export type Judgement = Readonly<{ value: string; failure: FareboxErrorCode | null }>;

/** Latest moment that a Date can hold; a number beyond it is shown as a number. */
const LAST_DATE_MS = 8_640_000_000_000_000;

/** A moment as a person and a machine read it, UTC. */
export function describeTime(timeMs: number): string {
  return timeMs <= LAST_DATE_MS ? new Date(timeMs).toISOString() : `${timeMs} ms`;
}

function judge(holds: boolean, failure: FareboxErrorCode, value: string): Judgement {
  return { value, failure: holds ? null : failure };
}

function describeRanges(ranges: readonly FrameRange[]): string {
  const shown = ranges.slice(0, 8).map(([from, to]) => (to - from === 1 ? `${from}` : `${from}–${to - 1}`));
  return ranges.length === 0 ? 'none' : `${shown.join(', ')}${ranges.length > shown.length ? ' …' : ''}`;
}

/** The certificate held when the receipt was signed; the module's clock may be as far behind the agency's as it may be when it takes the certificate. */
export function judgeCertificateTime(certificate: VerifiedCertificate, receipt: VerifiedReceipt): Judgement {
  const { issuedAt, expires } = certificate;
  const begun = issuedAt <= receipt.issuedAt + LIMITS.clockToleranceMs;
  const holds = begun && receipt.issuedAt < expires;
  const value = `signed ${describeTime(receipt.issuedAt)}; certificate ${describeTime(issuedAt)} to ${describeTime(expires)}`;
  return judge(holds, begun ? 'certificate/expired' : 'certificate/not-yet-valid', value);
}

function describeEpoch({ epoch, device }: VerifiedReceipt): string {
  return epoch === 0 ? 'before there were epochs' : `epoch ${epoch} on device ${toHex(device)}`;
}

/** What a receipt has to belong to. */
type Bound = Readonly<{ certificate: VerifiedCertificate; grant: VerifiedGrant; programme: VerifiedProgramme }>;

/** Receipt, certificate, grant and programme name one session, programme, module, device and epoch, provider and grant. */
export function judgeBinding(receipt: VerifiedReceipt, { certificate, grant, programme }: Bound): Judgement {
  const apart = [
    receipt.session === grant.session ? null : 'session',
    receipt.programme === programme.programme ? null : 'programme',
    receipt.programmeHash === programme.programmeHash ? null : 'programme hash',
    receipt.module === grant.module ? null : 'module',
    sameLife(receipt, certificate) ? null : 'device and epoch',
    receipt.provider === grant.provider ? null : 'provider',
    receipt.grantHash === grant.grantHash ? null : 'grant hash',
  ].filter((name) => name !== null);
  const value =
    apart.length === 0 ? `session ${receipt.session}, ${describeEpoch(receipt)}` : `not the same: ${apart.join(', ')}`;
  return judge(apart.length === 0, 'receipt/binding', value);
}

/** Every frame was granted. */
export function judgeWithinGrant(receipt: VerifiedReceipt, grant: VerifiedGrant): Judgement {
  const holds = equalRanges(intersectRanges(receipt.frames, grant.ranges), receipt.frames);
  const value = `frames ${describeRanges(receipt.frames)} of ${describeRanges(grant.ranges)}`;
  return judge(holds, 'receipt/coverage', value);
}

/** Ranges, rungs, and on-time with late frames each add up to the count. */
export function judgeCount(receipt: VerifiedReceipt): Judgement {
  const byRungs = [...receipt.rungs.values()].reduce((sum, count) => sum + count, 0);
  const byTime = receipt.onTime + receipt.late;
  const byRanges = countFrames(receipt.frames);
  const holds = [byRungs, byTime, byRanges].every((sum) => sum === receipt.count);
  const value = `${receipt.count} frames; by ranges ${byRanges}, by rungs ${byRungs}, on time ${receipt.onTime} + late ${receipt.late}`;
  return judge(holds, 'receipt/count', value);
}

/** First before last, last before the signature; all by the module's own clock, which owes nothing to the provider's. */
export function judgeTimes(receipt: VerifiedReceipt): Judgement {
  const { count, firstTime, lastTime, issuedAt } = receipt;
  if (count === 0) return judge(firstTime === 0 && lastTime === 0, 'receipt/times', 'no frame, no time');
  // `iat` is cut to seconds, so the last frame may seem to follow it by less than one.
  const holds = firstTime > 0 && firstTime <= lastTime && lastTime < issuedAt + 1000;
  return judge(holds, 'receipt/times', `${describeTime(firstTime)} to ${describeTime(lastTime)}`);
}

/** The amount is count × price, in the grant's currency, and no more than was reserved. */
export function judgeAmount(receipt: VerifiedReceipt, grant: VerifiedGrant): Judgement {
  const price = amount(grant.currency, grant.priceMinor);
  const due = multiply(price, receipt.count).amountMinor;
  const holds = receipt.currency === grant.currency && receipt.amountMinor === due && due <= grant.reservedMinor;
  const stated = formatAmount(amount(receipt.currency, receipt.amountMinor));
  return judge(holds, 'receipt/amount', `${receipt.count} × ${formatAmount(price)} = ${stated}`);
}

/** Each counted frame needs two entries of the record, so the counter is at least twice the count. */
export function judgeRecord(receipt: VerifiedReceipt): Judgement {
  const value = `counter ${receipt.counter}, for ${receipt.count} frames at least ${2 * receipt.count}`;
  return judge(receipt.counter >= 2 * receipt.count, 'receipt/record', value);
}

/** What the receipt says of the delivery agrees with its counts, lies within the grant, and names no stall that the contract allows. */
export function judgeDelivery(receipt: VerifiedReceipt, grant: VerifiedGrant, terms: ContractTerms): Judgement {
  const { delivery, frames } = receipt;
  if (delivery === null) return judge(false, 'receipt/delivery', 'none stated');
  const { lateFrames, lostFrames, stalls, belowRung } = delivery;
  const within = (part: readonly FrameRange[], whole: readonly FrameRange[]) =>
    equalRanges(joinRanges(intersectRanges(part, whole)), part);
  const stalled = rangesFromFrames(stalls.map(([frame]) => frame));
  const holds =
    within(lateFrames, frames) &&
    countFrames(lateFrames) === receipt.late &&
    within(belowRung, frames) &&
    within(lostFrames, grant.ranges) &&
    intersectRanges(lostFrames, frames).length === 0 &&
    countFrames(lostFrames) === receipt.failed &&
    within(stalled, grant.ranges) &&
    stalls.every(([, ms]) => ms > terms.longestStallMs);
  const value = `late ${describeRanges(lateFrames)}; lost ${describeRanges(lostFrames)}; stood still at ${describeRanges(stalled)}; below the rung ${describeRanges(belowRung)}`;
  return judge(holds, 'receipt/delivery', value);
}

/** Parts of one range, cut at bounds of another set, as one again. */
function joinRanges(ranges: readonly FrameRange[]): readonly FrameRange[] {
  const joined: FrameRange[] = [];
  for (const [from, to] of ranges) {
    const last = joined.at(-1);
    if (last !== undefined && last[1] === from) joined[joined.length - 1] = [last[0], to];
    else joined.push([from, to]);
  }
  return joined;
}
