// The recovery words: shown to be written down, with a check that they were; and asked for, or a passkey in their place, to open a backup.
// They are never put into the clipboard, and no field that takes them is checked for spelling, which may leave the machine.

import type { SurfaceAnswer, SurfaceQuestion } from '../../../frame-messages.ts';
import { element } from '../elements.ts';
import { askPasskey, findPasskey } from '../passkey.ts';
import { refusal } from '../refusal.ts';
import type { Surface } from '../surface.ts';
import { CHECKED_WORDS, chooseChecked, splitWords, tidyWord, WORD_COUNT } from '../word-list.ts';
import { withAuthenticator } from './passkeys.ts';

/** Shows the words and then asks for three of them; answers `approved` once those are right, or why not. */
export async function showWords(
  surface: Surface,
  { words }: Extract<SurfaceQuestion, { kind: 'show-words' }>,
): Promise<SurfaceAnswer> {
  for (;;) {
    const shown = await surface.ask({
      title: 'Write down your recovery words',
      content: [
        element('p', {}, 'With these twelve words, in this order, you get your module back. Write them on paper.'),
        element('p', { class: 'quiet' }, 'Whoever has them has your module. They are shown this once.'),
        element('ol', { class: 'words' }, ...words.map((word) => element('li', {}, word))),
      ],
      yes: 'I have written them down',
      no: 'Not now',
    });
    if (shown !== 'yes') return refusal(shown === 'other' ? 'no' : shown);
    const checked = await checkWords(surface, words);
    if (checked === 'yes') return { kind: 'approved' };
    // The plain button of the check leads back to the words.
    if (checked !== 'no') return refusal(checked === 'other' ? 'no' : checked);
  }
}

async function checkWords(surface: Surface, words: readonly string[]) {
  let trouble: string | null = null;
  const places = chooseChecked(() => (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32);
  for (;;) {
    const rows = places.map((place) => wordField(place, `Word ${place + 1}`));
    const outcome = await surface.ask({
      title: 'Check your words',
      trouble,
      content: [
        element('p', {}, `Type ${CHECKED_WORDS === 3 ? 'three' : CHECKED_WORDS} of them from your paper.`),
        element('div', { class: 'word-fields few' }, ...rows.map(({ row }) => row)),
      ],
      yes: 'These are my words',
      no: 'Show the words again',
      missing: () => (rows.every(({ field }) => field.value.trim() !== '') ? null : 'Fill in every word'),
      ...(rows[0] === undefined ? {} : { focus: rows[0].field }),
    });
    if (outcome !== 'yes') return outcome;
    const wrong = rows.filter(({ field, place }) => tidyWord(field.value) !== words[place]);
    if (wrong.length === 0) return outcome;
    trouble = `${wrong.map(({ place }) => `Word ${place + 1}`).join(' and ')} ${wrong.length === 1 ? 'is' : 'are'} not right. Look at your paper again.`;
  }
}

/** Asks for the twelve words, or for a passkey where one may help; answers `words`, tidied, `passkey`, or why not. All twelve can be pasted into any field. */
export async function askWords(surface: Surface, question: AskWords, signal: AbortSignal): Promise<SurfaceAnswer> {
  const { wrong, passkeys } = question;
  const rows = Array.from({ length: WORD_COUNT }, (_, place) => wordField(place, `Word ${place + 1}`));
  const fields = rows.map(({ field }) => field);
  for (const [place, field] of fields.entries())
    field.addEventListener('paste', (event) => pasteWords(event, fields, place));
  let trouble: string | null = wrong === null ? null : WRONG[wrong];
  for (;;) {
    const outcome = await surface.ask({
      title: passkeys === null ? 'Your recovery words' : 'Your recovery words or your passkey',
      trouble,
      content: [
        element('p', {}, 'Type the twelve words from your paper, in their order. They stay in your module.'),
        ...(passkeys === null
          ? []
          : [element('p', { class: 'quiet' }, 'Or use the passkey that the backup was made with.')]),
        element('div', { class: 'word-fields' }, ...rows.map(({ row }) => row)),
      ],
      yes: 'Go on',
      ...(passkeys === null ? {} : { other: 'Use my passkey' }),
      no: 'Not now',
      missing: (button) => (button === 'yes' ? sayMissing(fields) : null),
      ...(fields[0] === undefined ? {} : { focus: fields[0] }),
    });
    if (outcome !== 'yes' && outcome !== 'other') return refusal(outcome);
    if (outcome === 'yes' || passkeys === null)
      return { kind: 'words', words: fields.map((field) => tidyWord(field.value)) };
    const result = await withAuthenticator(surface, signal, (stop) => usePasskey(passkeys, stop));
    if (typeof result === 'object') return { kind: 'passkey', ...result };
    if (result !== 'unavailable' && result !== 'failed') return refusal(result);
    trouble = NO_PASSKEY[result];
  }
}

type AskWords = Extract<SurfaceQuestion, { kind: 'ask-words' }>;

const WRONG = {
  words: 'These words do not fit. Check their spelling and their order, and try again.',
  passkey: 'This passkey does not open it. Use another one, or type your words.',
} as const;

const NO_PASSKEY = {
  failed: 'No passkey answered. Nothing has changed; try again, or type your words.',
  unavailable: 'This browser or this passkey cannot do it. Type your twelve words: they always open the backup.',
} as const;

/** Those that a file names by their ids; any where there is no file. */
function usePasskey({ prfSalt, credentialIds }: NonNullable<AskWords['passkeys']>, signal: AbortSignal) {
  if (credentialIds.length === 0) return findPasskey(prfSalt, signal);
  const known = credentialIds.map((credentialId) => ({ credentialId, prfSalt }));
  return askPasskey(known, signal);
}

function sayMissing(fields: readonly HTMLInputElement[]): string | null {
  const left = fields.filter((field) => field.value.trim() === '').length;
  if (left === 0) return null;
  return left === 1 ? 'One word is missing' : `${left} words are missing`;
}

/** Several words at once fill the fields: all twelve from the first on, fewer from this one on. */
function pasteWords(event: ClipboardEvent, fields: readonly HTMLInputElement[], place: number): void {
  const pasted = splitWords(event.clipboardData?.getData('text/plain') ?? '').slice(0, WORD_COUNT);
  if (pasted.length < 2) return;
  event.preventDefault();
  const from = pasted.length === WORD_COUNT ? 0 : place;
  for (const [offset, word] of pasted.entries()) {
    const field = fields[from + offset];
    if (field !== undefined) field.value = word;
  }
  const last = fields[Math.min(from + pasted.length, WORD_COUNT) - 1];
  last?.focus();
  last?.dispatchEvent(new Event('input', { bubbles: true }));
}

type WordField = { readonly place: number; readonly row: HTMLElement; readonly field: HTMLInputElement };

function wordField(place: number, label: string): WordField {
  const id = `surface-word-${place + 1}`;
  const field = element('input', {
    id,
    type: 'text',
    autocomplete: 'off',
    autocapitalize: 'none',
    autocorrect: 'off',
    spellcheck: 'false',
  });
  const row = element(
    'div',
    { class: 'field word' },
    element('label', { for: id }, element('span', { class: 'unseen' }, 'Word '), label.replace('Word ', '')),
    field,
  );
  return { place, row, field };
}
