// A disk that is full, at every storage call of every operation in turn: nothing is lost, the person is told, and once there is room the
// same tab goes on.

import { describe, expect, test } from 'vitest';
import { copyTestBrowser, expectValue, openTab } from '../testing/browser.ts';
import { checkRecord, decryptedFrames } from '../testing/check-record.ts';
import { makeScene, OPERATIONS } from './testing/operations.ts';

/** More calls than any operation makes: a loop that reaches it has not ended by itself. */
const MOST_CALLS = 60;

describe('BT-7: a full disk', () => {
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    test(`at any one storage call of ${name} loses nothing, and the same tab goes on`, async () => {
      const scene = await makeScene();
      let failures = 0;
      for (let call = 1; ; call += 1) {
        expect(call).toBeLessThan(MOST_CALLS);
        const at = { ...scene, browser: copyTestBrowser(scene.browser) };
        const tab = await openTab(at.browser, scene.provider.agencyKey);
        await operation.prepare(at, tab);
        tab.store.setFullAt(call);
        await operation.run(at, tab).catch(() => undefined);
        const wasFull = tab.store.calls() >= call;
        tab.store.setFullAt(null);
        await checkRecord(at.browser.rows);
        const frames = await operation.finish(at, tab);
        expect(decryptedFrames(await checkRecord(at.browser.rows))).toEqual(frames);
        expect(expectValue(await tab.call('status', {})).storage).toBe('ready');
        if (!wasFull) break;
        failures += 1;
      }
      expect(failures).toBeGreaterThan(0);
    });

    test(`while ${name} goes on is said, and changes nothing that was written`, async () => {
      const scene = await makeScene();
      const at = { ...scene, browser: copyTestBrowser(scene.browser) };
      const tab = await openTab(at.browser, scene.provider.agencyKey);
      await operation.prepare(at, tab);
      const before = (await checkRecord(at.browser.rows)).length;
      tab.store.setFull(true);
      await operation.run(at, tab).catch(() => undefined);
      expect(expectValue(await tab.call('status', {})).storage).toBe('full');
      expect(await checkRecord(at.browser.rows)).toHaveLength(before);
      tab.store.setFull(false);
      await operation.finish(at, tab);
      expect(expectValue(await tab.call('status', {})).storage).toBe('ready');
    });
  }
});
