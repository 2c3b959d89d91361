// BT-12: a whiteboard from the command line to a hand and to two who watch. One is there from the first stroke, one comes late and gets
// nothing from before; the provider goes away in the middle and nothing that was drawn is lost; both receipts say exactly what was shown.
import type { BrowserContext, Page } from '@playwright/test';
import { z } from 'zod';
import { hearModule, waitForEvent } from './rig/module-events.ts';
import { runFarebox } from './rig/processes.ts';
import { checkFile, countedFrames } from './rig/receipts.ts';
import { downloadReceipt, framesIn, watch } from './rig/terminal.ts';
import { expect, test } from './rig/test.ts';

const TITLE = 'Counting on a board';
const madeSchema = z.object({ board: z.object({ id: z.string(), link: z.string() }) });

/** A line across the board, at a height of it (shares). */
async function drawLine(page: Page, height: number): Promise<void> {
  const board = page.getByRole('img', { name: 'Whiteboard' });
  const box = await board.boundingBox();
  if (box === null) throw new Error('there is no board');
  const [x, y] = [box.x + box.width / 4, box.y + box.height * height];
  await page.mouse.move(x, y);
  await page.mouse.down();
  await page.mouse.move(x + box.width / 2, y, { steps: 8 });
  await page.mouse.up();
}

/** Whether ink is on that height of the board, as the viewer's screen shows it. */
async function hasInk(page: Page, height: number): Promise<boolean> {
  const picture = page.frameLocator('iframe').getByLabel('Picture of the programme');
  const shot = await picture.screenshot();
  return page.evaluate(
    async ({ base64, share }) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
      const context = canvas.getContext('2d');
      context?.drawImage(bitmap, 0, 0);
      // The board keeps its shape within the frame.
      const tall = Math.min(bitmap.height, (bitmap.width * 9) / 16);
      const top = (bitmap.height - tall) / 2 + tall * share - 6;
      const { data } = context?.getImageData(bitmap.width / 2 - 2, top, 4, 12) ?? { data: new Uint8ClampedArray() };
      return data.some((level, at) => at % 4 === 0 && level < 90);
    },
    { base64: shot.toString('base64'), share: height },
  );
}

const counted = (page: Page, frame: number) =>
  waitForEvent(page, 'frame', (event) => event.frame === frame && event.outcome === 'decrypted', { timeoutMs: 20_000 });

test('BT-12: a hand draws, two watch: each stroke a frame, counted once, and nothing from before for who comes late', async ({
  person,
  provider,
  browser,
}) => {
  test.setTimeout(120_000);
  const environment = { FAREBOX_DATA: provider.dataDir, PORT: new URL(provider.terminalOrigin).port };
  const { out, err } = await runFarebox(['board', 'create', '--title', TITLE, '--json'], environment);
  expect(err).toBe('');
  const made = madeSchema.parse(JSON.parse(out)).board;

  const drawer = await person.newTab();
  await drawer.goto(made.link);
  await expect(drawer.getByText('0 strokes have arrived')).toBeVisible();
  // Another tab would write over what this one keeps until it is sent: it waits until this one is closed.
  const second = await person.newTab();
  await second.goto(made.link);
  await expect(second.getByText('open for drawing in another tab')).toBeVisible();
  await second.close();
  // The token never leaves in an address.
  const asked: string[] = [];
  drawer.on('request', (request) => asked.push(request.url()));

  const early = await newViewer();
  await watch(early.page, provider.terminalOrigin, TITLE);
  await expect(early.page.getByText('Nothing is drawn yet')).toBeVisible();
  await expect(early.page.getByText('LIVE', { exact: true })).toBeVisible();

  await drawLine(drawer, 0.2);
  await counted(early.page, 0);
  await drawLine(drawer, 0.4);
  await counted(early.page, 1);
  await expect.poll(() => hasInk(early.page, 0.4), { timeout: 10_000 }).toBe(true);
  expect(await hasInk(early.page, 0.2)).toBe(true);

  // Somebody comes late: a bare board, and what is drawn from now on.
  const late = await newViewer();
  await watch(late.page, provider.terminalOrigin, TITLE);
  await expect(late.page.getByText('What is drawn from now on appears here')).toBeVisible();

  // The drawer's line goes away: what is drawn meanwhile is kept and comes when it is back.
  await drawer.context().setOffline(true);
  await drawLine(drawer, 0.6);
  await expect(drawer.getByText(/1 on the way/)).toBeVisible();
  await drawer.context().setOffline(false);
  await Promise.all([counted(early.page, 2), counted(late.page, 2)]);
  await expect.poll(() => hasInk(late.page, 0.6), { timeout: 10_000 }).toBe(true);
  expect([await hasInk(late.page, 0.2), await hasInk(late.page, 0.4)]).toEqual([false, false]);

  // Back to what stood before: an undoing is a stroke like any other.
  await drawer.getByRole('button', { name: 'Undo' }).click();
  await Promise.all([counted(early.page, 3), counted(late.page, 3)]);
  await expect.poll(() => hasInk(early.page, 0.6), { timeout: 10_000 }).toBe(false);
  expect(await hasInk(early.page, 0.4)).toBe(true);

  await drawer.getByRole('button', { name: 'End the board' }).click();
  await drawer.getByRole('button', { name: 'End it' }).click();
  await expect(drawer.getByText('The board is closed; 4 strokes have arrived')).toBeVisible();
  expect(asked.filter((url) => url.includes(new URL(made.link).hash.slice(1)))).toEqual([]);

  // Who watches to the end has the receipt by itself, and the provider agrees with it.
  for (const [{ page, context }, frames] of [
    [early, [0, 1, 2, 3]],
    [late, [2, 3]],
  ] as const) {
    await expect(page.getByText('The provider agrees')).toBeVisible();
    const report = await checkFile(await downloadReceipt(page), provider.terminalOrigin);
    expect(report.valid).toBe(true);
    expect(framesIn(report.receipt?.frames ?? [])).toEqual(frames);
    expect(report.programme?.board).toBe(true);
    expect(await countedFrames(page)).toEqual(frames);
    await expect(page.getByText('Strokes shown')).toBeVisible();
    if (page === early.page) await context.close();
  }

  // Once it has ended, all of it plays from its first stroke, for another receipt.
  await late.page.goto(`/watch/${made.id}`);
  await late.page.getByRole('button', { name: `Play ${TITLE}` }).click();
  await counted(late.page, 1);
  await expect.poll(() => hasInk(late.page, 0.2), { timeout: 10_000 }).toBe(true);
  await late.context.close();

  async function newViewer(): Promise<{ page: Page; context: BrowserContext }> {
    const context = await browser.newContext({ baseURL: provider.terminalOrigin, acceptDownloads: true });
    const page = await context.newPage();
    await hearModule(page);
    return { page, context };
  }
});
