// Every bound and fixed measure of publishing, with its reason. Bounds of the protocol itself are in src/protocol/limits.ts.

/** Frozen table; a change here changes what new programmes look like, never those already published. */
export const PUBLISH_LIMITS = Object.freeze({
  /** One frame of a programme: short enough that stopping early costs little, long enough that a key frame costs little. */
  slotMs: 2_000,
  /** Longest programme: its manifest (three rungs and sound) stays below the item limit of the encodings. */
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
  /** The poster's widest side: the largest card of the catalogue at two device pixels. */
  posterWidth: 960,
  /** Widest picture made: beyond it Level 5.1 ends, and with it what browsers promise to decode. */
  pictureWidth: 3_840,
  /** Free space left over after the programme is stored, so that the database beside it can go on. */
  spareBytes: 67_108_864,
  /** Read cache of the source file: reads run in order, so more gains nothing. */
  sourceCacheBytes: 8_388_608,
});
