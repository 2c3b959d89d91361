// Every bound of the player, with its reason. Read by fetch-plan.ts, part-fetcher.ts and delivery.ts; it decides nothing.

/** Bounds of fetching and buffering. */
export const PLAYER_LIMITS = Object.freeze({
  /** Ciphertext kept ahead of play. Long enough for a lift or a tunnel, short enough that a seek throws little away. */
  targetAheadSeconds: 20,
  /** What may be kept at most: 20 s at 25 Mbit/s. */
  bufferSizeBytes: 64 * 1024 * 1024,
  /** Frames on their way at once; each has two parts, and a browser opens six connections to a host. */
  parallelFrames: 3,
  /** Fetched before a picture is on the screen and the line was measured: what begins to play and the one after. */
  firstFrames: 2,
  /** A seek goes no nearer to the end than this: the end makes the receipt, and who slips should have a moment to go back. */
  seekEndMs: 2_000,
  /** Frames around a failed one for which it is still spoken of: some six seconds of play. */
  framesToRead: 2,
  /** First pause before a part is asked for again; it doubles. */
  retryFirstMs: 250,
  /** Longest such pause: a line that comes back is noticed within this time. */
  retryLongestMs: 4_000,
  /** Failures after which the person is told that the line is bad; a single lost request is not news. */
  quietFailures: 1,
  /** Times one frame is fetched afresh because the module could not open what came: a cache may hold a torn copy, once. */
  refetches: 1,
});
