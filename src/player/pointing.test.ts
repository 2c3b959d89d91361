// A session made ready while a person points at a programme: what a press finds, and what becomes of it where none comes.

import { describe, expect, it, vi } from 'vitest';
import { FareboxError } from '../protocol/errors.ts';
import type { FrameRange } from '../protocol/ranges.ts';
import type { SessionView } from '../worker-module/commands.ts';
import { PLAYER_LIMITS } from './limits.ts';
import { createPlayer } from './player.ts';
import { FRAMES, PROGRAMME, SESSION, scripted, sessionView, wanted } from './testing/scripted-world.ts';

const OTHER = '2'.repeat(32);
const SECOND = 'd'.repeat(32);

/** A player whose pauses end when the test says so, over a provider and a module that say what the test tells them. */
function pointer(
  script: { readonly view?: Partial<SessionView>; readonly sessions?: () => readonly SessionView[] } = {},
) {
  const world = scripted();
  const pauses: { ms: number; signal: AbortSignal; end(): void }[] = [];
  let hide: () => void = () => expect.unreachable();
  let atMs = 0;
  const { call } = world.ports.module;
  vi.spyOn(world.ports.module, 'call').mockImplementation((name, argument, options) =>
    name === 'sessions' && script.sessions !== undefined
      ? (Promise.resolve(script.sessions()) as never)
      : call(name, argument, options),
  );
  const { beginSession } = world.ports.relay;
  const begin = vi.spyOn(world.ports.relay, 'beginSession').mockImplementation(async (order) => {
    const view = await beginSession(order);
    return order.ahead === true ? { ...view, unused: true, ...script.view } : view;
  });
  const player = createPlayer({
    ...world.ports,
    onHidden: (listener) => {
      hide = listener;
    },
    nowMs: () => atMs,
    pause: (ms, signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
        pauses.push({ ms, signal, end: resolve });
      }),
  });
  const orders = () => begin.mock.calls.map(([order]) => order);
  return {
    ...{ world, player, begin, orders },
    hide: () => hide(),
    pass: (ms: number) => {
      atMs += ms;
    },
    /** The newest pause of this length is over; answers whether there was one that still ran. */
    elapse(ms: number): boolean {
      const pause = pauses.findLast((one) => one.ms === ms && !one.signal.aborted);
      pause?.end();
      return pause !== undefined;
    },
    calls: (name: string) => world.calls.filter((made) => made.name === name).map(({ argument }) => argument),
    phase: () => player.state.getSnapshot().phase,
  };
}

async function ready(script: Parameters<typeof pointer>[0] = {}) {
  const it = pointer(script);
  it.player.point(PROGRAMME);
  it.elapse(PLAYER_LIMITS.pointedMs);
  await vi.waitFor(() => expect(it.world.fetched.length).toBeGreaterThan(0));
  await vi.waitFor(() => expect(it.orders()).toHaveLength(1));
  await it.begin.mock.results[0]?.value;
  // The answer goes on through the steps that wait for it.
  await new Promise((resolve) => setImmediate(resolve));
  return it;
}

/** What a module that has a session ready tells of it. */
const told = wanted(0);

describe('BT-4: a programme that is pointed at', () => {
  it('has its session made ready after a moment: asked for ahead, with its first frame, and nothing delivered, played or shown', async () => {
    const { world, orders, calls, phase } = await ready();
    expect(orders()).toMatchObject([{ programmeId: PROGRAMME, from: 0, mode: 'display', ahead: true, sessions: [] }]);
    expect(orders()[0]?.firstRung?.()).toBe('video/360p');
    world.emit(told);
    expect(calls('deliver')).toEqual([]);
    expect(calls('play')).toEqual([]);
    expect(phase()).toBe('idle');
  });

  it('is left alone where the pointer only passes over it', async () => {
    const { player, elapse, orders } = pointer();
    player.point(PROGRAMME);
    player.unpoint(PROGRAMME);
    expect(elapse(PLAYER_LIMITS.pointedMs)).toBe(false);
    await new Promise((resolve) => setImmediate(resolve));
    expect(orders()).toEqual([]);
  });

  it('is made ready once, however often it is pointed at', async () => {
    const { player, orders } = await ready();
    for (const pressed of [false, true, false]) player.point(PROGRAMME, pressed);
    await new Promise((resolve) => setImmediate(resolve));
    expect(orders()).toHaveLength(1);
  });

  it('is made ready once the module is, where it was pointed at before', async () => {
    const { player, world, elapse, orders } = pointer();
    world.live('starting');
    player.point(PROGRAMME);
    elapse(PLAYER_LIMITS.pointedMs);
    await new Promise((resolve) => setImmediate(resolve));
    expect(orders()).toEqual([]);
    world.live('ready');
    await vi.waitFor(() => expect(orders()).toHaveLength(1));
  });

  it('is not made ready while something plays', async () => {
    const { player, elapse, orders, phase } = pointer();
    player.open(PROGRAMME);
    await vi.waitFor(() => expect(phase()).toBe('waiting'));
    player.point(OTHER, true);
    elapse(PLAYER_LIMITS.pointedMs);
    await new Promise((resolve) => setImmediate(resolve));
    expect(orders()).toHaveLength(1);
  });

  it('is not made ready where a session of it is held: a press goes on with that', async () => {
    const held = sessionView({ session: SECOND, count: 3, positionMs: 6_000 });
    const { player, elapse, orders, calls } = pointer({ sessions: () => [held] });
    player.point(PROGRAMME);
    elapse(PLAYER_LIMITS.pointedMs);
    await new Promise((resolve) => setImmediate(resolve));
    player.open(PROGRAMME);
    await vi.waitFor(() => expect(calls('resumeSession')).toMatchObject([{ session: SECOND }]));
    expect(orders()).toEqual([]);
  });

  it('is made ready a few times a minute and no more, for whoever points at everything', async () => {
    const { player, world, pass, orders } = pointer();
    for (let times = 0; times < PLAYER_LIMITS.preparedSessions + 5; times += 1) {
      player.point(PROGRAMME, true);
      const most = Math.min(times + 1, PLAYER_LIMITS.preparedSessions);
      await vi.waitFor(() => expect(orders()).toHaveLength(most));
      player.point(OTHER);
      await vi.waitFor(() => expect(world.released).toHaveLength(most));
    }
    pass(PLAYER_LIMITS.preparedWithinMs);
    player.point(PROGRAMME, true);
    await vi.waitFor(() => expect(orders()).toHaveLength(PLAYER_LIMITS.preparedSessions + 1));
  });
});

describe('BT-4: a press', () => {
  it('after it is ready delivers and plays in the same turn, with no question to the provider', async () => {
    const { world, player, orders, calls, phase } = await ready();
    world.emit(told);
    player.open(PROGRAMME);
    expect(calls('deliver')).toMatchObject([{ session: SESSION, frame: 0 }]);
    expect(calls('play')).toEqual([{ session: SESSION }]);
    expect(phase()).toBe('waiting');
    expect(orders()).toHaveLength(1);
    await new Promise((resolve) => setImmediate(resolve));
    expect(calls('closeSession')).toEqual([]);
    expect(world.released).toEqual([]);
  });

  it('before it is ready waits for that and asks for nothing twice', async () => {
    const { world, player, orders, calls, phase } = pointer();
    player.point(PROGRAMME, true);
    player.open(PROGRAMME);
    expect(phase()).toBe('opening');
    await vi.waitFor(() => expect(phase()).toBe('waiting'));
    world.emit(told);
    await vi.waitFor(() => expect(calls('deliver')).toHaveLength(1));
    expect(orders()).toHaveLength(1);
  });

  it('that is taken back before it is ready leaves nothing set aside', async () => {
    const { world, player } = pointer();
    player.point(PROGRAMME, true);
    player.open(PROGRAMME);
    player.leave();
    await vi.waitFor(() => expect(world.released).toEqual([SESSION]));
    expect(player.state.getSnapshot()).toMatchObject({ phase: 'idle', session: null });
  });

  it('where nothing could be made ready opens as ever, and tells what is wrong', async () => {
    const { world, player, begin, phase } = pointer();
    begin.mockRejectedValueOnce(new FareboxError('credit/exhausted'));
    player.point(PROGRAMME, true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(player.state.getSnapshot()).toMatchObject({ phase: 'idle', code: null, trouble: null });
    begin.mockRejectedValueOnce(new FareboxError('credit/exhausted'));
    player.open(PROGRAMME);
    await vi.waitFor(() => expect(phase()).toBe('failed'));
    expect(player.state.getSnapshot().code).toBe('credit/exhausted');
    expect(world.released).toEqual([]);
  });

  it('on another programme gives back what was ready before it asks, and asks once more where the credit was on its way back', async () => {
    const { world, player, begin, orders, calls, phase } = await ready();
    begin.mockImplementationOnce(async () => {
      expect(calls('closeSession')).toEqual([{ session: SESSION }]);
      throw new FareboxError('credit/exhausted');
    });
    const { promise, resolve } = Promise.withResolvers<void>();
    vi.spyOn(world.ports.relay, 'release').mockReturnValue(promise);
    player.open(OTHER);
    await vi.waitFor(() => expect(orders()).toHaveLength(2));
    resolve();
    await vi.waitFor(() => expect(phase()).toBe('waiting'));
    expect(orders().map(({ programmeId }) => programmeId)).toEqual([PROGRAMME, OTHER, OTHER]);
  });
});

describe('BT-4: a session that no press comes for', () => {
  it('is ended and settled when another programme is pointed at, before that one is made ready', async () => {
    const { world, player, elapse, orders, calls } = await ready();
    player.point(OTHER);
    await vi.waitFor(() => expect(calls('closeSession')).toEqual([{ session: SESSION }]));
    await vi.waitFor(() => expect(world.released).toEqual([SESSION]));
    elapse(PLAYER_LIMITS.pointedMs);
    await vi.waitFor(() => expect(orders()).toHaveLength(2));
  });

  it('is ended some seconds after the pointer has left, and kept where it comes back', async () => {
    const { world, player, elapse } = await ready();
    player.unpoint(PROGRAMME);
    player.point(PROGRAMME);
    expect(elapse(PLAYER_LIMITS.unpointedMs)).toBe(false);
    player.unpoint(PROGRAMME);
    expect(world.released).toEqual([]);
    expect(elapse(PLAYER_LIMITS.unpointedMs)).toBe(true);
    await vi.waitFor(() => expect(world.released).toEqual([SESSION]));
  });

  it('is ended after a while where the pointer was left lying on it, and not where it was pressed', async () => {
    const { world, elapse } = await ready();
    expect(elapse(PLAYER_LIMITS.readyMs)).toBe(true);
    await vi.waitFor(() => expect(world.released).toEqual([SESSION]));

    const pressed = await ready();
    pressed.player.open(PROGRAMME);
    expect(pressed.elapse(PLAYER_LIMITS.readyMs)).toBe(false);
  });

  it('is ended at once when nobody sees the page any more, also where it is not open yet', async () => {
    const { world, hide, calls } = await ready();
    hide();
    await vi.waitFor(() => expect(world.released).toEqual([SESSION]));
    expect(calls('closeSession')).toEqual([{ session: SESSION }]);

    const early = pointer();
    early.player.point(PROGRAMME, true);
    await vi.waitFor(() => expect(early.orders()).toHaveLength(1));
    early.hide();
    await vi.waitFor(() => expect(early.world.released).toEqual([SESSION]));
  });

  it('is given up when the module begins anew, and the next press begins its own', async () => {
    const { world, player, orders, phase } = await ready();
    world.live('restarting');
    world.live('ready');
    player.open(PROGRAMME);
    await vi.waitFor(() => expect(phase()).toBe('waiting'));
    expect(orders().map(({ ahead }) => ahead)).toEqual([true, undefined]);
  });

  it('stays out of the way where the line is down: nobody is told, and the next time it is tried again', async () => {
    const { player, begin, world, orders } = pointer();
    begin.mockRejectedValueOnce(new FareboxError('network/unreachable'));
    player.point(PROGRAMME, true);
    await vi.waitFor(() => expect(orders()).toHaveLength(1));
    await new Promise((resolve) => setImmediate(resolve));
    expect(player.state.getSnapshot()).toMatchObject({ phase: 'idle', trouble: null });
    player.unpoint(PROGRAMME);
    player.point(PROGRAMME, true);
    await vi.waitFor(() => expect(orders()).toHaveLength(2));
    expect(world.released).toEqual([]);
  });

  it.each<[string, Partial<SessionView>]>([
    ['that the module ended with its opening, because it would have had to ask', { state: 'closed' }],
    ['that the credit does not cover to the end', { granted: [[0, FRAMES - 1]] as FrameRange[] }],
  ])('one %s is given back, and is not made ready again', async (_what, view) => {
    const { world, player, orders } = await ready({ view });
    await vi.waitFor(() => expect(world.released).toEqual([SESSION]));
    player.unpoint(PROGRAMME);
    player.point(PROGRAMME, true);
    await new Promise((resolve) => setImmediate(resolve));
    expect(orders()).toHaveLength(1);
  });
});

describe('BT-7: two tabs', () => {
  it('do not take up what the other one has made ready, and do take up what was watched there', async () => {
    const theirs = sessionView({ session: SECOND, unused: true });
    const { player, orders, calls, phase } = pointer({ sessions: () => [theirs] });
    player.open(PROGRAMME);
    await vi.waitFor(() => expect(phase()).toBe('waiting'));
    expect(calls('resumeSession')).toEqual([]);
    expect(orders()).toMatchObject([{ sessions: [] }]);

    const watched = pointer({ sessions: () => [{ ...theirs, unused: false, count: 1 }] });
    watched.player.open(PROGRAMME);
    await vi.waitFor(() => expect(watched.calls('resumeSession')).toMatchObject([{ session: SECOND }]));
  });

  it('a tab takes up its own again, of which nothing was shown yet', async () => {
    let sessions: readonly SessionView[] = [];
    const { player, phase, calls } = pointer({ sessions: () => sessions });
    player.open(PROGRAMME);
    await vi.waitFor(() => expect(phase()).toBe('waiting'));
    sessions = [sessionView({ unused: true })];
    player.leave();
    player.open(PROGRAMME);
    await vi.waitFor(() => expect(calls('resumeSession')).toMatchObject([{ session: SESSION }]));
  });
});
