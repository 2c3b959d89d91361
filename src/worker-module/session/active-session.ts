// The session that plays in this tab: its manifest, its sink, and the frames between delivery and outcome. Made when a session is opened
// or resumed; at most one in a worker. The truth about the session is in the record; this is only what this tab is doing with it.

import type { SessionId } from '../../protocol/ids.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import type { FrameSink } from '../frame-gateway.ts';
import type { SessionTerms } from './session-state.ts';
import type { Turns } from './turns.ts';

/** A session with a display in this tab. */
export type ActiveSession = {
  readonly session: SessionId;
  readonly terms: SessionTerms;
  readonly manifest: Manifest;
  readonly sink: FrameSink;
  /** Frames from delivery to outcome → the answer of their delivery. */
  readonly inFlight: Map<number, Promise<{ readonly replay: boolean }>>;
  /** In which its frames are opened. */
  readonly openingTurns: Turns;
  /** True when it is ending: nothing more is accepted. */
  stopping: boolean;
};

/** Stops a session in this tab: waits for what is being prepared, withholds what is not counted. All outcomes are durable on return. */
export async function stopActive(active: ActiveSession): Promise<void> {
  active.stopping = true;
  await Promise.allSettled(active.inFlight.values());
  await active.sink.stop();
}
