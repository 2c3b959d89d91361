// What a media element stands on: a player's state in plain values, and what may be asked of it. There are two: the player of this page
// (local-link.ts), and one behind the frame of another site (remote-link.ts). Types and the state at rest; nothing here does anything.

import type { PlayerPhase } from '../machine.ts';
import type { LiveNow } from '../player-state.ts';
import type { RungChoice } from '../rungs.ts';
import type { ReadableStore } from '../store.ts';
import type { TrackOption } from '../tracks.ts';

/** A stretch of a programme, ms: from, and up to. */
export type Stretch = readonly [fromMs: number, toMs: number];

/** What an element shows as its error: the four codes of MediaError, and what happened in words. */
export type LinkError = { readonly code: 1 | 2 | 3 | 4; readonly message: string };

/** A video part as a choice. */
export type LinkRung = {
  readonly label: string;
  readonly width: number;
  readonly height: number;
  /** Bits a second. */
  readonly bitrate: number;
};

/** All that an element knows. Plain values, so that it travels between windows; nothing of money, sessions or keys. */
export type LinkState = {
  /** Null before anything was loaded. */
  readonly programmeId: string | null;
  readonly title: string;
  readonly phase: PlayerPhase;
  readonly positionMs: number;
  readonly wantsPlay: boolean;
  /** Null while it is not known. Of a live programme: what is out so far. */
  readonly durationMs: number | null;
  readonly live: LiveNow | null;
  readonly pictureShown: boolean;
  /** Grows by one each time that the first picture after opening or after a seek is on the screen. */
  readonly firstPictures: number;
  readonly buffered: readonly Stretch[];
  readonly played: readonly Stretch[];
  readonly chapters: readonly { readonly startMs: number; readonly title: string }[];
  /** Lowest first. */
  readonly rungs: readonly LinkRung[];
  readonly choice: RungChoice;
  /** Label of the rung that was shown last. */
  readonly rung: string | null;
  readonly sounds: readonly TrackOption[];
  readonly captions: readonly TrackOption[];
  readonly sound: string | null;
  readonly shownCaptions: string | null;
  readonly rate: number;
  readonly volume: number;
  readonly muted: boolean;
  readonly error: LinkError | null;
  /** True while only a press in the player's own frame may begin to play: what costs is never begun by another site's script. */
  readonly needsPress: boolean;
};

/** What may be asked. Each returns at once; what comes of it is in the state. */
export type LinkIntents = {
  /** Plays; begins the programme where nothing is open. */
  play(): void;
  pause(): void;
  seek(positionMs: number): void;
  setVolume(volume: number, muted: boolean): void;
  setRate(rate: number): void;
  setSound(label: string): void;
  setCaptions(label: string | null): void;
  setRung(choice: RungChoice): void;
  goLive(): void;
};

/** A player as an element has it. */
export type PlayerLink = LinkIntents & {
  readonly state: ReadableStore<LinkState>;
  /** Holds the picture. It is taken into the element once: moving a frame in the document loads it anew. */
  readonly surface: HTMLElement;
  /** Names the programme; shows what is known of it, and begins nothing. Null: none. */
  load(programmeId: string | null): void;
  /** Shows the preview of a place at `at` of the picture's width (0–1), or none. Where the player is far away: nothing. */
  preview(positionMs: number | null, at: number): void;
  /** Keeps captions and previews above the lowest `share` (0–0.5) of the picture. */
  keepClear(share: number): void;
  /** Lets go of the player. Final. */
  close(): void;
};

/** Nothing is loaded. */
export const LINK_AT_REST: LinkState = Object.freeze({
  programmeId: null,
  title: '',
  phase: 'idle',
  positionMs: 0,
  wantsPlay: false,
  durationMs: null,
  live: null,
  pictureShown: false,
  firstPictures: 0,
  buffered: [],
  played: [],
  chapters: [],
  rungs: [],
  choice: 'auto',
  rung: null,
  sounds: [],
  captions: [],
  sound: null,
  shownCaptions: null,
  rate: 1,
  volume: 1,
  muted: false,
  error: null,
  needsPress: false,
});
