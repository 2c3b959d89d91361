// A receipt made from progress says what the one made from the record says: the record is the truth, and progress is what is left of it when
// the store is lost. Random sessions, played through the gate.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { SessionId } from '../../protocol/ids.ts';
import { runs } from '../../protocol/testing/runs.ts';
import { readRecord } from '../record/read-record.ts';
import { openSessionRow } from '../session/session-codec.ts';
import { makeMemoryStore } from '../store/testing/memory-store.ts';
import { expectValue, makeTestBrowser, openTab, showFrame, type TestBrowser } from '../testing/browser.ts';
import { openKeys } from '../testing/check-record.ts';
import { HIGH_LABEL, makeProviderSide, PROMISED } from '../testing/provider-side.ts';
import { beginSession } from '../testing/steps.ts';
import { buildReceipt, receiptFromProgress } from './build-receipt.ts';

const provider = await makeProviderSide({ contract: { ...PROMISED, leastRung: HIGH_LABEL } });

type Step =
  | { readonly kind: 'deliver'; readonly frame: number; readonly good: boolean }
  | { readonly kind: 'show'; readonly late: boolean }
  | { readonly kind: 'withhold' }
  | { readonly kind: 'stall'; readonly frame: number; readonly ms: number }
  | { readonly kind: 'clock'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('deliver'), frame: fc.integer({ min: 0, max: 12 }), good: fc.boolean() }),
  fc.record({ kind: fc.constant('show'), late: fc.boolean() }),
  fc.record({ kind: fc.constant('withhold') }),
  fc.record({
    kind: fc.constant('stall'),
    frame: fc.integer({ min: 0, max: 12 }),
    ms: fc.integer({ min: 0, max: 4_000 }),
  }),
  fc.record({ kind: fc.constant('clock'), ms: fc.integer({ min: -60_000, max: 60_000 }) }),
);

test('BT-8: a receipt from progress agrees with the one from the record, whatever was shown, late, too low, withheld, tampered with or stood still for', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const browser = makeTestBrowser();
      const tab = await openTab(browser, provider.agencyKey);
      const { session } = await beginSession(provider, tab);
      for (const taken of steps) {
        const { frames } = tab.sink();
        const [first] = frames.values();
        if (taken.kind === 'deliver') await tab.call('deliver', { session, frame: taken.frame, parts: parts(taken) });
        else if (taken.kind === 'clock') browser.clock.advance(taken.ms);
        else if (taken.kind === 'stall') await tab.sink().noteStall(taken.frame, taken.ms);
        else if (first !== undefined && taken.kind === 'show') await showFrame(tab.sink(), first.frame, taken.late);
        else if (first !== undefined) {
          frames.delete(first.frame);
          await first.withhold();
        }
      }
      expectValue(await tab.call('closeSession', { session }));
      const { fromRecord, fromProgress } = await bothReceipts(browser, session);
      expect(fromProgress).toEqual({ ...fromRecord, issuedAt: expect.any(Number) });
      expect(fromProgress.issuedAt).toBeGreaterThanOrEqual(fromProgress.lastTime);
    }),
    { numRuns: runs(60) },
  );
}, 60_000);

function parts({ frame, good }: Extract<Step, { kind: 'deliver' }>): ReturnType<typeof provider.partsOf> {
  const made = provider.partsOf(frame);
  if (!good) for (const { sealed } of made) new Uint8Array(sealed).fill(0xff, sealed.byteLength - 2);
  return made;
}

async function bothReceipts(browser: TestBrowser, session: SessionId) {
  const keys = await openKeys(browser.rows);
  const store = makeMemoryStore(browser.rows);
  const [row, identity] = [await store.session(session), await store.meta('identity')];
  if (row === null || identity === null) throw new Error('no session');
  const { terms, progress, openedCounter } = await openSessionRow(row, keys);
  const record = () => readRecord(store, keys.recordKey, openedCounter);
  const fromRecord = await buildReceipt(session, terms, identity, record());
  for await (const { entry, head } of record()) {
    if (entry.kind !== 'closed' || entry.session !== session) continue;
    const closed = { counter: entry.counter, head };
    const given = { progress, closed, now: browser.clock.now() };
    return { fromRecord, fromProgress: receiptFromProgress(session, terms, identity, given) };
  }
  throw new Error('no end');
}
