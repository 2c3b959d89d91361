// Bounds of the module's frame, each with its reason.

export const FRAME_LIMITS = Object.freeze({
  /** Time between pings: a hung worker is noticed within three of them. */
  pingIntervalMs: 2_000,
  /** Unanswered pings after which the worker is taken for hung. Counted, not timed, so that a page that slept is not blamed. */
  unansweredPings: 3,
  /** A worker that never says it started is given up after this; a cold start takes well under a second. */
  startTimeoutMs: 15_000,
  /** Waits before a new worker, by how many died in a row: at once the first time, then ever slower, never a busy loop. */
  restartDelaysMs: [0, 250, 1_000, 4_000, 15_000] as const,
  /** A worker that lived this long starts a new row. */
  healthyAfterMs: 30_000,
  /** Time between two readings of the sound device's clock: drift over it is far below a millisecond. */
  soundClockIntervalMs: 200,
  /** Samples that the sound device's thread makes at a time: 21 ms at 48 kHz, about what a device asks for that plays and need not answer. */
  soundBlockSamples: 1_024,
  /** Volume changes ramp over this, so that they do not click. */
  volumeRampS: 0.02,
  /** A surface is seen whole for this long without a break before its button works: longer than a double click, and than a hand takes to stop. */
  settleMs: 500,
  /** A surface that cannot be seen for this long is given up, so that a page which hides it does not keep the module waiting. */
  unseenMs: 20_000,
  /** Share of the surface that has to be inside the window: all of it but what rounding to whole pixels takes. */
  wholeRatio: 0.99,
  /** The least delay that IntersectionObserver v2 allows between two looks. */
  sightDelayMs: 100,
  /** The smallest surface that can be read, CSS pixels. */
  leastWidthPx: 280,
  leastHeightPx: 160,
  /** Device pixels for a CSS pixel below which words are too small to read: half of an ordinary screen's. */
  leastScale: 0.5,
  /** Digits of a PIN, as the protocol has them: its table of bounds would be loaded for these two alone. */
  pinMinDigits: 4,
  pinMaxDigits: 12,
  /** Time a person has for the authenticator's own dialog. */
  passkeyTimeoutMs: 120_000,
});
