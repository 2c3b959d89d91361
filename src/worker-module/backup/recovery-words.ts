// Shows the recovery words, once, on the module's own surface. Called when a backup is made. Words never reach the host, and no error
// carries one. Asking for them again is in recovery-proof.ts.

import { FareboxError } from '../../protocol/errors.ts';
import type { Surroundings } from '../core.ts';
import type { SurfaceAnswer } from '../frame-messages.ts';

/** Shows twelve words; returns when the person has written them down. @throws FareboxError `consent/*`. */
export async function showWords({ ask }: Pick<Surroundings, 'ask'>, words: readonly string[]): Promise<void> {
  const answer = await ask({ kind: 'show-words', words });
  if (answer.kind !== 'approved') throw notGiven(answer);
}

/** Why the person gave nothing, from an answer that is none. */
export function notGiven({ kind }: SurfaceAnswer): FareboxError {
  return new FareboxError(kind === 'covered' ? 'consent/covered' : 'consent/refused');
}
