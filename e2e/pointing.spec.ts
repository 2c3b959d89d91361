// A session that is made ready while a person points at a programme: a press plays it and counts it once; without a press it leaves the person's
// credit as it was, and nothing in their lists.
import type { Page, Response } from '@playwright/test';
import { z } from 'zod';
import { fromBase64Url } from '../src/protocol/bytes.ts';
import { CLAIMS, type ClaimName } from '../src/protocol/claims.ts';
import { peekCose } from '../src/protocol/cose.ts';
import { heard, waitForEvent } from './rig/module-events.ts';
import { LONG } from './rig/programmes.ts';
import { checkFile, countedFrames } from './rig/receipts.ts';
import { downloadReceipt, framesIn, openCatalogue, stopAndSettle } from './rig/terminal.ts';
import { expect, test } from './rig/test.ts';

test.describe.configure({ mode: 'parallel' });

const isPost = (path: string) => (response: Response) =>
  response.request().method() === 'POST' && new URL(response.url()).pathname === `/api/v1/${path}` && response.ok();

/** One claim of the signed object that an answer carries. */
async function claimIn(answer: Promise<Response>, member: 'grant' | 'acknowledgement', name: ClaimName) {
  const body = z.record(z.string(), z.unknown()).parse(await (await answer).json());
  return peekCose(fromBase64Url(z.string().parse(body[member]))).claims.get(CLAIMS[name]);
}

const asBigInt = (value: unknown): bigint => BigInt(z.union([z.number(), z.bigint()]).parse(value));

/** Points at the long programme and stays there until its session is ready; answers what the grant left of the credit and what it set aside. */
async function pointUntilReady(page: Page, origin: string) {
  const card = await openCatalogue(page, origin, LONG.title);
  const granted = page.waitForResponse(isPost('sessions'));
  await card.hover();
  await waitForEvent(page, 'display', ({ state }) => state === 'idle');
  const [left, aside] = await Promise.all([
    claimIn(granted, 'grant', 'creditMinor'),
    claimIn(granted, 'grant', 'reservedMinor'),
  ]);
  return { card, leftMinor: asBigInt(left), asideMinor: asBigInt(aside) };
}

async function expectNothingWatched(page: Page, origin: string): Promise<void> {
  await page.goto(`${origin}/receipts`);
  await expect(page.getByText('There is no receipt yet.')).toBeVisible();
  await page.goto(`${origin}/module`);
  await expect(page.getByText('Nothing was watched yet.')).toBeVisible();
}

test('BT-4, BT-8: pointed at and left again, a programme leaves the credit as it was, no frame, and no receipt in the list', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  const { leftMinor, asideMinor } = await pointUntilReady(page, provider.terminalOrigin);
  expect(asideMinor).toBeGreaterThan(0n);
  const answered = page.waitForResponse(isPost('receipts'));
  await page.mouse.move(0, 0);
  expect(asBigInt(await claimIn(answered, 'acknowledgement', 'amountMinor'))).toBe(0n);
  expect(asBigInt(await claimIn(answered, 'acknowledgement', 'creditMinor'))).toBe(leftMinor + asideMinor);
  expect(await heard(page, 'picture')).toEqual([]);
  expect(await countedFrames(page)).toEqual([]);
  await expectNothingWatched(page, provider.terminalOrigin);
});

test('BT-4, BT-8: pointed at and pressed, it plays the session that was ready, and its receipt says what was shown, once', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  let asked = 0;
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/api/v1/sessions') asked += 1;
  });
  const { card } = await pointUntilReady(page, provider.terminalOrigin);
  expect(await countedFrames(page)).toEqual([]);
  await card.click();
  await waitForEvent(page, 'picture');
  await waitForEvent(page, 'frame', ({ outcome, frame }) => outcome === 'decrypted' && frame === 1);
  await stopAndSettle(page);
  expect(asked).toBe(1);
  const shown = await countedFrames(page);
  const { valid, receipt } = await checkFile(await downloadReceipt(page), provider.terminalOrigin);
  expect(valid).toBe(true);
  expect(framesIn(receipt?.frames ?? [])).toEqual(shown);
  expect(receipt?.count).toBe(shown.length);
  await page.goto(`${provider.terminalOrigin}/receipts`);
  await expect(page.getByRole('link', { name: LONG.title })).toHaveCount(1);
});

test('BT-7: a tab that is closed with a session ready leaves it to the next start, which gives the credit back', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  const { leftMinor, asideMinor } = await pointUntilReady(page, provider.terminalOrigin);
  await page.close();
  const next = await person.newTab();
  const answered = next.waitForResponse(isPost('receipts'));
  await openCatalogue(next, provider.terminalOrigin, LONG.title);
  expect(asBigInt(await claimIn(answered, 'acknowledgement', 'creditMinor'))).toBe(leftMinor + asideMinor);
  await expectNothingWatched(next, provider.terminalOrigin);
});
