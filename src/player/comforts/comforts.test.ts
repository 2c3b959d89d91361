// What makes a player comfortable: the system's keys, a screen that stays awake, what is remembered from one visit to the next.

import { describe, expect, it, vi } from 'vitest';
import { createPlayer, type Player } from '../player.ts';
import { display, opened, PROGRAMME, SESSION, scripted } from '../testing/scripted-world.ts';
import { startMediaSession } from './media-session.ts';
import { rememberedPlace, rememberPlaces } from './remembered-place.ts';
import { rememberSound } from './remembered-sound.ts';
import { startWakeLock } from './wake-lock.ts';

const picture = { type: 'picture', session: SESSION, frame: 0 } as const;
const notesOver = (notes = new Map<string, string>()) => ({
  notes,
  read: (name: string) => notes.get(name) ?? null,
  write: (name: string, text: string) => void notes.set(name, text),
});

function mediaSession() {
  const handlers = new Map<string, MediaSessionActionHandler>();
  vi.stubGlobal('MediaMetadata', function metadata(this: object, init: object) {
    Object.assign(this, init);
  });
  const places: (MediaPositionState | undefined)[] = [];
  const session = {
    metadata: null,
    playbackState: 'none',
    setActionHandler: (action: string, handler: MediaSessionActionHandler | null) => {
      if (action === 'previoustrack') throw new TypeError('unknown');
      if (handler === null) handlers.delete(action);
      else handlers.set(action, handler);
    },
    setPositionState: (place?: MediaPositionState) => void places.push(place),
  };
  const press = (action: MediaSessionAction, details: Partial<MediaSessionActionDetails> = {}) =>
    handlers.get(action)?.({ action, ...details });
  return { session: session as unknown as MediaSession, handlers, places, press };
}

describe('CARD-3: the system’s media keys', () => {
  const FACTS = { title: 'Clockwork', provider: 'Farebox', posterUrl: 'https://watch.example/content/1' };

  it('show what plays and where, and hold, seek and skip', async () => {
    const { world, player } = await opened();
    const { session, places, press } = mediaSession();
    startMediaSession(player, session, () => FACTS);
    world.emit(display('playing', 12_000));
    expect(session.metadata).toMatchObject({ title: 'Clockwork', album: 'Morning', artist: 'Farebox' });
    expect(session.playbackState).toBe('playing');
    expect(places.at(-1)).toEqual({ duration: 60, position: 12, playbackRate: 1 });
    press('seekto', { seekTime: 30 });
    expect(player.state.getSnapshot().positionMs).toBe(30_000);
    press('seekbackward');
    expect(player.state.getSnapshot().positionMs).toBe(20_000);
    press('seekforward', { seekOffset: 5 });
    expect(player.state.getSnapshot().positionMs).toBe(25_000);
    press('pause');
    expect(session.playbackState).toBe('paused');
    press('play');
    expect(session.playbackState).toBe('playing');
  });

  it('are told a place anew only where play does not go on from the one before by itself', async () => {
    const { world, player } = await opened();
    const { session, places } = mediaSession();
    let nowMs = 0;
    startMediaSession(
      player,
      session,
      () => FACTS,
      () => nowMs,
    );
    world.emit(display('playing', 12_000));
    const told = places.length;
    for (const passedMs of [250, 500, 5_000]) {
      nowMs = passedMs;
      world.emit(display('playing', 12_000 + passedMs));
    }
    expect(places).toHaveLength(told);
    // It stood still for a second on the way.
    nowMs = 6_000;
    world.emit(display('playing', 17_000));
    expect(places.slice(told)).toEqual([{ duration: 60, position: 17, playbackRate: 1 }]);
    player.pause();
    expect(places).toHaveLength(told + 2);
    nowMs = 60_000;
    world.emit(display('waiting', 17_000));
    expect(places).toHaveLength(told + 2);
  });

  it('work with the actions that the browser knows, and end with the player’s page', async () => {
    const { player } = await opened();
    const { session, handlers } = mediaSession();
    const end = startMediaSession(player, session, () => FACTS);
    expect([...handlers.keys()].toSorted()).toEqual(
      ['nexttrack', 'pause', 'play', 'seekbackward', 'seekforward', 'seekto', 'stop'].toSorted(),
    );
    end();
    expect(handlers.size).toBe(0);
    expect(session.metadata).toBeNull();
  });
});

describe('CARD-3: the screen', () => {
  function place() {
    const listeners = new Set<() => void>();
    const locks: { released: boolean; release(): Promise<void> }[] = [];
    const document = {
      visibilityState: 'visible' as DocumentVisibilityState,
      addEventListener: (_name: string, listener: () => void) => void listeners.add(listener),
      removeEventListener: (_name: string, listener: () => void) => void listeners.delete(listener),
    };
    const wakeLock = {
      request: async () => {
        const lock = {
          released: false,
          async release() {
            lock.released = true;
          },
        };
        locks.push(lock);
        return lock as unknown as WakeLockSentinel;
      },
    };
    const turn = (state: DocumentVisibilityState) => {
      document.visibilityState = state;
      // The browser takes every lock of a page that is hidden.
      if (state === 'hidden') for (const lock of locks) lock.released = true;
      for (const listener of listeners) listener();
    };
    return { at: { document, wakeLock } as unknown as Parameters<typeof startWakeLock>[1], locks, turn, listeners };
  }

  it('stays awake while a programme plays and is looked at, and only then', async () => {
    const { world, player } = await opened();
    const { at, locks, turn, listeners } = place();
    const end = startWakeLock(player, at);
    expect(locks).toHaveLength(0);
    world.emit(display('playing', 1_000));
    await vi.waitFor(() => expect(locks).toHaveLength(1));
    player.pause();
    await vi.waitFor(() => expect(locks[0]?.released).toBe(true));
    player.play();
    world.emit(display('playing', 1_000));
    await vi.waitFor(() => expect(locks).toHaveLength(2));
    turn('hidden');
    turn('visible');
    await vi.waitFor(() => expect(locks).toHaveLength(3));
    expect(locks[2]?.released).toBe(false);
    end();
    expect(locks[2]?.released).toBe(true);
    expect(listeners.size).toBe(0);
  });
});

describe('CARD-3: what is remembered', () => {
  it('is volume, silence and speed, for the next visit', () => {
    const notes = notesOver();
    const first = createPlayer(scripted().ports);
    rememberSound(first, notes);
    first.setVolume(0.3, true);
    first.tracks.setRate(1.25);
    const second = createPlayer(scripted().ports);
    rememberSound(second, notes);
    expect(second.state.getSnapshot()).toMatchObject({ volume: 0.3, muted: true, tracks: { rate: 1.25 } });
  });

  it.each([
    '',
    'null',
    '{',
    '{"volume":2,"muted":false,"rate":1}',
    '{"volume":1,"muted":0,"rate":1}',
    '{"volume":1,"muted":false,"rate":9}',
  ])('is nothing where the note is %s', (text) => {
    const player = createPlayer(scripted().ports);
    rememberSound(player, notesOver(new Map([['sound', text]])));
    expect(player.state.getSnapshot()).toMatchObject({ volume: 1, muted: false, tracks: { rate: 1 } });
  });

  const watchTo = (player: Player, world: ReturnType<typeof scripted>, positionMs: number) => {
    world.emit(picture);
    world.emit(display('playing', positionMs));
    return player;
  };

  it('is the place in a programme, and it is forgotten at the end', async () => {
    const { world, player } = await opened();
    const notes = notesOver();
    rememberPlaces(player, notes);
    watchTo(player, world, 5_000);
    expect(rememberedPlace(notes, PROGRAMME)).toBeNull();
    watchTo(player, world, 34_000);
    expect(rememberedPlace(notes, PROGRAMME)).toBe(34_000);
    watchTo(player, world, 35_000);
    expect(rememberedPlace(notes, PROGRAMME)).toBe(34_000);
    world.emit(display('ended', 60_000));
    await vi.waitFor(() => expect(player.state.getSnapshot().phase).toBe('stopped'));
    expect(rememberedPlace(notes, PROGRAMME)).toBeNull();
  });

  it('is fifty places at most: the oldest goes first', async () => {
    const { world, player } = await opened();
    const notes = notesOver();
    const others = Array.from({ length: 50 }, (_, at) => [`${at}`, 20_000]);
    notes.write('places', JSON.stringify(others));
    rememberPlaces(player, notes);
    watchTo(player, world, 34_000);
    expect(rememberedPlace(notes, '0')).toBeNull();
    expect(rememberedPlace(notes, '1')).toBe(20_000);
    expect(rememberedPlace(notes, PROGRAMME)).toBe(34_000);
  });

  it.each(['{}', '[1]', '[["a",-1]]', '[["a",1,2]]', `[["${'a'.repeat(65)}",1]]`, `[["a",1]${' '.repeat(8_000)}]`])(
    'is no place where the list is %.20s',
    (text) => {
      expect(rememberedPlace(notesOver(new Map([['places', text]])), 'a')).toBeNull();
    },
  );
});
