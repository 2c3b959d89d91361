// Sound, captions and previews behind the gate: which parts a frame may come with, what comes later, what a bad one costs, and that nothing
// of it changes the count.

import { describe, expect, test } from 'vitest';
import type { SealedPart } from '../commands.ts';
import { codeOf, expectValue, makeTestBrowser, openTab, showFrame } from '../testing/browser.ts';
import { checkRecord, decryptedFrames } from '../testing/check-record.ts';
import {
  CAPTIONS_LABEL,
  makeProviderSide,
  OTHER_SOUND_LABEL,
  type ProviderSide,
  SHEET,
  SOUND_LABEL,
  sealSheet,
  VIDEO_LABEL,
} from '../testing/provider-side.ts';
import { beginSession } from '../testing/steps.ts';

const provider = await makeProviderSide({}, { tracks: true });

async function began(of: ProviderSide = provider) {
  const browser = makeTestBrowser();
  const tab = await openTab(browser, of.agencyKey);
  const { session } = await beginSession(of, tab);
  const give = (frame: number, parts: readonly SealedPart[]) => tab.call('deliver', { session, frame, parts });
  return { browser, tab, session, give };
}

function spoilt(frame: number, label: string): SealedPart[] {
  return provider.partsOf(frame, [label]).map((part) => {
    const bytes = new Uint8Array(part.sealed);
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
    return part;
  });
}

describe('BT-4: the parts of one delivery', () => {
  test('a picture, a sound and captions open and are counted as one frame', async () => {
    const { tab, give, browser } = await began();
    expectValue(await give(3, provider.partsOf(3, [VIDEO_LABEL, OTHER_SOUND_LABEL, CAPTIONS_LABEL])));
    const prepared = tab.sink().frames.get(3);
    expect([...(prepared?.parts.keys() ?? [])].sort()).toEqual([OTHER_SOUND_LABEL, CAPTIONS_LABEL, VIDEO_LABEL].sort());
    expect(prepared?.parts.get(CAPTIONS_LABEL)).toEqual(provider.clearOf(3, CAPTIONS_LABEL));
    await showFrame(tab.sink(), 3);
    expect(decryptedFrames(await checkRecord(browser.rows))).toEqual([3]);
  });

  test('two sounds are refused, and nothing is written down', async () => {
    const { give, browser } = await began();
    const before = (await checkRecord(browser.rows)).length;
    expect(codeOf(await give(3, provider.partsOf(3, [VIDEO_LABEL, SOUND_LABEL, OTHER_SOUND_LABEL])))).toBe(
      'request/malformed',
    );
    expect((await checkRecord(browser.rows)).length).toBe(before);
  });

  test('captions that do not open cost the frame nothing but themselves', async () => {
    const { tab, give, browser } = await began();
    const parts = [...provider.partsOf(3), ...spoilt(3, CAPTIONS_LABEL)];
    expectValue(await give(3, parts));
    expect(tab.sink().frames.get(3)?.parts.get(CAPTIONS_LABEL)).toEqual(new Uint8Array());
    expect(tab.sink().frames.get(3)?.parts.get(VIDEO_LABEL)).toEqual(provider.clearOf(3, VIDEO_LABEL));
    await showFrame(tab.sink(), 3);
    expect(decryptedFrames(await checkRecord(browser.rows))).toEqual([3]);
  });

  test('a sound that does not open fails the frame', async () => {
    const { give } = await began();
    expect(codeOf(await give(3, [...provider.partsOf(3, [VIDEO_LABEL]), ...spoilt(3, OTHER_SOUND_LABEL)]))).toBe(
      'frame/tampered',
    );
  });
});

describe('BT-7: parts that come after their frame', () => {
  test.each([false, true])('reach the display and write nothing, the frame counted: %s', async (counted) => {
    const { tab, give, browser } = await began();
    expectValue(await give(3, provider.partsOf(3)));
    if (counted) await showFrame(tab.sink(), 3);
    tab.sink().lack([OTHER_SOUND_LABEL, CAPTIONS_LABEL]);
    const before = await checkRecord(browser.rows);
    const answer = await give(3, provider.partsOf(3, [VIDEO_LABEL, OTHER_SOUND_LABEL, CAPTIONS_LABEL]));
    expect(expectValue(answer)).toEqual({ replay: counted });
    const [given] = tab.sink().supplements;
    expect(given?.frame).toBe(3);
    expect([...(given?.parts.keys() ?? [])].sort()).toEqual([OTHER_SOUND_LABEL, CAPTIONS_LABEL].sort());
    expect(given?.parts.get(OTHER_SOUND_LABEL)).toEqual(provider.clearOf(3, OTHER_SOUND_LABEL));
    expect(await checkRecord(browser.rows)).toEqual(before);
    if (!counted) await showFrame(tab.sink(), 3);
    expect(decryptedFrames(await checkRecord(browser.rows))).toEqual([3]);
  });

  test('of a counted frame that may not be shown again are refused: its key is gone', async () => {
    const strict = await makeProviderSide({ replay: 'none' }, { tracks: true });
    const { tab, give } = await began(strict);
    expectValue(await give(3, strict.partsOf(3)));
    await showFrame(tab.sink(), 3);
    tab.sink().lack([OTHER_SOUND_LABEL]);
    expect(codeOf(await give(3, strict.partsOf(3, [OTHER_SOUND_LABEL])))).toBe('sequence/spent');
    expect(tab.sink().supplements).toEqual([]);
  });

  test('that do not open are refused, and the frame goes on', async () => {
    const { tab, give } = await began();
    expectValue(await give(3, provider.partsOf(3)));
    tab.sink().lack([OTHER_SOUND_LABEL]);
    expect(codeOf(await give(3, spoilt(3, OTHER_SOUND_LABEL)))).toBe('frame/tampered');
    await showFrame(tab.sink(), 3);
    expect(tab.events.findLast(({ type }) => type === 'frame')).toMatchObject({ outcome: 'decrypted', count: 1 });
  });
});

describe('CARD-3: what a person chooses', () => {
  test('reaches the display: a sound, captions, none, a speed, a place to look at', async () => {
    const { tab, session } = await began();
    expectValue(await tab.call('setSound', { session, label: OTHER_SOUND_LABEL }));
    expectValue(await tab.call('setCaptions', { session, label: CAPTIONS_LABEL }));
    expectValue(await tab.call('setCaptions', { session, label: null }));
    expectValue(await tab.call('setRate', { session, rate: 2 }));
    expectValue(await tab.call('preview', { session, positionMs: 5_000, at: 0.25 }));
    expect(tab.sink().chosen).toEqual([OTHER_SOUND_LABEL, CAPTIONS_LABEL, null, 2, 5_000, 0.25]);
  });

  test.each([
    ['setSound', { label: VIDEO_LABEL }, 'frame/unknown-part'],
    ['setSound', { label: CAPTIONS_LABEL }, 'frame/unknown-part'],
    ['setSound', { label: null }, 'request/malformed'],
    ['setCaptions', { label: SOUND_LABEL }, 'frame/unknown-part'],
    ['setRate', { rate: 0.49 }, 'request/malformed'],
    ['setRate', { rate: 2.01 }, 'request/malformed'],
    ['setRate', { rate: Number.NaN }, 'request/malformed'],
    ['preview', { positionMs: 0, at: 1.1 }, 'request/malformed'],
    ['preview', { positionMs: -1, at: 0.5 }, 'request/malformed'],
    ['deliverSheet', { sheet: 0, sealed: new Uint8Array(3) }, 'request/malformed'],
  ] as const)('%s with %j is %s', async (name, argument, code) => {
    const { tab, session } = await began();
    const call = tab.call as (asked: typeof name, argument: object) => ReturnType<typeof tab.call<typeof name>>;
    expect(codeOf(await call(name, { session, ...argument }))).toBe(code);
    expect(tab.sink().chosen).toEqual([]);
  });

  test.each([
    ['size', 'enormous'],
    ['background', 'url(x)'],
    ['colour', '#fff'],
    ['position', 'left'],
    ['clearBelow', 0.6],
  ])('a look with another %s is refused', async (field, value) => {
    const { tab } = await began();
    const look = { size: 'large', background: 'shade', colour: 'white', position: 'bottom', clearBelow: 0 } as const;
    expectValue(await tab.call('setCaptionStyle', look));
    expect(codeOf(await tab.call('setCaptionStyle', { ...look, [field]: value }))).toBe('request/malformed');
  });
});

describe('CARD-3: previews', () => {
  const sealed = () => sealSheet(provider.seed, provider.manifest.programme);

  test('a sheet opens for the display, after a reload as well, and is neither counted nor written down', async () => {
    const { tab, session, browser } = await began();
    const before = await checkRecord(browser.rows);
    expectValue(await tab.call('deliverSheet', { session, sheet: 0, sealed: (await sealed()).buffer }));
    expect(tab.sink().sheets).toEqual([{ sheet: 0, jpeg: SHEET }]);
    tab.kill();
    const again = await openTab(browser, provider.agencyKey);
    expectValue(await again.call('resumeSession', { session, manifest: provider.manifestBytes }));
    expectValue(await again.call('deliverSheet', { session, sheet: 0, sealed: (await sealed()).buffer }));
    expect(again.sink().sheets).toEqual([{ sheet: 0, jpeg: SHEET }]);
    expect(await checkRecord(browser.rows)).toEqual(before);
  });

  test.each([
    ['altered', async () => (await sealed()).map((byte, at) => (at === 20 ? byte ^ 1 : byte))],
    ['cut', async () => (await sealed()).slice(0, -1)],
    [
      'of a picture larger than it says',
      () => sealSheet(provider.seed, provider.manifest.programme, SHEET.with(7, 1) as typeof SHEET),
    ],
  ])('a sheet that is %s is ridden over with its code', async (_what, make) => {
    const { tab, session } = await began();
    expectValue(await tab.call('deliverSheet', { session, sheet: 0, sealed: (await make()).buffer }));
    expect(tab.sink().sheets).toEqual([{ sheet: 0, jpeg: null }]);
    expect(tab.events).toContainEqual({ type: 'failed', session, code: 'previews/malformed' });
  });
});
