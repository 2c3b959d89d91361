// What a person does with a question of the module: it is in the module's own frame, so it is found and pressed there, by the words on it. A button
// works only when the surface has been seen whole for half a second with the pointer inside it, as a person's is.
import { expect, type FrameLocator, type Locator, type Page } from '@playwright/test';

/** The module's document. */
export function moduleFrame(page: Page): FrameLocator {
  return page.frameLocator('iframe');
}

/** The question that is asked now, by its title. */
export async function question(page: Page, title: string): Promise<Locator> {
  const dialog = moduleFrame(page).getByRole('dialog', { name: title });
  await expect(dialog).toBeVisible();
  return dialog;
}

/** Reads the question to its end and presses a button of it; resolves when it has worked. */
export async function answer(page: Page, name: string): Promise<void> {
  await moduleFrame(page).getByRole('dialog').hover();
  await page.mouse.wheel(0, 10_000);
  const button = moduleFrame(page).getByRole('button', { name, exact: true });
  await button.hover();
  await expect(button).not.toHaveAttribute('aria-disabled', 'true');
  await button.click();
}

/** Takes the module through the making of a backup with words alone; answers the twelve words that it showed. */
export async function writeDownWords(page: Page): Promise<readonly string[]> {
  await question(page, 'Make a backup?');
  await answer(page, 'Show the words');
  return copyShownWords(page);
}

/** Writes down the words that the module shows, and passes the check; answers them. */
export async function copyShownWords(page: Page): Promise<readonly string[]> {
  await question(page, 'Write down your recovery words');
  const words = await moduleFrame(page).locator('.words li').allTextContents();
  await answer(page, 'I have written them down');
  const check = await question(page, 'Check your words');
  for (const field of await check.getByRole('textbox').all()) {
    const place = /\d+/.exec((await field.getAttribute('id')) ?? '');
    if (place === null) throw new Error('a field for a word says not for which');
    await field.fill(words[Number(place[0]) - 1] ?? '');
  }
  await answer(page, 'These are my words');
  return words;
}

/** Gives the twelve words where the module asks for them. */
export async function giveWords(page: Page, words: readonly string[]): Promise<void> {
  const dialog = await question(page, 'Your recovery words');
  const fields = await dialog.getByRole('textbox').all();
  for (const [place, field] of fields.entries()) await field.fill(words[place] ?? '');
  await answer(page, 'Go on');
}
