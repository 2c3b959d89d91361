// What a person hears and reads beside the picture: found again by language, told to the module, brought to it when it lacks it.

import { describe, expect, it, vi } from 'vitest';
import { createPlayer } from './player.ts';
import { opened, PROGRAMME, SESSION, scripted, segmentHash } from './testing/scripted-world.ts';

type World = ReturnType<typeof scripted>;

const told = (world: World, name: string) =>
  world.calls.filter((call) => call.name === name).map(({ argument }) => argument);
const needs = (tracks: readonly number[], sheets: readonly number[] = []) =>
  ({ type: 'wanted', session: SESSION, frames: [], tracks, sheets }) as const;
const fetchesOf = (world: World, part: number) =>
  world.fetched.filter(({ hash }) => hash.startsWith(String(part)) && hash.length === 64);

function withNotes(world: World, notes: Map<string, string>) {
  return createPlayer({
    ...world.ports,
    notes: { read: (name) => notes.get(name) ?? null, write: (name, text) => void notes.set(name, text) },
  });
}

describe('CARD-3: sound, captions and speed', () => {
  it('begin as the programme was made, and fetch nothing else', async () => {
    const { world, player } = await opened();
    expect(player.state.getSnapshot().tracks).toMatchObject({ sound: 'audio/main', shownCaptions: null, rate: 1 });
    expect(player.state.getSnapshot().measures).toMatchObject({ chapters: [{ title: 'Morning' }], hasPreviews: true });
    expect(fetchesOf(world, 3).length).toBeGreaterThan(0);
    expect([...fetchesOf(world, 4), ...fetchesOf(world, 5)]).toEqual([]);
    expect([...told(world, 'setSound'), ...told(world, 'setCaptions'), ...told(world, 'setRate')]).toEqual([]);
  });

  it('are told to the module when they are chosen, and come with the frames from then on', async () => {
    const { world, player } = await opened();
    player.tracks.setSound('audio/de');
    player.tracks.setCaptions('captions/en');
    player.tracks.setRate(1.5);
    expect(told(world, 'setSound')).toEqual([{ session: SESSION, label: 'audio/de' }]);
    expect(told(world, 'setCaptions')).toEqual([{ session: SESSION, label: 'captions/en' }]);
    expect(told(world, 'setRate')).toEqual([{ session: SESSION, rate: 1.5 }]);
    const before = fetchesOf(world, 3).length;
    player.seek(40_000);
    await vi.waitFor(() => expect(fetchesOf(world, 5).length).toBeGreaterThan(0));
    expect(fetchesOf(world, 4).length).toBeGreaterThan(0);
    expect(fetchesOf(world, 3).length).toBe(before);
  });

  it('that the display lacks of a frame are brought to it, and nothing else of that frame', async () => {
    const { world, player } = await opened();
    player.tracks.setSound('audio/de');
    player.tracks.setCaptions('captions/en');
    world.emit(needs([1]));
    await vi.waitFor(() => expect(told(world, 'deliver')).toHaveLength(1));
    const [delivered] = told(world, 'deliver') as { frame: number; parts: { label: string }[] }[];
    expect(delivered?.frame).toBe(1);
    expect(delivered?.parts.map(({ label }) => label)).toEqual(['audio/de', 'captions/en']);
  });

  it('that cannot be opened are fetched once more, past every cache, and then given up', async () => {
    const { world, player } = await opened();
    player.tracks.setCaptions('captions/en');
    world.failures.set('deliver', ['frame/tampered', 'frame/tampered', 'frame/tampered']);
    for (let asked = 0; asked < 4; asked += 1) {
      world.emit(needs([]));
      world.emit(needs([1]));
      await vi.waitFor(() => expect(told(world, 'deliver').length).toBe(Math.min(2, asked + 1)));
    }
    expect(
      fetchesOf(world, 5)
        .filter(({ hash }) => hash === segmentHash(5, 1))
        .map(({ fresh }) => fresh),
    ).toContain(true);
    expect(player.state.getSnapshot().phase).toBe('waiting');
  });

  it('are found again in the next programme, by language', async () => {
    const notes = new Map<string, string>();
    const first = scripted();
    const player = withNotes(first, notes);
    player.open(PROGRAMME);
    await vi.waitFor(() => expect(player.state.getSnapshot().phase).toBe('waiting'));
    player.tracks.setSound('audio/de');
    player.tracks.setCaptions('captions/en');
    player.tracks.setLook({ size: 'huge', background: 'solid', colour: 'yellow', position: 'top' });
    player.destroy();

    const second = scripted();
    const again = withNotes(second, notes);
    again.open(PROGRAMME);
    await vi.waitFor(() => expect(again.state.getSnapshot().phase).toBe('waiting'));
    expect(again.state.getSnapshot().tracks).toMatchObject({
      ...{ sound: 'audio/de', shownCaptions: 'captions/en' },
      look: { size: 'huge', background: 'solid', colour: 'yellow', position: 'top' },
    });
    expect(told(second, 'setSound')).toEqual([{ session: SESSION, label: 'audio/de' }]);
    expect(told(second, 'setCaptions')).toEqual([{ session: SESSION, label: 'captions/en' }]);
  });

  it.each(['{', 'null', '{"look":{"size":"enormous"},"sound":7,"captions":{"language":"en","role":"none"}}'])(
    'are none for a note that is %s',
    async (text) => {
      const world = scripted();
      const player = withNotes(world, new Map([['tracks', text]]));
      player.open(PROGRAMME);
      await vi.waitFor(() => expect(player.state.getSnapshot().phase).toBe('waiting'));
      expect(player.state.getSnapshot().tracks).toMatchObject({ sound: 'audio/main', look: { size: 'medium' } });
      expect(player.state.getSnapshot().tracks.shownCaptions).toBeNull();
    },
  );

  it('go on and off, faster and slower, by one key each', async () => {
    const { player } = await opened();
    player.tracks.toggleCaptions();
    expect(player.state.getSnapshot().tracks.shownCaptions).toBe('captions/en');
    player.tracks.toggleCaptions();
    expect(player.state.getSnapshot().tracks.shownCaptions).toBeNull();
    player.tracks.stepRate(1);
    expect(player.state.getSnapshot().tracks.rate).toBe(1.25);
    for (let step = 0; step < 9; step += 1) player.tracks.stepRate(-1);
    expect(player.state.getSnapshot().tracks.rate).toBe(0.5);
  });

  it('trouble with captions is told, and forgotten when play is past it', async () => {
    const { world, player } = await opened();
    world.emit({ type: 'failed', session: SESSION, code: 'captions/malformed' });
    expect(player.state.getSnapshot().trouble).toBe('captions/malformed');
    const counted = { type: 'frame', session: SESSION, outcome: 'decrypted', late: false, rung: 'video/360p' } as const;
    world.emit({ ...counted, frame: 9, code: null, count: 1, amountMinor: 1, counter: 2 });
    expect(player.state.getSnapshot().trouble).toBeNull();
  });
});

describe('CARD-3: looking for a place', () => {
  it('asks the module for its preview, and brings the sheets that it wants', async () => {
    const { world, player } = await opened();
    player.preview(12_000, 0.2);
    expect(told(world, 'preview')).toEqual([{ session: SESSION, positionMs: 12_000, at: 0.2 }]);
    world.emit(needs([], [1]));
    await vi.waitFor(() => expect(told(world, 'deliverSheet')).toHaveLength(1));
    expect(told(world, 'deliverSheet')).toMatchObject([{ session: SESSION, sheet: 1 }]);
    expect(fetchesOf(world, 6).map(({ hash }) => hash)).toEqual([segmentHash(6, 1)]);
  });
});
