// The page for a batch as its keeper uses it: a file of commands is given to it, the process is killed in the middle, the next one goes on,
// and every line is answered once. Without a provider's server; the batch itself is tried in server-mock/key-unit/batch.test.ts, who may
// speak with the desk in server-mock/desk/desk.test.ts.
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test as base, expect, type Page } from '@playwright/test';
import { z } from 'zod';
import { configFromEnvironment } from '../server-mock/config.ts';
import { directKeys } from '../server-mock/key-unit/direct-registry.ts';
import { SERVER_LIMITS } from '../server-mock/limits.ts';
import { openProvider, systemRandom } from '../server-mock/provider.ts';
import { toBase64Url, toHex } from '../src/protocol/bytes.ts';
import { violations } from './rig/axe.ts';
import { type Running, startFarebox } from './rig/processes.ts';

const COMMANDS = 2_000;
const answeredSchema = z.object({ line: z.number(), command: z.string(), answer: z.record(z.string(), z.string()) });

/** A set of units, the commands of them, and the 32 bytes that the key unit drew: the keys in the clear are among them. */
type Made = { readonly lines: readonly string[]; readonly drawn: readonly Uint8Array[] };
const test = base.extend<{ folder: string; made: Made; desk: { open(): Promise<{ url: string; process: Running }> } }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern.
  folder: async ({}, use) => {
    const folder = await mkdtemp(join(tmpdir(), 'farebox-desk-'));
    await use(folder);
    await rm(folder, { recursive: true, force: true });
  },
  made: async ({ folder }, use) => {
    const drawn: Uint8Array[] = [];
    const random = (lengthBytes: number) => {
      const bytes = systemRandom(lengthBytes);
      if (lengthBytes === 32) drawn.push(Uint8Array.from(bytes));
      return bytes;
    };
    const provider = await openProvider(configFromEnvironment({ FAREBOX_DATA: join(folder, 'data') }), { random });
    const keys = directKeys(provider);
    const units = Array.from({ length: COMMANDS }, () => toHex(systemRandom(16)));
    await keys.addSet('north');
    await keys.addApp('north', { reference: 'wallet', kind: 'key', count: 0 });
    for (let at = 0; at < COMMANDS; at += SERVER_LIMITS.keyCommands) {
      await keys.addUnits('north', units.slice(at, at + SERVER_LIMITS.keyCommands));
    }
    await provider.database.close();
    const lines = units.map((unit, at) => {
      const command = { unit, reference: 'wallet', random: toHex(systemRandom(16)) };
      if (at === 3) return '{"unit":';
      if (at === 1_000) return JSON.stringify({ ...command, unit: 'f'.repeat(32) });
      return JSON.stringify(at === 1_999 ? { ...command, reference: '=1+1' } : command);
    });
    await writeFile(join(folder, 'november.jsonl'), `${lines.join('\n')}\n`);
    await use({ lines, drawn });
  },
  desk: async ({ folder }, use) => {
    const opened: Running[] = [];
    await use({
      async open() {
        const process = startFarebox(['keys', 'desk', '--json'], { FAREBOX_DATA: join(folder, 'data') });
        opened.push(process);
        return { process, url: z.object({ url: z.string() }).parse(JSON.parse(await process.said(/url/))).url };
      },
    });
    await Promise.all(opened.map((process) => process.kill()));
  },
});

const sheet = (page: Page) => page.getByRole('article', { name: 'Batch november.jsonl' });

test('SD-5: a batch that is cut by a kill goes on at the next desk, and its report names every unit that failed', async ({
  page,
  folder,
  made,
  desk,
}) => {
  const first = await desk.open();
  await page.goto(first.url);
  // The token is on no screen and in no history.
  await expect.poll(() => page.url()).toBe(new URL('/', first.url).href);
  await page.getByRole('combobox', { name: 'Set' }).selectOption('north');
  await page.locator('input[type=file]').setInputFiles(join(folder, 'november.jsonl'));
  await page.getByRole('button', { name: 'Begin' }).click();

  const batches = join(folder, 'data/keys/batches');
  const answersFile = async () => {
    const [id = 'none'] = (await readdir(batches)).filter((name) => /^[0-9a-f]{32}$/.test(name));
    return join(batches, id, 'answers');
  };
  const sizeOf = async () =>
    stat(await answersFile()).then(
      ({ size }) => size,
      () => 0,
    );
  await expect.poll(sizeOf, { intervals: [5] }).toBeGreaterThan(0);
  await first.process.kill();
  const before = (await readFile(await answersFile(), 'utf8')).split('\n').length - 1;
  expect(before).toBeLessThan(COMMANDS);
  await expect(page.getByText('The desk does not answer.')).toBeVisible();

  const second = await desk.open();
  await page.goto(second.url);
  await expect(sheet(page).getByText('Stopped')).toBeVisible();
  await sheet(page)
    .getByRole('button', { name: /^Go on from/ })
    .click();
  await expect(sheet(page).getByText('Finished')).toBeVisible();
  await expect(sheet(page).getByText('1,997 of 2,000 commands were answered with a key. 3 failed.')).toBeVisible();
  const rows = sheet(page).locator('tbody tr');
  await expect(rows).toHaveText([
    /^4.*keys\/malformed/,
    /^1,001f{32}wallet.*keys\/unknown-unit/,
    /^2,000.*=1\+1.*keys\/malformed/,
  ]);
  await sheet(page).getByText('In no set1').click();
  await expect(rows).toHaveCount(1);

  const saved = page.waitForEvent('download');
  await sheet(page).getByRole('button', { name: 'Save as CSV' }).click();
  const download = await saved;
  expect(download.suggestedFilename()).toBe('north-november.jsonl.failed.csv');
  expect(await readFile(await download.path(), 'utf8')).toContain(
    `"1001","${'f'.repeat(32)}","wallet","keys/unknown-unit"`,
  );

  // Every line answered once, in its place, as if nothing had been cut.
  const answers = (await readFile(await answersFile(), 'utf8')).trimEnd().split('\n');
  const read = answers.map((line) => answeredSchema.parse(JSON.parse(line)));
  expect(read.map(({ line }) => line)).toEqual(made.lines.map((_, at) => at + 1));
  expect(read.map(({ command }) => command)).toEqual(made.lines);
  expect(read.filter(({ answer }) => 'error' in answer)).toHaveLength(3);
  // No key in the clear on the disk, nor on the page.
  const shown = answers.join('\n') + (await page.content());
  expect(made.drawn.length).toBeGreaterThanOrEqual(2);
  for (const secret of made.drawn) {
    for (const form of [toHex(secret).slice(0, 24), toBase64Url(secret).slice(0, 16)])
      expect(shown).not.toContain(form);
  }
  expect(await violations(page)).toEqual([]);
  expect((await second.process.interrupt()).code).toBe(0);
});

test('SD-5: without the address that was printed the page opens nothing, and says so', async ({ page, desk }) => {
  const { url } = await desk.open();
  await page.goto(new URL('/', url).href);
  await expect(page.getByText('This address does not open the desk')).toBeVisible();
  await page.goto(`${new URL('/', url).href}#${'x'.repeat(43)}`);
  await page.reload();
  await expect(page.getByText('This address does not open the desk')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Begin' })).toBeDisabled();
});
