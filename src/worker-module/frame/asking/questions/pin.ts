// Choose a PIN, typed twice, or type the one there is. It goes to the worker and nowhere else: neither the page around nor the provider
// ever has it. What people try first is told, and never refused.

import type { SurfaceAnswer, SurfaceQuestion } from '../../../frame-messages.ts';
import { element } from '../elements.ts';
import { missingDigits, type PinField, pinField } from '../pin-field.ts';
import { isOftenTried } from '../pin-hint.ts';
import { refusal } from '../refusal.ts';
import type { Outcome, Surface } from '../surface.ts';

/** Answers `pin`, 4 to 12 digits, once it was typed twice alike, or why not. */
export async function askNewPin(
  surface: Surface,
  { application, party }: Extract<SurfaceQuestion, { kind: 'new-pin' }>,
): Promise<SurfaceAnswer> {
  let trouble: string | null = null;
  for (;;) {
    const hint = element('p', { class: 'strength', role: 'status' });
    const first = pinField('surface-pin', 'New PIN', hint);
    tellIfOftenTried(first, hint);
    const chosen = await surface.ask({
      title: `Choose a PIN for “${application}”`,
      trouble,
      content: [
        partyLine(party),
        element(
          'p',
          { class: 'quiet' },
          'With it you open this application, so take one that you have for no other. Nobody can tell you what it was: if you forget it, choose again.',
        ),
        first.row,
      ],
      yes: 'Go on',
      no: 'Not now',
      missing: () => missingDigits(first.digits()),
      focus: first.field,
    });
    const pin = first.take();
    if (chosen !== 'yes') return refusalOf(chosen);
    const again = await askAgain(surface, application, pin);
    if (again === 'same') return { kind: 'pin', pin };
    if (again !== 'different') return refusalOf(again);
    trouble = 'These were two different PINs. Choose it again.';
  }
}

/** Whether the same PIN was typed; how it ended where the person went away from it. */
async function askAgain(
  surface: Surface,
  application: string,
  pin: string,
): Promise<'same' | 'different' | Exclude<Outcome, 'yes'>> {
  const second = pinField('surface-pin-again', 'The same PIN again');
  const outcome = await surface.ask({
    title: `Your PIN for “${application}”, once more`,
    content: [element('p', { class: 'quiet' }, 'So that you know it was not a slip.'), second.row],
    yes: 'Set PIN',
    no: 'Not now',
    missing: () => missingDigits(second.digits()),
    focus: second.field,
  });
  const typed = second.take();
  if (outcome !== 'yes') return outcome;
  return typed === pin ? 'same' : 'different';
}

/** Answers `pin`, or why not. Whether it is right is not known here, nor in the module. */
export async function askPin(
  surface: Surface,
  { party }: Extract<SurfaceQuestion, { kind: 'pin' }>,
): Promise<SurfaceAnswer> {
  const { row, field, digits, take } = pinField('surface-pin', 'PIN');
  const outcome = await surface.ask({
    title: 'Type your PIN',
    content: [
      partyLine(party),
      element('p', { class: 'quiet' }, 'It says which application to open, and stays in your module.'),
      row,
    ],
    yes: 'Open',
    no: 'Not now',
    missing: () => missingDigits(digits()),
    focus: field,
  });
  const pin = take();
  return outcome === 'yes' ? { kind: 'pin', pin } : refusalOf(outcome);
}

function refusalOf(outcome: Exclude<Outcome, 'yes'>): SurfaceAnswer {
  return refusal(outcome === 'other' ? 'no' : outcome);
}

function partyLine(party: string): HTMLElement {
  return element('p', { class: 'party' }, element('span', { class: 'quiet' }, 'At '), element('strong', {}, party));
}

/** Says so where the PIN in the field is one that people try first. */
function tellIfOftenTried({ field, digits }: PinField, hint: HTMLElement): void {
  field.addEventListener('input', () => {
    const isWeak = missingDigits(digits()) === null && isOftenTried(digits());
    hint.setAttribute('data-strength', isWeak ? 'weak' : '');
    hint.textContent = isWeak ? 'Easy to guess: many people try it first.' : '';
  });
}
