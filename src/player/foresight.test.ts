import { describe, expect, it, vi } from 'vitest';
import { FareboxError } from '../protocol/errors.ts';
import { createPlayer } from './player.ts';
import { display, opened, PROGRAMME, SESSION, scripted, sessionView, wanted } from './testing/scripted-world.ts';

const named = (world: ReturnType<typeof scripted>, name: string) => world.calls.filter((call) => call.name === name);

describe('what is asked for before the press on play', () => {
  it('a programme that is only offered tells the provider of nobody; one that is about to be opened does', () => {
    const world = scripted();
    const player = createPlayer(world.ports);
    player.offer(PROGRAMME);
    expect(named(world, 'prepare')).toEqual([]);
    player.prepare(PROGRAMME);
    expect(named(world, 'prepare')).toHaveLength(1);
    expect(player.state.getSnapshot().phase).toBe('idle');
    expect(world.begun).toEqual([]);
  });

  it('the module is asked for its sessions once, ahead, and not again at the press', async () => {
    const world = scripted();
    const player = createPlayer(world.ports);
    const begin = vi.spyOn(world.ports.relay, 'beginSession');
    player.offer(PROGRAMME);
    player.prepare(PROGRAMME);
    player.open(PROGRAMME);
    await vi.waitFor(() => expect(player.state.getSnapshot().phase).toBe('waiting'));
    expect(named(world, 'sessions')).toHaveLength(1);
    expect(begin.mock.calls[0]?.[0]).toMatchObject({ sessions: [] });
  });

  it('an open session is still taken up, where it was opened after the sessions were asked for', async () => {
    let open: ReturnType<typeof sessionView>[] = [];
    const world = scripted({ open: sessionView({ positionMs: 12_000 }) });
    const call = world.ports.module.call;
    vi.spyOn(world.ports.module, 'call').mockImplementation((name, argument, options) =>
      name === 'sessions' ? (Promise.resolve(open) as never) : call(name, argument, options),
    );
    const player = createPlayer(world.ports);
    player.offer(PROGRAMME);
    open = [sessionView({ positionMs: 12_000 })];
    world.emit({ type: 'changed', what: 'operations' });
    player.open(PROGRAMME);
    await vi.waitFor(() => expect(player.state.getSnapshot().phase).toBe('waiting'));
    expect(world.begun).toEqual([]);
    expect(player.state.getSnapshot().positionMs).toBe(12_000);
  });

  it('sessions that could not be had ahead are asked for again at the press', async () => {
    const world = scripted();
    world.failures.set('sessions', ['module/dead']);
    const player = createPlayer(world.ports);
    player.offer(PROGRAMME);
    player.open(PROGRAMME);
    await vi.waitFor(() => expect(player.state.getSnapshot().phase).toBe('waiting'));
    expect(world.begun).toEqual([0]);
  });

  it('a contact that cannot be made ahead is nobody’s trouble', async () => {
    const world = scripted();
    vi.spyOn(world.ports.relay, 'prepare').mockRejectedValue(new FareboxError('network/timeout'));
    const player = createPlayer(world.ports);
    player.prepare(PROGRAMME);
    player.open(PROGRAMME);
    await vi.waitFor(() => expect(player.state.getSnapshot()).toMatchObject({ phase: 'waiting', trouble: null }));
  });

  it('the rung of the first frame is known to the session while its parts are on their way, and once they are here', async () => {
    const world = scripted();
    const begin = vi.spyOn(world.ports.relay, 'beginSession');
    const player = createPlayer(world.ports);
    player.open(PROGRAMME);
    await vi.waitFor(() => expect(player.state.getSnapshot().phase).toBe('waiting'));
    expect(begin.mock.calls[0]?.[0].firstRung?.()).toBe('video/360p');
  });
});

describe('BT-4: a seek', () => {
  it('keeps what is buffered, and fetches ahead again only when its picture is there', async () => {
    const { world, player } = await opened();
    world.emit(wanted(0));
    await vi.waitFor(() => expect(world.delivered()).toEqual([0]));
    world.emit({ type: 'picture', session: SESSION, frame: 0 });
    await vi.waitFor(() => expect(player.state.getSnapshot().buffered).toEqual([[1, 30]]));
    const before = world.fetched.length;
    player.seek(20_000);
    // What it needs is here: it goes to the module behind the command, and is not given twice.
    expect(world.calls.slice(-2).map(({ name }) => name)).toEqual(['seek', 'deliver']);
    world.emit(display('waiting', 20_000));
    world.emit(wanted(10));
    expect(world.delivered()).toEqual([0, 10]);
    expect(player.state.getSnapshot().buffered).toEqual([[11, 30]]);
    expect(world.fetched.length).toBe(before);
    player.seek(2_000);
    world.emit(wanted(1));
    await vi.waitFor(() => expect(world.delivered()).toEqual([0, 10, 1]));
    await vi.waitFor(() => expect(player.state.getSnapshot().buffered).toContainEqual([2, 3]));
    expect(player.state.getSnapshot().buffered).not.toContainEqual([2, 30]);
    world.emit({ type: 'picture', session: SESSION, frame: 1 });
    await vi.waitFor(() => expect(player.state.getSnapshot().buffered).toEqual([[2, 30]]));
  });
});
