// A passkey beside the words of a backup: one that the module has already, or a new one.

import { equalBytes } from '../../../../protocol/bytes.ts';
import type { SurfaceAnswer, SurfaceQuestion } from '../../../frame-messages.ts';
import { element } from '../elements.ts';
import { findPasskey, makePasskey, type PasskeyResult } from '../passkey.ts';
import { refusal } from '../refusal.ts';
import type { Surface } from '../surface.ts';
import { withAuthenticator } from './passkeys.ts';

type BackupPasskey = Extract<SurfaceQuestion, { kind: 'backup-passkey' }>;

/** Answers `passkey`, `unavailable`, or why not. A try that came to nothing can be made again. */
export async function askBackupPasskey(
  surface: Surface,
  question: BackupPasskey,
  signal: AbortSignal,
): Promise<SurfaceAnswer> {
  const hasKnown = question.known.length > 0;
  let trouble: string | null = null;
  for (;;) {
    const outcome = await surface.ask({
      title: 'A passkey for this backup',
      trouble,
      content: [
        element(
          'p',
          {},
          'With it you get your module back wherever your device knows the passkey. The provider’s copy is found by it, too.',
        ),
        element(
          'p',
          { class: 'quiet' },
          'It is beside your twelve words, never instead of them: they open the backup also when the passkey is lost.',
        ),
      ],
      yes: hasKnown ? 'Use my passkey' : 'Make passkey',
      ...(hasKnown ? { other: 'Make another' } : {}),
      no: 'Not now',
    });
    if (outcome !== 'yes' && outcome !== 'other') return refusal(outcome);
    const isKnown = hasKnown && outcome === 'yes';
    const result = await withAuthenticator(surface, signal, (stop) =>
      isKnown ? findPasskey(question.prfSalt, stop) : makePasskey({ ...question, findable: true }, stop),
    );
    if (typeof result === 'object') {
      if (!isKnown || isOneOf(question.known, result)) return { kind: 'passkey', ...result };
      result.prfOutput.fill(0);
      trouble = 'That passkey belongs to something else. Choose the one of this module, or make another.';
    } else if (result === 'unavailable' && !isKnown) return { kind: 'unavailable' };
    else if (result !== 'unavailable' && result !== 'failed') return refusal(result);
    else trouble = isKnown ? NO_ANSWER : 'No passkey was made. Nothing has changed; you can try again.';
  }
}

// Found without its id, as a browser will have to that knows nothing of this module: a lock's passkey may not let itself be found.
const NO_ANSWER = 'Your passkey did not answer, or cannot be found without this browser. Try again, or make another.';

function isOneOf(known: readonly Uint8Array[], found: Extract<PasskeyResult, object>): boolean {
  return known.some((credentialId) => equalBytes(credentialId, found.credentialId));
}
