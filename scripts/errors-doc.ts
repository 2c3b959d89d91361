// Prints docs/errors.md from the error table. Run after changing a row: `node scripts/with-node.mjs scripts/errors-doc.ts`.
// A test compares the file with what this gives, so the two cannot drift apart.

import { readFileSync, writeFileSync } from 'node:fs';
import { ERROR_WORDS } from '../src/protocol/error-words.ts';
import { ERROR_DEEDS, type ErrorDeed, type ErrorWords } from '../src/protocol/errors/entry.ts';
import { ERRORS, isErrorCode } from '../src/protocol/errors.ts';

/** Where the page stands. */
export const ERRORS_DOC = new URL('../docs/errors.md', import.meta.url);

const INTRODUCTION = `# Errors

Every error of Farebox has a code that does not change. This page is printed from the table in \`src/protocol/errors\`; it is
not edited by hand.

- **category**: what it is about. \`network\`: the provider, the way to it, and what comes over it; \`media\`: programmes, their
  pieces, and publishing them; \`licence\`: who may watch what, for which credit; \`module\`: the module, its lock and its standing,
  and the browser around it; \`storage\`: what is kept, and its backups; \`contract\`: receipts, contracts and claims.
- **severity**: \`info\` needs no attention, \`warning\` passes or is put right by itself, \`error\` ends what was being done, \`fatal\`
  stops the module or the server rather than let it guess.
- **status**: the HTTP status with which the provider answers.
- **retry**: what may be tried. \`never\`: the same will fail again. \`same-request\`: the same bytes again, which is safe.
  \`new-request\`: start the step again. \`after-sync\`: fetch the newest state first, then decide.
- **did**: what Farebox does about it by itself, and the player goes by it. The words that a person reads for each are in the table below.
- **what happened**: the first thing that the person reads; then come the words of **did**, then **what to do**.
`;

const HEAD = ['code', 'category', 'severity', 'status', 'retry', 'did', 'what happened', 'what to do'];

/** A Markdown table with its columns padded, as the formatter wants it. */
function printTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const printRow = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  return [head, widths.map((width) => '-'.repeat(width)), ...rows].map(printRow).join('');
}

/** The whole page as Markdown: one table an area, rows by code. */
export function printErrorsDoc(): string {
  const areas = new Map<string, string[][]>();
  for (const [code, { category, severity, httpStatus, retry, did }] of Object.entries(ERRORS).sort(byCode)) {
    const { message, next } = wordsOf(code);
    const area = code.slice(0, code.indexOf('/'));
    const rows = areas.get(area) ?? [];
    rows.push([`\`${code}\``, category, severity, `${httpStatus}`, retry, did, message, next]);
    areas.set(area, rows);
  }
  const deeds = `${INTRODUCTION}\n${printTable(['did', 'words'], deedRows())}`;
  return [...areas].reduce((page, [area, rows]) => `${page}\n## ${area}\n\n${printTable(HEAD, rows)}`, deeds);
}

/** Each deed with its words. */
function deedRows(): string[][] {
  const isDeed = (name: string): name is ErrorDeed => Object.hasOwn(ERROR_DEEDS, name);
  const deeds = Object.keys(ERROR_DEEDS).filter(isDeed);
  return deeds.map((deed) => [`\`${deed}\``, ERROR_DEEDS[deed] || 'Nothing is said: nothing goes on by itself.']);
}

function wordsOf(code: string): ErrorWords {
  if (!isErrorCode(code)) throw new Error(`${code} is no code`);
  return ERROR_WORDS[code];
}

function byCode([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}

if (import.meta.main) {
  const page = printErrorsDoc();
  writeFileSync(ERRORS_DOC, page);
  process.stdout.write(
    `docs/errors.md: ${Object.keys(ERRORS).length} codes, ${readFileSync(ERRORS_DOC).length} bytes\n`,
  );
}
