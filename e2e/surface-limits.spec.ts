// What the module's surface cannot know in this browser, shown by the attack that goes through: docs/threat-model.md says the same in words.
// A test here that fails is good news: the browser has learnt to see it, and the guard holds then as well.

import { answered, ask, openHost, press, QUESTIONS } from './surface/questions.ts';
import type { ServedSurface } from './surface/serve-surface.ts';
import { expect, test } from './surface/test.ts';

let served: ServedSurface;

test.use({ viewport: { width: 900, height: 700 } });
test.beforeAll(({ surface }) => {
  served = surface;
});

const UNSEEN: readonly (readonly [string, string])[] = [
  ['a mask that leaves nothing of the frame', 'mask-image: linear-gradient(transparent, transparent)'],
  ['corners so round that they cut the frame', 'border-radius: 50%'],
];
for (const [what, css] of UNSEEN) {
  test(`CARD-3: not promised: IntersectionObserver v2 of Chromium does not report ${what}`, async ({ page }) => {
    const module = await openHost(page, served.url);
    await page.evaluate((text) => window.host.style(text), css);
    const number = await ask(page, QUESTIONS.approve);
    await press(module, 'Approve');
    expect(await answered(page, number)).toEqual({ kind: 'approved' });
  });
}
