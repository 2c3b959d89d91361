// Choose a passphrase, typed twice, with a word on how strong it is.

import type { SurfaceAnswer, SurfaceQuestion } from '../../../frame-messages.ts';
import { element } from '../elements.ts';
import { passphraseField, passphraseOwner } from '../passphrase-field.ts';
import { strengthOf } from '../passphrase-strength.ts';
import { refusal } from '../refusal.ts';
import type { Surface } from '../surface.ts';

const STRENGTH_WORDS = { weak: 'Easy to guess', fair: 'Fair', strong: 'Strong' } as const;

/** Answers `passphrase` as it was typed, of at least `minLength` UTF-16 units, or why not. */
export async function askNewPassphrase(
  surface: Surface,
  { minLength }: Extract<SurfaceQuestion, { kind: 'new-passphrase' }>,
): Promise<SurfaceAnswer> {
  const first = passphraseField('surface-passphrase', 'Passphrase', 'new-password');
  const second = passphraseField('surface-passphrase-again', 'The same again', 'new-password');
  const meter = element('p', { class: 'strength', role: 'status' });
  first.field.addEventListener('input', () => {
    const strength = strengthOf(first.field.value);
    meter.setAttribute('data-strength', strength);
    meter.textContent = first.field.value === '' ? '' : STRENGTH_WORDS[strength];
  });
  const missing = () => {
    if (first.field.value.length < minLength) return `Use ${minLength} characters or more`;
    return first.field.value === second.field.value ? null : 'Type the same passphrase twice';
  };
  const outcome = await surface.ask({
    title: 'Choose a passphrase',
    content: [
      element('p', {}, 'It opens your module on this device. Four or five unrelated words are good.'),
      element('p', { class: 'quiet' }, 'Nobody can give it back to you if you forget it.'),
      passphraseOwner(),
      first.row,
      meter,
      second.row,
    ],
    yes: 'Set passphrase',
    no: 'Not now',
    missing,
    focus: first.field,
  });
  if (outcome !== 'yes') return refusal(outcome === 'other' ? 'no' : outcome);
  return { kind: 'passphrase', passphrase: first.field.value };
}
