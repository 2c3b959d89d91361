// P3, s61–s65: takes a delivered frame to the display. The order is the promise: reserve durably, then derive and open, then hand over;
// the display counts durably before it draws. Called by commands/. A refusal that never reaches a key leaves no trace in the record.

import { FareboxError, toErrorData } from '../../protocol/errors.ts';
import { coversFrame } from '../../protocol/ranges.ts';
import type { SealedPart } from '../commands.ts';
import type { Core } from '../core.ts';
import type { PreparedFrame } from '../frame-gateway.ts';
import { MODULE_LIMITS } from '../limits.ts';
import type { ActiveSession } from './active-session.ts';
import { countFrame, type FrameInTab, failFrame, type Meter, meterOf, reserveFrame } from './frame-life.ts';
import { openParts, rungOf } from './open-parts.ts';
import { openHeldLeaf } from './session-codec.ts';
import { allowsReplay } from './session-state.ts';

/** One delivery on its way. `onClosed` hears that the session was found closed by another tab. */
export type Delivery = {
  readonly core: Core;
  readonly active: ActiveSession;
  readonly frame: number;
  readonly parts: readonly SealedPart[];
  readonly onClosed: () => void;
};

type Outcome = Extract<Parameters<Core['emit']>[0], { type: 'frame' }>['outcome'];
type Prepared = { readonly at: FrameInTab; readonly rung: string; readonly replay: boolean };

/** Answers when the frame is with the display. A second delivery of a frame in flight gets the first one's answer. */
export function deliverFrame(delivery: Delivery): Promise<{ readonly replay: boolean }> {
  const { active, frame } = delivery;
  const running = active.inFlight.get(frame);
  if (running !== undefined) return running;
  if (active.inFlight.size >= MODULE_LIMITS.framesInFlight) {
    return Promise.reject(new FareboxError('frame/not-wanted', { frame }));
  }
  const answer = prepare(delivery).catch((error: unknown) => {
    active.inFlight.delete(frame);
    if (error instanceof FareboxError && error.code === 'session/closed') delivery.onClosed();
    throw error;
  });
  active.inFlight.set(frame, answer);
  return answer;
}

async function prepare(delivery: Delivery): Promise<{ readonly replay: boolean }> {
  const { core, active, frame, parts } = delivery;
  const { terms, manifest, session } = active;
  if (active.stopping) throw new FareboxError('session/not-active', { session });
  if (core.clock.now() >= terms.expires) throw new FareboxError('grant/expired', { expires: terms.expires });
  if (!coversFrame(terms.granted, frame)) throw new FareboxError('grant/not-covered', { frame });
  const rung = rungOf(manifest, frame, parts);
  const at: FrameInTab = { session, frame, tab: core.tabId };
  const reservation = await core.committer.commit({
    sessions: [session],
    apply: (draft) => reserveFrame(draft, at, rung),
  });
  const prepared: Prepared = { at, rung, replay: reservation.kind === 'counted' };
  const leaf = reservation.kind === 'counted' ? await openHeld(core, at) : reservation.leaf;
  let clear: ReadonlyMap<string, Uint8Array>;
  try {
    clear = await active.openingTurns(() => openParts({ manifest, frame, leaf, parts, suite: core.suite }));
  } catch (error) {
    await recordFailure(core, prepared, error);
    throw error;
  }
  const handedOver = preparedFrame(delivery, prepared, clear);
  if (active.stopping) await handedOver.withhold();
  else active.sink.accept(handedOver);
  return { replay: prepared.replay };
}

/** The leaf of a counted frame, under the replay policy. @throws FareboxError `session/closed`, `sequence/spent`. */
async function openHeld(core: Core, at: FrameInTab): Promise<Uint8Array> {
  const loaded = await core.committer.read(at.session);
  if (loaded === null || loaded.secretsKey === null) throw new FareboxError('session/closed', { session: at.session });
  const row = allowsReplay(loaded.terms.replay, core.clock.now()) ? await core.store.held(at.session, at.frame) : null;
  if (row === null) throw new FareboxError('sequence/spent', { frame: at.frame });
  return openHeldLeaf(row, at.frame, loaded.secretsKey);
}

/** A copy that does not open is written down; a bad copy of a frame counted before changes nothing of the record. */
async function recordFailure(core: Core, prepared: Prepared, error: unknown): Promise<void> {
  const { code } = toErrorData(error);
  const meter = prepared.replay
    ? await readMeter(core, prepared)
    : await core.committer.commit({
        sessions: [prepared.at.session],
        apply: (draft) => failFrame(draft, prepared.at, code),
      });
  emitOutcome(core, prepared, 'failed', meter, { late: false, code });
}

function preparedFrame(delivery: Delivery, prepared: Prepared, parts: ReadonlyMap<string, Uint8Array>): PreparedFrame {
  const { core, active } = delivery;
  const { at, rung, replay } = prepared;
  let settled = false;
  const settle = async <T>(run: () => Promise<T>): Promise<T> => {
    if (settled) throw new FareboxError('module/internal', { frame: at.frame, settled });
    settled = true;
    try {
      return await run();
    } catch (error) {
      if (error instanceof FareboxError && error.code === 'session/closed') delivery.onClosed();
      throw error;
    } finally {
      active.inFlight.delete(at.frame);
    }
  };
  return {
    frame: at.frame,
    rung,
    parts,
    replay,
    count: ({ late }) =>
      settle(async () => {
        if (replay) {
          emitOutcome(core, prepared, 'replayed', await readMeter(core, prepared), { late, code: null });
          return;
        }
        const positionMs = Math.floor(active.sink.positionMs());
        const counted = await core.committer.commit({
          sessions: [at.session],
          apply: (draft) => countFrame(draft, at, { rung, late, positionMs }),
        });
        emitOutcome(core, prepared, counted.replayed ? 'replayed' : 'decrypted', counted.meter, { late, code: null });
      }),
    withhold: () =>
      settle(async () => {
        if (replay) return;
        const meter = await core.committer.commit({
          sessions: [at.session],
          apply: (draft) => failFrame(draft, at, 'frame/withheld'),
        });
        emitOutcome(core, prepared, 'withheld', meter, { late: false, code: 'frame/withheld' });
      }),
  };
}

/** The meter of a replay. Asks the store itself: nothing is committed here that would notice a session closed in another tab. */
async function readMeter(core: Core, { at }: Prepared): Promise<Meter> {
  const row = await core.store.session(at.session);
  const loaded = await core.committer.read(at.session);
  if (row?.state !== 'open' || loaded === null) throw new FareboxError('session/closed', { session: at.session });
  return meterOf(loaded);
}

function emitOutcome(
  core: Core,
  { at, rung }: Prepared,
  outcome: Outcome,
  meter: Meter,
  how: { readonly late: boolean; readonly code: ReturnType<typeof toErrorData>['code'] | null },
): void {
  core.emit({ type: 'frame', session: at.session, frame: at.frame, outcome, rung, ...how, ...meter });
}
