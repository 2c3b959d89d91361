// The error page against the error table, both ways.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ERRORS } from '../src/protocol/errors.ts';
import { ERRORS_DOC, printErrorsDoc } from './errors-doc.ts';

const page = readFileSync(ERRORS_DOC, 'utf8');

test('docs/errors.md is what the error table prints', () => {
  expect(page).toBe(printErrorsDoc());
});

test('every code of the page is in the table and every code of the table is on the page', () => {
  const printed = [...page.matchAll(/^\| `([a-z/-]+)` /gm)].map(([, code]) => code);
  expect(printed).toEqual(Object.keys(ERRORS).sort());
});
