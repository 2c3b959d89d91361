// Every bound and fixed measure of boards, with its reason. Bounds of the protocol itself are in src/protocol/limits.ts.

/** Frozen table; a change here changes what new boards look like. */
export const BOARD_LIMITS = Object.freeze({
  /** Strokes of a new board: eleven hours of one every five seconds, after which its maker begins another. */
  strokes: 8_192,
  /** The longest that one stroke takes: viewers see a long one after this time at the latest, and the drawer splits it. */
  longestMs: 2_000,
  /** Shape of a new board: that of the stage on which it is watched. */
  width: 1_600,
  height: 900,
  /** Price of a stroke where the maker says nothing: that of a frame of two seconds. */
  priceMinor: 20,
  /** Strokes that one request brings: what a drawer has drawn while the line was away comes in a few. */
  strokesPerRequest: 16,
  /** Strokes that one answer gives back to a drawer who comes again. */
  strokesPerAnswer: 128,
  /** How long ago a stroke may have been drawn: a week without a line, and not the age of the world. */
  agoMs: 7 * 86_400_000,
  /** Strokes that one update publishes: more only where a provider that was cut comes back. */
  strokesPerUpdate: 64,
  /** A request of as many strokes as it may bring, each of 8 KiB, as base64url in JSON. */
  requestBodyBytes: 196_608,
});
