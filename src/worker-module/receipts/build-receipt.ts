// What a receipt says, added up from the record and from nothing else: the entries of one session, in order, chain checked on the way.
// Called by close-session.ts. Pure over the entries: the same record gives the same receipt, however often it is asked.

import { FareboxError, type FareboxErrorCode } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { addFrame, type FrameRange } from '../../protocol/ranges.ts';
import type { Receipt } from '../../protocol/receipt.ts';
import type { ReadEntry } from '../record/read-record.ts';
import type { SessionTerms } from '../session/session-state.ts';

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
  entries: AsyncIterable<ReadEntry>,
): Promise<Receipt> {
  let opened = false;
  let frames: readonly FrameRange[] = [];
  const rungs = new Map<string, number>();
  const failures = new Map<number, FareboxErrorCode>();
  const shown = new Set<number>();
  let late = 0;
  let firstTime = 0;
  let lastTime = 0;
  for await (const { entry, head } of entries) {
    if (entry.kind === 'alarm' || entry.session !== session) continue;
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
        late += entry.late ? 1 : 0;
        // Earliest and latest, not first and last: a machine's clock may be set back while it plays.
        firstTime = shown.size === 1 ? entry.time : Math.min(firstTime, entry.time);
        lastTime = Math.max(lastTime, entry.time);
        break;
      case 'failed':
        failures.set(entry.frame, entry.code);
        break;
      case 'closed': {
        if (!opened) throw altered(entry.counter);
        const withheld = [...failures.values()].filter((code) => WITHHELD_CODES.has(code)).length;
        const { provider, programme, programmeHash, grantHash, currency, priceMinor } = terms;
        return {
          ...{ provider, session, programme, programmeHash, grantHash, frames, rungs, firstTime, lastTime, late },
          count: shown.size,
          onTime: shown.size - late,
          failed: failures.size - withheld,
          withheld,
          currency,
          amountMinor: BigInt(shown.size) * priceMinor,
          counter: entry.counter,
          head,
          issuedAt: Math.max(entry.time, lastTime),
        };
      }
      case 'reserved':
      case 'receipt':
      case 'acknowledged':
        break;
    }
  }
  throw new FareboxError('store/altered', { session });
}

function altered(counter: number): FareboxError {
  return new FareboxError('store/altered', { counter });
}
