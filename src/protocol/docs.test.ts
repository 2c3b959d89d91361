// Every exported thing of the protocol and of the module's command set says what it is, and every file opens with what
// it owns. Parsed, not searched: a comment counts where it stands right before the declaration.

import { readdirSync, readFileSync } from 'node:fs';
import { parseSync } from 'vite';
import { describe, expect, test } from 'vitest';

const PROTOCOL = new URL('./', import.meta.url);
const COMMAND_SET = [
  '../worker-module/commands.ts',
  '../worker-module/claim-views.ts',
  '../worker-module/storage-safety.ts',
  '../worker-module/events.ts',
];

const files = readdirSync(PROTOCOL, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
  .concat(COMMAND_SET);

/** Whether a doc comment ends right before `start`, with nothing but white space between. */
function hasDocstring(
  source: string,
  comments: readonly { type: string; value: string; end: number }[],
  start: number,
): boolean {
  const last = comments.findLast(({ end }) => end <= start);
  return last?.type === 'Block' && last.value.startsWith('*') && source.slice(last.end, start).trim() === '';
}

/** Lines of exported declarations, and of members of the exported type `Commands`, that have no docstring. */
function undocumentedIn(path: string, source: string): string[] {
  const { program, comments, errors } = parseSync(path, source);
  expect(errors, path).toEqual([]);
  const starts: number[] = [];
  for (const statement of program.body) {
    if (statement.type === 'ExportDefaultDeclaration') starts.push(statement.start);
    if (statement.type !== 'ExportNamedDeclaration' || statement.declaration === null) continue;
    starts.push(statement.start);
    const { declaration } = statement;
    const isCommands = declaration.type === 'TSTypeAliasDeclaration' && declaration.id.name === 'Commands';
    if (isCommands && declaration.typeAnnotation.type === 'TSTypeLiteral') {
      starts.push(...declaration.typeAnnotation.members.map((member) => member.start));
    }
  }
  return starts
    .filter((start) => !hasDocstring(source, comments, start))
    .map((start) => `${path}:${source.slice(0, start).split('\n').length}`);
}

describe('documentation of the protocol and the command set', () => {
  test('is looked for in every file', () => {
    expect(files.length).toBeGreaterThan(40);
  });

  test('every exported thing has a docstring', () => {
    const undocumented = files.flatMap((path) => undocumentedIn(path, readFileSync(new URL(path, PROTOCOL), 'utf8')));
    expect(undocumented).toEqual([]);
  });

  test('an export without a docstring is found', () => {
    expect(undocumentedIn('a.ts', '// what it owns\n\nexport const bare = 1;\n')).toEqual(['a.ts:3']);
    expect(undocumentedIn('b.ts', '/** Said. */\nexport const said = 1;\n')).toEqual([]);
    expect(undocumentedIn('c.ts', '/** Said. */\nexport type Commands = { bare(): void };\n')).toEqual(['c.ts:2']);
  });

  test('every file opens with what it owns', () => {
    const silent = files.filter((path) => !readFileSync(new URL(path, PROTOCOL), 'utf8').startsWith('// '));
    expect(silent).toEqual([]);
  });
});
