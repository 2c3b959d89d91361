// Whether a page around the module's surface can make a press go through: tried from that page, on the product's own frame in real Chromium.
// The worker beneath asks what the test says; nothing of the press is its business.

import type { FrameLocator, Page } from '@playwright/test';
import { answered, answerTo, ask, openHost, press, QUESTIONS } from './surface/questions.ts';
import type { ServedSurface } from './surface/serve-surface.ts';
import { expect, test } from './surface/test.ts';

/** Longer than the half second with the look of the browser and of the module that begin it, so that a guard that is fooled would have opened. */
const SETTLED_MS = 700;

/** How long a surface may be out of sight before it is given up. */
const UNSEEN_MS = 20_000;

let served: ServedSurface;

test.use({ viewport: { width: 900, height: 700 } });
test.beforeAll(({ surface }) => {
  served = surface;
});

const approve = (module: FrameLocator) => module.getByRole('button', { name: 'Approve' });

/** The middle of the approving button, in the page's own pixels. */
async function middleOf(module: FrameLocator): Promise<{ x: number; y: number }> {
  const box = await approve(module).boundingBox();
  if (box === null) throw new Error('there is no button');
  return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
}

/** Lets the clock of the page run on by so much, in full view of the screen. */
const pass = (page: Page, ms: number) =>
  page.evaluate((left) => new Promise<void>((resolve) => setTimeout(resolve, left)), ms);

/** Stops the clock of the documents, so that a test can be within the half second for as long as it needs; `resume` lets it run on. */
async function stopClock(page: Page): Promise<void> {
  await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1_000));
}

/** Asks for approval; the mouse is on the button, and the button would work. */
async function standing(page: Page): Promise<{ module: FrameLocator; number: number }> {
  const module = await openHost(page, served.url);
  const number = await ask(page, QUESTIONS.approve);
  await approve(module).hover();
  await expect(approve(module)).toBeEnabled();
  return { module, number };
}

/** Presses where an approving button stood before, within the half second of a new question and after it: the first does nothing, the second approves. */
async function pressTwice(page: Page, pressAt: (at: { x: number; y: number }) => Promise<void>): Promise<void> {
  await page.clock.install();
  const module = await openHost(page, served.url);
  const first = await ask(page, QUESTIONS.approve);
  await expect(approve(module)).toBeEnabled();
  const middle = await middleOf(module);
  await page.evaluate(() => window.host.askNoMore());
  await expect(approve(module)).toBeHidden();
  await page.mouse.move(middle.x, middle.y);

  await stopClock(page);
  const number = await ask(page, QUESTIONS.approve);
  await expect(approve(module)).toBeVisible();
  await pressAt(middle);
  await expect(module.getByRole('status')).toHaveText('One moment');
  expect(await answerTo(page, number)).toBeNull();
  await page.clock.resume();
  await expect(approve(module)).toBeEnabled();
  expect(await answerTo(page, number)).toBeNull();
  await pressAt(middle);
  expect(await answered(page, number)).toEqual({ kind: 'approved' });
  expect(await answerTo(page, first)).toBeNull();
  await expect(approve(module)).toBeHidden();
}

test('CARD-3: a press in the first half second does nothing, and after it the same press approves', async ({
  page,
}) => {
  await pressTwice(page, async () => {
    await page.mouse.down();
    await page.mouse.up();
  });
});

test.describe('with a finger', () => {
  test.use({ hasTouch: true });

  test('CARD-3: a finger presses after the half second, and not before', async ({ page }) => {
    await pressTwice(page, ({ x, y }) => page.touchscreen.tap(x, y));
  });
});

test('CARD-3: a double click on one surface does not press the surface that comes after it', async ({ page }) => {
  await page.clock.install();
  const { module, number } = await standing(page);
  const { x, y } = await middleOf(module);
  await stopClock(page);
  // Asks anew as soon as there is an answer. A message to itself comes though the clock stands.
  await page.evaluate((question) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      if (window.host.answerTo(1) === null) port2.postMessage(null);
      else window.host.ask(question);
    };
    port2.postMessage(null);
  }, QUESTIONS.approve);
  await page.mouse.click(x, y);
  expect(await answered(page, number)).toEqual({ kind: 'approved' });
  await expect(approve(module)).toBeVisible();
  for (let click = 0; click < 4; click++) await page.mouse.click(x, y);
  expect(await answerTo(page, number + 1)).toBeNull();
  await page.clock.resume();
  await expect(approve(module)).toBeEnabled();
  await page.mouse.click(x, y);
  expect(await answered(page, number + 1)).toEqual({ kind: 'approved' });
});

const HIDING: readonly (readonly [string, string, RegExp])[] = [
  ['nearly transparent', 'opacity: 0.01', /^Uncover/],
  ['a little transparent', 'opacity: 0.99', /^Uncover/],
  ['scaled down', 'transform: scale(0.5)', /^Uncover/],
  ['scaled up', 'transform: scale(1.2)', /^Uncover|^Bring all/],
  ['turned', 'transform: rotate(1deg)', /^Uncover/],
  ['blurred', 'filter: blur(1px)', /^Uncover/],
  ['blended with what is below', 'mix-blend-mode: screen', /^Uncover/],
  ['cut off', 'clip-path: inset(60px)', /^Bring all/],
  ['cut off by a shape', 'clip-path: circle(80px)', /^Bring all/],
  ['half outside', 'position: fixed; left: 450px; top: 0', /^Bring all/],
  ['made invisible', 'visibility: hidden', /^Uncover|^Bring all|^Show/],
  ['shrunk to a strip', 'width: 700px; height: 100px', /^Make this window larger/],
  ['shrunk to a stamp', 'width: 40px; height: 40px', /^Make this window larger/],
  ['zoomed out', 'zoom: 0.3', /^Make this window larger/],
];
for (const [what, css, words] of HIDING) {
  test(`CARD-3: no press goes through on a frame that is ${what}`, async ({ page }) => {
    const { module, number } = await standing(page);
    await page.evaluate((text) => window.host.style(text), css);
    await expect(module.getByRole('status')).toHaveText(words);
    await expect(approve(module)).toBeDisabled();
    await approve(module).evaluate((button) => button.focus());
    const box = await approve(module).boundingBox();
    // At once, on the way, and past the half second.
    for (const waitMs of [0, SETTLED_MS / 2, SETTLED_MS / 2]) {
      await pass(page, waitMs);
      if (box !== null) await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
      await page.keyboard.press('Enter');
      await page.keyboard.press(' ');
    }
    expect(await answerTo(page, number)).toBeNull();
    await page.evaluate(() => window.host.style(''));
    await expect(approve(module)).toBeEnabled();
    await press(module, 'Approve');
    expect(await answered(page, number)).toEqual({ kind: 'approved' });
  });
}

const COVERS: readonly (readonly [string, string])[] = [
  ['covers the button', 'inset: auto 0 0 0; height: 200px; background: #fff'],
  ['lets presses through', 'inset: 0; background: #fff; pointer-events: none'],
  ['cannot be seen itself', 'inset: 0; background: transparent; pointer-events: none'],
  ['covers one corner', 'left: 0; top: 0; width: 30px; height: 30px; background: red'],
  ['throws its shadow on it', 'left: -60px; top: 0; width: 10px; height: 10px; box-shadow: 300px 300px 0 100px red'],
  ['blurs what is behind', 'inset: 0; backdrop-filter: blur(9px); pointer-events: none'],
];
for (const [what, css] of COVERS) {
  test(`CARD-3: no press goes through under something that ${what}`, async ({ page }) => {
    const { module, number } = await standing(page);
    const { x, y } = await middleOf(module);
    await page.evaluate((text) => {
      const cover = document.createElement('div');
      cover.id = 'cover';
      cover.style.cssText = `position: fixed; z-index: 9; ${text}`;
      document.body.append(cover);
    }, css);
    await expect(module.getByRole('status')).toHaveText('Uncover this window to go on');
    await page.mouse.click(x, y);
    await pass(page, SETTLED_MS);
    await page.mouse.click(x, y);
    expect(await answerTo(page, number)).toBeNull();
    await page.evaluate(() => document.getElementById('cover')?.remove());
    await expect(approve(module)).toBeEnabled();
    await page.mouse.click(x, y);
    expect(await answered(page, number)).toEqual({ kind: 'approved' });
  });
}

test('CARD-3: a cover that comes and goes within the half second never lets it end', async ({ page }) => {
  await page.clock.install();
  const { module, number } = await standing(page);
  const { x, y } = await middleOf(module);
  await stopClock(page);
  const cover = (hidden: boolean) =>
    page.evaluate((isHidden) => {
      const found = document.getElementById('cover');
      if (found !== null) found.hidden = isHidden;
    }, hidden);
  await page.evaluate(() => {
    const made = document.createElement('div');
    made.id = 'cover';
    made.style.cssText = 'position: fixed; inset: 0; z-index: 9; pointer-events: none';
    document.body.append(made);
  });
  for (let round = 0; round < 5; round++) {
    await cover(false);
    await expect(module.getByRole('status')).toHaveText('Uncover this window to go on');
    await page.mouse.click(x, y);
    await cover(true);
    await expect(module.getByRole('status')).toHaveText('One moment');
    await page.clock.runFor(400);
    await page.mouse.click(x, y);
  }
  expect(await answerTo(page, number)).toBeNull();
});

test('CARD-3: a frame that is moved under the pointer is not pressed', async ({ page }) => {
  const { module, number } = await standing(page);
  await page.evaluate(() => window.host.style('position: fixed; width: 500px; height: 500px; left: 0; top: 0'));
  await expect(approve(module)).toBeEnabled();
  const { x, y } = await middleOf(module);
  // The person plays at the right edge; the frame jumps there so that its button is under the pointer.
  await page.mouse.move(x + 380, y + 100);
  await pass(page, SETTLED_MS);
  await page.evaluate(() => window.host.style('position: fixed; width: 500px; height: 500px; left: 380px; top: 100px'));
  await page.mouse.down();
  await page.mouse.up();
  await pass(page, 200);
  expect(await answerTo(page, number)).toBeNull();
});

test('CARD-3: a frame that keeps moving under the pointer is not pressed', async ({ page }) => {
  const { number } = await standing(page);
  await page.mouse.move(450, 350);
  await page.evaluate(() => {
    let left = 0;
    setInterval(() => {
      left = (left + 40) % 400;
      window.host.style(`position: fixed; width: 500px; height: 700px; top: 0; left: ${left}px`);
    }, 100);
  });
  await pass(page, 300);
  for (let round = 0; round < 20; round++) {
    await page.mouse.click(450 + (round % 3), 610 + (round % 5));
    await pass(page, 50);
  }
  expect(await answerTo(page, number)).toBeNull();
});

test('CARD-3: nothing that the page makes up itself presses anything', async ({ page }) => {
  const { number } = await standing(page);
  const reached = await page.evaluate(() => {
    const { frame } = window.host;
    const reachable: string[] = [];
    for (const type of ['pointerdown', 'mousedown', 'pointerup', 'mouseup', 'click', 'keydown', 'keyup']) {
      const init = { bubbles: true, composed: true, key: 'Enter', clientX: 450, clientY: 600 };
      frame.dispatchEvent(type.startsWith('key') ? new KeyboardEvent(type, init) : new PointerEvent(type, init));
    }
    frame.click();
    frame.focus();
    for (const way of [
      () => frame.contentDocument?.querySelector('button')?.click(),
      () => frame.contentWindow?.document.querySelector('button')?.click(),
      () => frame.contentWindow?.dispatchEvent(new Event('click')),
    ]) {
      try {
        if (way() !== undefined) reachable.push(String(way));
      } catch {
        // What a page of another origin is told.
      }
    }
    const module = new URL(frame.src).origin;
    for (const message of [
      { type: 'answered', number: 1, answer: { kind: 'approved' } },
      { type: 'click' },
      { type: 'ask-no-more' },
    ])
      frame.contentWindow?.postMessage(message, module);
    return reachable;
  });
  await pass(page, SETTLED_MS);
  expect(reached).toEqual([]);
  expect(await answerTo(page, number)).toBeNull();
});

test('CARD-3: a script in the module’s own document that clicks is no person either', async ({ page }) => {
  const { module, number } = await standing(page);
  await approve(module).evaluate((button: HTMLButtonElement) => {
    button.click();
    button.dispatchEvent(new PointerEvent('click', { bubbles: true, detail: 1 }));
    button.dispatchEvent(new KeyboardEvent('keydown', { bubbles: true, key: 'Enter' }));
  });
  await pass(page, 200);
  expect(await answerTo(page, number)).toBeNull();
  await press(module, 'Approve');
  expect(await answered(page, number)).toEqual({ kind: 'approved' });
});

test('CARD-3: a page that hands the keyboard over while a key is hammered presses nothing', async ({ page }) => {
  const { module, number } = await standing(page);
  await approve(module).evaluate((button) => button.focus());
  await page.evaluate(() => {
    window.host.frame.blur();
    document.body.tabIndex = 0;
    document.body.focus();
  });
  await pass(page, SETTLED_MS);
  await page.evaluate(() => window.host.frame.focus());
  for (let round = 0; round < 20; round++) {
    await page.keyboard.press(round % 2 === 0 ? ' ' : 'Enter');
    await pass(page, 50);
  }
  expect(await answerTo(page, number)).toBeNull();
});

test('CARD-3: a press has to begin and end on the button', async ({ page }) => {
  const { module, number } = await standing(page);
  const { x, y } = await middleOf(module);
  await page.mouse.move(x, y - 200);
  await page.mouse.down();
  await page.mouse.move(x, y);
  await page.mouse.up();
  await page.mouse.down();
  await page.mouse.move(x, y - 200);
  await page.mouse.up();
  expect(await answerTo(page, number)).toBeNull();
  await press(module, 'Approve');
  expect(await answered(page, number)).toEqual({ kind: 'approved' });
});

test('CARD-3: a surface that is never in sight is given up as covered, and says so', async ({ page }) => {
  // The documents' clock runs as always, but can be put forward: nobody waits for the whole time.
  await page.clock.install();
  const module = await openHost(page, served.url);
  await page.evaluate(() => window.host.style('opacity: 0.01'));
  const number = await ask(page, QUESTIONS.approve);
  await expect(module.getByRole('status')).toHaveText('Uncover this window to go on');
  await page.clock.fastForward(UNSEEN_MS / 2);
  await expect(module.getByRole('dialog')).toBeVisible();
  expect(await answerTo(page, number)).toBeNull();
  await page.clock.fastForward(UNSEEN_MS / 2);
  expect(await answered(page, number)).toEqual({ kind: 'covered' });
  await expect(module.getByRole('dialog')).toBeHidden();
});

test('CARD-3: Escape and the plain button refuse at once, without any half second', async ({ page }) => {
  const module = await openHost(page, served.url);
  const first = await ask(page, QUESTIONS.approve);
  await module.getByRole('button', { name: 'Not now' }).click();
  expect(await answered(page, first)).toEqual({ kind: 'refused' });
  const second = await ask(page, QUESTIONS.approve);
  await expect(module.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  expect(await answered(page, second)).toEqual({ kind: 'refused' });
  await expect(module.getByRole('dialog')).toBeHidden();
});

test('CARD-3: the keyboard goes round inside the surface, begins away from the button, and can press it', async ({
  page,
}) => {
  const { module, number } = await standing(page);
  await module.getByRole('heading').click();
  const names: (string | null)[] = [];
  for (let step = 0; step < 4; step++) {
    await page.keyboard.press('Tab');
    names.push(await module.locator(':focus').textContent());
  }
  expect(names).toEqual(['Not now', 'Approve', 'Not now', 'Approve']);
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Shift+Tab');
  expect(await module.locator(':focus').textContent()).toBe('Approve');
  await expect(approve(module)).toBeEnabled();
  await page.keyboard.press('Enter');
  expect(await answered(page, number)).toEqual({ kind: 'approved' });
});

test('CARD-3: in a small frame all of it has to be read before the button works', async ({ page }) => {
  const module = await openHost(page, served.url);
  await page.evaluate(() => window.host.style('width: 280px; height: 160px'));
  const number = await ask(page, QUESTIONS.approve);
  await expect(module.getByRole('status')).toHaveText('Scroll down to read all of it');
  const reading = module.locator('.reading');
  expect(await reading.evaluate((box) => box.clientHeight)).toBeGreaterThan(50);
  await expect(module.getByText('€1.20')).toBeInViewport({ ratio: 1 });
  await reading.hover();
  await page.mouse.wheel(0, 2_000);
  await expect(approve(module)).toBeEnabled();
  await press(module, 'Approve');
  expect(await answered(page, number)).toEqual({ kind: 'approved' });
});
