// Every kind of question on the module's own surface, answered as a person answers it, through the product's own frame in real Chromium.
// What the worker gets is exactly what was given, and the page around learns none of it.

import type { FrameLocator, Page } from '@playwright/test';
import type { SurfaceQuestion } from '../src/worker-module/frame/testing/surface-protocol.ts';
import { answered, answerTo, ask, openHost, press, QUESTIONS, WORDS } from './surface/questions.ts';
import type { ServedSurface } from './surface/serve-surface.ts';
import { expect, test } from './surface/test.ts';

let served: ServedSurface;

test.use({ viewport: { width: 900, height: 800 } });
test.beforeAll(({ surface }) => {
  served = surface;
});

const hint = (module: FrameLocator) => module.locator('.hint');

async function asked(page: Page, question: SurfaceQuestion): Promise<{ module: FrameLocator; number: number }> {
  const module = await openHost(page, served.url);
  const number = await ask(page, question);
  await expect(module.getByRole('dialog')).toBeVisible();
  return { module, number };
}

test('BT-8: a passphrase is taken when it is long enough and typed twice, and is exactly what was typed', async ({
  page,
}) => {
  const { module, number } = await asked(page, QUESTIONS['new-passphrase']);
  const first = module.getByLabel('Passphrase', { exact: true });
  const second = module.getByLabel('The same again', { exact: true });
  await expect(first).toBeFocused();
  await expect(hint(module)).toHaveText('Use 10 characters or more');
  await first.fill('secret');
  await expect(module.locator('.strength')).toHaveText('Easy to guess');
  await first.fill(' Otter harvest, mantle frözen ');
  await expect(module.locator('.strength')).toHaveText('Strong');
  await second.fill(' Otter harvest, mantle frözen');
  await expect(hint(module)).toHaveText('Type the same passphrase twice');
  await module.getByRole('button', { name: 'Set passphrase' }).hover();
  await expect(module.getByRole('button', { name: 'Set passphrase' })).toBeDisabled();
  await second.press('Enter');
  expect(await answerTo(page, number)).toBeNull();
  await second.fill(' Otter harvest, mantle frözen ');
  await press(module, 'Set passphrase');
  expect(await answered(page, number)).toEqual({ kind: 'passphrase', passphrase: ' Otter harvest, mantle frözen ' });
});

test('BT-8: a passphrase is hidden until the person shows it, and told to a password manager as what it is', async ({
  page,
}) => {
  const { module } = await asked(page, QUESTIONS['new-passphrase']);
  const first = module.getByLabel('Passphrase', { exact: true });
  await expect(first).toHaveAttribute('type', 'password');
  await expect(first).toHaveAttribute('autocomplete', 'new-password');
  await expect(first).toHaveAttribute('spellcheck', 'false');
  const reveal = module.getByRole('button', { name: 'Show: Passphrase' });
  await reveal.click();
  await expect(first).toHaveAttribute('type', 'text');
  await expect(reveal).toHaveAttribute('aria-pressed', 'true');
  await reveal.click();
  await expect(first).toHaveAttribute('type', 'password');
});

test('BT-8: Enter in the field unlocks, and wrong tries are said', async ({ page }) => {
  const { module, number } = await asked(page, QUESTIONS.unlock);
  await expect(module.getByRole('alert')).toHaveText('That did not open it. 2 wrong tries so far.');
  const field = module.getByLabel('Passphrase', { exact: true });
  await expect(field).toBeFocused();
  await expect(field).toHaveAttribute('autocomplete', 'current-password');
  await field.fill('open sesame');
  await expect(module.getByRole('button', { name: 'Unlock', exact: true })).toBeEnabled();
  await field.press('Enter');
  expect(await answered(page, number)).toEqual({ kind: 'passphrase', passphrase: 'open sesame' });
});

test('CARD-3: a key held down from the page before does not unlock', async ({ page }) => {
  const module = await openHost(page, served.url);
  await module.locator('body').click();
  await page.keyboard.down('Enter');
  const number = await ask(page, QUESTIONS.unlock);
  await module.getByLabel('Passphrase', { exact: true }).fill('open sesame');
  await expect(module.getByRole('button', { name: 'Unlock', exact: true })).toBeEnabled();
  for (let repeat = 0; repeat < 5; repeat++) await page.keyboard.down('Enter');
  expect(await answerTo(page, number)).toBeNull();
  await page.keyboard.up('Enter');
  await page.keyboard.press('Enter');
  expect(await answered(page, number)).toEqual({ kind: 'passphrase', passphrase: 'open sesame' });
});

test('BT-8: the recovery words are shown in order, and three of them are asked for before it counts', async ({
  page,
}) => {
  const { module, number } = await asked(page, QUESTIONS['show-words']);
  await expect(module.locator('.words li')).toHaveText(WORDS);
  await press(module, 'I have written them down');
  const fields = module.getByRole('textbox');
  await expect(fields).toHaveCount(3);
  await expect(module.locator('.words li')).toHaveCount(0);
  const places = await placesAsked(module);
  for (const [index, place] of places.entries())
    await fields.nth(index).fill(index === 1 ? 'wrong' : ` ${WORDS[place]?.toUpperCase() ?? ''} `);
  await press(module, 'These are my words');
  await expect(module.getByRole('alert')).toHaveText(
    `Word ${(places[1] ?? 0) + 1} is not right. Look at your paper again.`,
  );
  expect(await answerTo(page, number)).toBeNull();
  expect(await placesAsked(module)).toEqual(places);
  for (const [index, place] of places.entries()) await fields.nth(index).fill(WORDS[place] ?? '');
  await press(module, 'These are my words');
  expect(await answered(page, number)).toEqual({ kind: 'approved' });
});

/** Places of the words that the check asks for, from 0. */
async function placesAsked(module: FrameLocator): Promise<number[]> {
  await expect(module.getByRole('textbox')).toHaveCount(3);
  const labels = await module.locator('.field.word label').allTextContents();
  return labels.map((label) => Number(label.replace('Word ', '')) - 1);
}

test('BT-8: from the check a person gets back to the words, and Escape is no approval', async ({ page }) => {
  const { module, number } = await asked(page, QUESTIONS['show-words']);
  await press(module, 'I have written them down');
  await module.getByRole('button', { name: 'Show the words again' }).click();
  await expect(module.locator('.words li')).toHaveText(WORDS);
  await press(module, 'I have written them down');
  await expect(module.getByRole('textbox')).toHaveCount(3);
  await page.keyboard.press('Escape');
  expect(await answered(page, number)).toEqual({ kind: 'refused' });
});

test('BT-8: twelve words can be pasted at once, are tidied, and fewer do not do', async ({ page, context }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const { module, number } = await asked(page, QUESTIONS['ask-words']);
  await expect(module.getByRole('alert')).toContainText('These words do not fit');
  await expect(hint(module)).toHaveText('12 words are missing');
  const fields = module.getByRole('textbox');
  await fields.first().fill(WORDS[0] ?? '');
  await expect(hint(module)).toHaveText('11 words are missing');
  const numbered = WORDS.map((word, index) => `${index + 1}. ${word.toUpperCase()}`).join('\n');
  await fields.nth(4).focus();
  await page.evaluate((text) => navigator.clipboard.writeText(text), numbered);
  await fields.nth(4).focus();
  await page.keyboard.press('ControlOrMeta+v');
  await expect(fields.nth(11)).toHaveValue('zebra');
  await expect(fields.nth(0)).toHaveValue('orbit');
  await fields.nth(3).fill(' Canyon ');
  await press(module, 'Go on');
  expect(await answered(page, number)).toEqual({ kind: 'words', words: WORDS });
});

test('BT-8: no field that takes a secret is checked for spelling or filled in by the browser', async ({ page }) => {
  const { module } = await asked(page, QUESTIONS['ask-words']);
  for (const field of await module.getByRole('textbox').all()) {
    await expect(field).toHaveAttribute('spellcheck', 'false');
    await expect(field).toHaveAttribute('autocomplete', 'off');
    await expect(field).toHaveAttribute('autocapitalize', 'none');
  }
});

test('BT-2: whether storage is persistent is told without a surface', async ({ page }) => {
  const module = await openHost(page, served.url);
  for (const asking of [true, false]) {
    const number = await ask(page, { kind: 'persist', ask: asking });
    // Chromium grants it to nobody in a frame of another origin; that it says so is the point.
    expect(await answered(page, number)).toEqual({ kind: 'persistence', persistent: false });
    await expect(module.getByRole('dialog')).toHaveCount(0);
  }
});

test('BT-7: a worker that dies takes its surface with it, and the next one can ask', async ({ page }) => {
  const { module, number } = await asked(page, QUESTIONS.approve);
  await page.evaluate(() => window.host.die());
  await expect(module.getByRole('dialog')).toHaveCount(0);
  expect(await answerTo(page, number)).toBeNull();
  await expect
    .poll(async () => {
      await page.evaluate(() => window.host.connect());
      await ask(page, QUESTIONS.unlock);
      return module.getByRole('heading').count();
    })
    .toBe(1);
  await expect(module.getByRole('heading')).toHaveText('Unlock your module');
});

test('CARD-3: a question takes the place of the one before, which is never answered, and none stands after “no more”', async ({
  page,
}) => {
  const { module, number } = await asked(page, QUESTIONS['ask-words']);
  const second = await ask(page, QUESTIONS.approve);
  await expect(module.getByRole('dialog')).toHaveCount(1);
  await expect(module.getByRole('heading')).toHaveText(QUESTIONS.approve.title);
  await page.evaluate(() => window.host.askNoMore());
  await expect(module.getByRole('dialog')).toHaveCount(0);
  const third = await ask(page, QUESTIONS.approve);
  await press(module, 'Approve');
  expect(await answered(page, third)).toEqual({ kind: 'approved' });
  expect([await answerTo(page, number), await answerTo(page, second)]).toEqual([null, null]);
});

test('CARD-3: the surface shows what the module said as text, whatever it looks like, and no word of the page', async ({
  page,
}) => {
  const module = await openHost(page, `${served.url}&word=PAGEWORD#PAGEWORD`);
  await page.evaluate(() => {
    document.title = 'PAGEWORD';
    window.host.frame.title = 'PAGEWORD';
    window.host.frame.name = 'PAGEWORD';
    window.host.frame.setAttribute('srcdoc-note', 'PAGEWORD');
    const { frame } = window.host;
    for (const message of ['PAGEWORD', { type: 'ask', number: 1, question: { kind: 'approve', title: 'PAGEWORD' } }])
      frame.contentWindow?.postMessage(message, new URL(frame.src).origin);
  });
  const nasty = '<img src=x onerror="alert(1)"><b>bold</b>';
  const number = await ask(page, { ...QUESTIONS.approve, title: nasty, party: nasty, amount: nasty, lines: [nasty] });
  await expect(module.getByRole('heading')).toHaveText(nasty);
  await expect(module.locator('.party strong')).toHaveText(nasty);
  await expect(module.locator('dialog img, dialog b')).toHaveCount(0);
  expect(await module.locator('html').innerText()).not.toContain('PAGEWORD');
  expect(await module.locator('html').evaluate((html) => html.outerHTML)).not.toContain('PAGEWORD');
  await press(module, 'Approve');
  expect(await answered(page, number)).toEqual({ kind: 'approved' });
});
