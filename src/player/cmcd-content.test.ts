// What each kind of content request says, and that every one of a player says it.

import { describe, expect, it, test, vi } from 'vitest';
import { hashObject } from '../protocol/ids.ts';
import { decodeManifest } from '../protocol/manifest.ts';
import { frameCmcd, keptCmcd, manifestCmcd, sideCmcd } from './cmcd-content.ts';
import { display, MANIFEST, opened, PROGRAMME, SESSION, segmentHash, wanted } from './testing/scripted-world.ts';

const manifest = decodeManifest(MANIFEST);
const SID = 'ab'.repeat(16);
const moment = {
  ...{ sid: SID, isLive: false, bufferedMs: 12_340, bitsPerSecond: 5_160_000, rate: 1.5 },
  ...{ starved: false, urgent: false },
};
const COMMON = `cid="${PROGRAMME}"`;

describe('BT-9: what a request says', () => {
  // 40 000 bytes within 12.34 s, five times as fast: 129.7 kbit/s.
  test.each([
    [
      'a picture',
      'video/360p',
      `bl=12300,br=800,${COMMON},d=2000,mtp=5200,nor="${segmentHash(1, 8)}",ot=v,pr=1.5,rtp=100,sf=o,sid="${SID}",st=v,tb=2400`,
    ],
    [
      'a sound',
      'audio/main',
      `bl=12300,br=128,${COMMON},d=2000,mtp=5200,nor="${segmentHash(3, 8)}",ot=a,pr=1.5,rtp=100,sf=o,sid="${SID}",st=v,tb=128`,
    ],
    [
      'captions',
      'captions/en',
      `${COMMON},d=2000,mtp=5200,nor="${segmentHash(5, 8)}",ot=c,pr=1.5,rtp=100,sf=o,sid="${SID}",st=v`,
    ],
  ])('%s', (_what, label, expected) => {
    expect(frameCmcd(manifest, 7, label, moment)).toBe(expected);
  });

  test('at the start, before anything is known: that play waits', () => {
    const first = { ...moment, bufferedMs: 0, bitsPerSecond: null, rate: 1, urgent: true };
    expect(frameCmcd(manifest, 0, 'video/360p', first)).toBe(
      `bl=0,br=800,${COMMON},d=2000,nor="${segmentHash(1, 1)}",ot=v,sf=o,sid="${SID}",st=v,su,tb=2400`,
    );
  });

  test('of the last frame: that there is no next', () => {
    expect(frameCmcd(manifest, 29, 'video/360p', moment)).not.toContain('nor=');
  });

  test('of a frame that play stood still for, live: so', () => {
    const said = frameCmcd(manifest, 7, 'video/360p', { ...moment, starved: true, isLive: true }).split(',');
    expect(said).toContain('bs');
    expect(said).toContain('st=l');
  });

  test('of a frame that outlasts its programme: how long it plays', () => {
    const short = { ...manifest, durationMs: 58_700 };
    expect(frameCmcd(short, 29, 'video/360p', moment)).toContain('d=700');
  });

  test('of a manifest and of what is beside the frames', () => {
    expect(manifestCmcd(PROGRAMME, false)).toBe(`${COMMON},ot=m,sf=o,st=v,su`);
    expect(keptCmcd(PROGRAMME)).toBe(`${COMMON},pr=0,sf=o,st=v`);
    const side = sideCmcd(manifest, true, SID);
    expect(side({ label: 'audio/de', hash: '' })).toBe(`${COMMON},ot=a,sf=o,sid="${SID}",st=l`);
    expect(side({ label: '0', hash: '' })).toBe(`${COMMON},ot=o,sf=o,sid="${SID}",st=l`);
  });
});

describe('BT-9: a player', () => {
  it('says so of every content request, under the one id of its delivery', async () => {
    const { world } = await opened();
    world.emit({ type: 'wanted', session: SESSION, frames: [0, 1], tracks: [0], sheets: [1] });
    await vi.waitFor(() => expect(world.delivered()).toContain(1));
    await vi.waitFor(() => expect(world.fetched.some(({ hash }) => hash === segmentHash(6, 1))).toBe(true));
    const sids = new Set<string | undefined>();
    for (const { hash, cmcd = '' } of world.asked) {
      expect(cmcd).toContain(COMMON);
      if (hash === hashObject(MANIFEST)) expect(cmcd).toContain('ot=m');
      else sids.add(/sid="([0-9a-f]{32})"/.exec(cmcd)?.[1]);
    }
    expect([...sids]).toEqual([expect.any(String)]);
  });

  it('says that play waits until there is a picture, then how much is buffered and how fast the line is', async () => {
    const { world } = await opened();
    world.emit(wanted(0, 1));
    await vi.waitFor(() => expect(world.delivered()).toContain(1));
    for (const { cmcd } of world.asked) expect(cmcd?.split(',')).toContain('su');
    const before = world.asked.length;
    world.emit({ type: 'picture', session: SESSION, frame: 0 });
    await vi.waitFor(() => expect(world.asked.length).toBeGreaterThan(before + 4));
    const later = world.asked.slice(before).map(({ cmcd }) => cmcd ?? '');
    for (const said of later) expect(said.split(',')).not.toContain('su');
    expect(later.at(-1)).toMatch(/bl=[1-9]\d*00,.*mtp=\d+00,/);
  });

  it('says once that play stood still', async () => {
    const { world } = await opened();
    world.emit(wanted(0));
    world.emit({ type: 'picture', session: SESSION, frame: 0 });
    await vi.waitFor(() => expect(world.delivered()).toContain(0));
    await vi.waitFor(() => expect(world.asked.length).toBeGreaterThan(50));
    const before = world.asked.length;
    world.emit(display('waiting', 2_000));
    world.emit(wanted(20, 21));
    world.emit(wanted());
    world.emit(wanted(20, 21));
    await vi.waitFor(() => expect(world.delivered()).toContain(21));
    const said = world.asked.slice(before).filter(({ cmcd }) => cmcd?.split(',').includes('bs'));
    expect(said.length).toBe(1);
  });
});
