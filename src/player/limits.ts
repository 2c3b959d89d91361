// Every bound of the player, with its reason. Read by fetch-plan.ts, part-fetcher.ts and delivery.ts; it decides nothing.

/** Bounds of fetching and buffering. */
export const PLAYER_LIMITS = Object.freeze({
  /** Frames behind the edge at which a live programme is joined: one that is fetched, one that is asked for, one for what goes wrong. */
  liveHoldFrames: 3,
  /** Frames more than those from which play is a little faster, until it has caught up. */
  liveDriftFrames: 1.5,
  /** How much faster: nobody hears it where pitch is kept. */
  liveCatchUpRate: 1.1,
  /** Questions for the newest update in the time of a frame. */
  livePollsPerFrame: 2,
  /** Time between two questions for the newest stroke of a board: a hand makes one or two a second. */
  boardPollMs: 500,
  /** So little before the session's first stroke a person has only stepped back: two steps of a key. */
  boardSlipMs: 11_000,
  /** Updates asked for side by side when one joins. */
  liveParallel: 4,
  /** Updates kept behind the window, for a module that begins anew. */
  liveKeptBehind: 16,
  /** Times in a row that the newest update is not had before the person is told. */
  liveQuietFailures: 4,
  /** Ciphertext kept ahead of play. Recorded mobile networks have bad stretches of a minute (bench `squeeze`); a seek throws the rest away. */
  targetAheadSeconds: 60,
  /** What may be kept at most: 20 s at 25 Mbit/s, a minute at 8. */
  bufferSizeBytes: 64 * 1024 * 1024,
  /** Frames on their way at once; each has two parts, and a browser opens six connections to a host. */
  parallelFrames: 3,
  /** Fetched before a picture is on the screen and the line was measured: what begins to play and the one after. */
  firstFrames: 2,
  /** A seek goes no nearer to the end than this: the end makes the receipt, and who slips should have a moment to go back. */
  seekEndMs: 2_000,
  /** Frames around a failed one for which it is still spoken of: some six seconds of play. */
  framesToRead: 2,
  /** A programme that is pointed at for so long is probably pressed; a pointer that passes over a list stays on none of it. */
  pointedMs: 100,
  /** So long a session that was made ready stays so when nobody points at it any more: a hand slips off and comes back. */
  unpointedMs: 3_000,
  /** So long at most a session is ready: a pointer that was left lying on a card keeps nobody's money set aside. */
  readyMs: 60_000,
  /** Sessions made ready in `preparedWithinMs`: whoever points at more is looking around. The provider takes 60 a minute from one address, and the press needs some. */
  preparedSessions: 8,
  preparedWithinMs: 60_000,
  /** First pause before a part is asked for again; it doubles. */
  retryFirstMs: 250,
  /** Longest such pause: a line that comes back is noticed within this time. */
  retryLongestMs: 4_000,
  /** Failures after which the person is told that the line is bad; a single lost request is not news. */
  quietFailures: 1,
  /** Times in a row that a file is said not to be there, or is not what was asked for, before it is taken to be so: some 15 s, in which a provider puts it right. */
  missingTries: 9,
  /** Failures after which the contents list of a programme is given up, and the person is asked: they wait, and nothing plays yet. */
  openingTries: 4,
  /** Frames in a row that cannot be decoded before play stops: beyond these it is no longer one bad piece. More than a display holds. */
  undecodableInRow: 3,
  /** Times one frame is fetched afresh because the module could not open what came: a cache may hold a torn copy, once. */
  refetches: 1,
  /** Times a chosen track of one frame, or a sheet of previews, is fetched before it is given up: a cache may hold a torn copy, once. */
  sideTries: 2,
  /** Opened parts that another player has not asked for yet: the sound of the few frames whose pictures it has. */
  outputPartsKept: 16,
  /** Refusals of one frame that another session, or the same one taken up again, may put right. */
  outputRefusals: 3,
});
