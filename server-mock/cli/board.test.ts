// `farebox board create` and `farebox board link`, BT-12: a board is listed with nothing on it, and its link opens it for drawing.

import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { decodeProgrammeId } from '../../src/protocol/ids.ts';
import { runCli } from '../cli.ts';
import { openKeys } from '../keys.ts';
import { expectDrawer } from '../publisher/board/drawer-token.ts';
import { makeTestFolderWithDatabase } from '../testing/test-provider.ts';

let folder: string;
beforeAll(async () => {
  folder = await makeTestFolderWithDatabase();
  vi.stubEnv('FAREBOX_DATA', folder);
  vi.stubEnv('PORT', '4999');
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

async function run(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const { signal } = new AbortController();
  const code = await runCli(argv, { out: (line) => out.push(line), err: (line) => err.push(line), signal });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

const madeSchema = z.object({ board: z.object({ id: z.string(), title: z.string(), link: z.url() }) });

describe('BT-12: farebox board', () => {
  it('makes a board and tells its link, the same each time it is asked', async () => {
    const made = await run('board', 'create', '--title', ' Lesson ', '--price-per-stroke', '0.01', '--json');
    expect(made).toMatchObject({ code: 0, err: '' });
    const { board } = madeSchema.parse(JSON.parse(made.out));
    expect(board.title).toBe('Lesson');
    expect(board.link).toMatch(new RegExp(`^http://localhost:4999/board/${board.id}/draw#[\\w-]{43}$`));
    const again = await run('board', 'link', board.id, '--json');
    expect(madeSchema.parse(JSON.parse(again.out))).toEqual({ board });
    const { storageKey } = await openKeys(folder);
    expect(() =>
      expectDrawer(storageKey, decodeProgrammeId(board.id), new URL(board.link).hash.slice(1)),
    ).not.toThrow();
    const listed: unknown = JSON.parse((await run('list', '--json')).out);
    expect(listed).toMatchObject({
      programmes: [{ id: board.id, priceMinor: 100, rungs: ['board'], live: { edge: 0 } }],
    });
  });

  it.each([
    [['board', 'create'], 2],
    [['board', 'create', '--title', ' '], 2],
    [['board', 'create', '--title', 'x'.repeat(201)], 2],
    [['board', 'create', '--title', 'T', '--price-per-stroke', 'cheap'], 2],
    [['board', 'create', 'T', '--title', 'T'], 2],
    [['board', 'link'], 2],
    [['board', 'link', 'XYZ'], 2],
    [['board', 'create', '--help'], 0],
  ])('ends %j with exit code %i', async (argv, code) => {
    expect((await run(...argv)).code).toBe(code);
  });
});
