// A session under a sequence function of the person's choice, and delivering to one whose keys only run forwards: BT-6.

import { describe, expect, it, vi } from 'vitest';
import { opened, SESSION, segmentHash, sessionView, wanted } from './testing/scripted-world.ts';

const NEXT = 'd'.repeat(32);
const wantedIn = (session: string, ...frames: readonly number[]) => ({ ...wanted(...frames), session });

/** A player that has chosen the logistic map and has its session. */
async function chosen() {
  const { world, player } = await opened();
  player.setSequence('logistic');
  await vi.waitFor(() => expect(player.state.getSnapshot().session).toBe(NEXT));
  return { world, player };
}

describe('BT-6: a choice of the sequence function', () => {
  it('is none until a person makes it, then settles the session and begins one under it from the same place', async () => {
    const { world, player } = await opened();
    expect(player.state.getSnapshot()).toMatchObject({ sequence: null, tally: { sequence: 'tree' } });
    player.setSequence('logistic');
    await vi.waitFor(() => expect(player.state.getSnapshot().session).toBe(NEXT));
    expect(player.state.getSnapshot()).toMatchObject({ sequence: 'logistic', tally: { sequence: 'logistic' } });
    expect(world.settled).toEqual([SESSION]);
    player.setSequence('logistic');
    expect(world.begun).toHaveLength(2);
    player.setSequence(null);
    await vi.waitFor(() => expect(player.state.getSnapshot().tally?.sequence).toBe('tree'));
    expect(world.begun).toEqual([0, 0, 0]);
  });

  it('holds for the session that follows a grant which is over, and not for the next visit', async () => {
    const { world, player } = await chosen();
    world.failures.set('deliver', ['grant/expired']);
    world.emit(wantedIn(NEXT, 0));
    await vi.waitFor(() => expect(world.begun).toHaveLength(3));
    await vi.waitFor(() => expect(player.state.getSnapshot().tally?.sequence).toBe('logistic'));
    player.leave();
    player.open('1'.repeat(32), 0);
    expect(player.state.getSnapshot().sequence).toBeNull();
  });

  it('says what the session has, whatever was asked for', async () => {
    const { player } = await opened({ open: sessionView({ sequence: 'logistic' }) });
    expect(player.state.getSnapshot()).toMatchObject({ sequence: 'logistic', tally: { sequence: 'logistic' } });
  });
});

describe('BT-6: a session whose keys run forwards', () => {
  it('is given each frame when the one before it is opened, however the files come', async () => {
    const { world } = await chosen();
    const { promise: slow, resolve: come } = Promise.withResolvers<void>();
    const { content } = world.ports.provider;
    vi.spyOn(world.ports.provider, 'content').mockImplementation(async (hash, request) => {
      if (hash === segmentHash(3, 2)) await slow;
      return content(hash, request);
    });
    world.emit(wantedIn(NEXT, 0, 1, 2, 3));
    await vi.waitFor(() => expect(world.delivered()).toEqual([0, 1]));
    world.emit({ type: 'picture', session: NEXT, frame: 0 });
    await vi.waitFor(() => expect(world.fetched.map(({ hash }) => hash)).toContain(segmentHash(3, 3)));
    expect(world.delivered()).toEqual([0, 1]);
    come();
    await vi.waitFor(() => expect(world.delivered()).toEqual([0, 1, 2, 3]));
  });

  it('is given no frame while another one is being opened', async () => {
    const { world } = await chosen();
    const { promise: opening, resolve: open } = Promise.withResolvers<void>();
    const { call } = world.ports.module;
    vi.spyOn(world.ports.module, 'call').mockImplementation(async (name, argument, options) => {
      const answer = await call(name, argument, options);
      if (name === 'deliver') await opening;
      return answer;
    });
    world.emit(wantedIn(NEXT, 0, 1));
    await vi.waitFor(() => expect(world.delivered()).toEqual([0]));
    open();
    await vi.waitFor(() => expect(world.delivered()).toEqual([0, 1]));
  });

  it('is followed by another where play comes to a frame that it has passed over', async () => {
    const { world, player } = await chosen();
    world.failures.set('deliver', ['sequence/spent']);
    world.emit(wantedIn(NEXT, 1));
    await vi.waitFor(() => expect(world.begun).toHaveLength(3));
    expect(world.settled).toEqual([SESSION, NEXT]);
    await vi.waitFor(() => expect(player.state.getSnapshot().tally?.sequence).toBe('logistic'));
  });

  it('goes on behind a frame that was counted and whose key is gone, as any session does', async () => {
    const { world, player } = await chosen();
    const frame = {
      ...({ type: 'frame', session: NEXT, frame: 1, outcome: 'decrypted', late: false, code: null } as const),
    };
    world.emit({ ...frame, rung: 'video/360p', count: 1, amountMinor: 20, counter: 3 });
    world.failures.set('deliver', ['sequence/spent']);
    world.emit(wantedIn(NEXT, 1));
    await vi.waitFor(() => expect(world.delivered()).toEqual([1]));
    expect(player.state.getSnapshot().session).toBe(NEXT);
    expect(world.begun).toHaveLength(2);
  });
});
