// A peer's page as a person uses it: opened, clicked, watched. Asks the page's own readings (bench/page/peers/peer.ts).
import type { Page } from '@playwright/test';
import type { Picture } from '../../page/peers/peer.ts';
import { clickedAt, pressAfter } from '../fresh.ts';

/** Size of the terminal's picture on the screen, CSS pixels: a peer's is as large. */
export type PictureSize = { readonly width: number; readonly height: number };

/** Opens a peer's page; nothing is loaded yet but the player itself. */
export async function openPeer(page: Page, address: string, size?: PictureSize): Promise<void> {
  await page.goto(address);
  await page.waitForFunction(() => 'peer' in window);
  if (size === undefined) return;
  await page.addStyleTag({
    content: `:root{--picture-width:${size.width}px;--picture-height:${size.height}px}`,
  });
}

/**
 * Clicks and waits for the first picture; answers it and the milliseconds since the click.
 * @param restMs how long the pointer rests on the button first; 0 for a click at once
 */
export async function playPeer(page: Page, restMs = 0): Promise<Picture & { readonly tookMs: number }> {
  await pressAfter(page.getByRole('button', { name: 'Play' }), restMs);
  const picture = await page.evaluate(() => window.peer.firstPicture());
  return { ...picture, tookMs: picture.atMs - (await clickedAt(page)) };
}
