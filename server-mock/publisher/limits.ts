// Every bound and fixed measure of publishing, with its reason. Bounds of the protocol itself are in src/protocol/limits.ts.

/** Frozen table; a change here changes what new programmes look like, never those already published. */
export const PUBLISH_LIMITS = Object.freeze({
  /** One frame of a programme: short enough that stopping early costs little, long enough that a key frame costs little. */
  slotMs: 2_000,
  /** Longest programme: its manifest (three rungs, a few sounds and captions) stays below the limits of the encodings. */
  durationMs: 10_800_000,
  /** Longest title, in characters: one line of a ticket. */
  titleLength: 200,
  /** A slot whose own first picture comes later than this begins with a repeat of the picture before, so that every slot shows at once. */
  latePictureUs: 100_000,
  /** Pictures closer together than this are dropped: 60 a second is what a browser shows; the margin is for rounded times. */
  pictureGapUs: 16_000,
  /** What a programme has of a last slot at least; less is a rounded time, and nobody pays for a slot of that. */
  leastTailUs: 10_000,
  /** Sound that outlasts the pictures by less than this opens no slot of its own: encoders pad the last packet. */
  soundTailUs: 100_000,
  /** Channels of a source's sound: 7.1, and as many planes as a frame of FFmpeg names by itself. */
  soundChannels: 8,
  /** Sound that is early or late by less than this joins what went before; jitter of container times, inaudible. */
  soundJitterUs: 5_000,
  /** A file whose packets end this much before its declared end was cut short; declared times are rounded, so some is usual. */
  missingTailUs: 1_500_000,
  /** A WebVTT file: the captions of three hours of talk have a tenth of it. */
  vttBytes: 2_097_152,
  /** One block of it, in characters: times, settings, and more text than a cue may have; bounds what its parser costs. */
  vttBlockLength: 4_000,
  /** Cues of one file: two a second over the longest programme. */
  vttCues: 21_600,
  /** Cues that are on the screen at one moment. */
  captionsAtOnce: 4,
  /** Sound tracks beside a video's own. */
  extraSounds: 8,
  /** Captions of one programme: the languages of a continent's cinemas. */
  captions: 16,
  /** Size of a preview at most, in pixels: sharp in a bubble over the slider at two device pixels. */
  previewWidth: 240,
  /** See `previewWidth`. */
  previewHeight: 136,
  /** Previews beside, and above, each other on a sheet: 1920 by 1088 pixels, some 150 kB. */
  previewGrid: 8,
  /** Previews of a programme at most; the time between two of them follows, in whole seconds and two at least. */
  previews: 512,
  /** The poster's widest side: the largest card of the catalogue at two device pixels. */
  posterWidth: 960,
  /** Widest picture made: beyond it Level 5.1 ends, and with it what browsers promise to decode. */
  pictureWidth: 3_840,
  /** Free space left over after the programme is stored, so that the database beside it can go on. */
  spareBytes: 67_108_864,
  /** Read cache of the source file: reads run in order, so more gains nothing. */
  sourceCacheBytes: 8_388_608,
});
