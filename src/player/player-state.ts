// What a player shows: its machine's state with the counts, the buffer and the choices around it. Types and the state at rest;
// player.ts keeps it, screens read it.

import type { FareboxErrorCode } from '../protocol/errors.ts';
import type { Chapter } from '../protocol/manifest.ts';
import type { FrameRange } from '../protocol/ranges.ts';
import type { ChosenSequence } from '../protocol/sequence/names.ts';
import type { DisplayStatistics } from '../worker-module/events.ts';
import { IDLE, type MachineState } from './machine.ts';
import type { Rung, RungChoice } from './rungs.ts';
import type { Tally } from './tally.ts';
import { NO_TRACKS, type TracksState } from './tracks.ts';

/** Measures of the programme that is open. */
export type ProgrammeMeasures = {
  readonly frameCount: number;
  readonly frameDurationMs: number;
  readonly durationMs: number;
  /** Lowest first. */
  readonly rungs: readonly (Rung & { readonly width: number })[];
  /** Named places, in order of time. */
  readonly chapters: readonly Chapter[];
  /** Whether there are previews to look ahead by. */
  readonly hasPreviews: boolean;
  /** Whether its frames are the strokes of a whiteboard. */
  readonly isBoard?: boolean;
};

/** Where a live programme stands. */
export type LiveNow = {
  /** The earliest place that is on sale, and the newest that is out; ms on the programme's clock. */
  readonly firstMs: number;
  readonly edgeMs: number;
  /** Where `goLive` goes to: as near to the edge as one can play without standing still. */
  readonly liveMs: number;
  readonly ended: boolean;
};

/** Everything a screen reads of a player; a new object at each change. */
export type PlayerState = MachineState & {
  /** Null until the manifest is here. */
  readonly measures: ProgrammeMeasures | null;
  /** Counts of the session, kept after it was closed; null before there is one. */
  readonly tally: Tally | null;
  /** Frames whose ciphertext waits here. */
  readonly buffered: readonly FrameRange[];
  readonly choice: RungChoice;
  /** What the person chose for this session in place of the programme's own sequence function. */
  readonly sequence: ChosenSequence | null;
  /** Of a live programme; null for one that is whole. */
  readonly live: LiveNow | null;
  readonly tracks: TracksState;
  /** 0–1. */
  readonly volume: number;
  readonly muted: boolean;
  /** Whether a picture of this visit has been drawn: until then the poster stands in. */
  readonly pictureShown: boolean;
  /** Grows by one each time that the first picture after opening or after a seek is on the screen. */
  readonly firstPictures: number;
  /** Trouble on the line or with one frame that play goes on in spite of. */
  readonly trouble: FareboxErrorCode | null;
  readonly statistics: DisplayStatistics | null;
};

/** State of a player with nothing open. */
export const PLAYER_AT_REST: PlayerState = Object.freeze({
  ...IDLE,
  measures: null,
  tally: null,
  buffered: [],
  choice: 'auto',
  sequence: null,
  live: null,
  tracks: NO_TRACKS,
  volume: 1,
  muted: false,
  pictureShown: false,
  firstPictures: 0,
  trouble: null,
  statistics: null,
});
