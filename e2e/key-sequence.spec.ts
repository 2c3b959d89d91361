// A session under the documents' own sequence function, as a person chooses it: it plays, forwards and back, and is said to be weak wherever
// its name is shown. The function itself is tested in src/protocol/sequence, a session under it in src/worker-module/session/logistic.test.ts.
import type { Page } from '@playwright/test';
import { violations } from './rig/axe.ts';
import { heard, waitForEvent } from './rig/module-events.ts';
import { LONG } from './rig/programmes.ts';
import { seekTo, showControls, stopAndSettle, watch } from './rig/terminal.ts';
import { expect, test } from './rig/test.ts';

/** Opens the menu over the picture at the page of sequences. */
async function openChoices(page: Page): Promise<void> {
  await showControls(page);
  await page.getByRole('button', { name: 'Settings' }).click();
  await page.getByRole('menuitem', { name: /^Frame keys/ }).click();
}

test('BT-6: a person chooses the logistic map for one session, sees it marked weak, goes forwards and back in it, and has its receipt', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  await watch(page, provider.terminalOrigin, LONG.title);
  await waitForEvent(page, 'frame', ({ outcome }) => outcome === 'decrypted');
  const ticket = page.getByRole('region', { name: 'Running ticket' });
  await expect(ticket.getByText('Frame keys')).toBeVisible();
  await expect(ticket.getByText(/^The keys come from one tree/)).toBeHidden();
  await ticket.getByText('one tree', { exact: true }).click();
  await expect(ticket.getByText(/^The keys come from one tree/)).toBeVisible();
  await expect(ticket.getByText('weak', { exact: true })).toHaveCount(0);

  const asked = page.waitForRequest((request) => request.url().endsWith('/api/v1/sessions'));
  await openChoices(page);
  await expect(page.getByText('A chaotic map is not a cipher')).toBeVisible();
  await expect(page.getByRole('menuitemradio', { name: 'As published strong' })).toBeChecked();
  await page.getByRole('menuitemradio', { name: /^Logistic map.*weak$/ }).click();
  expect((await asked).postDataJSON()).toMatchObject({ sequence: 'logistic' });
  await expect(ticket.getByText('logistic map')).toBeVisible();
  await expect(ticket.getByText('weak', { exact: true })).toBeVisible();

  // Frames one after another, a place ahead, and one that was passed over: another session has its key, under the same function.
  const next = async (): Promise<number> => (await heard(page, 'frame')).length;
  const decryptedFrom = async (positionMs: number, skip: number) =>
    waitForEvent(page, 'frame', (event) => event.outcome === 'decrypted' && event.frame === positionMs / 2_000, {
      skip,
    });
  await waitForEvent(page, 'frame', ({ outcome }) => outcome === 'decrypted', { skip: await next() });
  let before = await next();
  await seekTo(page, 30_000);
  const ahead = await decryptedFrom(30_000, before);
  before = await next();
  await seekTo(page, 20_000);
  const behind = await decryptedFrom(20_000, before);
  expect(behind.session).not.toBe(ahead.session);
  await expect(ticket.getByText('weak', { exact: true })).toBeVisible();
  // Nothing was lost on the way: each frame had its key when its turn came.
  expect((await heard(page, 'failed')).map(({ code }) => code)).toEqual([]);
  expect((await heard(page, 'frame')).filter(({ outcome }) => outcome === 'failed')).toEqual([]);

  await stopAndSettle(page);
  await page.getByRole('link', { name: 'Open the receipt' }).click();
  await expect(page.getByText(/^(\d+) of \1 checks hold/)).toBeVisible();
  const receipt = page.getByRole('region', { name: 'Receipt' });
  await expect(receipt.getByText('logistic map')).toBeVisible();
  await expect(receipt.getByText('weak', { exact: true })).toBeVisible();
  expect(await violations(page)).toEqual([]);

  // It was a choice for that visit: the next one is as published.
  await watch(page, provider.terminalOrigin, LONG.title);
  await expect(ticket.getByText('one tree', { exact: true })).toBeVisible();
  await expect(ticket.getByText('weak', { exact: true })).toHaveCount(0);
});
