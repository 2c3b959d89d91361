// Every bound and fixed measure of publishing live, with its reason.

/** Frozen table; a change here changes what new live programmes look like. */
export const LIVE_LIMITS = Object.freeze({
  /** Frames of a live programme at most: half a day, after which its maker begins another. */
  frames: 21_600,
  /** Window where the maker says nothing: two minutes to come back to. */
  windowS: 120,
  /** Frames taken for sealing at once: what is lost when the publisher is cut, and how rarely the provider is asked. */
  reserveFrames: 8,
  /** Slots that pictures may be ahead of the sound before a slot goes out without it: the end of a file's sound, a pipe's hiccup. */
  patienceSlots: 1,
  /** The same before anything is out: what begins without sound has none for good. */
  firstPatienceSlots: 5,
  /** Slots that wait to be stored at once; beyond it encoding waits, and memory stays flat. */
  waitingSlots: 4,
  /** How far pictures may be ahead of the sound before they wait for it: well within `patienceSlots`, so that a slow machine loses no sound. */
  soundLeadUs: 1_000_000,
  /** Sound of which nothing came for this long stands still at its source, and no picture waits for it. */
  soundStandsMs: 2_000,
  /** How often a waiting picture looks. */
  soundLookMs: 20,
  /** A picture later than this is left out, but for the first of its slot: a slow machine shows fewer pictures rather than older ones. */
  lateUs: 1_000_000,
  /** Where in the programme the poster is taken: later than most fades, within the first slot. */
  posterAtUs: 1_000_000,
  /** Packets of a pipe over which its rate is measured: what a second has at most. */
  ratePackets: 30,
  /** What is kept of a pipe that was read: two seconds of the best there is. */
  pipeCacheBytes: 33_554_432,
  /** Times an update is tried: with `retryMs` between them a restart of the provider is waited for. */
  attempts: 20,
  /** See `attempts`. */
  retryMs: 500,
});
