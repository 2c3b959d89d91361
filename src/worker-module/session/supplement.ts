// Parts that a frame which the display holds already lacks: the sound or the captions that the person has chosen since it came
// (docs/protocol.md §19). Called by deliver.ts. The frame was reserved, or counted, with its first parts, so nothing is recorded here and
// nothing can be counted twice: a count is of a frame, not of its parts.

import { FareboxError } from '../../protocol/errors.ts';
import type { SealedPart } from '../commands.ts';
import type { Core } from '../core.ts';
import type { ActiveSession, DisplayWay } from './active-session.ts';
import { openForDisplay } from './open-for-display.ts';
import { expectGranted, openHeld } from './take-frame.ts';

/** Parts of one frame, for the display that holds it. */
export type Supplement = {
  readonly core: Core;
  readonly active: ActiveSession;
  readonly way: DisplayWay;
  readonly frame: number;
  readonly parts: readonly SealedPart[];
};

/**
 * Opens what the display lacks of this frame and gives it to the display; the rest is dropped unopened.
 * @throws FareboxError `session/not-active`, `session/closed`, `grant/*`, `sequence/spent` (counted, and its key is gone), `frame/*`.
 */
export async function supplementFrame(given: Supplement): Promise<void> {
  const { core, active, way, frame } = given;
  if (active.stopping) throw new FareboxError('session/not-active', { session: active.session });
  expectGranted(active, frame);
  const lacking = way.sink.lacks(frame);
  const parts = given.parts.filter(({ label }) => lacking.includes(label));
  if (parts.length === 0) return;
  const leaf = await leafOf(core, active, frame);
  const opened = await active.openingTurns(() => openForDisplay({ ...given, manifest: active.manifest, leaf, parts }));
  if (!active.stopping) way.sink.supplement(frame, opened);
}

/** The leaf of a frame reserved and not counted, or of one counted that may be shown again. */
async function leafOf(core: Core, { session }: ActiveSession, frame: number): Promise<Uint8Array> {
  const loaded = await core.committer.read(session);
  const pending = loaded?.secrets?.pending.get(frame);
  return pending ?? openHeld(core, { session, frame });
}
