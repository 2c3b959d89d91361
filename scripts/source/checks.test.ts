import { describe, expect, test } from 'vitest';
import { checkBannedCalls } from './banned.ts';
import { checkDirections } from './directions.ts';
import { importsOf, type SourceFile } from './read.ts';
import { checkSizes, MOST_LINES } from './sizes.ts';

const problems = (check: (files: SourceFile[]) => { problem: string }[], ...files: [path: string, text: string][]) =>
  check(files.map(([path, text]) => ({ path, text }))).map((finding) => finding.problem);

describe('import directions', () => {
  test.each([
    ['src/protocol/a.ts', "import { b } from '../host/b.ts';"],
    ['src/protocol/a.ts', "import type { B } from '../worker-module/commands.ts';"],
    ['src/worker-module/a.ts', "export * from '../player/b.ts';"],
    ['src/worker-module/a.ts', "const b = await import('../app/b.ts');"],
    ['src/host/a.ts', "import { b } from '../player/b.ts';"],
    ['src/host/a.ts', "import type { Gate } from '../worker-module/gate/gate.ts';"],
    ['src/host/a.ts', "import { PRIVATE, type Commands } from '../worker-module/commands.ts';"],
    ['src/player/a.ts', "import '../app/b.ts';"],
    ['src/app/a.tsx', "type B = import('../../server-mock/b.ts').B;"],
    ['server-mock/a.ts', "import { b } from '../src/host/b.ts';"],
    ['src/host/a.ts', "import { readFileSync } from 'node:fs';"],
  ])('in %s the line %s is refused', (path, text) => {
    expect(problems(checkDirections, [path, text])).toHaveLength(1);
  });

  test.each([
    ['src/worker-module/session/a.ts', "import { b } from '../../protocol/b.ts';"],
    ['src/host/a.ts', "import { COMMAND_NAMES, type Commands } from '../worker-module/commands.ts';"],
    ['src/app/watch/a.tsx', "import type { ModuleEvent } from '../../worker-module/events.ts';"],
    ['server-mock/http/a.ts', "import { b } from '../../src/protocol/b.ts';"],
    ['src/protocol/a.test.ts', "import { readFileSync } from 'node:fs';"],
    ['src/app/a.tsx', "import { useState } from 'react';"],
  ])('in %s the line %s is allowed', (path, text) => {
    expect(problems(checkDirections, [path, text])).toEqual([]);
  });

  test('a circle of folders in one room is refused and named', () => {
    const found = problems(
      checkDirections,
      ['src/worker-module/record/a.ts', "import { b } from '../session/b.ts';"],
      ['src/worker-module/session/b.ts', "import { a } from '../record/a.ts';"],
    );
    expect(found).toEqual([
      'is in a circle: src/worker-module/record → src/worker-module/session → src/worker-module/record',
    ]);
  });

  test('a circle of types alone is allowed, because nothing of it runs', () => {
    const found = problems(
      checkDirections,
      ['src/worker-module/record/a.ts', "import { b } from '../session/b.ts';"],
      ['src/worker-module/session/b.ts', "import type { A } from '../record/a.ts';"],
    );
    expect(found).toEqual([]);
  });

  test('a worker imported by URL counts as an import of its file', () => {
    const [found] = importsOf({
      path: 'src/worker-module/frame.ts',
      text: "import url from './worker.ts?worker&url';",
    });
    expect(found?.target).toBe('src/worker-module/worker.ts');
  });
});

describe('file sizes', () => {
  test('the longest file allowed passes and one line more is refused', () => {
    expect(problems(checkSizes, ['src/app/a.ts', '\n'.repeat(MOST_LINES)])).toEqual([]);
    expect(problems(checkSizes, ['src/app/a.ts', '\n'.repeat(MOST_LINES + 1)])).toHaveLength(1);
  });
});

describe('banned calls', () => {
  test.each([
    "await db.put('entries', entry);",
    "await this.#database.delete('entries', 1);",
    "const t = db.transaction('entries', 'readwrite');",
    "const t = db.transaction(['a', 'b'], 'readwrite', { durability: 'relaxed' });",
    "await fetch('/api');",
    "const s = new WebSocket('wss://x');",
    "eval('1');",
    'const n = Math.random();',
  ])('the module must not say %s', (text) => {
    expect(problems(checkBannedCalls, ['src/worker-module/store/a.ts', text])).toHaveLength(1);
  });

  test.each([
    "const t = db.transaction('entries', 'readwrite', { durability: 'strict' });",
    "const t = db.transaction('entries', 'readonly');",
    "await t.objectStore('entries').put(entry);",
    'held.delete(frame);',
  ])('the module may say %s', (text) => {
    expect(problems(checkBannedCalls, ['src/worker-module/store/a.ts', text])).toEqual([]);
  });

  test('the host may use the network', () => {
    expect(problems(checkBannedCalls, ['src/host/a.ts', "await fetch('/api');"])).toEqual([]);
  });
});
