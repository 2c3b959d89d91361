// Every operation cut at every storage call, on both sides of its effect, then one restart: it is done or undone, never half and never double.

import { describe, expect, test } from 'vitest';
import type { SessionId } from '../../protocol/ids.ts';
import {
  codeOf,
  copyTestBrowser,
  expectValue,
  makeTestBrowser,
  openTab,
  showFrame,
  type TestBrowser,
  type TestTab,
} from '../testing/browser.ts';
import { checkRecord, decryptedFrames } from '../testing/check-record.ts';
import { makeProviderSide, type ProviderSide } from '../testing/provider-side.ts';
import { beginSession, deliver, enrol, openSession } from '../testing/steps.ts';

/** More calls than any operation makes: a loop that reaches it has not ended by itself. */
const MOST_CALLS = 60;

type Scene = { readonly provider: ProviderSide; readonly browser: TestBrowser; readonly session: SessionId };
type Operation = {
  /** Brings a tab to where the operation begins. */
  prepare(scene: Scene, tab: TestTab): Promise<void>;
  /** The operation; may reject. */
  run(scene: Scene, tab: TestTab): Promise<void>;
  /** After the restart: done or undone, and can be brought to its end. Returns the frames that must be counted then. */
  finish(scene: Scene, tab: TestTab): Promise<readonly number[]>;
};

const resume = async ({ provider, session }: Scene, tab: TestTab) => {
  expectValue(await tab.call('resumeSession', { session, manifest: provider.manifestBytes }));
};
const deliverTwo = async (scene: Scene, tab: TestTab) => {
  await resume(scene, tab);
  expectValue(await deliver(scene.provider, tab, scene.session, 2));
};
const showTwo = async (scene: Scene, tab: TestTab): Promise<readonly number[]> => {
  await resume(scene, tab);
  expectValue(await deliver(scene.provider, tab, scene.session, 2));
  await showFrame(tab.sink(), 2);
  return [0, 2];
};

const OPERATIONS: Readonly<Record<string, Operation>> = {
  deliver: {
    prepare: resume,
    run: async (scene, tab) => void (await deliver(scene.provider, tab, scene.session, 2)),
    finish: showTwo,
  },
  count: {
    prepare: deliverTwo,
    run: async (_scene, tab) => showFrame(tab.sink(), 2),
    finish: showTwo,
  },
  withhold: {
    prepare: deliverTwo,
    run: async (_scene, tab) => tab.sink().frames.get(2)?.withhold(),
    finish: showTwo,
  },
  close: {
    prepare: deliverTwo,
    run: async ({ session }, tab) => void (await tab.call('closeSession', { session })),
    finish: async ({ session, browser, provider }, tab) => {
      const { receiptFile } = expectValue(await tab.call('closeSession', { session }));
      const again = await openTab(browser, provider.agencyKey);
      expect(expectValue(await again.call('closeSession', { session })).receiptFile).toEqual(receiptFile);
      return [0];
    },
  },
  acknowledge: {
    prepare: async ({ session }, tab) => void expectValue(await tab.call('closeSession', { session })),
    run: async ({ session, provider }, tab) => {
      const { receiptFile } = expectValue(await tab.call('receiptFile', { session }));
      const acknowledgement = await provider.acknowledge(receiptFile);
      await tab.call('acceptAcknowledgement', { session, acknowledgement });
    },
    finish: async ({ session, provider }, tab) => {
      const { receiptFile } = expectValue(await tab.call('receiptFile', { session }));
      const acknowledgement = await provider.acknowledge(receiptFile);
      const view = expectValue(await tab.call('acceptAcknowledgement', { session, acknowledgement }));
      expect(view.state).toBe('accepted');
      return [0];
    },
  },
};

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
        expect(entries.map((entry) => entry.kind)).toEqual(['opened']);
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

async function makeScene(): Promise<Scene> {
  const provider = await makeProviderSide();
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const { session } = await beginSession(provider, tab);
  expectValue(await deliver(provider, tab, session, 0));
  await showFrame(tab.sink(), 0);
  tab.kill();
  return { provider, browser, session };
}
