// Every operation cut at every storage call, on both sides of its effect, then one restart: it is done or undone, never half and never double.

import { describe, expect, test } from 'vitest';
import { codeOf, copyTestBrowser, expectValue, makeTestBrowser, openTab } from '../testing/browser.ts';
import { checkRecord, decryptedFrames } from '../testing/check-record.ts';
import { makeProviderSide } from '../testing/provider-side.ts';
import { enrol, openSession } from '../testing/steps.ts';
import { makeScene, OPERATIONS } from './testing/operations.ts';

/** More calls than any operation makes: a loop that reaches it has not ended by itself. */
const MOST_CALLS = 60;

describe('BT-7: an operation cut at any storage call', () => {
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    for (const side of ['before', 'after'] as const) {
      test(`${name}, cut ${side} the effect of each call, is done or undone after one restart`, async () => {
        const scene = await makeScene();
        let cuts = 0;
        for (let call = 1; ; call += 1) {
          expect(call).toBeLessThan(MOST_CALLS);
          const browser = copyTestBrowser(scene.browser);
          const at = { ...scene, browser };
          const tab = await openTab(browser, scene.provider.agencyKey);
          await operation.prepare(at, tab);
          tab.store.setFault({ call, side });
          await operation.run(at, tab).catch(() => undefined);
          const wasCut = tab.store.isDead();
          tab.kill();
          await checkRecord(browser.rows);
          const restarted = await openTab(browser, scene.provider.agencyKey);
          const frames = await operation.finish(at, restarted);
          expect(decryptedFrames(await checkRecord(browser.rows))).toEqual(frames);
          if (!wasCut) break;
          cuts += 1;
        }
        expect(cuts).toBeGreaterThan(0);
      });
    }
  }

  test('opening, cut at each call on both sides, leaves one session or none', async () => {
    const provider = await makeProviderSide();
    for (const side of ['before', 'after'] as const) {
      for (let call = 1, wasCut = true; wasCut; call += 1) {
        expect(call).toBeLessThan(MOST_CALLS);
        const browser = makeTestBrowser();
        const tab = await openTab(browser, provider.agencyKey);
        const certificate = await enrol(provider, tab);
        const { grant } = await provider.grant(certificate);
        tab.store.setFault({ call, side });
        await openSession(provider, tab, grant);
        wasCut = tab.store.isDead();
        tab.kill();
        const restarted = await openTab(browser, provider.agencyKey);
        const code = codeOf(await openSession(provider, restarted, grant));
        expect([null, 'session/exists']).toContain(code);
        const entries = await checkRecord(browser.rows);
        expect(entries.map((entry) => entry.kind)).toEqual(['disclosed', 'opened']);
      }
    }
  });

  test('starting for the first time, cut at each call on both sides, never makes a module that is taken for a wiped one', async () => {
    const provider = await makeProviderSide();
    for (const side of ['before', 'after'] as const) {
      for (let call = 1, wasCut = true; wasCut; call += 1) {
        expect(call).toBeLessThan(MOST_CALLS);
        const browser = makeTestBrowser();
        const tab = await openTab(browser, provider.agencyKey, { call, side });
        wasCut = tab.store.isDead();
        tab.kill();
        const restarted = await openTab(browser, provider.agencyKey);
        expect(expectValue(await restarted.call('status', {})).storage).toBe('ready');
      }
    }
  });
});
