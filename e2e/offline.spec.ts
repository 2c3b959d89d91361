// A programme is kept, and watched where there is nothing: no line, and no provider at the end of it. The count and the receipt are made there; on
// return the provider takes exactly these.

import { programmeIdOf } from './rig/content.ts';
import { heard, waitForEvent } from './rig/module-events.ts';
import { LONG } from './rig/programmes.ts';
import { startTestProvider } from './rig/provider.ts';
import { checkFile, countedFrames } from './rig/receipts.ts';
import { moduleFrame } from './rig/surface.ts';
import { downloadReceipt, framesIn } from './rig/terminal.ts';
import { copyOfPublished, expect, test } from './rig/test.ts';

test('BT-7, BT-8: a kept programme is watched, counted and receipted with no line and no provider, and settled on return', async ({
  person,
}) => {
  // It starts a provider twice over, and waits for both service workers.
  test.setTimeout(180_000);
  let provider = await startTestProvider(await copyOfPublished());
  const ports = { PORT: new URL(provider.terminalOrigin).port, MODULE_PORT: new URL(provider.moduleOrigin).port };
  const page = await person.newTab();
  try {
    const id = await programmeIdOf(provider, LONG.title);
    await page.goto(`${provider.terminalOrigin}/watch/${id}`);
    await page.getByRole('button', { name: 'Keep for offline' }).click();
    await page.getByRole('button', { name: 'Keep it' }).click();
    await expect(page.getByText('On this device,')).toBeVisible({ timeout: 30_000 });
    // Both origins answer without a line once their service workers are there.
    await page.evaluate(async () => void (await navigator.serviceWorker.ready));
    await moduleFrame(page)
      .locator('body')
      .evaluate(async () => void (await navigator.serviceWorker.ready));
    expect(await heard(page, 'frame')).toEqual([]);

    await provider.stop();
    await person.context().setOffline(true);
    await page.goto(`${provider.terminalOrigin}/downloads`);
    await expect(page.getByRole('article', { name: LONG.title })).toContainText('On this device,');
    await page.getByRole('link', { name: 'Play' }).click();
    await waitForEvent(page, 'frame', ({ frame, outcome }) => outcome === 'decrypted' && frame >= 2);
    await page.getByRole('button', { name: 'Stop and print the receipt' }).click();
    await expect(page.getByText('Kept on this device')).toBeVisible();
    const shown = await countedFrames(page);

    provider = await startTestProvider(provider.dataDir, ports);
    await person.context().setOffline(false);
    await expect(page.getByText('The provider agrees')).toBeVisible({ timeout: 30_000 });
    const { receipt, valid, acknowledgement } = await checkFile(await downloadReceipt(page), provider.terminalOrigin);
    expect(valid).toBe(true);
    if (receipt === null) throw new Error('a valid file has a receipt');
    expect(framesIn(receipt.frames)).toEqual(shown);
    expect(receipt.count).toBe(shown.length);
    expect(acknowledgement?.amountMinor).toBe(receipt.amountMinor);
    await page.goto(`${provider.terminalOrigin}/downloads`);
    await expect(page.getByRole('article', { name: LONG.title })).toContainText('its receipt is made');
  } finally {
    await provider.stop();
  }
});
