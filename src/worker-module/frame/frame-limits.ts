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
  /** Volume changes ramp over this, so that they do not click. */
  volumeRampS: 0.02,
});
