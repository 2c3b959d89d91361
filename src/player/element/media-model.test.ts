// What a media element does over the real player, with a module and a provider that do as they are told: its properties, promises and events.

import { describe, expect, it, vi } from 'vitest';
import { createPlayer } from '../player.ts';
import { createStore } from '../store.ts';
import { display, PROGRAMME, SESSION, scripted } from '../testing/scripted-world.ts';
import type { ProgrammeFacts } from './link-state.ts';
import { createLocalLink } from './local-link.ts';
import { createMediaModel } from './media-model.ts';
import { secondRangesOf } from './time-ranges.ts';

const FACTS: ProgrammeFacts = { title: 'Clockwork', durationMs: 60_000, isLive: false };
const WATCHED =
  'emptied loadstart durationchange resize loadedmetadata loadeddata play canplay playing waiting timeupdate seeking seeked pause ended error ratechange volumechange';
const picture = { type: 'picture', session: SESSION, frame: 0 } as const;

function element({ loops = false, needsPress = createStore(false) } = {}) {
  const world = scripted();
  const player = createPlayer(world.ports);
  const facts = createStore<(id: string) => ProgrammeFacts | null>(() => null);
  const link = createLocalLink({ player, surface: {} as HTMLElement, facts, needsPress });
  const target = new EventTarget();
  const events: string[] = [];
  for (const name of WATCHED.split(' ')) target.addEventListener(name, () => events.push(name));
  const model = createMediaModel(target, () => loops);
  model.use(link);
  const playing = async () => {
    facts.set(() => FACTS);
    model.load(PROGRAMME);
    const played = model.play();
    await vi.waitFor(() => expect(player.state.getSnapshot().phase).toBe('waiting'));
    world.emit(picture);
    world.emit(display('playing', 0));
    await played;
  };
  /** What was fired until now; forgotten with that. */
  const fired = async (): Promise<string[]> => {
    await Promise.resolve();
    return events.splice(0);
  };
  return { world, player, facts, target, fired, model, playing, needsPress };
}

describe('CARD-3: the media element', () => {
  it('has metadata from the catalogue before anything is opened or counted', async () => {
    const { world, facts, fired, model } = element();
    model.load(PROGRAMME);
    expect(model.view).toMatchObject({ readyState: 0, networkState: 1, duration: Number.NaN, paused: true });
    facts.set(() => FACTS);
    expect(model.view).toMatchObject({ readyState: 1, duration: 60, currentTime: 0 });
    expect(await fired()).toEqual(['loadstart', 'durationchange', 'loadedmetadata']);
    expect(world.begun).toEqual([]);
  });

  it('plays: the promise resolves with the picture, the events come in the order of the standard', async () => {
    const { fired, model, playing } = element();
    await playing();
    expect(model.view).toMatchObject({ paused: false, videoWidth: 1280, videoHeight: 720 });
    expect(model.view.readyState).toBeGreaterThanOrEqual(3);
    const order = ['loadstart', 'durationchange', 'loadedmetadata', 'play', 'loadeddata', 'canplay', 'playing'];
    expect((await fired()).filter((name) => order.includes(name))).toEqual(order);
  });

  it('holds and goes on: paused, pause, play, playing', async () => {
    const { fired, model, playing, world } = element();
    await playing();
    await fired();
    model.pause();
    expect(model.view.paused).toBe(true);
    expect(await fired()).toEqual(['timeupdate', 'pause']);
    const again = model.play();
    expect(await fired()).toEqual(['play', 'waiting']);
    world.emit(display('playing', 0));
    await again;
    expect(await fired()).toContain('playing');
  });

  it('seeks: seeking until the picture of the new place is there', async () => {
    const { world, fired, model, playing } = element();
    await playing();
    await fired();
    model.seek(20);
    expect(model.view).toMatchObject({ seeking: true, currentTime: 20 });
    expect(world.calls).toContainEqual({ name: 'seek', argument: { session: SESSION, positionMs: 20_000 } });
    const soon = await fired();
    expect(soon[0]).toBe('seeking');
    expect(soon).not.toContain('seeked');
    world.emit({ ...picture, frame: 10 });
    expect(model.view.seeking).toBe(false);
    expect((await fired()).at(-1)).toBe('seeked');
  });

  it('seeks before anything is open: play begins there', async () => {
    const { world, facts, model } = element();
    facts.set(() => FACTS);
    model.load(PROGRAMME);
    model.seek(30);
    expect(model.view).toMatchObject({ currentTime: 30, seeking: false });
    expect(world.begun).toEqual([]);
    model.play().catch(() => undefined);
    await vi.waitFor(() =>
      expect(world.calls).toContainEqual({ name: 'seek', argument: { session: SESSION, positionMs: 30_000 } }),
    );
  });

  it('ends: pause before ended, and what was watched stays played', async () => {
    const { world, fired, model, playing } = element();
    await playing();
    await fired();
    world.emit(display('ended', 60_000));
    expect(model.view).toMatchObject({ ended: true, paused: true });
    expect((await fired()).filter((name) => name !== 'waiting')).toEqual(['timeupdate', 'pause', 'ended']);
  });

  it('with loop, begins anew with a new session; without it, stays at its end', async () => {
    const looping = element({ loops: true });
    await looping.playing();
    looping.world.emit(display('ended', 60_000));
    await vi.waitFor(() => expect(looping.world.begun).toEqual([0, 0]));
    const once = element();
    await once.playing();
    once.world.emit(display('ended', 60_000));
    await vi.waitFor(() => expect(once.player.state.getSnapshot().phase).toBe('stopped'));
    expect(once.world.begun).toEqual([0]);
  });

  it('rejects play where there is nothing, where a press is needed, and where it is held before it began', async () => {
    const { facts, model, needsPress, world } = element();
    await expect(model.play()).rejects.toMatchObject({ name: 'NotSupportedError' });
    facts.set(() => FACTS);
    model.load(PROGRAMME);
    needsPress.set(true);
    await expect(model.play()).rejects.toMatchObject({ name: 'NotAllowedError' });
    expect(world.begun).toEqual([]);
    needsPress.set(false);
    const played = model.play();
    model.pause();
    await expect(played).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('BT-5: asks for nothing in the name of a person who has not pressed, where a press is needed', () => {
    const { facts, model, needsPress, world } = element();
    needsPress.set(true);
    facts.set(() => FACTS);
    model.load(PROGRAMME);
    expect(model.view).toMatchObject({ readyState: 1, duration: 60 });
    expect(world.calls.map(({ name }) => name)).not.toContain('prepare');
    needsPress.set(false);
    model.load(PROGRAMME);
    expect(world.calls.map(({ name }) => name)).toContain('prepare');
  });

  it('shows a failure as a media error with its code, rejects play, and may be played again', async () => {
    const { world, fired, model, playing } = element();
    await playing();
    world.emit({ type: 'failed', session: SESSION, code: 'media/codec' });
    expect(model.view.error).toMatchObject({ code: 3, message: expect.stringContaining('media/codec') });
    expect(model.view.paused).toBe(true);
    expect(await fired()).toContain('error');
    model.play().catch(() => undefined);
    expect(model.view.error).toBeNull();
  });

  it('changes volume, silence and speed, and refuses what is out of range', async () => {
    const { world, fired, model, playing } = element();
    await playing();
    await fired();
    model.setVolume(0.25);
    model.setMuted(true);
    model.setRate(1.5);
    expect(model.view).toMatchObject({ volume: 0.25, muted: true, playbackRate: 1.5 });
    expect(await fired()).toEqual(['volumechange', 'volumechange', 'ratechange']);
    expect(world.calls).toContainEqual({ name: 'setVolume', argument: { volume: 0.25, muted: true } });
    expect(() => model.setVolume(1.1)).toThrow(expect.objectContaining({ name: 'IndexSizeError' }));
    expect(() => model.setRate(3)).toThrow(expect.objectContaining({ name: 'NotSupportedError' }));
  });

  it('lists captions, chapters, sounds and rungs, and a choice among them reaches the player', async () => {
    const { player, model, playing } = element();
    await playing();
    expect([...model.textTracks].map(({ kind, mode }) => [kind, mode])).toEqual([
      ['captions', 'disabled'],
      ['chapters', 'hidden'],
    ]);
    expect(model.textTracks[1]?.cues).toEqual([{ startTime: 0, endTime: 60, text: 'Morning' }]);
    const changed = vi.fn();
    model.textTracks.addEventListener('change', changed);
    const [captions] = model.textTracks;
    if (captions !== undefined) captions.mode = 'showing';
    expect(player.state.getSnapshot().tracks.shownCaptions).toBe('captions/en');
    expect(captions?.mode).toBe('showing');
    expect(changed).toHaveBeenCalledOnce();
    const german = [...model.audioTracks].find(({ language }) => language === 'de');
    if (german !== undefined) german.enabled = true;
    expect(player.state.getSnapshot().tracks.sound).toBe('audio/de');
    expect([...model.audioTracks].map(({ enabled }) => enabled)).toEqual([false, true]);
    expect([...model.videoTracks].map(({ selected, renditions }) => [selected, renditions.length])).toEqual([
      [true, 2],
    ]);
    model.videoRenditions.selectedIndex = 0;
    expect(player.state.getSnapshot().choice).toBe('video/360p');
    expect(model.videoRenditions.selectedIndex).toBe(0);
    model.videoRenditions.selectedIndex = -1;
    expect(player.state.getSnapshot().choice).toBe('auto');
  });

  it('lets go of its player: emptied, and no more of it', async () => {
    const { world, fired, model, playing } = element();
    await playing();
    await fired();
    model.use(null);
    expect(await fired()).toContain('emptied');
    await fired();
    world.emit(display('playing', 5_000));
    expect(await fired()).toEqual([]);
  });
});

describe('CARD-3: time ranges', () => {
  it('are in order, joined where they touch, and end with IndexSizeError', () => {
    const ranges = secondRangesOf([
      [4_000, 6_000],
      [0, 2_000],
      [2_000, 3_000],
      [9_000, 9_000],
    ]);
    expect([ranges.length, ranges.start(0), ranges.end(0), ranges.start(1), ranges.end(1)]).toEqual([2, 0, 3, 4, 6]);
    expect(() => ranges.end(2)).toThrow(expect.objectContaining({ name: 'IndexSizeError' }));
  });
});
