// What a receipt says, added up from the record: the entries of one session, in order, chain checked on the way; or, of a session whose
// record was lost, from its progress, which says the same. Called by receipt-drawer.ts. Pure: the same record gives the same receipt.

import { FareboxError, type FareboxErrorCode } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { addFrame, countFrames, type FrameRange, rangesFromFrames } from '../../protocol/ranges.ts';
import type { Receipt } from '../../protocol/receipt.ts';
import type { ReceiptDelivery } from '../../protocol/receipt-delivery.ts';
import type { ReadEntry } from '../record/read-record.ts';
import type { SessionProgress, SessionTerms } from '../session/session-state.ts';

/** The life of the module in which the receipt is made: that of the certificate beside it. */
type Life = Pick<Receipt, 'device' | 'epoch'>;

/** Last outcomes that say "it stayed inside", not "it was bad". */
const WITHHELD_CODES: ReadonlySet<FareboxErrorCode> = new Set(['frame/withheld', 'frame/interrupted']);

/**
 * Adds up a session's entries as far as its `closed` entry. `issuedAt` is that entry's time, or the latest frame's where the clock was
 * set back, so that a receipt made after a cut is the same, byte for byte, as the one made before.
 * @throws FareboxError `store/altered` where the record does not hold the session from `opened` to `closed`, or counts a frame twice.
 */
export async function buildReceipt(
  session: SessionId,
  terms: SessionTerms,
  life: Life,
  entries: AsyncIterable<ReadEntry>,
): Promise<Receipt> {
  let opened = false;
  let frames: readonly FrameRange[] = [];
  const rungs = new Map<string, number>();
  const failures = new Map<number, FareboxErrorCode>();
  const shown = new Set<number>();
  let late: readonly FrameRange[] = [];
  let low: readonly FrameRange[] = [];
  const stalls = new Map<number, number>();
  let firstTime = 0;
  let lastTime = 0;
  for await (const { entry, head } of entries) {
    if (!('session' in entry) || entry.session !== session) continue;
    switch (entry.kind) {
      case 'opened':
        opened = true;
        break;
      case 'decrypted':
        if (shown.has(entry.frame)) throw altered(entry.counter);
        shown.add(entry.frame);
        frames = addFrame(frames, entry.frame);
        failures.delete(entry.frame);
        rungs.set(entry.rung, (rungs.get(entry.rung) ?? 0) + 1);
        if (entry.late) late = addFrame(late, entry.frame);
        if (terms.contract?.lowRungs.includes(entry.rung)) low = addFrame(low, entry.frame);
        // Earliest and latest, not first and last: a machine's clock may be set back while it plays.
        firstTime = shown.size === 1 ? entry.time : Math.min(firstTime, entry.time);
        lastTime = Math.max(lastTime, entry.time);
        break;
      case 'stalled':
        stalls.set(entry.frame, (stalls.get(entry.frame) ?? 0) + entry.ms);
        break;
      case 'failed':
        failures.set(entry.frame, entry.code);
        break;
      case 'closed': {
        if (!opened) throw altered(entry.counter);
        const { counter, time } = entry;
        const shownThen = { frames, count: shown.size, rungs, firstTime, lastTime, late, low, stalls, failures };
        return { ...stated(session, terms, life, shownThen), counter, head, issuedAt: Math.max(time, lastTime) };
      }
      case 'reserved':
      case 'receipt':
      case 'acknowledged':
        break;
    }
  }
  throw new FareboxError('store/altered', { session });
}

/** Where a session whose record was lost has its `closed` entry: in the record that was begun anew. Head of 32 bytes. */
export type ClosedPlace = { readonly counter: number; readonly head: Uint8Array };

/**
 * The receipt of a session whose record was lost, from the progress that the checkpoint or the backup kept. `now` is when it is signed, which
 * may be long after the end: the certificate of the epoch in which it is made did not exist then.
 */
export function receiptFromProgress(
  session: SessionId,
  terms: SessionTerms,
  life: Life,
  given: { readonly progress: SessionProgress; readonly closed: ClosedPlace; readonly now: number },
): Receipt {
  const { decrypted, ...shown } = given.progress;
  const { counter, head } = given.closed;
  const shownThen = { ...shown, frames: decrypted };
  return { ...stated(session, terms, life, shownThen), counter, head, issuedAt: Math.max(given.now, shown.lastTime) };
}

type Shown = Pick<Receipt, 'frames' | 'count' | 'rungs' | 'firstTime' | 'lastTime'> & {
  readonly late: readonly FrameRange[];
  readonly low: readonly FrameRange[];
  readonly stalls: ReadonlyMap<number, number>;
  readonly failures: ReadonlyMap<number, FareboxErrorCode>;
};

function stated(
  session: SessionId,
  terms: SessionTerms,
  { device, epoch }: Life,
  shown: Shown,
): Omit<Receipt, 'counter' | 'head' | 'issuedAt'> {
  const { frames, count, rungs, firstTime, lastTime, failures } = shown;
  const late = countFrames(shown.late);
  const { provider, programme, programmeHash, grantHash, currency, priceMinor } = terms;
  const withheld = [...failures.values()].filter((code) => WITHHELD_CODES.has(code)).length;
  return {
    ...{ provider, device, epoch, session, programme, programmeHash, grantHash },
    ...{ frames, count, rungs, firstTime, lastTime, late, withheld, currency },
    onTime: count - late,
    failed: failures.size - withheld,
    amountMinor: BigInt(count) * priceMinor,
    delivery: deliveryOf(terms, shown),
  };
}

/** What a session with a contract states besides; null for one without. */
function deliveryOf({ contract }: SessionTerms, { late, low, stalls, failures }: Shown): ReceiptDelivery | null {
  if (contract === null) return null;
  const lost = [...failures].filter(([, code]) => !WITHHELD_CODES.has(code)).map(([frame]) => frame);
  return {
    contractHash: contract.contractHash,
    lateFrames: late,
    lostFrames: rangesFromFrames(lost),
    stalls: [...stalls].sort(([a], [b]) => a - b),
    belowRung: low,
  };
}

function altered(counter: number): FareboxError {
  return new FareboxError('store/altered', { counter });
}
