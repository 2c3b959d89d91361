// The command line as a person uses it, in processes of its own: publish a file of one's own, list it, watch that it is sold, remove it, and
// verify a receipt without any provider running.
import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { makeClip } from '../server-mock/publisher/test-clip.ts';
import { waitForEvent } from './rig/module-events.ts';
import { runFarebox } from './rig/processes.ts';
import { LONG } from './rig/programmes.ts';
import { agencyKeyOf } from './rig/receipts.ts';
import { downloadReceipt, stopAndSettle, watch } from './rig/terminal.ts';
import { expect, test } from './rig/test.ts';

const publishedSchema = z.object({
  published: z.object({ id: z.string(), title: z.string(), frameCount: z.number() }),
});
const listSchema = z.object({ programmes: z.array(z.object({ id: z.string(), title: z.string() })) });
const verdictSchema = z.object({ valid: z.boolean() });

/** Titles on sale, as the command line lists them. */
async function titlesIn(environment: Readonly<Record<string, string>>): Promise<string[]> {
  const { out, err } = await runFarebox(['list', '--json'], environment);
  expect(err).toBe('');
  return listSchema.parse(JSON.parse(out)).programmes.map(({ title }) => title);
}

let folder = '';
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'farebox-cli-'));
});
test.afterEach(() => rm(folder, { recursive: true, force: true }));

// Each command line opens the provider's database by itself: seconds each, and many on a busy machine.
test.describe.configure({ timeout: 300_000 });

test('BT-1: a file that was published is listed, and after removing it nothing of it is left', async () => {
  const environment = { FAREBOX_DATA: join(folder, 'data') };
  const file = join(folder, 'mine.mp4');
  await makeClip({ file, durationS: 4 });

  const published = await runFarebox(['publish', file, '--title', 'My own', '--json'], environment);
  expect(published.code, published.err).toBe(0);
  const { id, frameCount } = publishedSchema.parse(JSON.parse(published.out)).published;
  expect(frameCount).toBe(2);

  expect(await titlesIn(environment)).toEqual(['My own']);

  const removed = await runFarebox(['remove', id, '--json'], environment);
  expect(removed.code, removed.err).toBe(0);
  expect(await titlesIn(environment)).toEqual([]);
  const left = await readdir(join(folder, 'data', 'content'), { recursive: true, withFileTypes: true });
  expect(left.filter((entry) => entry.isFile())).toEqual([]);
});

test('BT-1: what is published while the provider runs is sold at once', async ({ provider, person }) => {
  const file = join(folder, 'late.webm');
  await makeClip({ file, durationS: 4, container: 'webm' });
  const environment = { FAREBOX_DATA: provider.dataDir };
  const published = await runFarebox(['publish', file, '--title', 'Late arrival', '--json'], environment);
  expect(published.code, published.err).toBe(0);
  const page = await person.newTab();
  await watch(page, provider.terminalOrigin, 'Late arrival');
  const { id } = publishedSchema.parse(JSON.parse(published.out)).published;
  expect((await runFarebox(['remove', id], environment)).code).toBe(0);
});

test('BT-1: a file that is no video, and one that is cut short, are refused with a clear line and leave nothing behind', async () => {
  const environment = { FAREBOX_DATA: join(folder, 'data') };
  const text = join(folder, 'text.mp4');
  await writeFile(text, 'this is no video\n'.repeat(1000));
  const cut = join(folder, 'cut.mp4');
  await makeClip({ file: cut, durationS: 4, container: 'mp4-index-last' });
  await truncate(cut, 20_000);
  for (const file of [text, cut, join(folder, 'absent.mp4')]) {
    const { code, err, out } = await runFarebox(['publish', file, '--title', 'Broken'], environment);
    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err.trim().split('\n').at(-1)).toMatch(/\S/);
    expect(err).not.toMatch(/^\s+at /m);
  }
  expect(await titlesIn(environment)).toEqual([]);
});

test('BT-8: a receipt is verified offline, and refused when one bit of it is altered', async ({ provider, person }) => {
  const page = await person.newTab();
  await watch(page, provider.terminalOrigin, LONG.title);
  await waitForEvent(page, 'frame', ({ outcome }) => outcome === 'decrypted');
  await stopAndSettle(page);
  const receipt = Buffer.from(await downloadReceipt(page));
  const good = join(folder, 'good.farebox');
  const bad = join(folder, 'bad.farebox');
  await writeFile(good, receipt);
  const altered = Buffer.from(receipt);
  altered.writeUInt8(altered.readUInt8(altered.length >> 1) ^ 1, altered.length >> 1);
  await writeFile(bad, altered);
  // A folder with nothing in it: all that is needed is the receipt and the agency's public key.
  const environment = { FAREBOX_DATA: join(folder, 'nothing') };
  const key = ['--agency-key', await agencyKeyOf(provider.terminalOrigin)];
  const verified = await runFarebox(['receipts', 'verify', good, ...key, '--json'], environment);
  expect(verified.code, verified.err).toBe(0);
  expect(verdictSchema.parse(JSON.parse(verified.out)).valid).toBe(true);
  const refused = await runFarebox(['receipts', 'verify', bad, ...key, '--json'], environment);
  expect(refused.code).toBe(1);
  expect(verdictSchema.parse(JSON.parse(refused.out)).valid).toBe(false);
  await expect(readdir(environment.FAREBOX_DATA)).rejects.toThrow('ENOENT');
});
