// Recovery words and the person: shows them once, asks for them, on the module's own surface. Called by the backup commands. Words and
// entropy never reach the host, and no error carries one.

import { FareboxError } from '../../protocol/errors.ts';
import { decodeRecoveryWords } from '../../protocol/recovery-words.ts';
import type { Surroundings } from '../core.ts';
import type { SurfaceAnswer } from '../frame-messages.ts';
import { BACKUP_LIMITS } from './backup-limits.ts';

type Asking = Pick<Surroundings, 'ask'>;

/** Shows twelve words; returns when the person has written them down. @throws FareboxError `consent/*`. */
export async function showWords({ ask }: Asking, words: readonly string[]): Promise<void> {
  const answer = await ask({ kind: 'show-words', words });
  if (answer.kind !== 'approved') throw notGiven(answer);
}

/**
 * Asks for the words until `use` takes the entropy (16 bytes) behind them; the caller wipes it. A few times: a slip is no reason to begin again.
 * @throws FareboxError `consent/*`, `backup/words`, `backup/wrong-words` after the last try, and what else `use` throws.
 */
export async function askWords<Value>(
  { ask }: Asking,
  use: (entropy: Uint8Array) => Promise<Value>,
): Promise<{ readonly entropy: Uint8Array; readonly value: Value }> {
  for (let tries = 1; ; tries += 1) {
    const answer = await ask({ kind: 'ask-words', wrong: tries > 1 });
    if (answer.kind !== 'words') throw notGiven(answer);
    try {
      const entropy = decodeRecoveryWords(answer.words);
      return { entropy, value: await use(entropy) };
    } catch (error) {
      const isSlip = error instanceof FareboxError && SLIPS.has(error.code);
      if (!isSlip || tries >= BACKUP_LIMITS.wordTries) throw error;
    }
  }
}

const SLIPS: ReadonlySet<string> = new Set(['backup/words', 'backup/wrong-words']);

function notGiven({ kind }: SurfaceAnswer): FareboxError {
  return new FareboxError(kind === 'covered' ? 'consent/covered' : 'consent/refused');
}
