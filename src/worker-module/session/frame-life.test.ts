// What one session may hold: a receipt says at most LIMITS.ranges ranges, and a row that could not be read back would cost more than a frame.

import { describe, expect, test } from 'vitest';
import type { SessionId } from '../../protocol/ids.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { rangesFromFrames } from '../../protocol/ranges.ts';
import { type CommitDraft, makeDraft } from '../record/draft.ts';
import { makeMemoryStore } from '../store/testing/memory-store.ts';
import { expectValue, makeTestBrowser, openTab } from '../testing/browser.ts';
import { openKeys } from '../testing/check-record.ts';
import { makeProviderSide } from '../testing/provider-side.ts';
import { beginSession } from '../testing/steps.ts';
import { countFrame, failFrame, reserveFrame } from './frame-life.ts';
import { decodeProgressBytes, encodeProgressBytes, openSessionRow } from './session-codec.ts';
import type { LoadedSession, SessionProgress } from './session-state.ts';

const provider = await makeProviderSide();
const browser = makeTestBrowser();
const tab = await openTab(browser, provider.agencyKey);
const { session } = await beginSession(provider, tab, [[0, 40]]);
expectValue(await tab.call('sessions', {}));
const loaded = await load(session);

async function load(id: SessionId): Promise<LoadedSession> {
  const row = await makeMemoryStore(browser.rows).session(id);
  if (row === null) throw new Error('no session');
  return openSessionRow(row, await openKeys(browser.rows));
}

/** A draft of the session with other progress. Frames from 1000 on stand for a past that the tree needs not know. */
function draftWith(progress: Partial<SessionProgress>): CommitDraft {
  const present = { ...loaded, progress: { ...loaded.progress, ...progress } };
  const base = { counter: 10_000, head: new Uint8Array(32), meta: { ...browser.rows.meta } };
  return makeDraft(base, new Map([[session, present]]), 1_800_000_000_000).draft;
}

/** This many frames with a gap after each. */
function scattered(count: number): readonly (readonly [number, number])[] {
  return rangesFromFrames(Array.from({ length: count }, (_none, at) => 1_000 + 2 * at));
}

const at = (frame: number) => ({ session, frame, tab: 'tab' });

describe('BT-8: a session that has no room for another range', () => {
  const full = { decrypted: scattered(LIMITS.ranges), count: LIMITS.ranges };

  test('refuses the next frame with a code, before a key is made', () => {
    const draft = draftWith(full);
    expect(() => reserveFrame(draft, at(3), 'video/360p')).toThrow('session/full');
    expect(draft.place().counter).toBe(10_000);
  });

  test('still takes a frame beside one that was counted, and gives counted ones again', () => {
    const decrypted = [[2, 3] as const, ...scattered(LIMITS.ranges - 1)];
    for (const frame of [1, 3]) {
      expect(reserveFrame(draftWith({ decrypted }), at(frame), 'video/360p').kind).toBe('reserved');
    }
    expect(reserveFrame(draftWith({ decrypted }), at(2), 'video/360p').kind).toBe('counted');
    expect(() => reserveFrame(draftWith({ decrypted }), at(0), 'video/360p')).toThrow('session/full');
  });

  test('counts every frame that is reserved as a range to come', () => {
    const decrypted = scattered(LIMITS.ranges - 2);
    const draft = draftWith({ decrypted });
    for (const frame of [0, 2]) reserveFrame(draft, at(frame), 'video/360p');
    expect(() => reserveFrame(draft, at(4), 'video/360p')).toThrow('session/full');
    expect(reserveFrame(draft, { ...at(2), tab: 'another' }, 'video/360p').kind).toBe('reserved');
    failFrame(draft, at(0), 'frame/withheld');
    expect(reserveFrame(draft, at(4), 'video/360p').kind).toBe('reserved');
    for (const frame of [2, 4]) countFrame(draft, at(frame), { rung: 'video/360p', late: true, positionMs: 0 });
    expect(draft.session(session).progress.decrypted).toHaveLength(LIMITS.ranges);
  });

  test('is full of late frames or of failures as well, and its progress can be read back in every case', () => {
    const late = scattered(LIMITS.ranges);
    const decrypted = [[1_000, 1_000 + 2 * LIMITS.ranges] as const];
    expect(() => reserveFrame(draftWith({ decrypted, late }), at(3), 'video/360p')).toThrow('session/full');
    const failures = new Map(
      Array.from({ length: 16_384 }, (_none, frame) => [100_000 + frame, 'frame/withheld' as const]),
    );
    expect(() => reserveFrame(draftWith({ failures }), at(3), 'video/360p')).toThrow('session/full');
    const most: SessionProgress = { ...loaded.progress, ...full, late, failures };
    expect(decodeProgressBytes(encodeProgressBytes(most))).toEqual(most);
  });
});
