// Downloaded and derived keys as a person meets them, against a real provider: a terminal gets its keys by itself and comes by them, keys that are
// retired cost one contact by signature, a PIN opens what it is for, and of a PIN or a card nothing is outside the module's own window.
import { rm } from 'node:fs/promises';
import type { Page, Request } from '@playwright/test';
import { alterKeys } from './rig/altered-keys.ts';
import { waitForEvent } from './rig/module-events.ts';
import { runFarebox } from './rig/processes.ts';
import { LONG } from './rig/programmes.ts';
import { type RunningProvider, startTestProvider } from './rig/provider.ts';
import { answer, question } from './rig/surface.ts';
import { stopAndSettle, watch } from './rig/terminal.ts';
import { copyOfPublished, expect, test } from './rig/test.ts';

const PIN = '918273645';
const CARD = { number: '4242424242424242', expiry: '11/39', verification: '8041', pin: '630417295538' };
/** Wrong PINs that the provider takes in a day. */
const WRONG_PINS = 10;

/** Every POST request of the page, as it is sent. */
function hearRequests(page: Page): Request[] {
  const heard: Request[] = [];
  page.on('request', (request) => {
    if (request.method() === 'POST') heard.push(request);
  });
  return heard;
}

/** What they asked for, behind `/api/v1`. */
function pathsOf(requests: readonly Request[]): string[] {
  return requests.map((request) => new URL(request.url()).pathname.replace('/api/v1', ''));
}

/** Watches a little in a page that is loaded anew. */
async function watchAnew(page: Page, origin: string): Promise<void> {
  await watch(page, origin, LONG.title);
  await waitForEvent(page, 'frame', ({ outcome }) => outcome === 'decrypted');
}

/** Retires one number of what signs terminals in. */
async function retireNumber(provider: RunningProvider, index: number): Promise<void> {
  const args = ['keys', 'retire', 'terminals', 'watch', '--index', String(index)];
  const { code, err } = await runFarebox(args, { FAREBOX_DATA: provider.dataDir });
  expect(code, err).toBe(0);
}

test('SD-1, MC-1: a fresh terminal gets its keys by itself and comes by them; retired ones cost one signature', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  const requests = hearRequests(page);
  const accepted = page.waitForResponse(/\/keys\/acceptance$/);
  await watchAnew(page, provider.terminalOrigin);
  expect((await accepted).status()).toBe(200);
  await stopAndSettle(page);

  requests.splice(0);
  await watchAnew(page, provider.terminalOrigin);
  await stopAndSettle(page);
  const byKeys = pathsOf(requests);
  expect(byKeys).toContain('/sessions');
  expect(byKeys).toContain('/receipts');
  expect(byKeys.filter((path) => path === '/keys/token').length).toBeGreaterThanOrEqual(2);
  expect(byKeys).not.toContain('/challenges');

  await retireNumber(provider, 3);
  requests.splice(0);
  const again = page.waitForResponse(/\/keys\/acceptance$/);
  await watchAnew(page, provider.terminalOrigin);
  expect((await again).status()).toBe(200);
  const bySignature = pathsOf(requests);
  expect(bySignature.indexOf('/challenges')).toBeGreaterThan(bySignature.indexOf('/keys/token'));
  expect(bySignature).toContain('/keys/agreement');

  requests.splice(0);
  await stopAndSettle(page);
  await page.goto(`${provider.terminalOrigin}/module`);
  const keys = page.getByRole('region', { name: 'Keys' });
  await expect(keys.getByText('agreed', { exact: true })).toBeVisible();
  await expect(keys.getByText(/^Agreement 2: /)).toBeVisible();
  expect(pathsOf(requests)).toContain('/keys/token');
  expect(pathsOf(requests)).not.toContain('/challenges');
});

/** Types a PIN where the module asks for one, and presses its button. */
async function typePin(page: Page, title: string, field: string, pin: string, button: string): Promise<void> {
  const dialog = await question(page, title);
  await dialog.getByLabel(field, { exact: true }).fill(pin);
  await answer(page, button);
}

/** Has the module ask for a PIN to enter with. */
async function enterWith(page: Page, pin: string): Promise<void> {
  await page.getByRole('button', { name: 'Enter with PIN' }).click();
  await typePin(page, 'Type your PIN', 'PIN', pin, 'Open');
}

test('MC-4, MC-5: a PIN opens what it is for and a card reaches the provider, and nothing of either is outside the module', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  const said: string[] = [];
  page.on('console', (message) => said.push(message.text()));
  const requests = hearRequests(page);
  await page.goto(`${provider.terminalOrigin}/module`);
  const keys = page.getByRole('region', { name: 'Keys' });

  await expect(keys.getByRole('button', { name: 'Fetch keys' })).toBeVisible();
  await person.context().setOffline(true);
  await keys.getByRole('button', { name: 'Fetch keys' }).click();
  await expect(keys.getByText('This device is offline.')).toBeVisible();
  await person.context().setOffline(false);
  await keys.getByRole('button', { name: 'Fetch keys' }).click();
  await expect(keys.getByText('2 keys came, and agreement 1 holds.')).toBeVisible();

  await keys.getByRole('button', { name: 'Choose a PIN for Wallet' }).click();
  await typePin(page, 'Choose a PIN for “wallet”', 'New PIN', PIN, 'Go on');
  await typePin(page, 'Your PIN for “wallet”, once more', 'The same PIN again', PIN, 'Set PIN');
  await expect(keys.getByText('Your PIN for Wallet is chosen.')).toBeVisible();
  await enterWith(page, PIN);
  await expect(keys.getByText('Your PIN opened Wallet.')).toBeVisible();

  await keys.getByRole('button', { name: 'Give a card' }).click();
  const form = await question(page, 'Give a card to this provider?');
  await form.getByLabel('Card number').fill(CARD.number);
  await form.getByLabel('Expiry, MM/YY').fill(CARD.expiry);
  await form.getByLabel('Verification value').fill(CARD.verification);
  await form.getByLabel('Card PIN, if you are asked for it').fill(CARD.pin);
  await answer(page, 'Give this card');
  await expect(keys.getByText('The provider has your card that ends in 4242.')).toBeVisible();
  await expectNothingOutside(page, said, requests);

  await keys.getByRole('button', { name: 'Remove the card' }).click();
  await keys.getByRole('button', { name: 'Remove it' }).click();
  await expect(keys.getByText('The provider has your card no longer.')).toBeVisible();

  for (let tries = 1; tries <= WRONG_PINS; tries += 1) {
    await enterWith(page, `${1000 + tries}`);
    await expect(keys.getByText('Not recognised.', { exact: true })).toBeVisible();
  }
  await enterWith(page, PIN);
  await expect(keys.getByText(/Too many PINs/)).toBeVisible();
});

test('SD-5: keys that were altered in the profile are named, are no reason not to watch, and are fetched anew with the person’s yes', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  await page.goto(`${provider.terminalOrigin}/module`);
  const keys = page.getByRole('region', { name: 'Keys' });
  await keys.getByRole('button', { name: 'Fetch keys' }).click();
  await expect(keys.getByText('2 keys came, and agreement 1 holds.')).toBeVisible();
  await alterKeys(page, provider.moduleOrigin);

  await watchAnew(page, provider.terminalOrigin);
  await stopAndSettle(page);
  await page.goto(`${provider.terminalOrigin}/module`);
  await expect(keys.getByText('altered', { exact: true })).toBeVisible();
  await expect(keys.getByRole('button', { name: 'Enter with PIN' })).toHaveCount(0);
  await keys.getByRole('button', { name: 'Fetch the keys anew' }).click();
  await question(page, 'Fetch your keys anew?');
  await answer(page, 'Not now');
  await expect(keys.getByText(/You did not agree/)).toBeVisible();
  await keys.getByRole('button', { name: 'Fetch the keys anew' }).click();
  await question(page, 'Fetch your keys anew?');
  await answer(page, 'Fetch anew');
  await expect(keys.getByText('2 keys came, and agreement 2 holds.')).toBeVisible();
  await expect(keys.getByText('agreed', { exact: true })).toBeVisible();
});

/** A provider of its own, in whose set a PIN chooses `watch` and a series of another name signs terminals in. */
async function startWithPinForWatching(): Promise<RunningProvider> {
  const provider = await startTestProvider(await copyOfPublished());
  const policy = ['--rule', 'client', '--master', 'master', '--series', 'gate,watch', '--pin', 'watch'];
  for (const args of [
    ['add', 'app', 'terminals', 'gate', '--kind', 'series', '--count', '64'],
    ['policy', 'terminals', ...policy],
  ]) {
    const { code, err } = await runFarebox(['keys', ...args], { FAREBOX_DATA: provider.dataDir });
    expect(code, err).toBe(0);
  }
  return provider;
}

test('MC-5: a PIN for watching takes the person to the catalogue, and a wrong one leaves them where they are', async ({
  person,
}) => {
  const provider = await startWithPinForWatching();
  try {
    const page = await person.newTab();
    await page.goto(`${provider.terminalOrigin}/module`);
    const keys = page.getByRole('region', { name: 'Keys' });
    await keys.getByRole('button', { name: 'Fetch keys' }).click();
    await expect(keys.getByText('2 keys came, and agreement 1 holds.')).toBeVisible();

    await keys.getByRole('button', { name: 'Choose a PIN for Watching' }).click();
    await typePin(page, 'Choose a PIN for “watch”', 'New PIN', PIN, 'Go on');
    await typePin(page, 'Your PIN for “watch”, once more', 'The same PIN again', PIN, 'Set PIN');
    await expect(keys.getByText('Your PIN for Watching is chosen.')).toBeVisible();

    await enterWith(page, '1234');
    await expect(keys.getByText('Not recognised.', { exact: true })).toBeVisible();
    expect(new URL(page.url()).pathname).toBe('/module');
    await enterWith(page, PIN);
    await expect(page.getByRole('link', { name: LONG.title })).toBeVisible();
    expect(new URL(page.url()).pathname).toBe('/');
  } finally {
    await provider.stop();
    await rm(provider.dataDir, { recursive: true, force: true });
  }
});

/** Looks for what was typed in everything that the terminal's page has said, sent, shown or kept. */
async function expectNothingOutside(page: Page, said: readonly string[], requests: readonly Request[]): Promise<void> {
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  const shown = await page.evaluate(() => document.documentElement.outerHTML);
  const sent = requests.map((request) => `${request.url()} ${request.postData() ?? ''}`);
  expect(sent.join('\n')).toContain('concealed');
  const everywhere = [kept, shown, ...said, ...sent].join('\n');
  for (const secret of [PIN, CARD.number, CARD.pin]) {
    for (const form of formsOf(secret)) expect(everywhere.includes(form), `${secret} as ${form}`).toBe(false);
  }
  // Four characters come by chance in bytes as text: looked for where they would stand by themselves.
  expect(everywhere).not.toMatch(new RegExp(`(?<![\\w-])${CARD.verification}(?![\\w-])`));
  expect(everywhere).not.toMatch(/2039-11|11\/39/);
}

/** A text as it is, in hex, and in base64 wherever it may begin there. */
function formsOf(text: string): string[] {
  const offsets = [0, 1, 2].map((offset) => {
    const encoded = Buffer.from(`${' '.repeat(offset)}${text}`).toString('base64url');
    // The first and the last characters hold bits of what stands beside it.
    return encoded.slice(offset === 0 ? 0 : 4, -4);
  });
  return [text, Buffer.from(text).toString('hex'), ...offsets];
}
