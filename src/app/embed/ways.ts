// What each page of this folder says of its way out, in plain words: what it gives away, and what holds all the same. docs/threat-model.md says
// the same at length. Words only.

import type { OutputMode } from '../../protocol/output-modes.ts';

/** A way out as a page shows it. */
export type EmbedWay = {
  readonly mode: Exclude<OutputMode, 'display'>;
  /** Name of the player that shows the picture. */
  readonly player: string;
  readonly heading: string;
  readonly givesAway: readonly string[];
  readonly holds: readonly string[];
};

const HOLDS = [
  'Only the frames that you bought can leave, each is paid for once, and nothing leaves before it is written down.',
  'Your receipt names every frame that left. The provider checks it against its own.',
] as const;

const CLEAR_FRAMES = {
  mode: 'frames',
  heading: 'This page gets the frames in the clear',
  givesAway: [
    'The secure module opens each frame, captions and all, and hands it to this page. The page, its scripts and the tools of your browser can keep what they get.',
    'No picture is marked on its way, and the module cannot tell whether a frame was shown.',
    'A frame counts when it is handed over, so what the player fetches ahead is counted ahead.',
  ],
  holds: [...HOLDS, 'The keys stay in the module: a frame that was not handed over stays sealed.'],
} as const satisfies Partial<EmbedWay>;

/** hls.js with clear frames. */
export const HLS_WAY: EmbedWay = { ...CLEAR_FRAMES, player: 'hls.js' };

/** Shaka Player with clear frames. */
export const SHAKA_WAY: EmbedWay = { ...CLEAR_FRAMES, player: 'Shaka Player' };

/** This page opens the frames itself, and hls.js shows them. */
export const KEYS_WAY: EmbedWay = {
  mode: 'keys',
  player: 'hls.js',
  heading: 'This page gets the keys of the frames',
  givesAway: [
    'The secure module gives the key of each frame to this page, which opens the frame itself. It is the weakest way out.',
    'A key is small and never changes. Whoever has it can open that frame for good, anywhere, and can pass it on.',
    'A key counts when it is given out, whether the frame is opened with it or not.',
  ],
  holds: [...HOLDS, 'A key opens one part of one frame. Those that were not given out cannot be made from it.'],
};
