// Every storage call of keeping, cut before and after its effect: making a backup, restoring, recovering, starting anew. After one restart each
// is done or undone, and can be brought to its end. The list of calls is not by hand: the k-th call fails, for k from 1 until none does.

import { describe, expect, test } from 'vitest';
import { makeProviderBook } from '../standing/testing/provider-book.ts';
import {
  codeOf,
  copyTestBrowser,
  expectValue,
  makeTestBrowser,
  openTab,
  type TestBrowser,
  type TestTab,
} from '../testing/browser.ts';
import { makeProviderSide } from '../testing/provider-side.ts';
import {
  forgetful,
  goOn,
  makeWorld,
  OPEN_RECEIPT,
  readReceipt,
  settle,
  type World,
  wipeDatabase,
} from './testing/world.ts';

/** More calls than any operation makes: a loop that reaches it has not ended by itself. */
const MOST_CALLS = 200;

const provider = await makeProviderSide();

type Scene = World & { readonly backup: Uint8Array };
type Operation = {
  /** Where it begins: storage of its own, ready for a tab. */
  begin(scene: Scene): TestBrowser;
  /** The operation; may reject. */
  run(scene: Scene, tab: TestTab): Promise<unknown>;
  /** After the restart: says which it is, and brings it to its end. */
  finish(scene: Scene, tab: TestTab): Promise<'done' | 'undone'>;
};

const OPERATIONS: Readonly<Record<string, Operation>> = {
  makeBackup: {
    begin: ({ browser }) => copyTestBrowser(browser),
    run: (_scene, tab) => tab.call('makeBackup', { passkey: false }),
    finish: async (_scene, tab) => {
      const { safety } = expectValue(await tab.call('status', {}));
      const copy = expectValue(await tab.call('backupCopy', {}));
      expect(copy === null).toBe(safety.backup === 'none');
      const made = expectValue(await tab.call('makeBackup', { passkey: false }));
      expect(expectValue(await tab.call('verifyBackup', { backup: made.backup }))).toEqual({
        sessions: 3,
        receipts: 2,
        openedBy: 'words',
      });
      return copy === null ? 'undone' : 'done';
    },
  },
  'restore on an empty browser': {
    begin: ({ browser }) => emptyBrowser(browser),
    run: ({ backup }, tab) => tab.call('restore', { backup }),
    finish: finishRestore,
  },
  'restore over a lost store': {
    begin: ({ browser }) => wiped(browser),
    run: ({ backup }, tab) => tab.call('restore', { backup }),
    finish: async (scene, tab) => finishLost(scene, tab, () => tab.call('restore', { backup: scene.backup })),
  },
  'restore where nothing can be read': {
    begin: ({ browser }) => {
      const copy = wiped(browser);
      for (const slot of copy.slotBytes) slot?.fill(0);
      return copy;
    },
    run: ({ backup }, tab) => tab.call('restore', { backup }),
    finish: async (scene, tab) => finishLost(scene, tab, () => tab.call('restore', { backup: scene.backup })),
  },
  recover: {
    begin: ({ browser }) => wiped(browser),
    run: (_scene, tab) => tab.call('recover', {}),
    finish: async (scene, tab) => finishLost(scene, tab, () => tab.call('recover', {})),
  },
  startAnew: {
    begin: ({ browser }) => copyTestBrowser(browser),
    run: (_scene, tab) => tab.call('startAnew', {}),
    finish: async ({ open }, tab) => {
      const { moduleId } = expectValue(await tab.call('status', {}));
      const isUndone = moduleId !== null;
      if (isUndone) {
        // Undone is whole: the session can be closed and the record read to its end.
        expectValue(await tab.call('closeSession', { session: open }));
        expectValue(await tab.call('startAnew', {}));
      }
      expect(expectValue(await tab.call('status', {}))).toMatchObject({ moduleId: null, counter: 0, storage: 'ready' });
      expect(expectValue(await tab.call('sessions', {}))).toEqual([]);
      return isUndone ? 'undone' : 'done';
    },
  },
};

describe('BT-7: cut at any storage call', () => {
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    for (const side of ['before', 'after'] as const) {
      test(`CARD-3: ${name}, cut ${side} the effect of each call, is done or undone after one restart`, async () => {
        const scene = await makeScene();
        const seen = new Set<string>();
        for (let call = 1, wasCut = true; wasCut; call += 1) {
          expect(call).toBeLessThan(MOST_CALLS);
          const browser = operation.begin(scene);
          const tab = await openTab(browser, provider.agencyKey);
          tab.store.setFault({ call, side });
          await operation.run(scene, tab).catch(() => undefined);
          wasCut = tab.store.isDead();
          tab.kill();
          const restarted = await openTab(browser, provider.agencyKey);
          const storage = expectValue(await restarted.call('status', {})).storage;
          expect(['ready', 'wiped']).toContain(storage);
          const outcome = await operation.finish({ ...scene, browser }, restarted);
          seen.add(outcome);
          if (!wasCut) expect(outcome).toBe('done');
          restarted.kill();
        }
        expect(seen).toEqual(new Set(['done', 'undone']));
      }, 60_000);
    }
  }

  test('and a tab that has lost its storage in between names it and leaves nothing half', async () => {
    const scene = await makeScene();
    const browser = emptyBrowser(scene.browser);
    const tab = await openTab(browser, provider.agencyKey);
    tab.store.setFull(true);
    const before = structuredClone(browser.rows);
    expect(codeOf(await tab.call('restore', { backup: scene.backup }))).toBe('store/full');
    expect(browser.rows).toEqual(before);
    tab.store.setFull(false);
    expectValue(await tab.call('restore', { backup: scene.backup }));
  });
});

async function makeScene(): Promise<Scene> {
  const world = await makeWorld(provider);
  // Made and given away by a copy of the profile, so that the scene itself has no backup yet.
  const copy = copyTestBrowser(world.browser);
  world.tab.kill();
  const tab = await openTab(copy, provider.agencyKey);
  const { backup } = expectValue(await tab.call('makeBackup', { passkey: false }));
  tab.kill();
  return { ...world, tab, backup };
}

function emptyBrowser(browser: TestBrowser): TestBrowser {
  return { ...makeTestBrowser(), person: browser.person };
}

function wiped(browser: TestBrowser): TestBrowser {
  const copy = copyTestBrowser(browser);
  wipeDatabase(copy);
  return copy;
}

async function finishRestore(scene: Scene, tab: TestTab): Promise<'done' | 'undone'> {
  const { epochPending } = expectValue(await tab.call('status', {}));
  if (!epochPending) expectValue(await tab.call('restore', { backup: scene.backup }));
  await expectWhole(scene, tab);
  return epochPending ? 'done' : 'undone';
}

async function finishLost(
  scene: Scene,
  tab: TestTab,
  again: () => ReturnType<typeof tab.call<'recover'>>,
): Promise<'done' | 'undone'> {
  const { storage } = expectValue(await tab.call('status', {}));
  if (storage === 'wiped') expectValue(await again());
  await expectWhole(scene, tab);
  return storage === 'wiped' ? 'undone' : 'done';
}

/** Goes on in the new epoch, and every receipt says what was shown. With a book of its own: the scene is used many times. */
async function expectWhole({ open, closed }: Scene, tab: TestTab): Promise<void> {
  const book = makeProviderBook(forgetful(provider));
  await goOn(book, tab);
  expect(await readReceipt(provider, tab, open)).toMatchObject({ ...OPEN_RECEIPT, epoch: 2 });
  expect(await readReceipt(provider, tab, closed)).toMatchObject({ count: 1, epoch: 1 });
  for (const session of [open, closed]) await settle(book, tab, session);
  expect(expectValue(await tab.call('restoreReport', {}))).toMatchObject({ reconciled: true });
}
