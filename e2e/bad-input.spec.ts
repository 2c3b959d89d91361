// Content that is not what it should be, on its way to the terminal: the frame is refused with its code, the record says so, the person reads
// what happened, it is not paid for, and play goes on.
import { contentPattern, largestPicture, manifestOf, pictureOf, replaceContent, storedFile } from './rig/content.ts';
import { heard, waitForEvent } from './rig/module-events.ts';
import { LONG, SHORT } from './rig/programmes.ts';
import type { RunningProvider } from './rig/provider.ts';
import { checkFile } from './rig/receipts.ts';
import { downloadReceipt, framesIn, stopAndSettle, watch } from './rig/terminal.ts';
import { expect, test } from './rig/test.ts';

const BAD_FRAME = 1;

/** What arrives in place of frame 1, and what the module says of it. */
const faults: Readonly<Record<string, { readonly code: string; make(provider: RunningProvider): Promise<Buffer> }>> = {
  'is altered in one bit': {
    code: 'frame/tampered',
    async make(provider) {
      const bytes = await storedFile(provider, pictureOf(await manifestOf(provider, LONG.title), BAD_FRAME));
      bytes.writeUInt8(bytes.readUInt8(bytes.length - 20) ^ 1, bytes.length - 20);
      return bytes;
    },
  },
  'is cut short': {
    code: 'frame/cut',
    async make(provider) {
      const bytes = await storedFile(provider, pictureOf(await manifestOf(provider, LONG.title), BAD_FRAME));
      return bytes.subarray(0, bytes.length - 1);
    },
  },
  'is of another position': {
    code: 'frame/tampered',
    async make(provider) {
      return storedFile(provider, largestPicture(await manifestOf(provider, LONG.title), BAD_FRAME));
    },
  },
  'is of another programme': {
    code: 'frame/tampered',
    async make(provider) {
      return storedFile(provider, largestPicture(await manifestOf(provider, SHORT.title), null));
    },
  },
};

for (const [fault, { code, make }] of Object.entries(faults)) {
  test(`BT-4, BT-7: a frame that ${fault} is refused, said, and not charged`, async ({ person, provider }) => {
    const hash = pictureOf(await manifestOf(provider, LONG.title), BAD_FRAME);
    await replaceContent(person.context(), hash, await make(provider));
    const page = await person.newTab();
    await watch(page, provider.terminalOrigin, LONG.title);
    const failed = await waitForEvent(page, 'frame', ({ outcome }) => outcome === 'failed');
    expect(failed).toMatchObject({ frame: BAD_FRAME, code });
    await expect(page.getByText('One frame could not be shown')).toBeVisible();
    await waitForEvent(page, 'frame', ({ frame, outcome }) => outcome === 'decrypted' && frame > BAD_FRAME);
    await stopAndSettle(page);
    const { receipt, valid } = await checkFile(await downloadReceipt(page), provider.terminalOrigin);
    expect(valid).toBe(true);
    expect(framesIn(receipt?.frames ?? [])).not.toContain(BAD_FRAME);
    expect(receipt?.failed).toBe(1);
  });
}

test('BT-4: a frame that the provider cannot give at first is asked for until it comes, and is shown', async ({
  person,
  provider,
}) => {
  const hash = pictureOf(await manifestOf(provider, LONG.title), BAD_FRAME);
  let refused = 0;
  await person.context().route(contentPattern(hash), (route) => {
    if (refused >= 2) return route.continue();
    refused += 1;
    return route.fulfill({ status: 503 });
  });
  const page = await person.newTab();
  await watch(page, provider.terminalOrigin, LONG.title);
  await waitForEvent(page, 'frame', ({ frame, outcome }) => outcome === 'decrypted' && frame === BAD_FRAME);
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
});
