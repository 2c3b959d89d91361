// The session that plays in this tab: its manifest, its way out, and the frames between delivery and outcome. Made when a session is opened
// or resumed; at most one in a worker. The truth about the session is in the record; this is only what this tab is doing with it.

import { FareboxError } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { type LiveLine, makeLiveLine } from '../../protocol/live-line.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import type { OutputMode } from '../../protocol/programme.ts';
import type { Clock } from '../clock.ts';
import type { FrameSink, MakeFrameSink } from '../frame-gateway.ts';
import type { FirstReserved } from './open-session.ts';
import type { LoadedSession, SessionTerms } from './session-state.ts';
import { makeSessionTime, type SessionTime } from './session-time.ts';
import { makeTurns, type Turns } from './turns.ts';

/** Modes in which the host shows what it is given. */
export type HostMode = Exclude<OutputMode, 'display'>;

/** The module's own display, and its frames from delivery to outcome → the answer of their delivery. */
export type DisplayWay = {
  readonly mode: 'display';
  readonly sink: FrameSink;
  readonly inFlight: Map<number, Promise<{ readonly replay: boolean }>>;
};

/** The host shows: what is being counted and handed over. There is no display, so nothing of such a session is drawn here as well. */
export type HostWay = { readonly mode: HostMode; readonly inFlight: Set<Promise<unknown>> };

/** The way out that the session's grant names; no command changes it. */
export type WayOut = DisplayWay | HostWay;

/** A session that is active in this tab. */
export type ActiveSession = {
  readonly session: SessionId;
  readonly terms: SessionTerms;
  readonly time: SessionTime;
  /** Of a live programme it grows with `line`. */
  readonly manifest: Manifest;
  /** Null for a programme that is whole. */
  readonly line: LiveLine | null;
  readonly way: WayOut;
  /** Opens the programme's previews, 32 bytes; null where there are none. */
  readonly previewKey: Uint8Array | null;
  /** In which its frames are opened. */
  readonly openingTurns: Turns;
  /** Reserved with the session and not delivered yet; taken by its delivery. One that never comes is withheld when the session ends. */
  first: FirstReserved | null;
  /** True when it is ending: nothing more is accepted. */
  stopping: boolean;
};

/** Makes a session active here: with a display where its way out is one, and with none where the host shows. */
export function makeActive(
  loaded: LoadedSession,
  described: Manifest,
  clock: Pick<Clock, 'now'>,
  makeSink: MakeFrameSink,
  noteStall: (frame: number, ms: number) => Promise<void>,
  first: FirstReserved | null = null,
): ActiveSession {
  const { session, terms, progress } = loaded;
  const { mode } = terms;
  const line = terms.live === null ? null : makeLiveLine(described, terms.live);
  const manifest = line?.manifest ?? described;
  const endFrame = (): number | null => endOf(line);
  const firstFrame = terms.granted[0]?.[0] ?? 0;
  const rung = first === null ? {} : { firstRung: first.rung };
  const way: WayOut =
    mode === 'display'
      ? {
          mode,
          sink: makeSink({ session, manifest, startMs: progress.positionMs, firstFrame, endFrame, noteStall, ...rung }),
          inFlight: new Map(),
        }
      : { mode, inFlight: new Set() };
  const previewKey = loaded.secrets?.previewKey ?? null;
  const time = makeSessionTime(clock, loaded);
  const openingTurns = makeTurns();
  return { session, terms, time, manifest, line, way, previewKey, openingTurns, first, stopping: false };
}

/** Frames that a live programme has for good; null while it goes on, and for one that is whole. */
function endOf(line: LiveLine | null): number | null {
  const reach = line?.reach() ?? null;
  return reach?.ended === true ? reach.edge : null;
}

/** The display of a session. @throws FareboxError `session/mode` for one whose frames or keys go to the host. */
export function expectDisplay(active: ActiveSession): DisplayWay {
  if (active.way.mode !== 'display') throw otherMode(active);
  return active.way;
}

/** The way to the host. @throws FareboxError `session/mode` for a session with any other way out than `mode`. */
export function expectHost(active: ActiveSession, mode: HostMode): HostWay {
  if (active.way.mode === 'display' || active.way.mode !== mode) throw otherMode(active);
  return active.way;
}

function otherMode({ session, way }: ActiveSession): FareboxError {
  return new FareboxError('session/mode', { session, mode: way.mode });
}

/** Stops a session in this tab: waits for what is being prepared, withholds what is not counted. All outcomes are durable on return. */
export async function stopActive(active: ActiveSession): Promise<void> {
  active.stopping = true;
  await Promise.allSettled([...active.way.inFlight.values()]);
  if (active.way.mode === 'display') await active.way.sink.stop();
}
