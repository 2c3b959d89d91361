// What a person does on the terminal's screens, by the words that are on them. Used by the specs and the benches.
import { readFile } from 'node:fs/promises';
import { expect, type Locator, type Page } from '@playwright/test';
import type { FrameRange } from '../../src/protocol/ranges.ts';
import { waitForEvent } from './module-events.ts';

/** Opens the catalogue and answers the card of a programme; a click on it plays. The module is ready. */
export async function openCatalogue(page: Page, origin: string, title: string): Promise<Locator> {
  await page.goto(`${origin}/`);
  const card = page.getByRole('link', { name: title });
  await card.waitFor();
  return card;
}

/** From the catalogue into a programme; resolves when its first picture is on the screen. */
export async function watch(page: Page, origin: string, title: string): Promise<void> {
  await (await openCatalogue(page, origin, title)).click();
  await waitForEvent(page, 'picture');
}

/** Seeks with the slider, as by dragging it to a place and letting go. */
export async function seekTo(page: Page, positionMs: number): Promise<void> {
  await showControls(page);
  const slider = page.getByRole('slider', { name: 'Place in the programme' });
  await slider.fill(String(positionMs));
  await slider.blur();
}

/** The controls fade while it plays; a movement over the picture brings them back. */
export async function showControls(page: Page): Promise<void> {
  const picture = page.getByRole('region', { name: 'Picture' });
  const box = await picture.boundingBox();
  if (box === null) throw new Error('there is no picture to point at');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 3);
  await page.mouse.move(box.x + box.width / 2 + 5, box.y + box.height / 3);
}

/** Presses a button of the controls. */
export async function press(page: Page, name: 'Play' | 'Pause' | 'Mute' | 'Full screen'): Promise<void> {
  await showControls(page);
  // The picture itself is a button of the same name, for pointers alone.
  await page
    .getByRole('button', { name, exact: true })
    .and(page.getByTitle(name, { exact: true }))
    .click();
}

/** Ends the session; resolves when the provider has accepted the receipt. */
export async function stopAndSettle(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Stop and print the receipt' }).click();
  await expect(page.getByText('The provider agrees')).toBeVisible();
}

/** Opens the receipt of the session that has just been stopped, and downloads its file. */
export async function downloadReceipt(page: Page): Promise<Uint8Array> {
  await page.getByRole('link', { name: 'Open the receipt' }).click();
  return downloadOpenReceipt(page);
}

/** Downloads the file of the receipt that is open; every check that the screen makes on it has held. */
export async function downloadOpenReceipt(page: Page): Promise<Uint8Array> {
  await expect(page.getByText(ALL_CHECKS_HOLD)).toBeVisible();
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download .farebox' }).click();
  return readFile(await (await download).path());
}

/** What the screen says where as many checks hold as there are. */
const ALL_CHECKS_HOLD = /^(\d+) of \1 checks hold/;

/** Frame numbers in ranges, one by one. */
export function framesIn(ranges: readonly FrameRange[]): number[] {
  return ranges.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i));
}
