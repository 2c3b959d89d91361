// Open the lock with any factor that is set: a passkey, a passphrase, or either. The worker says whether it fits and asks again.

import type { SurfaceAnswer, SurfaceQuestion } from '../../../frame-messages.ts';
import { element } from '../elements.ts';
import { askPasskey } from '../passkey.ts';
import { passphraseField, passphraseOwner } from '../passphrase-field.ts';
import { refusal } from '../refusal.ts';
import type { Step, Surface } from '../surface.ts';
import { withAuthenticator } from './passkeys.ts';

type Unlock = Extract<SurfaceQuestion, { kind: 'unlock' }>;

/** Answers `passphrase`, `passkey`, `unavailable` where only a passkey is set and none can be asked, or why not. */
export async function askUnlock(surface: Surface, question: Unlock, signal: AbortSignal): Promise<SurfaceAnswer> {
  const { passphrase, passkeys, wrongTries } = question;
  const { row, field } = passphraseField('surface-passphrase', 'Passphrase', 'current-password');
  let trouble = wrongTries === 0 ? null : wrongWords(wrongTries);
  for (;;) {
    const byPassphrase: Pick<Step, 'missing' | 'focus'> = {
      missing: (button) => (button === 'yes' && field.value === '' ? 'Type your passphrase' : null),
      focus: field,
    };
    const outcome = await surface.ask({
      title: 'Unlock your module',
      trouble,
      content: [
        element('p', {}, 'Your module is locked. What it holds stays sealed until you open it.'),
        ...(passphrase ? [passphraseOwner(), row] : []),
      ],
      yes: passphrase ? 'Unlock' : 'Use your passkey',
      no: 'Not now',
      ...(passphrase ? byPassphrase : {}),
      ...(passphrase && passkeys.length > 0 ? { other: 'Use your passkey' } : {}),
    });
    if (outcome !== 'yes' && outcome !== 'other') return refusal(outcome);
    if (passphrase && outcome === 'yes') return { kind: 'passphrase', passphrase: field.value };
    const result = await withAuthenticator(surface, signal, (stop) => askPasskey(passkeys, stop));
    if (typeof result === 'object') return { kind: 'passkey', ...result };
    if (result === 'unavailable' && !passphrase) return { kind: 'unavailable' };
    if (result !== 'unavailable' && result !== 'failed') return refusal(result);
    trouble =
      result === 'failed'
        ? 'Your passkey did not answer. Nothing has changed; you can try again.'
        : 'This browser cannot use your passkey here. Type your passphrase.';
  }
}

function wrongWords(wrongTries: number): string {
  return `That did not open it. ${wrongTries === 1 ? 'One wrong try' : `${wrongTries} wrong tries`} so far.`;
}
