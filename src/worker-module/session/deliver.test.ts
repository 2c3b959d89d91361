// Frames that are good, bad, again, or not granted: what the host is told, and what the record says of each.

import { describe, expect, test } from 'vitest';
import { makeProgrammeId } from '../../protocol/ids.ts';
import { sealPart } from '../../protocol/parts.ts';
import { sequenceFunction } from '../../protocol/sequence/sequence.ts';
import { webCryptoSuite } from '../../protocol/suite/webcrypto.ts';
import type { SealedPart } from '../commands.ts';
import { RECORD_LOCK } from '../store/locks.ts';
import {
  codeOf,
  expectValue,
  makeTestBrowser,
  openTab,
  showFrame,
  type TestBrowser,
  type TestTab,
} from '../testing/browser.ts';
import { checkRecord, decryptedFrames } from '../testing/check-record.ts';
import {
  makeProviderSide,
  type ProviderSide,
  randomBytes,
  SOUND_LABEL,
  VIDEO_LABEL,
} from '../testing/provider-side.ts';
import { beginSession, deliver } from '../testing/steps.ts';

const provider = await makeProviderSide();

async function began(of: ProviderSide = provider, ranges?: readonly (readonly [number, number])[]) {
  const browser = makeTestBrowser();
  const tab = await openTab(browser, of.agencyKey);
  return { browser, tab, ...(await beginSession(of, tab, ranges)) };
}

/** Frame 4 with its video part replaced. */
function withVideo(video: Uint8Array<ArrayBuffer>): readonly SealedPart[] {
  return provider.partsOf(4).map((part) => (part.label === VIDEO_LABEL ? { ...part, sealed: video.buffer } : part));
}

function videoOf(frame: number): Uint8Array<ArrayBuffer> {
  const part = provider.partsOf(frame).find(({ label }) => label === VIDEO_LABEL);
  return new Uint8Array(part?.sealed ?? new ArrayBuffer());
}

function flipped(at: number): Uint8Array<ArrayBuffer> {
  const bytes = videoOf(4);
  const index = at < 0 ? bytes.length + at : at;
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  return bytes;
}

async function sealedElsewhere(place: { programme?: boolean; label?: string }): Promise<Uint8Array<ArrayBuffer>> {
  return sealPart({
    frameKey: sequenceFunction('tree').keyAt(provider.seed, 4),
    programme: place.programme ? makeProgrammeId(randomBytes) : provider.manifest.programme,
    label: place.label ?? VIDEO_LABEL,
    frame: 4,
    clear: provider.clearOf(4, VIDEO_LABEL),
    suite: webCryptoSuite,
  });
}

async function lastKinds(browser: TestBrowser, count: number): Promise<readonly string[]> {
  const entries = await checkRecord(browser.rows);
  return entries.slice(-count).map((entry) => (entry.kind === 'failed' ? `failed ${entry.code}` : entry.kind));
}

describe('BT-4: a bad copy of a frame', () => {
  const cases: readonly (readonly [string, () => Promise<Uint8Array<ArrayBuffer>>, string])[] = [
    ['with a changed header', async () => flipped(0), 'frame/tampered'],
    ['with a changed first byte of ciphertext', async () => flipped(3), 'frame/tampered'],
    ['with a changed tag', async () => flipped(-1), 'frame/tampered'],
    ['that is cut by a byte', async () => videoOf(4).slice(0, -1), 'frame/cut'],
    ['that is cut to nothing', async () => new Uint8Array(), 'frame/cut'],
    ['that is another frame under this number', async () => videoOf(5), 'frame/tampered'],
    ['of another programme', async () => sealedElsewhere({ programme: true }), 'frame/tampered'],
    ['of another part', async () => sealedElsewhere({ label: SOUND_LABEL }), 'frame/tampered'],
  ];
  test.each(cases)('%s is refused, written down, and does not burn the frame', async (_what, make, code) => {
    const { browser, tab, session } = await began();
    const parts = withVideo(await make());
    expect(codeOf(await tab.call('deliver', { session, frame: 4, parts }))).toBe(code);
    expect(await lastKinds(browser, 2)).toEqual(['reserved', `failed ${code}`]);
    expect(tab.sink().frames.size).toBe(0);
    expect(tab.events.at(-1)).toMatchObject({ type: 'frame', frame: 4, outcome: 'failed', code, count: 0 });
    expectValue(await deliver(provider, tab, session, 4));
    await showFrame(tab.sink(), 4);
    expect(await lastKinds(browser, 2)).toEqual(['reserved', 'decrypted']);
  });

  test('whose key is not the one that the provider committed to is refused with its own code', async () => {
    const lying = await makeProviderSide();
    const browser = makeTestBrowser();
    const tab = await openTab(browser, lying.agencyKey);
    const { session } = await beginSession(lying, tab, undefined, { seed: randomBytes(32) });
    expect(codeOf(await deliver(lying, tab, session, 4))).toBe('frame/wrong-key');
    expect(await lastKinds(browser, 2)).toEqual(['reserved', 'failed frame/wrong-key']);
  });
});

describe('a refusal that never reaches a key leaves no trace in the record', () => {
  async function expectNoTrace(run: (at: Awaited<ReturnType<typeof began>>) => Promise<unknown>, code: string) {
    const at = await began(provider, [[2, 6]]);
    const before = at.browser.rows.meta.header;
    expect(await run(at)).toBe(code);
    expect(at.browser.rows.meta.header).toEqual(before);
  }
  const deliverParts = (tab: TestTab, session: string, frame: number, parts: readonly SealedPart[]) =>
    tab.call('deliver', { session, frame, parts }).then(codeOf);

  test('a frame that is not granted', () =>
    expectNoTrace(({ tab, session }) => deliver(provider, tab, session, 6).then(codeOf), 'grant/not-covered'));
  test('a grant that has ended', () =>
    expectNoTrace(({ tab, session, browser }) => {
      browser.clock.advance(3_600_000);
      return deliver(provider, tab, session, 4).then(codeOf);
    }, 'grant/expired'));
  test('a part that the programme has not', () =>
    expectNoTrace(
      ({ tab, session }) => deliverParts(tab, session, 4, [{ label: 'video/9p', sealed: new ArrayBuffer(40) }]),
      'frame/unknown-part',
    ));
  test('a session that nobody knows', () =>
    expectNoTrace(({ tab }) => deliverParts(tab, '00'.repeat(16), 4, provider.partsOf(4)), 'session/unknown'));
  test('a session that is not active in this tab', () =>
    expectNoTrace(async ({ browser, session }) => {
      const other = await openTab(browser, provider.agencyKey);
      return deliver(provider, other, session, 4).then(codeOf);
    }, 'session/not-active'));
  test('no parts at all', () =>
    expectNoTrace(({ tab, session }) => deliverParts(tab, session, 4, []), 'request/malformed'));
  test('one part twice', () =>
    expectNoTrace(
      ({ tab, session }) => deliverParts(tab, session, 4, [...provider.partsOf(4), ...provider.partsOf(4)]),
      'request/malformed',
    ));
  test('a frame beyond those that a tab may have in flight', async () => {
    const { tab, session } = await began();
    for (let frame = 0; frame < 32; frame += 1) expectValue(await deliver(provider, tab, session, frame));
    expect(codeOf(await deliver(provider, tab, session, 32))).toBe('frame/not-wanted');
    await showFrame(tab.sink(), 0);
    expectValue(await deliver(provider, tab, session, 32));
  });
});

describe('a frame that comes again', () => {
  test('while it is in flight gets the same answer, one reservation, and one place at the display', async () => {
    const { browser, tab, session } = await began();
    const answers = await Promise.all([deliver(provider, tab, session, 1), deliver(provider, tab, session, 1)]);
    expect(answers).toEqual([
      { ok: true, value: { replay: false } },
      { ok: true, value: { replay: false } },
    ]);
    expect(await lastKinds(browser, 2)).toEqual(['opened', 'reserved']);
  });

  test('after it was withheld is opened from its held leaf', async () => {
    const { browser, tab, session } = await began();
    expectValue(await deliver(provider, tab, session, 1));
    await tab.sink().frames.get(1)?.withhold();
    expectValue(await deliver(provider, tab, session, 1));
    await showFrame(tab.sink(), 1);
    expect(await lastKinds(browser, 4)).toEqual(['reserved', 'failed frame/withheld', 'reserved', 'decrypted']);
  });

  test('under the policy `session` is a replay, after a restart too, and is not counted', async () => {
    const { browser, tab, session } = await began();
    expectValue(await deliver(provider, tab, session, 1));
    await showFrame(tab.sink(), 1);
    tab.kill();
    const again = await openTab(browser, provider.agencyKey);
    expectValue(await again.call('resumeSession', { session, manifest: provider.manifestBytes }));
    const counter = browser.rows.meta.header?.counter;
    expect(expectValue(await deliver(provider, again, session, 1))).toEqual({ replay: true });
    await showFrame(again.sink(), 1);
    expect(again.events.at(-1)).toMatchObject({ outcome: 'replayed', count: 1 });
    expect(browser.rows.meta.header?.counter).toBe(counter);
  });

  test('under the policy `none` is spent once it was shown', async () => {
    const strict = await makeProviderSide({ replay: 'none' });
    const { browser, tab, session } = await began(strict);
    expectValue(await deliver(strict, tab, session, 1));
    await showFrame(tab.sink(), 1);
    expect(browser.rows.held.size).toBe(0);
    expect(codeOf(await deliver(strict, tab, session, 1))).toBe('sequence/spent');
  });

  test('under a policy with an end is a replay until then, and spent from then on', async () => {
    const start = makeTestBrowser().clock.now();
    const timed = await makeProviderSide({ replay: { untilMs: start + 60_000 } });
    const { browser, tab, session } = await began(timed);
    expectValue(await deliver(timed, tab, session, 1));
    await showFrame(tab.sink(), 1);
    expect(expectValue(await deliver(timed, tab, session, 1))).toEqual({ replay: true });
    await showFrame(tab.sink(), 1);
    browser.clock.advance(60_000);
    expect(codeOf(await deliver(timed, tab, session, 1))).toBe('sequence/spent');
  });

  test('BT-6: a session of the `hkdf` function spends and replays frames as the tree does', async () => {
    const flat = await makeProviderSide({ sequence: 'hkdf', replay: 'none' });
    const { tab, session } = await began(flat);
    for (const frame of [7, 2]) expectValue(await deliver(flat, tab, session, frame));
    await showFrame(tab.sink(), 7);
    expect(codeOf(await deliver(flat, tab, session, 7))).toBe('sequence/spent');
    await showFrame(tab.sink(), 2);
  });
});

describe('two tabs', () => {
  async function twoTabs(of: ProviderSide) {
    const at = await began(of);
    const second = await openTab(at.browser, of.agencyKey);
    expectValue(await second.call('resumeSession', { session: at.session, manifest: of.manifestBytes }));
    return { ...at, second };
  }

  test('BT-7: that deliver and show the same frames at once count each once, without the lock too', async () => {
    for (const polite of [true, false]) {
      const { browser, tab, second, session } = await twoTabs(provider);
      if (!polite) browser.locks.breakLocks();
      const frames = [0, 1, 2, 3];
      const delivered = await Promise.all(
        frames.flatMap((frame) => [deliver(provider, tab, session, frame), deliver(provider, second, session, frame)]),
      );
      expect(delivered.every((result) => result.ok)).toBe(true);
      await Promise.all(frames.flatMap((frame) => [showFrame(tab.sink(), frame), showFrame(second.sink(), frame)]));
      expect(decryptedFrames(await checkRecord(browser.rows))).toEqual(frames);
      expect(tab.sink().shown.length + second.sink().shown.length).toBe(8);
    }
  });

  test('under the policy `none`, the frame that one tab has shown is refused to the other before it shows it', async () => {
    const strict = await makeProviderSide({ replay: 'none' });
    const { browser, tab, second, session } = await twoTabs(strict);
    expectValue(await deliver(strict, tab, session, 3));
    expectValue(await deliver(strict, second, session, 3));
    await showFrame(tab.sink(), 3);
    await expect(showFrame(second.sink(), 3)).rejects.toThrow('sequence/spent');
    expect(second.sink().shown).toEqual([]);
    expect(decryptedFrames(await checkRecord(browser.rows))).toEqual([3]);
  });

  test('a session closed in one is noticed in the other, which shows nothing more of it', async () => {
    const { tab, second, session } = await twoTabs(provider);
    expectValue(await deliver(provider, second, session, 3));
    const sink = second.sink();
    const prepared = sink.frames.get(3);
    // The display has begun to draw it: it will not be withheld, only refused.
    sink.frames.delete(3);
    expectValue(await tab.call('closeSession', { session }));
    await expect(prepared?.count({ late: false })).rejects.toThrow('session/closed');
    expect(codeOf(await deliver(provider, second, session, 4))).toBe('session/closed');
    expect(second.events).toContainEqual({ type: 'closed', session });
  });

  test('a reservation of a living tab is left alone; that of a tab that is gone becomes frame/interrupted', async () => {
    const { browser, tab, second, session } = await twoTabs(provider);
    expectValue(await deliver(provider, tab, session, 3));
    expectValue(await deliver(provider, second, session, 5));
    second.kill();
    await openTab(browser, provider.agencyKey);
    const entries = await checkRecord(browser.rows);
    expect(entries.filter((entry) => entry.kind === 'failed')).toMatchObject([{ frame: 5, code: 'frame/interrupted' }]);
    await showFrame(tab.sink(), 3);
  });

  test('BT-7: a tab that comes while another settles what dead tabs left is counted among the living', async () => {
    const { browser, session } = await began();
    const { locks } = browser;
    const newcomer = { waits: Promise.withResolvers<void>(), done: Promise.withResolvers<TestTab>() };
    let isSettling = false;
    const settling: TestBrowser = {
      ...browser,
      locks: {
        ...locks,
        withLock: (name, section) =>
          locks.withLock(name, async () => {
            isSettling = name === RECORD_LOCK;
            return section().finally(() => {
              isSettling = false;
            });
          }),
        // The names are read, and before anything is done about them another tab starts and reserves a frame, unless the lock keeps it waiting.
        heldNames: async () => {
          const names = await locks.heldNames();
          come().then(newcomer.done.resolve, newcomer.done.reject);
          await Promise.race([newcomer.waits.promise, newcomer.done.promise]);
          return names;
        },
      },
    };
    const coming: TestBrowser = {
      ...browser,
      locks: {
        ...locks,
        withLock: (name, section) => {
          if (isSettling) newcomer.waits.resolve();
          return locks.withLock(name, section);
        },
      },
    };
    async function come(): Promise<TestTab> {
      const tab = await openTab(coming, provider.agencyKey);
      expectValue(await tab.call('resumeSession', { session, manifest: provider.manifestBytes }));
      expectValue(await deliver(provider, tab, session, 3));
      return tab;
    }
    await openTab(settling, provider.agencyKey);
    await showFrame((await newcomer.done.promise).sink(), 3);
    expect(decryptedFrames(await checkRecord(browser.rows))).toEqual([3]);
  });
});

test('frames in flight share a commit: twelve deliveries at once make far fewer pages', async () => {
  const { browser, tab, session } = await began();
  const pages = browser.rows.pages.size;
  const frames = Array.from({ length: 12 }, (_none, frame) => frame);
  await Promise.all(frames.map((frame) => deliver(provider, tab, session, frame)));
  expect(browser.rows.pages.size - pages).toBeLessThanOrEqual(2);
  await Promise.all(frames.map((frame) => showFrame(tab.sink(), frame)));
  expect(browser.rows.pages.size - pages).toBeLessThanOrEqual(4);
  expect(decryptedFrames(await checkRecord(browser.rows))).toEqual(frames);
});
