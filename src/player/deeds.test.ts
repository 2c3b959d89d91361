// What the error table says that Farebox does by itself, against what the player does: every code about the network and about media, each as it
// can come to the player, and the rest of the codes that the player goes by.

import { describe, expect, test, vi } from 'vitest';
import type { ErrorDeed } from '../protocol/errors/entry.ts';
import { ERRORS, type FareboxErrorCode, isErrorCode } from '../protocol/errors.ts';
import { PLAYER_LIMITS } from './limits.ts';
import { createPlayer } from './player.ts';
import { display, opened, PROGRAMME, SESSION, scripted, segmentHash, wanted } from './testing/scripted-world.ts';

const CODES = Object.keys(ERRORS).filter(isErrorCode);
const named = (did: ErrorDeed): FareboxErrorCode[] =>
  CODES.filter((code) => ERRORS[code].did === did && ['network', 'media'].includes(ERRORS[code].category));
/** Publishing and drawing have no player. News of a live programme is asked for and followed in live.test.ts. */
const concernsPlayer = (code: FareboxErrorCode): boolean =>
  !['publish/', 'live/', 'board/', 'strokes/'].some((area) => code.startsWith(area));

const SEEK_BEHIND = { name: 'seek', argument: { session: SESSION, positionMs: 2_000 } };
const frameEvent = (outcome: 'decrypted' | 'withheld', frame: number) => ({
  ...{ type: 'frame' as const, session: SESSION, frame, outcome, late: false, rung: 'video/360p' },
  ...{ code: null, count: 0, amountMinor: 0, counter: 2 },
});

describe('BT-9: what is asked again', () => {
  test.each([...named('waited'), ...named('asked-again')].filter(concernsPlayer))(
    'after %s comes, and play waits for it',
    async (code) => {
      const world = scripted();
      world.contentFailures.set(segmentHash(3, 0), [code, code]);
      const player = createPlayer(world.ports);
      player.open(PROGRAMME);
      await vi.waitFor(() => expect(player.state.getSnapshot().phase).toBe('waiting'));
      world.emit(wanted(0));
      await vi.waitFor(() => expect(world.delivered()).toContain(0));
      expect(world.fetched.filter(({ hash }) => hash === segmentHash(3, 0))).toHaveLength(3);
      expect(player.state.getSnapshot()).toMatchObject({ phase: 'waiting', code: null });
    },
  );

  test('is the contents list too, which is given up after a few times', async () => {
    const world = scripted();
    world.manifestFailures.push('network/unreachable', 'network/timeout');
    const player = createPlayer(world.ports);
    player.open(PROGRAMME);
    await vi.waitFor(() => expect(player.state.getSnapshot().phase).toBe('waiting'));

    const worse = scripted();
    worse.manifestFailures.push(
      ...Array.from({ length: PLAYER_LIMITS.openingTries }, () => 'network/timeout' as const),
    );
    const patient = createPlayer(worse.ports);
    patient.open(PROGRAMME);
    await vi.waitFor(() =>
      expect(patient.state.getSnapshot()).toMatchObject({ phase: 'failed', code: 'network/timeout' }),
    );
  });
});

describe('BT-4, BT-7: what is fetched once more', () => {
  test.each(named('fetched-afresh'))('after %s is passed over where that does not help', async (code) => {
    const { world, player } = await opened();
    world.failures.set('deliver', [code, code]);
    world.emit(wanted(0));
    await vi.waitFor(() => expect(world.delivered()).toEqual([0, 0]));
    const asked = world.fetched.filter(({ hash }) => hash === segmentHash(3, 0));
    expect(asked.map(({ fresh }) => fresh)).toEqual([false, true]);
    world.emit(display('waiting', 0));
    expect(world.calls).toContainEqual(SEEK_BEHIND);
    expect(player.state.getSnapshot()).toMatchObject({ phase: 'waiting', code: null });
  });
});

describe('BT-4: what is passed over', () => {
  test.each(['frame/wrong-key', 'sequence/spent'] as const)('after %s is not fetched again', async (code) => {
    expect(ERRORS[code].did).toBe('skipped');
    const { world, player } = await opened();
    world.failures.set('deliver', [code]);
    world.emit(wanted(0));
    world.emit(display('waiting', 0));
    await vi.waitFor(() => expect(world.calls).toContainEqual(SEEK_BEHIND));
    // Behind the seek comes what is behind the frame.
    await vi.waitFor(() => expect(world.delivered()).toEqual([0, 1]));
    expect(player.state.getSnapshot()).toMatchObject({ phase: 'waiting', code: null });
  });

  test.each(['network/wrong-content', 'not there'] as const)(
    'is a piece whose file is %s however often it is asked for',
    async (how) => {
      expect(ERRORS['frame/missing'].did).toBe('skipped');
      const world = scripted();
      const fault = how === 'not there' ? { code: 'network/bad-status' as const, status: 404 } : how;
      world.contentFailures.set(segmentHash(1, 0), Array(PLAYER_LIMITS.missingTries + 2).fill(fault));
      const player = createPlayer(world.ports);
      player.open(PROGRAMME);
      await vi.waitFor(() => expect(player.state.getSnapshot().phase).toBe('waiting'));
      world.emit(wanted(0, 1));
      world.emit(display('waiting', 0));
      await vi.waitFor(() => expect(world.calls).toContainEqual(SEEK_BEHIND));
      const fresh = world.fetched.filter(({ hash }) => hash === segmentHash(1, 0)).map((request) => request.fresh);
      expect(fresh).toEqual([false, ...Array(PLAYER_LIMITS.missingTries - 1).fill(true)]);
      expect(world.delivered()).not.toContain(0);
      expect(player.state.getSnapshot()).toMatchObject({ phase: 'waiting', code: null });
    },
  );

  test('are frames that cannot be decoded, until it is plain that none can', async () => {
    expect(ERRORS['frame/undecodable'].did).toBe('skipped');
    const { world, player } = await opened();
    const broken = () => world.emit({ type: 'failed', session: SESSION, code: 'frame/undecodable' });
    for (let frames = 0; frames < PLAYER_LIMITS.undecodableInRow; frames += 1) broken();
    expect(player.state.getSnapshot()).toMatchObject({ phase: 'waiting', trouble: 'frame/undecodable' });
    world.emit(frameEvent('decrypted', 5));
    for (let frames = 0; frames < PLAYER_LIMITS.undecodableInRow; frames += 1) broken();
    expect(player.state.getSnapshot().phase).toBe('waiting');
    broken();
    expect(player.state.getSnapshot()).toMatchObject({ phase: 'failed', code: 'frame/undecodable' });
  });

  test('is every code that says so', () => {
    const tried = ['frame/wrong-key', 'frame/missing', 'frame/undecodable'];
    expect(named('skipped').filter(concernsPlayer).toSorted()).toEqual(tried.toSorted());
  });
});

describe('BT-4: a lower quality', () => {
  test('is fetched where a piece is too large, and the piece passed over where there is none', async () => {
    expect(named('lowered').toSorted()).toEqual(['frame/too-large', 'media/codec', 'media/no-decoder']);
    const { world, player } = await opened();
    player.setRung('video/720p');
    world.failures.set('deliver', ['frame/too-large', 'frame/too-large']);
    world.emit(wanted(0));
    await vi.waitFor(() => expect(world.delivered()).toEqual([0, 0]));
    const labels = world.calls.flatMap(({ name, argument }) => (name === 'deliver' ? [argument] : []));
    expect(labels).toMatchObject([{ parts: [{ label: 'video/720p' }, {}] }, { parts: [{ label: 'video/360p' }, {}] }]);
    world.emit(display('waiting', 0));
    expect(world.calls).toContainEqual(SEEK_BEHIND);
    expect(player.state.getSnapshot()).toMatchObject({ phase: 'waiting', code: null });
  });

  test.each(['media/codec', 'media/no-decoder'] as const)(
    'is fetched after %s; without one play stops',
    async (code) => {
      const { world, player } = await opened();
      player.setRung('video/720p');
      world.emit(wanted(0, 1, 2));
      await vi.waitFor(() => expect(world.delivered().toSorted()).toEqual([0, 1, 2]));
      const broken = () => world.emit({ type: 'failed', session: SESSION, code });
      broken();
      expect(player.state.getSnapshot()).toMatchObject({ phase: 'waiting', trouble: code });
      world.emit(wanted(3));
      await vi.waitFor(() => expect(world.delivered()).toContain(3));
      expect(world.calls.findLast(({ name }) => name === 'deliver')?.argument).toMatchObject({
        parts: [{ label: 'video/360p' }, {}],
      });
      // The display still held these of the rung that was left: no reason to give up the other one.
      for (let held = 0; held < PLAYER_LIMITS.undecodableInRow; held += 1) broken();
      expect(player.state.getSnapshot().phase).toBe('waiting');
      broken();
      expect(player.state.getSnapshot()).toMatchObject({ phase: 'failed', code });
    },
  );
});

test.each(named('left-out'))('BT-4: after %s play goes on without it, and says so', async (code) => {
  const { world, player } = await opened();
  world.emit({ type: 'failed', session: SESSION, code });
  expect(player.state.getSnapshot()).toMatchObject({ phase: 'waiting', trouble: code });
});

test.each(CODES.filter((code) => ERRORS[code].did === 'renewed'))(
  'BT-9: after %s a new permission is asked for',
  async (code) => {
    const { world } = await opened();
    world.failures.set('deliver', [code]);
    world.emit(wanted(0));
    await vi.waitFor(() => expect(world.begun).toHaveLength(2));
    expect(world.settled).toEqual([SESSION]);
  },
);

test.each(CODES.filter((code) => ERRORS[code].did === 'stopped').filter((code) => code !== 'session/closed'))(
  'BT-7: after %s play does not go on, and nothing is asked again',
  async (code) => {
    const { world, player } = await opened();
    world.failures.set('deliver', [code]);
    world.emit(wanted(0));
    await vi.waitFor(() => expect(player.state.getSnapshot()).toMatchObject({ phase: 'failed', code }));
    expect(world.delivered()).toEqual([0]);
    expect(world.begun).toHaveLength(1);
  },
);
