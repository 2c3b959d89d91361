// What the player fetches, when, how often, and what it does where it cannot be had or opened.

import { describe, expect, it, vi } from 'vitest';
import { FareboxError } from '../protocol/errors.ts';
import { createPlayer } from './player.ts';
import {
  display,
  FRAMES,
  opened,
  PROGRAMME,
  SEGMENT_BYTES,
  SESSION,
  scripted,
  segmentHash,
  wanted,
} from './testing/scripted-world.ts';

describe('what the player brings', () => {
  it('CARD-3: brings the sealed parts of the frames that the display wants, at one rung with its sound', async () => {
    const { world } = await opened();
    world.emit(wanted(0, 1));
    await vi.waitFor(() => expect(world.delivered()).toEqual([0, 1]));
    const first = world.calls.find(({ name }) => name === 'deliver');
    expect(first?.argument).toMatchObject({
      session: SESSION,
      parts: [
        { label: 'video/360p', sealed: { byteLength: SEGMENT_BYTES } },
        { label: 'audio/main', sealed: { byteLength: SEGMENT_BYTES } },
      ],
    });
  });

  it('fetches no part a second time that the module has taken', async () => {
    const { world } = await opened();
    world.emit(wanted(0, 1, 2));
    await vi.waitFor(() => expect(world.delivered().toSorted()).toEqual([0, 1, 2]));
    world.emit(wanted(2));
    world.emit(wanted());
    world.emit({ type: 'picture', session: SESSION, frame: 0 });
    world.emit(display('playing', 500));
    world.emit(wanted(3));
    await vi.waitFor(() => expect(world.delivered()).toContain(3));
    const sounds = world.fetched.map(({ hash }) => hash).filter((hash) => hash.startsWith('3'));
    expect(sounds).toEqual([...new Set(sounds)]);
  });

  it('fetches anew what the module asks for again', async () => {
    const { world } = await opened();
    world.emit(wanted(0));
    await vi.waitFor(() => expect(world.delivered()).toEqual([0]));
    world.emit(wanted());
    world.emit(wanted(0));
    await vi.waitFor(() => expect(world.delivered()).toEqual([0, 0]));
  });

  it('fetches no more than begins to play until a picture is on the screen', async () => {
    const { world } = await opened();
    const sounds = () => world.fetched.filter(({ hash }) => hash.startsWith('3')).length;
    await vi.waitFor(() => expect(sounds()).toBe(2));
    world.emit(display('waiting', 0));
    expect(sounds()).toBe(2);
    world.emit({ type: 'picture', session: SESSION, frame: 0 });
    await vi.waitFor(() => expect(sounds()).toBe(FRAMES));
  });

  it('BT-4: fetches again at the chosen rung what waits at another', async () => {
    const { world, player } = await opened();
    world.emit(wanted(0));
    await vi.waitFor(() => expect(world.delivered()).toEqual([0]));
    player.setRung('video/720p');
    world.emit(wanted(1));
    await vi.waitFor(() => expect(world.delivered()).toEqual([0, 1]));
    const rungs = world.calls.flatMap(({ name, argument }) => (name === 'deliver' ? [argument] : []));
    expect(rungs).toMatchObject([
      { frame: 0, parts: [{ label: 'video/360p' }, {}] },
      { frame: 1, parts: [{ label: 'video/720p' }, {}] },
    ]);
  });

  it('has programme and module ready before the click, and asks for the programme once', async () => {
    const world = scripted();
    const player = createPlayer(world.ports);
    const asked = vi.spyOn(world.ports.provider, 'programme');
    player.prepare(PROGRAMME);
    expect(world.calls.map(({ name }) => name)).toContain('prepare');
    expect(player.state.getSnapshot().phase).toBe('idle');
    player.open(PROGRAMME);
    await vi.waitFor(() => expect(player.state.getSnapshot().phase).toBe('waiting'));
    expect(asked).toHaveBeenCalledTimes(1);
  });

  it('asks for a programme again that could not be prepared', async () => {
    const world = scripted();
    const player = createPlayer(world.ports);
    const asked = vi
      .spyOn(world.ports.provider, 'programme')
      .mockRejectedValueOnce(new FareboxError('network/timeout'));
    player.prepare(PROGRAMME);
    // Who opens it while that attempt is still failing shares its failure, and opens it again.
    await vi.waitFor(() => {
      player.open(PROGRAMME);
      expect(asked).toHaveBeenCalledTimes(2);
    });
    await vi.waitFor(() => expect(player.state.getSnapshot().phase).toBe('waiting'));
  });

  it('delivers a list that came before the answer which named its session', async () => {
    const world = scripted();
    const player = createPlayer(world.ports);
    player.open(PROGRAMME);
    world.emit(wanted(0));
    await vi.waitFor(() => expect(world.delivered()).toEqual([0]));
  });

  it('BT-4: fetches any place after a seek, and gives the module that place', async () => {
    const { world, player } = await opened();
    player.seek(41_000);
    world.emit(wanted(20));
    await vi.waitFor(() => expect(world.delivered()).toContain(20));
    expect(world.calls).toContainEqual({ name: 'seek', argument: { session: SESSION, positionMs: 41_000 } });
  });

  it('asks past the cache, once, for a frame that the module could not open', async () => {
    const { world, player } = await opened();
    world.failures.set('deliver', ['frame/tampered', 'frame/tampered']);
    world.emit(wanted(0));
    await vi.waitFor(() => expect(world.delivered()).toEqual([0, 0]));
    expect(world.fetched.filter(({ hash }) => hash === segmentHash(3, 0)).map(({ fresh }) => fresh)).toEqual([
      false,
      true,
    ]);
    expect(player.state.getSnapshot().phase).toBe('waiting');
  });

  it('BT-4: goes on after frames that the module could not open, when play has come to them', async () => {
    const { world } = await opened();
    world.failures.set('deliver', ['frame/tampered', 'frame/tampered', 'frame/cut', 'frame/cut']);
    world.emit(wanted(0, 1));
    await vi.waitFor(() => expect(world.delivered().toSorted()).toEqual([0, 0, 1, 1]));
    expect(world.calls.map(({ name }) => name)).not.toContain('seek');
    world.emit(display('waiting', 0));
    expect(world.calls).toContainEqual({ name: 'seek', argument: { session: SESSION, positionMs: 4_000 } });
  });

  it('BT-8: has the receipt made where the last frame cannot be opened', async () => {
    const { world, player } = await opened();
    world.failures.set('deliver', ['frame/tampered', 'frame/tampered']);
    world.emit(wanted(FRAMES - 1));
    world.emit(display('waiting', (FRAMES - 1) * 2_000));
    await vi.waitFor(() => expect(player.state.getSnapshot().phase).toBe('stopped'));
    expect(world.delivered()).toEqual([FRAMES - 1, FRAMES - 1]);
  });

  it('goes on asking while the line is bad, and says so until it is good', async () => {
    const world = scripted();
    world.contentFailures.set(segmentHash(1, 0), ['network/timeout', 'network/timeout', 'network/timeout']);
    const player = createPlayer(world.ports);
    const troubles = new Set<string | null>();
    player.state.subscribe(() => troubles.add(player.state.getSnapshot().trouble));
    player.open(PROGRAMME);
    await vi.waitFor(() => expect(player.state.getSnapshot().phase).toBe('waiting'));
    world.emit(wanted(0));
    await vi.waitFor(() => expect(world.delivered()).toContain(0));
    expect(troubles).toContain('network/timeout');
    expect(player.state.getSnapshot().trouble).toBeNull();
  });

  it('refuses a manifest that is not the one the programme names', async () => {
    const world = scripted();
    world.tearManifest();
    const player = createPlayer(world.ports);
    player.open(PROGRAMME);
    await vi.waitFor(() =>
      expect(player.state.getSnapshot()).toMatchObject({ phase: 'failed', code: 'programme/other-manifest' }),
    );
    expect(world.begun).toEqual([]);
  });

  it('BT-4: speaks of a frame that failed until it came after all, or play has left it behind', async () => {
    const { world, player } = await opened();
    const tell = (frame: number, outcome: 'failed' | 'decrypted') =>
      world.emit({
        type: 'frame',
        session: SESSION,
        frame,
        outcome,
        late: false,
        rung: 'video/360p',
        code: outcome === 'failed' ? 'frame/tampered' : null,
        count: 0,
        amountMinor: 0,
        counter: 2,
      });
    const trouble = () => player.state.getSnapshot().trouble;
    tell(3, 'failed');
    tell(2, 'decrypted');
    expect(trouble()).toBe('frame/tampered');
    tell(3, 'decrypted');
    expect(trouble()).toBeNull();
    tell(4, 'failed');
    tell(6, 'decrypted');
    expect(trouble()).toBe('frame/tampered');
    tell(7, 'decrypted');
    expect(trouble()).toBeNull();
  });
});
