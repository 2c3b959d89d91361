// Makes golden/version-2.json from what this build writes: run once, when version 2 was finished, as
// `node src/worker-module/store/testing/make-golden-2.ts > src/worker-module/store/golden/version-2.json`. The next version of the database
// begins with a copy of this script that is run against the build before it; the file itself is never made again.

import type { SessionId } from '../../../protocol/ids.ts';
import { expectValue, makeTestBrowser, openTab, showFrame, type TestTab } from '../../testing/browser.ts';
import { makeProviderSide } from '../../testing/provider-side.ts';
import { beginSession, contact, deliver, openSession, settle } from '../../testing/steps.ts';
import { withSum } from '../row-sum.ts';
import { packRows } from './golden.ts';

/** A lock, a backup, an answered contact, and a session in every state that lasts. */
async function makeGolden(): Promise<unknown> {
  const provider = await makeProviderSide();
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const play = async (session: SessionId, ...frames: readonly number[]) => {
    for (const frame of frames) {
      expectValue(await deliver(provider, tab, session, frame));
      browser.clock.advance(2_000);
      await showFrame(tab.sink(), frame, frame === 2);
    }
  };
  const { session: accepted, certificate } = await beginSession(provider, tab);
  const begin = async (): Promise<SessionId> => {
    const { session, grant } = await provider.grant(certificate);
    expectValue(await openSession(provider, tab, grant));
    return session;
  };
  await play(accepted, 0, 1, 2);
  await contact(provider, tab);
  await settle(provider, tab, accepted);
  const closed = await begin();
  await play(closed, 0, 1, 2, 3);
  expectValue(await tab.call('closeSession', { session: closed }));
  expectValue(await tab.call('setLock', { factor: 'passphrase' }));
  expectValue(await tab.call('setIdleLock', { minutes: 30 }));
  expectValue(await tab.call('makeBackup', { passkey: false }));
  const open = await begin();
  await play(open, 0, 1, 2, 20);
  await tamper(tab, open, provider.partsOf(3));
  expectValue(await deliver(provider, tab, open, 6));
  await tab.sink().frames.get(6)?.withhold();
  expectValue(await deliver(provider, tab, open, 4));
  tab.kill();
  const { meta, pages, sessions, held, receipts, operations } = browser.rows;
  const summed = (rows: Iterable<object | null>) => [...rows].flatMap((row) => (row === null ? [] : [withSum(row)]));
  return packRows({
    about: 'A database of version 2, made by the code that wrote version 2. Never edited.',
    time: browser.clock.now(),
    world: {
      ...{ agencyKey: provider.agencyKey, manifest: provider.manifestBytes, words: browser.person.words },
      parts: [4, 5].map((frame) => ({
        frame,
        parts: provider.partsOf(frame).map(({ label, sealed }) => ({ label, sealed: new Uint8Array(sealed) })),
      })),
    },
    database: {
      meta: summed(Object.values(meta)),
      ...{ pages: summed(pages.values()), sessions: summed(sessions.values()), held: summed(held.values()) },
      ...{ receipts: summed(receipts.values()), operations: summed(operations.values()) },
    },
    slots: browser.slotBytes,
    expected: {
      ...{ accepted, closed, open, counter: meta.header?.counter ?? 0, moduleId: meta.identity?.moduleId ?? null },
      shown: { accepted: [0, 1, 2], closed: [0, 1, 2, 3], open: [0, 1, 2, 20] },
    },
  });
}

async function tamper(
  tab: TestTab,
  session: SessionId,
  parts: readonly { readonly label: string; readonly sealed: ArrayBuffer }[],
): Promise<void> {
  for (const { sealed } of parts) new Uint8Array(sealed).set([0xff, 0xfe], sealed.byteLength - 2);
  await tab.call('deliver', { session, frame: 3, parts });
}

console.log(JSON.stringify(await makeGolden(), null, 2));
