// How far a live programme is, as a session's screens show it. Types only; a part of the command set (commands.ts).

/** A live programme as its session knows it (docs/protocol.md §20). */
export type LiveView = {
  /** Milliseconds since 1970 at which its first frame began. */
  readonly startTime: number;
  /** Frames before the edge that are on sale. */
  readonly windowFrames: number;
  /** First frame that this tab knows, and one past the last; null before it was told of any. */
  readonly first: number | null;
  readonly edge: number | null;
  /** True once nothing more comes. */
  readonly ended: boolean;
  /** True where two signed updates that contradict each other were kept as the proof. */
  readonly contradicted: boolean;
};
