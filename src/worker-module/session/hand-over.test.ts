// The weaker ways out: what leaves, when it is counted, and that nothing leaves by a way that the grant does not name.

import { describe, expect, test } from 'vitest';
import { equalBytes } from '../../protocol/bytes.ts';
import { derivePartKey, openPartUnder } from '../../protocol/parts.ts';
import { OUTPUT_MODES, type OutputMode } from '../../protocol/programme.ts';
import { sequenceFunction } from '../../protocol/sequence/sequence.ts';
import { webCryptoSuite as suite } from '../../protocol/suite/webcrypto.ts';
import type { CommandName, Result, SealedPart } from '../commands.ts';
import { codeOf, copyTestBrowser, expectValue, makeTestBrowser, openTab, type TestTab } from '../testing/browser.ts';
import { checkRecord, decryptedFrames } from '../testing/check-record.ts';
import { bytesWithin } from '../testing/find-bytes.ts';
import {
  makeProviderSide,
  type ProviderSide,
  randomBytes,
  SOUND_LABEL,
  VIDEO_LABEL,
} from '../testing/provider-side.ts';
import { beginSession, deliver, enrol, openSession } from '../testing/steps.ts';

const provider = await makeProviderSide();
const LABELS = [VIDEO_LABEL, SOUND_LABEL];
/** More calls than any hand-over makes: a loop that reaches it has not ended by itself. */
const MOST_CALLS = 60;

type HostMode = Exclude<OutputMode, 'display'>;
const HOST_MODES = OUTPUT_MODES.filter((mode) => mode !== 'display');

async function began(mode: OutputMode, of: ProviderSide = provider, granted?: readonly (readonly [number, number])[]) {
  const browser = makeTestBrowser();
  const tab = await openTab(browser, of.agencyKey);
  return { browser, tab, ...(await beginSession(of, tab, granted, { mode })) };
}

/** Asks for a frame by the command of a mode. */
function ask(
  mode: HostMode,
  tab: TestTab,
  session: string,
  frame: number,
  of: ProviderSide = provider,
  labels: readonly string[] = LABELS,
): Promise<Result<{ readonly replay: boolean }>> {
  if (mode === 'keys') return tab.call('frameKeys', { session, frame, labels });
  const parts = of.partsOf(frame).filter(({ label }) => labels.includes(label));
  return tab.call('openFrame', { session, frame, parts });
}

function keyOf(frame: number, label: string): Promise<Uint8Array> {
  const frameKey = sequenceFunction('tree').keyAt(provider.seed, frame);
  return derivePartKey(frameKey, provider.manifest.programme, label, suite);
}

describe('BT-5: a session in the mode `frames`', () => {
  test('gives the clear parts that were asked for, counted durably first, and tells the count', async () => {
    const { browser, tab, session } = await began('frames');
    const { replay, parts } = expectValue(
      await tab.call('openFrame', { session, frame: 4, parts: provider.partsOf(4) }),
    );
    expect(replay).toBe(false);
    expect(parts.map(({ label }) => label)).toEqual(LABELS);
    for (const { label, clear } of parts) expect(equalBytes(clear, provider.clearOf(4, label))).toBe(true);
    expect(decryptedFrames(await checkRecord(browser.rows))).toEqual([4]);
    expect(tab.events.at(-1)).toMatchObject({
      type: 'frame',
      frame: 4,
      outcome: 'decrypted',
      rung: VIDEO_LABEL,
      count: 1,
    });
  });

  test('makes no display: nothing of it is drawn here as well', async () => {
    const { tab, session } = await began('frames');
    expectValue(await ask('frames', tab, session, 4));
    expect(() => tab.sink()).toThrow('no session is active');
  });

  test.each([
    ['with a changed tag', (bytes: Uint8Array) => bytes.with(-1, (bytes.at(-1) ?? 0) ^ 1), 'frame/tampered'],
    ['that is cut by a byte', (bytes: Uint8Array) => bytes.slice(0, -1), 'frame/cut'],
  ])('a bad copy %s is refused, written down, and does not burn the frame', async (_what, spoil, code) => {
    const { browser, tab, session } = await began('frames');
    const parts = provider
      .partsOf(4)
      .map(
        ({ label, sealed }): SealedPart => ({ label, sealed: Uint8Array.from(spoil(new Uint8Array(sealed))).buffer }),
      );
    expect(codeOf(await tab.call('openFrame', { session, frame: 4, parts }))).toBe(code);
    expect(tab.events.at(-1)).toMatchObject({ outcome: 'failed', code, count: 0 });
    expectValue(await ask('frames', tab, session, 4));
    const kinds = (await checkRecord(browser.rows)).slice(-4).map(({ kind }) => kind);
    expect(kinds).toEqual(['reserved', 'failed', 'reserved', 'decrypted']);
  });
});

describe('BT-5: a session in the mode `keys`', () => {
  test('gives the base keys of the parts that were asked for, which open those parts and no others', async () => {
    const { browser, tab, session } = await began('keys');
    const { keys } = expectValue(await tab.call('frameKeys', { session, frame: 4, labels: [VIDEO_LABEL] }));
    expect(keys.map(({ label }) => label)).toEqual([VIDEO_LABEL]);
    expect(decryptedFrames(await checkRecord(browser.rows))).toEqual([4]);
    const [given] = keys;
    if (given === undefined) throw new Error('no key');
    const open = (frame: number, label: string) => {
      const sealed = provider.partsOf(frame).find((part) => part.label === label)?.sealed ?? new ArrayBuffer();
      const { programme } = provider.manifest;
      return openPartUnder({ programme, label, frame, sealed: new Uint8Array(sealed), baseKey: given.key, suite });
    };
    expect(equalBytes(await open(4, VIDEO_LABEL), provider.clearOf(4, VIDEO_LABEL))).toBe(true);
    await expect(open(4, SOUND_LABEL)).rejects.toThrow('frame/tampered');
    await expect(open(5, VIDEO_LABEL)).rejects.toThrow('frame/tampered');
  });

  test('lets no frame key out: K(n) would open the parts that nobody asked for', async () => {
    const { tab, session } = await began('keys');
    expectValue(await tab.call('frameKeys', { session, frame: 4, labels: [VIDEO_LABEL] }));
    expect(bytesWithin(tab.outward, await keyOf(4, VIDEO_LABEL))).toBe(true);
    expect(bytesWithin(tab.outward, sequenceFunction('tree').keyAt(provider.seed, 4))).toBe(false);
    expect(bytesWithin(tab.outward, await keyOf(4, SOUND_LABEL))).toBe(false);
  });
});

test.each(HOST_MODES)(
  'BT-5: what leaves in the mode `%s` lies in a buffer of its own, with nothing beside it',
  async (mode) => {
    const { tab, session } = await began(mode);
    expectValue(await ask(mode, tab, session, 4));
    const buffers: ArrayBufferLike[] = [];
    const look = (value: unknown): void => {
      if (value instanceof Uint8Array) {
        expect(value.byteLength).toBe(value.buffer.byteLength);
        buffers.push(value.buffer);
      } else if (typeof value === 'object' && value !== null) for (const inner of Object.values(value)) look(inner);
    };
    look(tab.outward.at(-1));
    expect(new Set(buffers).size).toBe(LABELS.length);
  },
);

describe.each(HOST_MODES)('BT-5, BT-7: the mode `%s`', (mode) => {
  test('counts a frame once, however often it is asked for under the policy `session`', async () => {
    const { browser, tab, session } = await began(mode);
    expect(expectValue(await ask(mode, tab, session, 1)).replay).toBe(false);
    expect(expectValue(await ask(mode, tab, session, 1)).replay).toBe(true);
    expect(tab.events.at(-1)).toMatchObject({ outcome: 'replayed', count: 1 });
    expect(decryptedFrames(await checkRecord(browser.rows))).toEqual([1]);
  });

  test('counts a frame once whose picture and sound are asked for side by side', async () => {
    const { browser, tab, session } = await began(mode);
    const both = await Promise.all(LABELS.map((label) => ask(mode, tab, session, 1, provider, [label])));
    expect(both.map(expectValue).filter(({ replay }) => !replay)).toHaveLength(1);
    expect(decryptedFrames(await checkRecord(browser.rows))).toEqual([1]);
  });

  test('gives a frame once under the policy `none`, whoever asks again, and side by side too', async () => {
    const strict = await makeProviderSide({ replay: 'none' });
    const { browser, tab, session } = await began(mode, strict);
    const second = await openTab(browser, strict.agencyKey);
    expectValue(await second.call('resumeSession', { session, manifest: strict.manifestBytes }));
    const both = await Promise.all([tab, second].map((each) => ask(mode, each, session, 1, strict)));
    expect(new Set(both.map(codeOf))).toEqual(new Set([null, 'sequence/spent']));
    expect(codeOf(await ask(mode, tab, session, 1, strict))).toBe('sequence/spent');
    expect(decryptedFrames(await checkRecord(browser.rows))).toEqual([1]);
  });

  test('gives a frame again until the end of a timed policy, and not from then on', async () => {
    const timed = await makeProviderSide({ replay: { untilMs: makeTestBrowser().clock.now() + 60_000 } });
    const { browser, tab, session } = await began(mode, timed);
    expectValue(await ask(mode, tab, session, 1, timed));
    expectValue(await ask(mode, tab, session, 1, timed));
    browser.clock.advance(60_000);
    expect(codeOf(await ask(mode, tab, session, 1, timed))).toBe('sequence/spent');
  });

  test('counts each frame once over two tabs that ask for the same ones at once, without the lock too', async () => {
    for (const polite of [true, false]) {
      const { browser, tab, session } = await began(mode);
      const second = await openTab(browser, provider.agencyKey);
      expectValue(await second.call('resumeSession', { session, manifest: provider.manifestBytes }));
      if (!polite) browser.locks.breakLocks();
      const frames = [0, 1, 2, 3];
      const all = await Promise.all(frames.flatMap((n) => [tab, second].map((each) => ask(mode, each, session, n))));
      expect(all.map(expectValue).filter(({ replay }) => !replay)).toHaveLength(frames.length);
      expect(decryptedFrames(await checkRecord(browser.rows))).toEqual(frames);
    }
  });

  test('goes on after a restart in the mode it was granted in, and in no other', async () => {
    const { browser, tab, session } = await began(mode);
    expectValue(await ask(mode, tab, session, 1));
    tab.kill();
    const again = await openTab(browser, provider.agencyKey);
    const view = expectValue(await again.call('resumeSession', { session, manifest: provider.manifestBytes }));
    expect(view).toMatchObject({ mode, count: 1, positionMs: 2_000 });
    expect(expectValue(await ask(mode, again, session, 1)).replay).toBe(true);
    expect(codeOf(await deliver(provider, again, session, 2))).toBe('session/mode');
  });

  test('cut at any storage call, has in its record every frame that was handed over', async () => {
    const scene = await began(mode);
    scene.tab.kill();
    for (const side of ['before', 'after'] as const) {
      for (let call = 1, wasCut = true; wasCut; call += 1) {
        expect(call).toBeLessThan(MOST_CALLS);
        const browser = copyTestBrowser(scene.browser);
        const tab = await openTab(browser, provider.agencyKey);
        const { session } = scene;
        expectValue(await tab.call('resumeSession', { session, manifest: provider.manifestBytes }));
        tab.store.setFault({ call, side });
        const asked = [ask(mode, tab, session, 1), ask(mode, tab, session, 2, provider, [VIDEO_LABEL])];
        const given = (await Promise.all(asked)).flatMap((result, at) => (result.ok ? [at + 1] : []));
        wasCut = tab.store.isDead();
        tab.kill();
        const restarted = await openTab(browser, provider.agencyKey);
        const counted = decryptedFrames(await checkRecord(browser.rows));
        expect(counted).toEqual(expect.arrayContaining(given));
        if (!wasCut) expect(given).toEqual([1, 2]);
        // What was counted and never arrived is given again, and not counted again.
        expectValue(await restarted.call('resumeSession', { session, manifest: provider.manifestBytes }));
        for (const frame of [1, 2]) expectValue(await ask(mode, restarted, session, frame));
        expect(decryptedFrames(await checkRecord(browser.rows))).toEqual([1, 2]);
      }
    }
  });

  test('a session that ends while a frame is opened gives it counted, or not at all', async () => {
    const { browser, tab, session } = await began(mode);
    const [given] = await Promise.all([ask(mode, tab, session, 3), tab.call('closeSession', { session })]);
    expect(decryptedFrames(await checkRecord(browser.rows))).toEqual(given.ok ? [3] : []);
    expect([null, 'session/not-active', 'session/closed']).toContain(codeOf(given));
    expect(codeOf(await ask(mode, tab, session, 4))).toBe('session/closed');
  });

  test('takes no more frames at once than a display', async () => {
    const { tab, session } = await began(mode);
    const frames = Array.from({ length: 33 }, (_none, frame) => frame);
    const codes = (await Promise.all(frames.map((frame) => ask(mode, tab, session, frame)))).map(codeOf);
    expect(codes.filter((code) => code === 'frame/not-wanted')).toHaveLength(1);
    expectValue(await ask(mode, tab, session, 33));
  });

  test('refuses a key that is not the one that the provider committed to', async () => {
    const lying = await makeProviderSide();
    const browser = makeTestBrowser();
    const tab = await openTab(browser, lying.agencyKey);
    const { session } = await beginSession(lying, tab, undefined, { seed: randomBytes(32), mode });
    expect(codeOf(await ask(mode, tab, session, 4, lying))).toBe('frame/wrong-key');
    expect((await checkRecord(browser.rows)).at(-1)).toMatchObject({ kind: 'failed', code: 'frame/wrong-key' });
  });

  const refused: readonly (readonly [
    string,
    string,
    (at: Awaited<ReturnType<typeof began>>) => Promise<Result<unknown>>,
  ])[] = [
    ['a frame that is not granted', 'grant/not-covered', ({ tab, session }) => ask(mode, tab, session, 6)],
    [
      'a grant that has ended',
      'grant/expired',
      ({ tab, session, browser }) => {
        browser.clock.advance(3_600_000);
        return ask(mode, tab, session, 4);
      },
    ],
    ['a session that nobody knows', 'session/unknown', ({ tab }) => ask(mode, tab, '00'.repeat(16), 4)],
    ['no part at all', 'request/malformed', ({ tab, session }) => ask(mode, tab, session, 4, provider, [])],
    [
      'a session that is not active in this tab',
      'session/not-active',
      async ({ browser, session }) => ask(mode, await openTab(browser, provider.agencyKey), session, 4),
    ],
    [
      'a part that the programme has not',
      'frame/unknown-part',
      ({ tab, session }) =>
        mode === 'keys'
          ? tab.call('frameKeys', { session, frame: 4, labels: ['video/9p'] })
          : tab.call('openFrame', { session, frame: 4, parts: [{ label: 'video/9p', sealed: new ArrayBuffer(40) }] }),
    ],
    [
      'one part twice',
      'request/malformed',
      ({ tab, session }) =>
        mode === 'keys'
          ? tab.call('frameKeys', { session, frame: 4, labels: [VIDEO_LABEL, VIDEO_LABEL] })
          : tab.call('openFrame', { session, frame: 4, parts: [...provider.partsOf(4), ...provider.partsOf(4)] }),
    ],
  ];
  test.each(refused)('%s leaves no trace in the record', async (_what, code, run) => {
    const at = await began(mode, provider, [[2, 6]]);
    const before = at.browser.rows.meta.header;
    expect(codeOf(await run(at))).toBe(code);
    expect(at.browser.rows.meta.header).toEqual(before);
  });
});

describe('BT-5: a way out that the grant does not name', () => {
  const commands: Readonly<Partial<Record<CommandName, (tab: TestTab, session: string) => Promise<Result<unknown>>>>> =
    {
      deliver: (tab, session) => tab.call('deliver', { session, frame: 4, parts: provider.partsOf(4) }),
      play: (tab, session) => tab.call('play', { session }),
      pause: (tab, session) => tab.call('pause', { session }),
      seek: (tab, session) => tab.call('seek', { session, positionMs: 4_000 }),
      openFrame: (tab, session) => ask('frames', tab, session, 4),
      frameKeys: (tab, session) => ask('keys', tab, session, 4),
    };
  const own: Readonly<Record<OutputMode, readonly string[]>> = {
    display: ['deliver', 'play', 'pause', 'seek'],
    frames: ['openFrame'],
    keys: ['frameKeys'],
  };
  for (const mode of OUTPUT_MODES) {
    for (const [name, call] of Object.entries(commands)) {
      if (own[mode].includes(name)) continue;
      test(`\`${name}\` is refused to a session of the mode \`${mode}\` with its own code, and leaves no trace`, async () => {
        const { browser, tab, session } = await began(mode);
        const before = browser.rows.meta.header;
        expect(codeOf(await call(tab, session))).toBe('session/mode');
        expect(browser.rows.meta.header).toEqual(before);
      });
    }
  }

  test('no command lets a clear byte or a key out of a session of the mode `display`', async () => {
    const { tab, session } = await began('display');
    expectValue(await deliver(provider, tab, session, 4));
    for (const call of Object.values(commands)) await call(tab, session);
    for (const label of LABELS) {
      expect(bytesWithin(tab.outward, provider.clearOf(4, label))).toBe(false);
      expect(bytesWithin(tab.outward, await keyOf(4, label))).toBe(false);
    }
  });

  test.each(HOST_MODES)('a grant in the mode `%s` is refused where the programme does not offer it', async (mode) => {
    const strong = await makeProviderSide({ modes: ['display'] });
    const tab = await openTab(makeTestBrowser(), strong.agencyKey);
    const { grant } = await strong.grant(await enrol(strong, tab), undefined, { mode });
    expect(codeOf(await openSession(strong, tab, grant))).toBe('grant/mode');
    expect(expectValue(await tab.call('sessions', {}))).toEqual([]);
  });
});
