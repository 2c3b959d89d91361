// Prints docs/errors.md from the error table. Run after changing a row: `node scripts/with-node.mjs scripts/errors-doc.ts`.
// A test compares the file with what this gives, so the two cannot drift apart.

import { readFileSync, writeFileSync } from 'node:fs';
import { ERRORS } from '../src/protocol/errors.ts';

/** Where the page stands. */
export const ERRORS_DOC = new URL('../docs/errors.md', import.meta.url);

const INTRODUCTION = `# Errors

Every error of Farebox has a code that does not change. This page is printed from the table in \`src/protocol/errors\`; it is
not edited by hand.

- **severity**: \`info\` needs no attention, \`warning\` passes or is put right by itself, \`error\` ends what was being done, \`fatal\`
  stops the module or the server rather than let it guess.
- **status**: the HTTP status with which the provider answers.
- **retry**: what may be tried. \`never\`: the same will fail again. \`same-request\`: the same bytes again, which is safe.
  \`new-request\`: start the step again. \`after-sync\`: fetch the newest state first, then decide.
- **what the person reads**: what happened, what is safe, what to do.
`;

const HEAD = ['code', 'severity', 'status', 'retry', 'what the person reads'];

/** A Markdown table with its columns padded, as the formatter wants it. */
function printTable(rows: readonly (readonly string[])[]): string {
  const widths = HEAD.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const printRow = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  return [HEAD, widths.map((width) => '-'.repeat(width)), ...rows].map(printRow).join('');
}

/** The whole page as Markdown: one table an area, rows by code. */
export function printErrorsDoc(): string {
  const areas = new Map<string, string[][]>();
  for (const [code, { severity, httpStatus, retry, message }] of Object.entries(ERRORS).sort(byCode)) {
    const area = code.slice(0, code.indexOf('/'));
    const rows = areas.get(area) ?? [];
    rows.push([`\`${code}\``, severity, `${httpStatus}`, retry, message]);
    areas.set(area, rows);
  }
  return [...areas].reduce((page, [area, rows]) => `${page}\n## ${area}\n\n${printTable(rows)}`, INTRODUCTION);
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
