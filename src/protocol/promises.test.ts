// The promises of docs/threat-model.md name the tests that show them: each test has to be there, under that title.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';

const ROOT = new URL('../../', import.meta.url);

/** `[file, title]` for each test that a row names: "`file`: title; title; `file`: title". `…` stands for the rest of a title. */
function testsIn(row: string): (readonly [string, string])[] {
  const [, shownBy = ''] = row.split(' | ');
  let file = '';
  return shownBy
    .replace(/\s*\|$/, '')
    .split('; ')
    .map((named) => {
      const [, path, title = named] = /^`([^`]+)`: (.+)$/.exec(named) ?? [];
      file = path ?? file;
      return [file, title.replace(/\s*…$/, '').trim()];
    });
}

const page = readFileSync(new URL('docs/threat-model.md', ROOT), 'utf8');
const rows = page
  .slice(page.indexOf('## Promises'))
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(2);
const named = rows.flatMap(testsIn);

describe('the threat model', () => {
  test('names a test for each of its promises', () => {
    expect(rows.length).toBeGreaterThan(15);
    expect(named.length).toBeGreaterThanOrEqual(rows.length);
  });

  test.each(named)('names a test that exists: %s, “%s”', (file, title) => {
    expect(title.length).toBeGreaterThan(1);
    expect(readFileSync(new URL(file, ROOT), 'utf8')).toContain(title);
  });
});
