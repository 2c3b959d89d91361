// What the worker and the audio worklet say to each other on their port. Samples go one way, the position the other.

/** Worker → worklet. `run` tells streams apart: samples and positions of an older run are dropped. */
export type ToSoundWorklet =
  /** Forget what is held; the next samples begin at this place of the programme, and a second of them is `rate` seconds of it. */
  | { readonly type: 'begin'; readonly run: number; readonly positionMs: number; readonly rate: number }
  /** Samples that follow on without a gap, one array a channel, transferred. */
  | { readonly type: 'samples'; readonly run: number; readonly channels: readonly Float32Array[] }
  | { readonly type: 'hold'; readonly held: boolean };

/** Worklet → worker. */
export type FromSoundWorklet = {
  readonly run: number;
  /** Place in the programme of the first sample that will be heard from `contextTimeS` on. */
  readonly positionMs: number;
  /** Seconds on the AudioContext's clock. */
  readonly contextTimeS: number;
  /** True where samples were played, false where it is held or has none. */
  readonly moving: boolean;
  /** True where it would play but has no sample. */
  readonly starved: boolean;
};
