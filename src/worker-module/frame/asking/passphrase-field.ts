// A field for a passphrase, with its label and a button that shows what was typed. What is typed goes to the worker and nowhere else.

import { element } from './elements.ts';

/** The row to put on the surface, and the field in it. */
export type PassphraseField = { readonly row: HTMLElement; readonly field: HTMLInputElement };

/** `purpose` is what a password manager is told; `id` is unique on the surface. */
export function passphraseField(
  id: string,
  label: string,
  purpose: 'new-password' | 'current-password',
): PassphraseField {
  const field = element('input', {
    id,
    type: 'password',
    autocomplete: purpose,
    autocapitalize: 'none',
    autocorrect: 'off',
    spellcheck: 'false',
  });
  const reveal = element(
    'button',
    { type: 'button', class: 'reveal', 'aria-pressed': 'false', 'aria-label': `Show: ${label}` },
    'Show',
  );
  reveal.addEventListener('click', () => {
    const shown = field.type === 'password';
    field.type = shown ? 'text' : 'password';
    reveal.setAttribute('aria-pressed', shown ? 'true' : 'false');
    reveal.textContent = shown ? 'Hide' : 'Show';
    field.focus();
  });
  const row = element(
    'div',
    { class: 'field' },
    element('label', { for: id }, label),
    element('span', { class: 'boxed' }, field, reveal),
  );
  return { row, field };
}

/** Tells a password manager whose passphrase it is; people never see it. */
export function passphraseOwner(): HTMLInputElement {
  const field = element('input', { type: 'text', autocomplete: 'username', readonly: '', hidden: '' });
  field.value = 'Farebox module';
  return field;
}
