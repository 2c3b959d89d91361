// Sounds and captions of a programme as a person chooses among them, and which of them fit what the person chose before. Called by
// track-control.ts and the screens. Pure reading of a manifest that was hash-checked.

import { mainSoundOf } from '../protocol/main-sound.ts';
import type { Manifest } from '../protocol/manifest.ts';
import type { CaptionStyle } from '../worker-module/commands.ts';
import type { PartAddress } from './part-fetcher.ts';

/** One sound or one set of captions. `language` (RFC 5646) and `name` are '' where the publisher told none. */
export type TrackOption = {
  readonly label: string;
  readonly language: string;
  readonly name: string;
  readonly role: 'main' | 'commentary' | 'description' | 'dub' | 'captions' | 'subtitles';
};

/** How captions look: what a person chooses of it. */
export type CaptionLook = Omit<CaptionStyle, 'clearBelow'>;

/** What there is to choose of each. */
export const CAPTION_LOOKS = Object.freeze({
  size: ['small', 'medium', 'large', 'huge'],
  background: ['none', 'shade', 'solid'],
  colour: ['white', 'yellow'],
  position: ['bottom', 'top'],
} as const satisfies { readonly [Part in keyof CaptionLook]: readonly CaptionLook[Part][] });

/** What is heard and read of the programme that is open, and what else there is. */
export type TracksState = {
  readonly sounds: readonly TrackOption[];
  readonly captions: readonly TrackOption[];
  /** Label of the sound that is heard; null for a silent programme. */
  readonly sound: string | null;
  /** Label of the captions that are shown; null for none. */
  readonly shownCaptions: string | null;
  /** Speed of play, 0.5–2. */
  readonly rate: number;
  readonly look: CaptionLook;
};

/** What a person chose before, to be found again in another programme: by language and purpose, not by label. */
export type TrackWishes = {
  /** Null: the sound that the programme is made with. */
  readonly sound: Pick<TrackOption, 'language' | 'role'> | null;
  /** Null: none. */
  readonly captions: Pick<TrackOption, 'language' | 'role'> | null;
};

/** Nobody has chosen anything. */
export const NO_TRACKS: TracksState = Object.freeze({
  sounds: [],
  captions: [],
  sound: null,
  shownCaptions: null,
  rate: 1,
  look: Object.freeze({ size: 'medium', background: 'shade', colour: 'white', position: 'bottom' }),
});

/** The sounds there are, the main one first. */
export function soundsOf(manifest: Manifest): readonly TrackOption[] {
  return manifest.parts
    .flatMap((part) => (part.kind === 'audio' ? [part] : []))
    .map(({ label, language, name, role }) => ({ label, language, name, role }))
    .toSorted((one, other) => Number(other.role === 'main') - Number(one.role === 'main'));
}

/** The captions there are. */
export function captionsOf(manifest: Manifest): readonly TrackOption[] {
  return manifest.parts
    .flatMap((part) => (part.kind === 'captions' ? [part] : []))
    .map(({ label, language, name, role }) => ({ label, language, name, role }));
}

/** What of this programme fits the wishes: the same language and purpose, else the same language, else what it is made with. */
export function fittingTracks(
  manifest: Manifest,
  { sound, captions }: TrackWishes,
): { readonly sound: string | null; readonly shownCaptions: string | null } {
  return {
    sound: (sound && fitting(soundsOf(manifest), sound)) ?? mainSoundOf(manifest)?.label ?? null,
    shownCaptions: captions && fitting(captionsOf(manifest), captions),
  };
}

function fitting(options: readonly TrackOption[], wish: Pick<TrackOption, 'language' | 'role'>): string | null {
  const base = (language: string): string => language.toLowerCase().split('-')[0] ?? '';
  const same = options.filter(({ language }) => base(language) === base(wish.language));
  const exact = same.filter(({ language }) => language.toLowerCase() === wish.language.toLowerCase());
  const best = exact.find(({ role }) => role === wish.role) ?? same.find(({ role }) => role === wish.role);
  return (best ?? exact[0] ?? same[0])?.label ?? null;
}

/** The files of those labels that have something in a frame. */
export function partsOfLabels(manifest: Manifest, frame: number, labels: readonly (string | null)[]): PartAddress[] {
  return manifest.parts.flatMap(({ label, segments }) => {
    const segment = segments[frame];
    return labels.includes(label) && segment ? [{ label, hash: segment.hash }] : [];
  });
}
