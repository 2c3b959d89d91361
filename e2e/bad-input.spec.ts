// Content that is not what it should be, on its way to the terminal: the frame is refused with its code, the record says so, the person reads
// what happened, it is not paid for, and play goes on.
import type { Manifest } from '../src/protocol/manifest.ts';
import { contentPattern, largestPicture, manifestOf, pictureOf, replaceContent, storedFile } from './rig/content.ts';
import { heard, waitForEvent } from './rig/module-events.ts';
import { LONG, SHORT } from './rig/programmes.ts';
import type { RunningProvider } from './rig/provider.ts';
import { checkFile } from './rig/receipts.ts';
import { downloadReceipt, framesIn, stopAndSettle, watch } from './rig/terminal.ts';
import { expect, test } from './rig/test.ts';

/** What arrives in place of a frame, and what the module says of it. Between them come frames that are whole. */
const faults: readonly {
  readonly frame: number;
  readonly code: string;
  make(provider: RunningProvider, manifest: Manifest, frame: number): Promise<Buffer>;
}[] = [
  {
    // Altered in one bit.
    frame: 1,
    code: 'frame/tampered',
    async make(provider, manifest, frame) {
      const bytes = await storedFile(provider, pictureOf(manifest, frame));
      bytes.writeUInt8(bytes.readUInt8(bytes.length - 20) ^ 1, bytes.length - 20);
      return bytes;
    },
  },
  {
    // Cut short.
    frame: 3,
    code: 'frame/cut',
    async make(provider, manifest, frame) {
      const bytes = await storedFile(provider, pictureOf(manifest, frame));
      return bytes.subarray(0, bytes.length - 1);
    },
  },
  {
    // Of another position.
    frame: 5,
    code: 'frame/tampered',
    make: (provider, manifest, frame) => storedFile(provider, largestPicture(manifest, frame)),
  },
  {
    // Of another programme.
    frame: 7,
    code: 'frame/tampered',
    make: async (provider) => storedFile(provider, largestPicture(await manifestOf(provider, SHORT.title), null)),
  },
];

test('BT-4, BT-7: frames that are altered in one bit, cut short, of another position or programme are refused, said, and not charged', async ({
  person,
  provider,
}) => {
  const manifest = await manifestOf(provider, LONG.title);
  for (const { frame, make } of faults) {
    await replaceContent(person.context(), pictureOf(manifest, frame), await make(provider, manifest, frame));
  }
  const page = await person.newTab();
  await watch(page, provider.terminalOrigin, LONG.title);
  for (const { frame, code } of faults) {
    const failed = await waitForEvent(page, 'frame', (event) => event.outcome === 'failed' && event.frame === frame);
    expect(failed).toMatchObject({ code });
    await expect(page.getByText('One frame could not be shown')).toBeVisible();
    await waitForEvent(page, 'frame', (event) => event.outcome === 'decrypted' && event.frame > frame);
  }
  await stopAndSettle(page);
  const { receipt, valid } = await checkFile(await downloadReceipt(page), provider.terminalOrigin);
  expect(valid).toBe(true);
  const shown = framesIn(receipt?.frames ?? []);
  for (const { frame } of faults) expect(shown).not.toContain(frame);
  expect(receipt?.failed).toBe(faults.length);
});

test('BT-4: a frame that the provider cannot give at first is asked for until it comes, and is shown', async ({
  person,
  provider,
}) => {
  const hash = pictureOf(await manifestOf(provider, LONG.title), 1);
  let refused = 0;
  await person.context().route(contentPattern(hash), (route) => {
    if (refused >= 2) return route.continue();
    refused += 1;
    return route.fulfill({ status: 503 });
  });
  const page = await person.newTab();
  await watch(page, provider.terminalOrigin, LONG.title);
  await waitForEvent(page, 'frame', ({ frame, outcome }) => outcome === 'decrypted' && frame === 1);
  expect(refused).toBe(2);
});

test('CARD-3: without a provider the catalogue says so, and comes by itself when it is asked again', async ({
  person,
  provider,
}) => {
  await person.context().route('**/api/v1/catalogue', (route) => route.abort());
  const page = await person.newTab();
  await page.goto(provider.terminalOrigin);
  await expect(page.getByText('The catalogue could not be fetched')).toBeVisible();
  await person.context().unroute('**/api/v1/catalogue');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('link', { name: LONG.title })).toBeVisible();
});

test('CARD-1: what is said when the line is gone was fetched while it was there', async ({ person, provider }) => {
  const page = await person.newTab();
  const files = ['stage-failure', 'error-texts', 'error-words'].map((name) =>
    page.waitForResponse((response) => new URL(response.url()).pathname.startsWith(`/assets/${name}-`)),
  );
  await page.goto(provider.terminalOrigin);
  for (const file of files) await (await file).finished();
  await person.context().route('**/{api,assets,content}/**', (route) => route.abort());
  await page.getByRole('link', { name: LONG.title }).click();
  // It asks again a few times before it says so.
  await expect(page.getByText(/^network\//)).toBeVisible({ timeout: 60_000 });
});

test('BT-2: a challenge from a stranger is refused, and the person reads it', async ({ person, provider }) => {
  await person.context().route('**/api/v1/challenges', async (route) => {
    const response = await route.fetch();
    const answer = await response.json();
    const flipped = `${answer.challenge.slice(0, -8)}${answer.challenge.slice(-8) === 'AAAAAAAA' ? 'BBBBBBBB' : 'AAAAAAAA'}`;
    await route.fulfill({ response, json: { ...answer, challenge: flipped } });
  });
  const page = await person.newTab();
  await page.goto(provider.terminalOrigin);
  await page.getByRole('link', { name: LONG.title }).click();
  await expect(page.getByText('This session cannot go on')).toBeVisible();
  expect(await heard(page, 'frame')).toEqual([]);
  // One that is asked for ahead may still be on its way.
  await person.context().unrouteAll({ behavior: 'wait' });
});
