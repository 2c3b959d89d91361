// P3, s61–s65, the way out `display`: takes a delivered frame to the display, which counts it before it draws. Called by session-rooms.ts.
// Clear parts go to the display and nowhere else.

import { FareboxError } from '../../protocol/errors.ts';
import type { SealedPart } from '../commands.ts';
import type { Core } from '../core.ts';
import type { ClearParts, PreparedFrame } from '../frame-gateway.ts';
import { MODULE_LIMITS } from '../limits.ts';
import type { ActiveSession, DisplayWay } from './active-session.ts';
import { expectOneOfKind, openForDisplay } from './open-for-display.ts';
import { supplementFrame } from './supplement.ts';
import { type TakenFrame, takeFrame } from './take-frame.ts';

/** One delivery on its way. `onClosed` hears that the session was found closed by another tab. */
export type Delivery = {
  readonly core: Core;
  readonly active: ActiveSession;
  readonly way: DisplayWay;
  readonly frame: number;
  readonly parts: readonly SealedPart[];
  readonly onClosed: () => void;
};

/**
 * Answers when the frame is with the display. A second delivery of a frame in flight gets the first one's answer; of a frame that the display
 * holds without the sound or captions that are chosen now, it brings those.
 */
export async function deliverFrame(delivery: Delivery): Promise<{ readonly replay: boolean }> {
  const { active, frame, parts } = delivery;
  const { inFlight, sink } = delivery.way;
  expectOneOfKind(active.manifest, parts);
  const running = inFlight.get(frame);
  const lacking = sink.lacks(frame);
  if (parts.some(({ label }) => lacking.includes(label))) {
    await supplementFrame(delivery);
    return running ?? { replay: true };
  }
  if (running !== undefined) return running;
  if (inFlight.size >= MODULE_LIMITS.framesInFlight) {
    throw new FareboxError('frame/not-wanted', { frame });
  }
  const answer = prepare(delivery).catch((error: unknown) => {
    inFlight.delete(frame);
    throw error;
  });
  inFlight.set(frame, answer);
  return answer;
}

async function prepare(delivery: Delivery): Promise<{ readonly replay: boolean }> {
  const { core, active, way, frame, parts } = delivery;
  const { manifest } = active;
  const taken = await takeFrame({
    ...delivery,
    labels: parts.map(({ label }) => label),
    open: (leaf) => openForDisplay({ core, manifest, frame, leaf, parts }),
  });
  const prepared = preparedFrame(delivery, taken);
  if (active.stopping) await prepared.withhold();
  else way.sink.accept(prepared);
  return { replay: taken.replay };
}

function preparedFrame({ way, frame }: Delivery, taken: TakenFrame<ClearParts>): PreparedFrame {
  const { rung, replay } = taken;
  const landed = () => void way.inFlight.delete(frame);
  return {
    ...{ frame, rung, replay, parts: taken.taken },
    count: async ({ late }) => {
      await taken.count({ late, positionMs: Math.floor(way.sink.positionMs()) }).finally(landed);
    },
    withhold: () => taken.withhold().finally(landed),
  };
}
