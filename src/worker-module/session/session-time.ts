// The time by which a session's grant ends. Of most it is the module's clock; of an offline one it goes on from the latest that was written
// down (docs/protocol.md §21), so that setting the clock back does not lengthen what was granted. Called where frames and previews are asked for.

import { FareboxError } from '../../protocol/errors.ts';
import type { Clock } from '../clock.ts';
import type { LoadedSession } from './session-state.ts';

/** A clock that is behind moves the time on by this at most between two questions, which come with every frame: one that is put right again costs no more. */
const STEP_MS = 60_000;

/** Tells the session's time in this tab. */
export type SessionTime = {
  /** Milliseconds since 1970; of an offline session never less than before. */
  now(): number;
  /** @throws FareboxError `grant/expired` at the end of the grant and after it. */
  expectGranted(): void;
};

/** The session's time, going on from what was written down of it. */
export function makeSessionTime(
  clock: Pick<Clock, 'now'>,
  { terms, progress }: Pick<LoadedSession, 'terms' | 'progress'>,
): SessionTime {
  const { expires, offline } = terms;
  let seen = clock.now();
  let time = Math.max(progress.mark, seen);
  const now = (): number => {
    const read = clock.now();
    if (!offline) return read;
    time = Math.max(read, time + Math.min(Math.max(0, read - seen), STEP_MS));
    seen = read;
    return time;
  };
  return {
    now,
    expectGranted() {
      if (now() >= expires) throw new FareboxError('grant/expired', { expires });
    },
  };
}
