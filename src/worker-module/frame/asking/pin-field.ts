// A field for a PIN with a number pad under it: one value, whether it is typed, pressed or read out. The field shows dots, takes digits
// alone, and keeps nothing once it was read. The pad has no place in the order of the Tab key, since the field takes the same digits.

import { FRAME_LIMITS } from '../frame-limits.ts';
import { backSign, element } from './elements.ts';

/** What to put on the surface, the field in it, and the PIN. */
export type PinField = {
  readonly row: HTMLElement;
  readonly field: HTMLInputElement;
  /** The digits so far. */
  digits(): string;
  /** The digits; the field is empty afterwards. */
  take(): string;
};

/** `id` is unique on the surface; `note` stands between field and pad. */
export function pinField(id: string, label: string, note: HTMLElement | null = null): PinField {
  const field = element('input', {
    ...{ id, type: 'password', class: 'pin', inputmode: 'numeric', autocomplete: 'off' },
    ...{
      maxlength: String(FRAME_LIMITS.pinMaxDigits),
      autocapitalize: 'none',
      autocorrect: 'off',
      spellcheck: 'false',
    },
  });
  const change = (digits: string) => {
    field.value = digits.slice(0, FRAME_LIMITS.pinMaxDigits);
    // The surface looks at what is missing as if it had been typed.
    field.dispatchEvent(new Event('input', { bubbles: true }));
  };
  field.addEventListener('input', () => {
    const digits = digitsOf(field.value);
    if (field.value !== digits) field.value = digits;
  });
  const row = element(
    'div',
    { class: 'field pin' },
    element('label', { for: id }, label),
    field,
    ...(note === null ? [] : [note]),
    numberPad(label, (key) => change(key === 'back' ? field.value.slice(0, -1) : field.value + key)),
  );
  return {
    row,
    field,
    digits: () => field.value,
    take: () => {
      const digits = field.value;
      field.value = '';
      return digits;
    },
  };
}

/** What is still missing of a PIN, in words, or null. */
export function missingDigits(digits: string): string | null {
  const left = FRAME_LIMITS.pinMinDigits - digits.length;
  if (left <= 0) return null;
  if (digits === '') return `Type ${FRAME_LIMITS.pinMinDigits} digits or more`;
  return left === 1 ? 'One more digit' : `${left} more digits`;
}

/** Digits and nothing else, of whatever was typed or pasted. */
export function digitsOf(typed: string): string {
  return typed.replace(/\D/g, '');
}

function numberPad(label: string, press: (key: string) => void): HTMLElement {
  const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '0', 'back'].map((key) => {
    const isBack = key === 'back';
    const attributes = { type: 'button', tabindex: '-1', class: isBack ? 'back' : null };
    const made = element(
      'button',
      { ...attributes, 'aria-label': isBack ? 'Delete the last digit' : null },
      isBack ? backSign() : key,
    );
    made.addEventListener('click', () => press(key));
    return made;
  });
  const pad = element('div', { class: 'pad', role: 'group', 'aria-label': `Number pad: ${label}` }, ...keys);
  // The keyboard stays where it is, in the field: a digit typed after a digit pressed goes on.
  pad.addEventListener('mousedown', (event) => event.preventDefault());
  return pad;
}
