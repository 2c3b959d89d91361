// The error page against the error table, both ways.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ERROR_WORDS } from '../src/protocol/error-words.ts';
import { ERROR_DEEDS } from '../src/protocol/errors/entry.ts';
import { ERRORS } from '../src/protocol/errors.ts';
import { ERRORS_DOC, printErrorsDoc } from './errors-doc.ts';

const page = readFileSync(ERRORS_DOC, 'utf8');

test('docs/errors.md is what the error table prints', () => {
  expect(page).toBe(printErrorsDoc());
});

test('every code of the page is in the table and every code of the table is on the page', () => {
  const printed = [...page.matchAll(/^\| `([a-z-]+\/[a-z-]+)` /gm)].map(([, code]) => code);
  expect(printed).toEqual(Object.keys(ERRORS).sort());
});

test('every deed of the page has its words, and each stands in some row of the table', () => {
  const used = new Set(Object.values(ERRORS).map(({ did }) => did));
  for (const [deed, words] of Object.entries(ERROR_DEEDS)) {
    expect(page).toContain(`\`${deed}\``);
    expect(page).toContain(words);
    expect([...used]).toContain(deed);
  }
});

test('what a person reads is whole sentences: what happened and what is safe, and what they can do', () => {
  for (const [code, { message, next }] of Object.entries(ERROR_WORDS)) {
    expect(message, code).toMatch(/^[A-Z][^!]*\. [A-Z][^!]*\.$/);
    expect(next, code).toMatch(/^[A-Z][^!]*\.$/);
  }
});
