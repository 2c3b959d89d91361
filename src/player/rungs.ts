// Which rung to fetch next: a pure choice from measured throughput and what is buffered. Called by delivery.ts for each frame.
// Climbing asks for more evidence than staying, so that the picture does not flutter between two rungs.

/** A video part as a choice. */
export type Rung = {
  /** Label of the part, `video/720p`. */
  readonly label: string;
  /** Picture height in pixels. */
  readonly height: number;
  /** Bits a second of this rung with its sound. */
  readonly bitrate: number;
};

/** What a person chose: a label, or to leave it to the measure. */
export type RungChoice = 'auto' | (string & {});

/** Share of the measured throughput that a rung may take to be kept, and to be climbed to. */
const KEEP_SHARE = 0.9;
const CLIMB_SHARE = 0.6;
/** Climbing on thinner evidence waits until this much is buffered. */
const CLIMB_BUFFER_SECONDS = 6;
/** With this much more throughput than the rung takes, waiting for the buffer proves nothing. */
const PLAIN_SHARE = 0.25;
/** With this much buffered a dip is ridden out at the rung there is: it is long over before it could be seen. */
const RIDE_OUT_SECONDS = 20;
/** Bits a second that a line is presumed to carry before anything was measured: a phone's nearly anywhere. */
const PRESUMED_BITS_PER_SECOND = 1_000_000;

/**
 * Chooses the label for the next frame. `rungs` may come in any order; `current` is the last choice, null at the start;
 * `bitsPerSecond` null before anything was measured. Returns null only for a programme without video.
 */
export function chooseRung(situation: {
  readonly rungs: readonly Rung[];
  readonly current: string | null;
  readonly choice: RungChoice;
  readonly bitsPerSecond: number | null;
  readonly bufferedSeconds: number;
}): string | null {
  const { choice, bitsPerSecond, bufferedSeconds } = situation;
  const rungs = situation.rungs.toSorted((a, b) => a.bitrate - b.bitrate);
  const lowest = rungs[0];
  if (lowest === undefined) return null;
  if (rungs.some((rung) => rung.label === choice)) return choice;

  const current = rungs.find((rung) => rung.label === situation.current);
  if (current === undefined || bitsPerSecond === null) {
    return current?.label ?? (rungs.findLast((rung) => rung.bitrate <= PRESUMED_BITS_PER_SECOND) ?? lowest).label;
  }
  const climbShare = (rung: Rung): number => {
    if (rung.bitrate <= current.bitrate) return KEEP_SHARE;
    return bufferedSeconds >= CLIMB_BUFFER_SECONDS ? CLIMB_SHARE : PLAIN_SHARE;
  };
  const best = rungs.findLast((rung) => rung.bitrate <= bitsPerSecond * climbShare(rung)) ?? lowest;
  return best.bitrate < current.bitrate && bufferedSeconds >= RIDE_OUT_SECONDS ? current.label : best.label;
}
