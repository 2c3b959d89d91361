// A card for a provider: number, expiry, verification value, and its PIN where the person gives it. Typed here so that the page around never
// has it; the worker conceals it for the provider. A browser may fill it in, and a slip is said while it is typed.

import { isCardNumber, isExpiryOver } from '../../../../protocol/derived-keys/card-digits.ts';
import type { SurfaceAnswer, SurfaceQuestion } from '../../../frame-messages.ts';
import { groupExpiry, groupNumber, readExpiry, troubleOfExpiry, troubleOfNumber } from '../card-text.ts';
import { element, warningSign } from '../elements.ts';
import { digitsOf, missingDigits } from '../pin-field.ts';
import { refusal } from '../refusal.ts';
import type { Surface } from '../surface.ts';

/** Answers `card`, digits alone and `expiry` as `YYYY-MM`, or why not. */
export async function askCard(
  surface: Surface,
  { party }: Extract<SurfaceQuestion, { kind: 'card' }>,
): Promise<SurfaceAnswer> {
  const number = digitField({ id: 'surface-card-number', label: 'Card number', autocomplete: 'cc-number', digits: 23 });
  const expiry = digitField({ id: 'surface-card-expiry', label: 'Expiry, MM/YY', autocomplete: 'cc-exp', digits: 7 });
  const verification = digitField({
    ...{ id: 'surface-card-verification', label: 'Verification value', autocomplete: 'cc-csc', digits: 4 },
  });
  const pin = digitField({
    id: 'surface-card-pin',
    label: 'Card PIN, if you are asked for it',
    autocomplete: 'off',
    digits: 12,
  });
  pin.field.type = 'password';
  regroup(number.field, groupNumber, digitsOf);
  regroup(expiry.field, groupExpiry, (typed) => typed.replace(/[^\d/]/g, ''));
  for (const { field } of [verification, pin]) regroup(field, digitsOf, digitsOf);
  sayTrouble(number, (text, isDone) => troubleOfNumber(digitsOf(text), isDone));
  sayTrouble(expiry, (text, isDone) => troubleOfExpiry(text, Date.now(), isDone));

  const outcome = await surface.ask({
    title: 'Give a card to this provider?',
    content: [
      element('p', { class: 'party' }, element('span', { class: 'quiet' }, 'To '), element('strong', {}, party)),
      number.row,
      element('div', { class: 'side-by-side' }, expiry.row, verification.row),
      pin.row,
      element(
        'ul',
        { class: 'lines' },
        element('li', {}, 'The provider keeps number and expiry. The verification value and PIN are not kept.'),
        element('li', {}, 'The page around this window never has any of it.'),
      ),
    ],
    yes: 'Give this card',
    no: 'Not now',
    missing: () => missingOf(number, expiry, verification, pin),
    focus: number.field,
  });
  const given = {
    number: digitsOf(take(number)),
    expiry: readExpiry(take(expiry)),
    verification: take(verification),
    pin: take(pin),
  };
  if (outcome !== 'yes') return refusal(outcome === 'other' ? 'no' : outcome);
  if (given.expiry === null) throw new Error('a card was given without its expiry');
  return { kind: 'card', ...given, expiry: given.expiry, pin: given.pin === '' ? null : given.pin };
}

type DigitField = { readonly row: HTMLElement; readonly field: HTMLInputElement; readonly note: HTMLElement };

/** A field for digits; a note under it says what is wrong. `digits`: the most characters that it takes. */
function digitField(made: {
  readonly id: string;
  readonly label: string;
  readonly autocomplete: string;
  readonly digits: number;
}): DigitField {
  const { id, label, autocomplete, digits } = made;
  const noteId = `${id}-note`;
  const field = element('input', {
    ...{ id, type: 'text', class: 'digits', inputmode: 'numeric', autocomplete, maxlength: String(digits) },
    ...{ autocapitalize: 'none', autocorrect: 'off', spellcheck: 'false', 'aria-describedby': noteId },
  });
  const note = element('p', { id: noteId, class: 'slip', role: 'status' });
  const row = element('div', { class: 'field' }, element('label', { for: id }, label), field, note);
  return { row, field, note };
}

/** Sets what is typed in its groups, and leaves the caret behind the digit that it stood behind. */
function regroup(field: HTMLInputElement, group: (digits: string) => string, clean: (typed: string) => string): void {
  field.addEventListener('input', () => {
    const caret = field.selectionStart ?? field.value.length;
    const isAtEnd = caret === field.value.length;
    const before = digitsOf(field.value.slice(0, caret)).length;
    const grouped = group(clean(field.value));
    if (grouped === field.value) return;
    field.value = grouped;
    const place = isAtEnd ? grouped.length : behindDigit(grouped, before);
    field.setSelectionRange(place, place);
  });
}

/** The place behind the digit of this number, from 1. */
function behindDigit(text: string, digit: number): number {
  let place = 0;
  for (let seen = 0; seen < digit && place < text.length; place += 1) if (/\d/.test(text[place] ?? '')) seen += 1;
  return place;
}

/** Says what is wrong: while it is typed where that is known already, else when the person goes on. */
function sayTrouble({ field, note }: DigitField, troubleOf: (text: string, isDone: boolean) => string | null): void {
  const say = (isDone: boolean) => {
    const words = troubleOf(field.value, isDone) ?? '';
    if (note.textContent !== words) note.replaceChildren(...(words === '' ? [] : [warningSign(), words]));
    if (words === '') field.removeAttribute('aria-invalid');
    else field.setAttribute('aria-invalid', 'true');
  };
  field.addEventListener('input', () => say(false));
  field.addEventListener('blur', () => say(true));
}

function missingOf(number: DigitField, expiry: DigitField, verification: DigitField, pin: DigitField): string | null {
  const date = readExpiry(expiry.field.value);
  if (number.field.value === '') return 'Type the number of your card';
  if (!isCardNumber(digitsOf(number.field.value))) return 'Look at the card number again';
  if (date === null) return 'Type when your card runs out';
  if (isExpiryOver(date, Date.now())) return 'This card has run out';
  if (verification.field.value.length < 3) return 'Type the three or four digits on the back';
  // It may stay empty.
  return pin.field.value === '' || missingDigits(pin.field.value) === null ? null : 'A PIN has 4 digits or more';
}

function take({ field }: DigitField): string {
  const typed = field.value;
  field.value = '';
  return typed;
}
