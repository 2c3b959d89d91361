import { describe, expect, it, vi } from 'vitest';
import { display, FRAMES, opened, SESSION, sessionView, wanted } from './testing/scripted-world.ts';

describe('the player', () => {
  it('seeks no nearer to the end than lets a person go back', async () => {
    const { world, player } = await opened();
    player.seek(FRAMES * 2_000);
    expect(world.calls).toContainEqual({ name: 'seek', argument: { session: SESSION, positionMs: 58_000 } });
  });

  it('takes up the open session of the programme instead of paying for another', async () => {
    const { world, player } = await opened({ open: sessionView({ positionMs: 12_000, count: 6, amountMinor: 120 }) });
    expect(world.begun).toEqual([]);
    expect(player.state.getSnapshot()).toMatchObject({ positionMs: 12_000, tally: { count: 6 } });
  });

  it('begins anew where the open session has run out', async () => {
    const { world } = await opened({ open: sessionView({ expires: 4_999 }) });
    expect(world.begun).toEqual([0]);
  });

  it('closes, settles and goes on with a new session where the grant ends', async () => {
    const { world, player } = await opened({ granted: [[0, 2]] });
    world.emit(wanted(2));
    world.emit(display('waiting', 4_000));
    await vi.waitFor(() => expect(world.begun).toEqual([0, 2]));
    expect(world.settled).toEqual([SESSION]);
    await vi.waitFor(() =>
      expect(player.state.getSnapshot()).toMatchObject({ session: 'd'.repeat(32), positionMs: 4_000 }),
    );
  });

  it('does not end a session whose last frames are still being shown', async () => {
    const { world } = await opened({ granted: [[0, 2]] });
    world.emit(display('playing', 2_500));
    world.emit(wanted(2, 3));
    expect(world.settled).toEqual([]);
  });

  it('CARD-3: takes the session up again when the module was restarted', async () => {
    const { world, player } = await opened();
    world.emit(display('playing', 7_300));
    world.live('restarting');
    expect(player.state.getSnapshot().phase).toBe('resuming');
    world.live('ready');
    await vi.waitFor(() => expect(player.state.getSnapshot().phase).toBe('waiting'));
    expect(world.calls).toContainEqual({ name: 'seek', argument: { session: SESSION, positionMs: 7_300 } });
  });

  it('BT-8: has the receipt made at the end of the programme, then settles it', async () => {
    const { world, player } = await opened();
    world.emit(display('ended', 60_000));
    await vi.waitFor(() => expect(player.state.getSnapshot().phase).toBe('stopped'));
    expect(world.calls).toContainEqual({ name: 'closeSession', argument: { session: SESSION } });
    expect(world.settled).toEqual([SESSION]);
  });

  it('BT-7: shows the counts and the money that the module tells, and what is left of the allowance', async () => {
    const { world, player } = await opened();
    const frame = { type: 'frame', session: SESSION, rung: 'video/720p', code: null } as const;
    world.emit({ ...frame, frame: 0, outcome: 'decrypted', late: false, count: 1, amountMinor: 20, counter: 4 });
    world.emit({ ...frame, frame: 1, outcome: 'decrypted', late: true, count: 2, amountMinor: 40, counter: 6 });
    world.emit({
      ...frame,
      frame: 2,
      outcome: 'failed',
      late: false,
      code: 'frame/tampered',
      count: 2,
      amountMinor: 40,
      counter: 8,
    });
    world.emit({ ...frame, frame: 3, outcome: 'withheld', late: false, count: 2, amountMinor: 40, counter: 10 });
    const { tally } = player.state.getSnapshot();
    expect(tally).toMatchObject({ count: 2, late: 1, failed: 1, counter: 10, rung: 'video/720p' });
    expect([...(tally?.marks.subarray(0, 4) ?? [])]).toEqual([1, 2, 3, 0]);
    expect(tally?.spent.amountMinor).toBe(40n);
    expect(tally?.allowance.amountMinor).toBe(1_000n + 30n * 20n - 40n);
  });

  it('hears nothing of another session', async () => {
    const { world, player } = await opened();
    world.emit({ ...display('playing', 9_000), session: 'c'.repeat(32) });
    expect(player.state.getSnapshot()).toMatchObject({ phase: 'waiting', positionMs: 0 });
  });

  it('holds the session when the page is left, and makes no receipt', async () => {
    const { world, player } = await opened();
    player.leave();
    expect(world.calls).toContainEqual({ name: 'pause', argument: { session: SESSION } });
    expect(world.calls.map(({ name }) => name)).not.toContain('closeSession');
    expect(player.state.getSnapshot().phase).toBe('idle');
  });
});
