// PINs and cards on the module's own surface, answered as a person answers them, through the product's own frame in real Chromium: with the
// keyboard alone, with a finger, with a slip. The page around hears no key and reads no digit, and nothing of them stays in the frame.

import type { FrameLocator, Locator, Page } from '@playwright/test';
import type { SurfaceQuestion } from '../src/worker-module/frame/testing/surface-protocol.ts';
import { answered, answerTo, ask, openHost, press, QUESTIONS } from './surface/questions.ts';
import type { ServedSurface } from './surface/serve-surface.ts';
import { expect, test } from './surface/test.ts';

const NUMBER = '4000056655665556';
const PIN = '470319';

let served: ServedSurface;

test.use({ viewport: { width: 900, height: 900 } });
test.beforeAll(({ surface }) => {
  served = surface;
});

async function asked(page: Page, question: SurfaceQuestion): Promise<{ module: FrameLocator; number: number }> {
  const module = await openHost(page, served.url);
  const number = await ask(page, question);
  await expect(module.getByRole('dialog')).toBeVisible();
  return { module, number };
}

const hint = (module: FrameLocator): Locator => module.locator('.hint');
const field = (module: FrameLocator, label: string): Locator => module.getByLabel(label, { exact: true });
const button = (module: FrameLocator, name: string): Locator => module.getByRole('button', { name, exact: true });

/** Everything that the module's document holds as text, attribute or value, and everything that the page heard of its frame. */
async function traces(page: Page, module: FrameLocator): Promise<string> {
  const inFrame = await module.locator('html').evaluate((html) => {
    const values = [...html.querySelectorAll('input')].map(({ value }) => value);
    return html.outerHTML + values.join(' ') + JSON.stringify(history.state) + location.href;
  });
  return inFrame + (await page.evaluate(() => JSON.stringify(window.heard)));
}

declare global {
  interface Window {
    /** What the page noted of keys, clicks and messages. */
    heard: string[];
  }
}

/** The page listens to all that a page can listen to. */
async function listen(page: Page): Promise<void> {
  await page.addInitScript(() => {
    window.heard = [];
    for (const type of ['keydown', 'keyup', 'keypress', 'beforeinput', 'input', 'pointerdown', 'click', 'paste'])
      window.addEventListener(
        type,
        (event) => window.heard.push(`${type} ${'key' in event ? String(event.key) : ''}`),
        true,
      );
    window.addEventListener('message', ({ data }) => window.heard.push(`message ${JSON.stringify(data)}`), true);
  });
}

test.describe('MC-5: choosing a PIN', () => {
  test('with the keyboard alone: typed twice, the same both times, and it is exactly what was typed', async ({
    page,
  }) => {
    const { module, number } = await asked(page, QUESTIONS['new-pin']);
    await expect(module.getByRole('heading')).toHaveText('Choose a PIN for “wallet”');
    await expect(field(module, 'New PIN')).toBeFocused();
    await expect(hint(module)).toHaveText('Type 4 digits or more');
    await page.keyboard.type('470');
    await expect(hint(module)).toHaveText('One more digit');
    await page.keyboard.press('Enter');
    await page.keyboard.type('x319');
    await expect(field(module, 'New PIN')).toHaveValue(PIN);
    await expect(button(module, 'Go on')).toBeEnabled();
    await page.keyboard.press('Enter');
    await expect(field(module, 'The same PIN again')).toBeFocused();
    await page.keyboard.type('470318');
    await expect(button(module, 'Set PIN')).toBeEnabled();
    await page.keyboard.press('Enter');
    await expect(module.getByRole('alert')).toHaveText('These were two different PINs. Choose it again.');
    expect(await answerTo(page, number)).toBeNull();
    for (const label of ['New PIN', 'The same PIN again']) {
      await expect(field(module, label)).toBeFocused();
      await page.keyboard.type(PIN);
      await expect(module.locator('.yes')).toBeEnabled();
      await page.keyboard.press('Enter');
    }
    expect(await answered(page, number)).toEqual({ kind: 'pin', pin: PIN });
  });

  test('one that people try first is told to be, and is taken', async ({ page }) => {
    const { module, number } = await asked(page, QUESTIONS['new-pin']);
    const told = module.locator('.strength');
    await field(module, 'New PIN').fill('123');
    await expect(told).toHaveText('');
    await field(module, 'New PIN').fill('1234');
    await expect(told).toHaveText('Easy to guess: many people try it first.');
    await field(module, 'New PIN').fill('12348');
    await expect(told).toHaveText('');
    await field(module, 'New PIN').fill('0000');
    await expect(told).toHaveText('Easy to guess: many people try it first.');
    await press(module, 'Go on');
    await field(module, 'The same PIN again').fill('0000');
    await press(module, 'Set PIN');
    expect(await answered(page, number)).toEqual({ kind: 'pin', pin: '0000' });
  });

  test('gone away from at the second time it is not chosen', async ({ page }) => {
    const { module, number } = await asked(page, QUESTIONS['new-pin']);
    await field(module, 'New PIN').fill(PIN);
    await press(module, 'Go on');
    await field(module, 'The same PIN again').fill(PIN);
    await button(module, 'Not now').click();
    expect(await answered(page, number)).toEqual({ kind: 'refused' });
    expect(await traces(page, module)).not.toContain(PIN);
  });
});

test.describe('MC-5: typing a PIN', () => {
  test('is hidden, asks for digits, and is told to no password manager', async ({ page }) => {
    const { module } = await asked(page, QUESTIONS.pin);
    const typed = field(module, 'PIN');
    for (const [name, value] of Object.entries({
      type: 'password',
      inputmode: 'numeric',
      autocomplete: 'off',
      spellcheck: 'false',
      maxlength: '12',
    }))
      await expect(typed).toHaveAttribute(name, value);
    await expect(module.getByText('provider 5f0c9a7be21d43c8a6f00b1d7e92c354')).toBeVisible();
    await page.keyboard.type('1234567890123');
    await expect(typed).toHaveValue('123456789012');
  });

  test('neither the page around nor the frame afterwards has any of it', async ({ page }) => {
    await listen(page);
    const { module, number } = await asked(page, QUESTIONS.pin);
    await page.keyboard.type(PIN.slice(0, 3));
    for (const digit of PIN.slice(3)) await button(module, digit).click();
    await expect(field(module, 'PIN')).toHaveValue(PIN);
    await page.keyboard.press('Backspace');
    await button(module, '9').click();
    await button(module, 'Delete the last digit').click();
    await page.keyboard.type('9');
    await expect(button(module, 'Open')).toBeEnabled();
    await page.keyboard.press('Enter');
    // The answer comes over the test's own port, which stands in the place of the module's: no message of the frame carries it.
    expect(await answered(page, number)).toEqual({ kind: 'pin', pin: PIN });
    await expect(module.getByRole('dialog')).toHaveCount(0);
    const heard = await page.evaluate(() => window.heard);
    expect(heard.filter((what) => !what.startsWith('message'))).toEqual([]);
    expect(heard.filter((what) => what.startsWith('message'))).toEqual(['message {"type":"farebox/ready"}']);
    // The page does listen: a key of its own it hears.
    await page.evaluate(() => document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'k', bubbles: true })));
    expect(await page.evaluate(() => window.heard.at(-1))).toBe('keydown k');
    expect(await traces(page, module)).not.toContain(PIN);
    await expect(module.locator('input, dialog')).toHaveCount(0);
  });

  test('Tab goes from the field to the buttons, not through the number pad, and Escape is no answer', async ({
    page,
  }) => {
    const { module, number } = await asked(page, QUESTIONS.pin);
    await page.keyboard.type(PIN);
    await page.keyboard.press('Tab');
    await expect(button(module, 'Not now')).toBeFocused();
    await page.keyboard.press('Tab');
    await expect(button(module, 'Open')).toBeFocused();
    await page.keyboard.press('Tab');
    await expect(field(module, 'PIN')).toBeFocused();
    await page.keyboard.press('Escape');
    expect(await answered(page, number)).toEqual({ kind: 'refused' });
    expect(await traces(page, module)).not.toContain(PIN);
  });

  test('the number pad is there for a screen reader: a group with a name, a button for each digit, and words on how far it is', async ({
    page,
  }) => {
    const { module } = await asked(page, QUESTIONS.pin);
    const pad = module.getByRole('group', { name: 'Number pad: PIN' });
    await expect(pad.getByRole('button')).toHaveCount(11);
    await expect(hint(module)).toHaveAttribute('role', 'status');
    for (const [digit, words] of [
      ['2', '3 more digits'],
      ['7', '2 more digits'],
      ['1', 'One more digit'],
      ['8', 'Your module asks this, not the page around it'],
    ] as const) {
      // As a screen reader presses: without a pointer, wherever the keyboard is.
      await pad.getByRole('button', { name: digit, exact: true }).evaluate((key) => {
        if (key instanceof HTMLElement) key.click();
      });
      await expect(hint(module)).toHaveText(words);
    }
    await expect(field(module, 'PIN')).toHaveValue('2718');
  });

  test('a page can press no digit and no button', async ({ page }) => {
    const { module, number } = await asked(page, QUESTIONS.pin);
    await page.evaluate(() => {
      for (const key of ['1', '2', '3', '4', 'Enter'])
        for (const target of [window.host.frame, document.body, window])
          target.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, composed: true }));
      window.host.frame.contentWindow?.postMessage(
        { type: 'answered', number: 1, answer: { kind: 'pin', pin: '1234' } },
        '*',
      );
    });
    await expect(button(module, 'Open')).toBeDisabled();
    await expect(field(module, 'PIN')).toHaveValue('');
    expect(await answerTo(page, number)).toBeNull();
  });

  test('where there is no room for a number pad the field is there, and does the same', async ({ page }) => {
    await page.setViewportSize({ width: 640, height: 360 });
    const { module, number } = await asked(page, QUESTIONS.pin);
    await expect(module.locator('.pad')).toBeHidden();
    await page.keyboard.type(PIN);
    await press(module, 'Open');
    expect(await answered(page, number)).toEqual({ kind: 'pin', pin: PIN });
  });
});

test.describe('with a finger', () => {
  test.use({ hasTouch: true, viewport: { width: 390, height: 844 } });

  test('MC-5: a PIN is typed on the number pad', async ({ page }) => {
    const { module, number } = await asked(page, QUESTIONS.pin);
    for (const digit of `${PIN}5`) await button(module, digit).tap();
    await button(module, 'Delete the last digit').tap();
    await expect(button(module, 'Open')).toBeEnabled();
    await button(module, 'Open').tap();
    expect(await answered(page, number)).toEqual({ kind: 'pin', pin: PIN });
  });
});

test.describe('MC-4: a card', () => {
  /** Fills everything in but the PIN. */
  async function fillIn(module: FrameLocator): Promise<void> {
    await field(module, 'Card number').fill(NUMBER);
    await field(module, 'Expiry, MM/YY').fill('0834');
    await field(module, 'Verification value').fill('737');
  }

  test('is typed with the keyboard alone, grouped as it goes, and is given as digits', async ({ page }) => {
    const { module, number } = await asked(page, QUESTIONS.card);
    await expect(field(module, 'Card number')).toBeFocused();
    await expect(hint(module)).toHaveText('Type the number of your card');
    await page.keyboard.type(NUMBER);
    await expect(field(module, 'Card number')).toHaveValue('4000 0566 5566 5556');
    await page.keyboard.press('Tab');
    await expect(hint(module)).toHaveText('Type when your card runs out');
    await page.keyboard.type('834');
    await expect(field(module, 'Expiry, MM/YY')).toHaveValue('08/34');
    await page.keyboard.press('Tab');
    await page.keyboard.type('737');
    await page.keyboard.press('Tab');
    await page.keyboard.type('902');
    await expect(hint(module)).toHaveText('A PIN has 4 digits or more');
    await page.keyboard.type('10');
    await expect(button(module, 'Give this card')).toBeEnabled();
    await page.keyboard.press('Enter');
    expect(await answered(page, number)).toEqual({
      ...{ kind: 'card', number: NUMBER, expiry: '2034-08', verification: '737', pin: '90210' },
    });
  });

  test('needs no PIN', async ({ page }) => {
    const { module, number } = await asked(page, QUESTIONS.card);
    await fillIn(module);
    await press(module, 'Give this card');
    expect(await answered(page, number)).toMatchObject({ kind: 'card', pin: null });
  });

  test('says who gets it and what is kept of it', async ({ page }) => {
    const { module } = await asked(page, QUESTIONS.card);
    await expect(module.locator('.party')).toHaveText('To provider 5f0c9a7be21d43c8a6f00b1d7e92c354');
    await expect(module.locator('.lines')).toContainText(
      'The provider keeps number and expiry. The verification value and PIN are not kept.',
    );
  });

  test('with a slip in it is told so in words, and is not given', async ({ page }, info) => {
    const { module, number } = await asked(page, QUESTIONS.card);
    await fillIn(module);
    const digits = field(module, 'Card number');
    const slip = module.getByText('One of these digits is not right. Compare them with your card.');
    await digits.fill('4000056655665565');
    await expect(slip).toBeVisible();
    await expect(digits).toHaveAttribute('aria-invalid', 'true');
    await expect(hint(module)).toHaveText('Look at the card number again');
    await page.screenshot({ path: info.outputPath('slip.png') });
    await digits.press('Enter');
    await expect(button(module, 'Give this card')).toBeDisabled();
    await digits.fill('4000 0566');
    await expect(slip).toBeHidden();
    await digits.blur();
    await expect(module.getByText('This is too short for a card number.')).toBeVisible();
    await digits.fill(NUMBER);
    await expect(digits).not.toHaveAttribute('aria-invalid');
    const expiry = field(module, 'Expiry, MM/YY');
    await expiry.fill('13');
    await expect(module.getByText('There is no month 13.')).toBeVisible();
    await expiry.fill('0124');
    await expect(module.getByText('This card ran out in 01/24.')).toBeVisible();
    await expect(hint(module)).toHaveText('This card has run out');
    expect(await answerTo(page, number)).toBeNull();
    await expiry.fill('08/2034');
    await expect(expiry).toHaveValue('08/34');
    await press(module, 'Give this card');
    expect(await answered(page, number)).toMatchObject({ number: NUMBER, expiry: '2034-08' });
  });

  test('keeps the caret where it was when a digit is put in or taken out of the middle', async ({ page }) => {
    const { module } = await asked(page, QUESTIONS.card);
    const digits = field(module, 'Card number');
    await page.keyboard.type('400056655665556');
    await digits.evaluate((input) => {
      if (input instanceof HTMLInputElement) input.setSelectionRange(4, 4);
    });
    await page.keyboard.type('0');
    await expect(digits).toHaveValue('4000 0566 5566 5556');
    await page.keyboard.type('9');
    await expect(digits).toHaveValue('4000 0956 6556 6555 6');
    await page.keyboard.press('Backspace');
    await expect(digits).toHaveValue('4000 0566 5566 5556');
  });

  test('can be filled in by the browser, but for its PIN', async ({ page }) => {
    const { module } = await asked(page, QUESTIONS.card);
    for (const [label, purpose] of [
      ['Card number', 'cc-number'],
      ['Expiry, MM/YY', 'cc-exp'],
      ['Verification value', 'cc-csc'],
      ['Card PIN, if you are asked for it', 'off'],
    ] as const) {
      await expect(field(module, label)).toHaveAttribute('autocomplete', purpose);
      await expect(field(module, label)).toHaveAttribute('inputmode', 'numeric');
    }
    await expect(field(module, 'Card PIN, if you are asked for it')).toHaveAttribute('type', 'password');
  });

  for (const ending of ['given', 'refused'] as const) {
    test(`that is ${ending} leaves nothing in the page around, nor in the frame`, async ({ page }) => {
      await listen(page);
      const { module, number } = await asked(page, QUESTIONS.card);
      await page.keyboard.type(NUMBER);
      await fillIn(module);
      await field(module, 'Card PIN, if you are asked for it').fill('90210');
      if (ending === 'given') await press(module, 'Give this card');
      else await button(module, 'Not now').click();
      expect((await answered(page, number)).kind).toBe(ending === 'given' ? 'card' : 'refused');
      await expect(module.getByRole('dialog')).toHaveCount(0);
      const found = await traces(page, module);
      for (const digits of [NUMBER, '4000 0566', '08/34', '90210']) expect(found).not.toContain(digits);
      expect(await page.evaluate(() => window.heard)).toEqual(['message {"type":"farebox/ready"}']);
    });
  }
});
