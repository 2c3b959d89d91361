// The one way from a sealed frame to what may leave (docs/protocol.md §8, §18), whatever the way out: reserve durably, then derive and open;
// and only `count`, durable, lets it go. Called by deliver.ts for the display and by hand-over.ts for the host. Nothing here shows or sends
// anything, and a refusal that never reaches a key leaves no trace in the record.

import { FareboxError, toErrorData } from '../../protocol/errors.ts';
import { coversFrame } from '../../protocol/ranges.ts';
import type { Core } from '../core.ts';
import type { CommitDraft } from '../record/draft.ts';
import type { ActiveSession } from './active-session.ts';
import {
  countFrame,
  type FrameInTab,
  failFrame,
  type Meter,
  meterOf,
  type Reservation,
  reserveFrame,
} from './frame-life.ts';
import { rungOf } from './open-parts.ts';
import { openHeldLeaf } from './session-codec.ts';
import { allowsReplay } from './session-state.ts';

/** What is asked for. */
export type FrameToTake<Taken> = {
  readonly core: Core;
  readonly active: ActiveSession;
  readonly frame: number;
  /** Labels of the parts that are asked for; at least one. */
  readonly labels: readonly string[];
  /** Makes of the leaf (32 bytes) what is asked for. Called once the reservation is durable; what it throws is written down. */
  readonly open: (leaf: Uint8Array) => Promise<Taken>;
  /** Hears that the session was found closed by another tab. */
  readonly onClosed: () => void;
};

/** A frame that is open in this worker's memory and counted nowhere yet. Exactly one of `count`, `withhold` is called, once. */
export type TakenFrame<Taken> = {
  /** Label of the video part that was asked for, or of the first part. */
  readonly rung: string;
  /** True where this frame was counted before: opened again, not counted again. */
  readonly replay: boolean;
  readonly taken: Taken;
  /**
   * Durable `decrypted` entry; from then on it may leave. Says whether another tab had counted it meanwhile.
   * @throws FareboxError `session/closed`, `sequence/spent`, `frame/interrupted`, `store/*`: it may not leave.
   */
  count(outcome: { readonly late: boolean; readonly positionMs: number }): Promise<{ readonly replayed: boolean }>;
  /** Durable `failed` entry, `frame/withheld`: it will not leave from this opening. */
  withhold(): Promise<void>;
};

type Outcome = Extract<Parameters<Core['emit']>[0], { type: 'frame' }>['outcome'];
type Place = { readonly at: FrameInTab; readonly rung: string; readonly replay: boolean };

/** @throws FareboxError `session/not-active`, `session/closed`, `session/full`, `grant/*`, `sequence/*`, `frame/*`. */
export async function takeFrame<Taken>(asked: FrameToTake<Taken>): Promise<TakenFrame<Taken>> {
  const { core, active, frame } = asked;
  const { manifest, session } = active;
  if (active.stopping) throw new FareboxError('session/not-active', { session });
  expectGranted(active, frame);
  const rung = rungOf(manifest, frame, asked.labels);
  const at: FrameInTab = { session, frame, tab: core.tabId };
  return hearingClosed(asked, async () => {
    const reservation =
      takeFirst(active, frame, rung) ??
      (await core.committer.commit({ sessions: [session], apply: (draft) => reserveMarked(draft, at, rung, active) }));
    const place: Place = { at, rung, replay: reservation.kind === 'counted' };
    const leaf = reservation.kind === 'counted' ? await openHeld(core, at) : reservation.leaf;
    try {
      return takenFrame(asked, place, await active.openingTurns(() => asked.open(leaf)));
    } catch (error) {
      await recordFailure(core, place, error);
      throw error;
    }
  });
}

/** What was reserved with the session, once. Another rung than was said is reserved by itself: the record says which key was made for what. */
function takeFirst(active: ActiveSession, frame: number, rung: string): Reservation | null {
  const { first } = active;
  if (first === null || first.frame !== frame || first.rung !== rung) return null;
  active.first = null;
  return { kind: 'reserved', leaf: first.leaf };
}

/** @throws FareboxError `grant/expired`, `grant/not-covered`. */
export function expectGranted({ terms, time }: Pick<ActiveSession, 'terms' | 'time'>, frame: number): void {
  time.expectGranted();
  if (!coversFrame(terms.granted, frame)) throw new FareboxError('grant/not-covered', { frame });
}

/** Of an offline session the time is written down with every frame, shown again or not: watching takes the term on, whatever the clock says. */
function reserveMarked(draft: CommitDraft, at: FrameInTab, rung: string, { terms, time }: ActiveSession): Reservation {
  const reservation = reserveFrame(draft, at, rung);
  if (terms.offline) {
    const { progress } = draft.change(at.session);
    progress.mark = Math.max(progress.mark, time.now());
  }
  return reservation;
}

function takenFrame<Taken>(asked: FrameToTake<Taken>, place: Place, taken: Taken): TakenFrame<Taken> {
  const { core } = asked;
  const { at, rung, replay } = place;
  let settled = false;
  const settle = <T>(run: () => Promise<T>): Promise<T> => {
    if (settled) return Promise.reject(new FareboxError('module/internal', { frame: at.frame, settled }));
    settled = true;
    return hearingClosed(asked, run);
  };
  return {
    ...{ rung, replay, taken },
    count: ({ late, positionMs }) =>
      settle(async () => {
        if (replay) {
          emitOutcome(core, place, 'replayed', await readMeter(core, place), { late, code: null });
          return { replayed: true };
        }
        const { replayed, meter } = await core.committer.commit({
          sessions: [at.session],
          apply: (draft) => countFrame(draft, at, { rung, late, positionMs }),
        });
        emitOutcome(core, place, replayed ? 'replayed' : 'decrypted', meter, { late, code: null });
        return { replayed };
      }),
    withhold: () =>
      settle(async () => {
        if (replay) return;
        const meter = await core.committer.commit({
          sessions: [at.session],
          apply: (draft) => failFrame(draft, at, 'frame/withheld'),
        });
        emitOutcome(core, place, 'withheld', meter, { late: false, code: 'frame/withheld' });
      }),
  };
}

async function hearingClosed<T>({ onClosed }: Pick<FrameToTake<unknown>, 'onClosed'>, run: () => Promise<T>) {
  try {
    return await run();
  } catch (error) {
    if (error instanceof FareboxError && error.code === 'session/closed') onClosed();
    throw error;
  }
}

/** The leaf of a counted frame, under the replay policy. @throws FareboxError `session/closed`, `sequence/spent`. */
export async function openHeld(core: Core, at: Pick<FrameInTab, 'session' | 'frame'>): Promise<Uint8Array> {
  const loaded = await core.committer.read(at.session);
  if (loaded === null || loaded.secretsKey === null) throw new FareboxError('session/closed', { session: at.session });
  const row = allowsReplay(loaded.terms.replay, core.clock.now()) ? await core.store.held(at.session, at.frame) : null;
  if (row === null) throw new FareboxError('sequence/spent', { frame: at.frame });
  return openHeldLeaf(row, at.frame, loaded.secretsKey);
}

/** A copy that does not open is written down; a bad copy of a frame counted before changes nothing of the record. */
async function recordFailure(core: Core, place: Place, error: unknown): Promise<void> {
  const { code } = toErrorData(error);
  const meter = place.replay
    ? await readMeter(core, place)
    : await core.committer.commit({
        sessions: [place.at.session],
        apply: (draft) => failFrame(draft, place.at, code),
      });
  emitOutcome(core, place, 'failed', meter, { late: false, code });
}

/** The meter of a replay. Asks the store itself: nothing is committed here that would notice a session closed in another tab. */
async function readMeter(core: Core, { at }: Place): Promise<Meter> {
  const row = await core.store.session(at.session);
  const loaded = await core.committer.read(at.session);
  if (row?.state !== 'open' || loaded === null) throw new FareboxError('session/closed', { session: at.session });
  return meterOf(loaded);
}

function emitOutcome(
  core: Core,
  { at, rung }: Place,
  outcome: Outcome,
  meter: Meter,
  how: { readonly late: boolean; readonly code: ReturnType<typeof toErrorData>['code'] | null },
): void {
  core.emit({ type: 'frame', session: at.session, frame: at.frame, outcome, rung, ...how, ...meter });
}
