// A person's choice of sound, captions and speed: remembered, told to the module whenever it has a session, and kept in the player's state.
// Made by player.ts. It decides what is asked for; what is heard and read is the module's to open and to draw.

import type { Manifest } from '../protocol/manifest.ts';
import type { PlayerPorts } from './ports.ts';
import type { Store } from './store.ts';
import {
  CAPTION_LOOKS,
  type CaptionLook,
  captionsOf,
  fittingTracks,
  soundsOf,
  type TracksState,
  type TrackWishes,
} from './tracks.ts';

/** Speeds that a menu offers. */
export const RATES = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2] as const;

/** Where the wishes are kept. */
const NOTE = 'tracks';
/** Longest note that is read: a stranger's would be no choice. */
const NOTE_LENGTH = 2_000;

/** The choices of one player. */
export type TrackControl = {
  /** A programme is open: its tracks, and which of them fit what was chosen before. */
  adopt(manifest: Manifest): void;
  /** The module has a session on its display from here on. */
  activate(session: string): void;
  /** The module can hear again: how captions look is the tab's, not the session's. */
  tellLook(): void;
  setSound(label: string): void;
  /** Captions by their label, or none. */
  setCaptions(label: string | null): void;
  /** Captions off, or on again in the language last chosen, else in the first there is. */
  toggleCaptions(): void;
  setRate(rate: number): void;
  /** One speed further along RATES: 1 faster, −1 slower. */
  stepRate(by: 1 | -1): void;
  setLook(look: CaptionLook): void;
  /** Share of the picture's height, 0–0.5, over which controls lie now. */
  keepClear(share: number): void;
};

/** Makes it over the part of the player's state that it keeps. `session` is the one on the display, or null. */
export function createTrackControl(
  { module, notes }: Pick<PlayerPorts, 'module' | 'notes'>,
  state: Pick<Store<TracksState>, 'getSnapshot' | 'set'>,
  session: () => string | null,
): TrackControl {
  let wishes: TrackWishes = { sound: null, captions: null };
  let lastCaptions: TrackWishes['captions'] = null;
  let clearBelow = 0;
  recall();

  const change = (next: Partial<TracksState>): void => state.set({ ...state.getSnapshot(), ...next });
  // A module that cannot hear this now is told again when it has a session, or is ready.
  const tell = (said: Promise<null>): void => void said.catch(() => undefined);

  function recall(): void {
    const noted = readNote(notes?.read(NOTE) ?? null);
    wishes = { sound: noted.sound, captions: noted.captions };
    lastCaptions = noted.captions ?? noted.lastCaptions;
    if (noted.look !== null) state.set({ ...state.getSnapshot(), look: noted.look });
  }

  function remember(): void {
    const { look } = state.getSnapshot();
    notes?.write(NOTE, JSON.stringify({ ...wishes, lastCaptions, look }));
  }

  function tellLook(): void {
    tell(module.call('setCaptionStyle', { ...state.getSnapshot().look, clearBelow }));
  }

  function tellCaptions(): void {
    const to = session();
    if (to !== null) tell(module.call('setCaptions', { session: to, label: state.getSnapshot().shownCaptions }));
  }

  function tellRate(): void {
    const to = session();
    if (to !== null) tell(module.call('setRate', { session: to, rate: state.getSnapshot().rate }));
  }

  function setCaptions(label: string | null): void {
    const { captions } = state.getSnapshot();
    const option = captions.find((candidate) => candidate.label === label) ?? null;
    const wish = option && { language: option.language, role: option.role };
    wishes = { ...wishes, captions: wish };
    lastCaptions = wish ?? lastCaptions;
    change({ shownCaptions: option?.label ?? null });
    remember();
    tellCaptions();
  }

  return {
    adopt(manifest) {
      change({
        sounds: soundsOf(manifest),
        captions: captionsOf(manifest),
        ...fittingTracks(manifest, wishes),
      });
    },
    activate(to) {
      const { sound, sounds, shownCaptions, rate } = state.getSnapshot();
      // A display begins with the main sound, no captions, and the speed at which it was made.
      if (sound !== null && sounds[0]?.label !== sound) tell(module.call('setSound', { session: to, label: sound }));
      if (shownCaptions !== null) tell(module.call('setCaptions', { session: to, label: shownCaptions }));
      if (rate !== 1) tell(module.call('setRate', { session: to, rate }));
    },
    tellLook,
    setSound(label) {
      const option = state.getSnapshot().sounds.find((candidate) => candidate.label === label);
      if (option === undefined) return;
      // The main sound is no wish for a language: the next programme is heard as it was made, too.
      wishes = { ...wishes, sound: option.role === 'main' ? null : { language: option.language, role: option.role } };
      change({ sound: label });
      remember();
      const to = session();
      if (to !== null) tell(module.call('setSound', { session: to, label }));
    },
    setCaptions,
    toggleCaptions() {
      const { captions, shownCaptions } = state.getSnapshot();
      if (shownCaptions !== null) return setCaptions(null);
      const again = captions.find(({ language }) => language === lastCaptions?.language);
      setCaptions((again ?? captions[0])?.label ?? null);
    },
    setRate(rate) {
      change({ rate: Math.min(RATES.at(-1) ?? 1, Math.max(RATES[0], rate)) });
      tellRate();
    },
    stepRate(by) {
      const { rate } = state.getSnapshot();
      const next = by > 0 ? RATES.find((one) => one > rate) : RATES.findLast((one) => one < rate);
      if (next === undefined) return;
      change({ rate: next });
      tellRate();
    },
    setLook(look) {
      change({ look });
      remember();
      tellLook();
    },
    keepClear(share) {
      const next = Math.round(Math.min(0.5, Math.max(0, share)) * 1_000) / 1_000;
      if (next === clearBelow) return;
      clearBelow = next;
      tellLook();
    },
  };
}

type Noted = TrackWishes & { readonly lastCaptions: TrackWishes['captions']; readonly look: CaptionLook | null };

/** Anything but a whole note is none: the page's storage is anybody's who uses this browser. */
function readNote(text: string | null): Noted {
  const none = { sound: null, captions: null, lastCaptions: null, look: null };
  if (text === null || text.length > NOTE_LENGTH) return none;
  try {
    const note: unknown = JSON.parse(text);
    return {
      sound: readWish(memberOf(note, 'sound')),
      captions: readWish(memberOf(note, 'captions')),
      lastCaptions: readWish(memberOf(note, 'lastCaptions')),
      look: readLook(memberOf(note, 'look')),
    };
  } catch {
    return none;
  }
}

const ROLES = ['main', 'commentary', 'description', 'dub', 'captions', 'subtitles'] as const;

function readWish(value: unknown): TrackWishes['sound'] {
  const language = memberOf(value, 'language');
  const role = oneOf(ROLES, memberOf(value, 'role'));
  return typeof language === 'string' && role !== null ? { language, role } : null;
}

function readLook(value: unknown): CaptionLook | null {
  const size = oneOf(CAPTION_LOOKS.size, memberOf(value, 'size'));
  const background = oneOf(CAPTION_LOOKS.background, memberOf(value, 'background'));
  const colour = oneOf(CAPTION_LOOKS.colour, memberOf(value, 'colour'));
  const position = oneOf(CAPTION_LOOKS.position, memberOf(value, 'position'));
  if (size === null || background === null || colour === null || position === null) return null;
  return { size, background, colour, position };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined;
}

function oneOf<Choice extends string>(choices: readonly Choice[], value: unknown): Choice | null {
  return choices.find((choice) => choice === value) ?? null;
}
