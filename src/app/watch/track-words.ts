// Sounds, captions, speeds and looks in words. Pure.

import type { CaptionLook, TrackOption } from '../../player/tracks.ts';

const PURPOSES: Readonly<Record<TrackOption['role'], string>> = {
  main: '',
  dub: '',
  subtitles: '',
  captions: 'with sounds',
  commentary: 'commentary',
  description: 'picture described',
};

/** Each part of a caption look: its title and its choices, in words. */
export const LOOK_WORDS: {
  readonly [Part in keyof CaptionLook]: {
    readonly title: string;
    readonly words: Readonly<Record<CaptionLook[Part], string>>;
  };
} = {
  size: { title: 'Size', words: { small: 'Small', medium: 'Medium', large: 'Large', huge: 'Very large' } },
  background: { title: 'Ground', words: { none: 'None', shade: 'Shade', solid: 'Black' } },
  colour: { title: 'Colour', words: { white: 'White', yellow: 'Yellow' } },
  position: { title: 'Place', words: { bottom: 'Below', top: 'Above' } },
};

/** A language in its own words: `Deutsch`, `العربية`; the tag itself where the browser knows no name. */
export function languageWord(language: string): string {
  if (language === '') return '';
  try {
    return new Intl.DisplayNames([language, 'en'], { type: 'language' }).of(language) ?? language;
  } catch {
    return language;
  }
}

/** What a menu calls a track, and what stands behind it in small print. `at`: its place among the tracks, for one that tells nothing. */
export function trackWords(option: TrackOption, at: number): { readonly word: string; readonly note: string } {
  const language = languageWord(option.language);
  const unnamed = option.role === 'main' ? 'Original' : `Track ${at + 1}`;
  const word = option.name || language || unnamed;
  const purpose = PURPOSES[option.role];
  return { word, note: purpose || (option.name !== '' && language !== option.name ? language : '') };
}

/** `1×`, `1.25×`. */
export function rateWord(rate: number): string {
  return `${rate}×`;
}
