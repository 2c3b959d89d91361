// What a module does in an evening, as steps that a test can cut, starve or kill. For the tests of this folder.

import { expect } from 'vitest';
import type { SessionId } from '../../../protocol/ids.ts';
import {
  expectValue,
  makeTestBrowser,
  openTab,
  showFrame,
  type TestBrowser,
  type TestTab,
} from '../../testing/browser.ts';
import { makeProviderSide, type ProviderSide } from '../../testing/provider-side.ts';
import { beginSession, deliver } from '../../testing/steps.ts';

/** A provider, a browser with a module and an open session in which frame 0 was shown, and the session. */
export type Scene = { readonly provider: ProviderSide; readonly browser: TestBrowser; readonly session: SessionId };
/** One thing that a tab does, in three steps. */
export type Operation = {
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

/** What a terminal does in an evening, by name. */
export const OPERATIONS: Readonly<Record<string, Operation>> = {
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

/** A scene to begin with. */
export async function makeScene(): Promise<Scene> {
  const provider = await makeProviderSide();
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const { session } = await beginSession(provider, tab);
  expectValue(await deliver(provider, tab, session, 0));
  await showFrame(tab.sink(), 0);
  tab.kill();
  return { provider, browser, session };
}
