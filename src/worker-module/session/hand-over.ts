// The weaker ways out (docs/protocol.md §18): what leaves for the host in `frames` is the clear parts of a frame, in `keys` the base keys of
// its parts. Called by session-rooms.ts for a session whose grant names that way, and for no other. Each is counted, durably, before it leaves.

import { FareboxError } from '../../protocol/errors.ts';
import type { ClearPart, PartKey, SealedPart } from '../commands.ts';
import type { Core } from '../core.ts';
import { MODULE_LIMITS } from '../limits.ts';
import type { ActiveSession, HostWay } from './active-session.ts';
import { derivePartKeys, openParts } from './open-parts.ts';
import { takeFrame } from './take-frame.ts';

/** One frame that the host asks for. `onClosed` hears that the session was found closed by another tab. */
export type HandOver = {
  readonly core: Core;
  readonly active: ActiveSession;
  readonly way: HostWay;
  readonly frame: number;
  readonly onClosed: () => void;
};

/** The clear parts, once the frame is counted. @throws FareboxError as takeFrame; `frame/not-wanted` beyond what may be in flight. */
export async function handOverFrame(
  asked: HandOver,
  parts: readonly SealedPart[],
): Promise<{ readonly replay: boolean; readonly parts: readonly ClearPart[] }> {
  const { core, active, frame } = asked;
  const { manifest } = active;
  const labels = parts.map(({ label }) => label);
  const open = (leaf: Uint8Array) => openParts({ manifest, frame, leaf, parts, suite: core.suite });
  const { replay, taken } = await handOver(asked, labels, open);
  return { replay, parts: [...taken].map(([label, clear]) => ({ label, clear: alone(clear) })) };
}

/** The base keys of the named parts, once the frame is counted. @throws FareboxError as handOverFrame. */
export async function handOverKeys(
  asked: HandOver,
  labels: readonly string[],
): Promise<{ readonly replay: boolean; readonly keys: readonly PartKey[] }> {
  const { core, active, frame } = asked;
  const { manifest } = active;
  const open = (leaf: Uint8Array) => derivePartKeys({ manifest, frame, leaf, labels, suite: core.suite });
  const { replay, taken } = await handOver(asked, labels, open);
  return { replay, keys: [...taken].map(([label, key]) => ({ label, key: alone(key) })) };
}

/** In a buffer of their own: what is posted takes the whole buffer with it, and whatever else lies there. */
function alone(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes);
}

function handOver<Taken>(
  asked: HandOver,
  labels: readonly string[],
  open: (leaf: Uint8Array) => Promise<Taken>,
): Promise<{ readonly replay: boolean; readonly taken: Taken }> {
  const { way, frame } = asked;
  // Parts of one frame may be asked for side by side (picture and sound have requests of their own): each is a reservation, one is the count.
  if (way.inFlight.size >= MODULE_LIMITS.framesInFlight) {
    return Promise.reject(new FareboxError('frame/not-wanted', { frame }));
  }
  const answer = countAndGive(asked, labels, open).finally(() => way.inFlight.delete(answer));
  way.inFlight.add(answer);
  return answer;
}

async function countAndGive<Taken>(
  asked: HandOver,
  labels: readonly string[],
  open: (leaf: Uint8Array) => Promise<Taken>,
): Promise<{ readonly replay: boolean; readonly taken: Taken }> {
  const { active, frame } = asked;
  const frameTaken = await takeFrame({ ...asked, labels, open });
  if (active.stopping) {
    await frameTaken.withhold();
    throw new FareboxError('session/not-active', { session: active.session });
  }
  // When the host shows it is the host's affair: the module says only that it left.
  const positionMs = frame * active.terms.frameDurationMs;
  const { replayed } = await frameTaken.count({ late: false, positionMs });
  return { replay: replayed, taken: frameTaken.taken };
}
