// The fault runs of `npm run bench`, small: the module killed at the points of its commands, Chromium killed while it writes, bytes of its
// database turned over, several tabs at once. What each does and counts is in bench/; here every figure has to keep its goal.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { z } from 'zod';
import { pinnedNode, root } from '../scripts/paths.mjs';

const figureSchema = z.object({ name: z.string(), value: z.number(), ok: z.boolean() });

/** Runs `npm run bench -- --json NAME --runs N`; answers its figures, and what it said on the way. */
function runBench(
  name: string,
  runs: number,
): Promise<{ readonly figures: readonly unknown[]; readonly said: string }> {
  return new Promise((resolve, reject) => {
    const args = [join(root, 'bench/cli.ts'), '--json', name, '--runs', String(runs)];
    const child = spawn(pinnedNode, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.once('error', reject);
    child.once('close', () => {
      const lines = Buffer.concat(out).toString('utf8').split('\n').filter(Boolean);
      resolve({ figures: lines.map((line): unknown => JSON.parse(line)), said: Buffer.concat(err).toString('utf8') });
    });
  });
}

async function expectKept(name: string, runs: number, figures: number): Promise<void> {
  const { figures: lines, said } = await runBench(name, runs);
  const found = lines.map((line) => figureSchema.parse(line));
  expect(found, said).toHaveLength(figures);
  expect(
    found.filter(({ ok }) => !ok),
    said,
  ).toEqual([]);
}

test('BT-7: the module, cut at points of its commands in a real browser, finishes or undoes each and counts every frame once', async () => {
  test.setTimeout(300_000);
  await expectKept('kill', 24, 4);
});

test('BT-7: Chromium killed while the module writes, and bytes of its database turned over: nothing torn, no gap, every loss noticed and recovered', async () => {
  test.setTimeout(300_000);
  await expectKept('sigkill', 4, 3);
});

test('BT-7: two and three tabs at once over one database use nothing twice and lose no write', async () => {
  test.setTimeout(300_000);
  await expectKept('tabs', 3, 2);
});
