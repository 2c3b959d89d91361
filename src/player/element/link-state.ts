// A player's state as an element knows it. Pure; used by local-link.ts.

import { ERROR_WORDS } from '../../protocol/error-words.ts';
import type { ErrorCategory } from '../../protocol/errors/entry.ts';
import { ERRORS, type FareboxErrorCode } from '../../protocol/errors.ts';
import type { FrameRange } from '../../protocol/ranges.ts';
import type { PlayerState } from '../player-state.ts';
import { FRAME_MARKS } from '../tally.ts';
import { LINK_AT_REST, type LinkError, type LinkState, type Stretch } from './player-link.ts';

/** What the catalogue tells of a programme before it is opened. */
export type ProgrammeFacts = {
  readonly title: string;
  readonly durationMs: number;
  readonly isLive: boolean;
};

/** `programmeId` is the element's: a player that has another one open is at rest for it. `facts` null while they are not known. */
export function linkStateOf(state: PlayerState, programmeId: string | null, facts: ProgrammeFacts | null): LinkState {
  const { volume, muted } = state;
  const known: LinkState = {
    ...LINK_AT_REST,
    ...{ programmeId, volume, muted },
    title: facts?.title ?? '',
    durationMs: facts === null || facts.isLive ? null : facts.durationMs,
    rate: state.tracks.rate,
  };
  if (programmeId === null || state.programmeId !== programmeId) return known;
  const { measures, tally, tracks } = state;
  const { phase, positionMs, wantsPlay, live, pictureShown, choice } = state;
  return {
    ...known,
    ...{ phase, positionMs, wantsPlay, live, pictureShown, choice },
    firstPictures: state.firstPictures,
    durationMs: measures?.durationMs ?? known.durationMs,
    buffered: measures === null ? [] : aheadOf(state, measures),
    played: measures === null || tally === null ? [] : stretchesOfMarks(tally.marks, measures),
    chapters: measures?.chapters ?? [],
    rungs: measures?.rungs ?? [],
    rung: tally?.rung ?? null,
    sounds: tracks.sounds,
    captions: tracks.captions,
    sound: tracks.sound,
    shownCaptions: tracks.shownCaptions,
    error: phase === 'failed' && state.code !== null ? linkErrorOf(state.code) : null,
  };
}

/** The MediaError that fits a code best; its words are those of the table, with the code before them. */
export function linkErrorOf(code: FareboxErrorCode): LinkError {
  return { code: MEDIA_CODES[ERRORS[code].category] ?? 4, message: `${code}: ${ERROR_WORDS[code].message}` };
}

const MEDIA_CODES: Readonly<Partial<Record<ErrorCategory, LinkError['code']>>> = { network: 2, media: 3 };

type Measures = { readonly frameDurationMs: number; readonly durationMs: number };

function stretchOf([from, to]: FrameRange, { frameDurationMs, durationMs }: Measures): Stretch {
  return [from * frameDurationMs, Math.min(to * frameDurationMs, Math.max(durationMs, from * frameDurationMs))];
}

/** What play can go on with: frames that wait here, and before them those that the display has already. */
function aheadOf({ buffered, tally, positionMs }: PlayerState, measures: Measures): Stretch[] {
  const waiting = buffered.map((range) => stretchOf(range, measures));
  const here = Math.floor(positionMs / measures.frameDurationMs);
  let to = here;
  while (tally !== null && isShown(tally.marks[to])) to += 1;
  return to > here ? [stretchOf([here, to], measures), ...waiting] : waiting;
}

function isShown(mark: number | undefined): boolean {
  return mark === FRAME_MARKS.decrypted || mark === FRAME_MARKS.late;
}

/** Frames that were decrypted, late ones included, as stretches. */
function stretchesOfMarks(marks: Uint8Array, measures: Measures): Stretch[] {
  const stretches: Stretch[] = [];
  let from = -1;
  for (let frame = 0; frame <= marks.length; frame += 1) {
    const shown = isShown(marks[frame]);
    if (shown && from < 0) from = frame;
    if (!shown && from >= 0) {
      stretches.push(stretchOf([from, frame], measures));
      from = -1;
    }
  }
  return stretches;
}
