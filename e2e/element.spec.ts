// The media element in a real browser: under media-chrome's controls on Farebox's own page, and on pages of other sites, which may do no more
// than a person's remote control, once the person has pressed play.
import { createServer } from 'node:http';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { testResults } from '../scripts/paths.mjs';
import { violations } from './rig/axe.ts';
import { programmeIdOf } from './rig/content.ts';
import { LONG } from './rig/programmes.ts';
import { freePort, type RunningProvider, startTestProvider } from './rig/provider.ts';
import { checkFile } from './rig/receipts.ts';
import { downloadOpenReceipt, framesIn } from './rig/terminal.ts';
import { copyOfPublished, expect, test } from './rig/test.ts';

/** What of the element the tests use. */
type Media = HTMLElement & {
  play(): Promise<void>;
  pause(): void;
  currentTime: number;
  muted: boolean;
  readonly duration: number;
  readonly paused: boolean;
  readonly readyState: number;
  readonly seeking: boolean;
  readonly playbackRate: number;
};

/** Resolves when the element plays at `seconds` or behind. */
async function waitForPlay(page: Page, seconds: number): Promise<void> {
  await page.waitForFunction((least) => {
    const media = document.querySelector<Media>('farebox-video');
    return media !== null && !media.paused && media.readyState >= 3 && !media.seeking && media.currentTime >= least;
  }, seconds);
}

/** The element's properties as they are now. */
function stateOf(page: Page) {
  return page.locator('farebox-video').evaluate((element) => {
    const media = element as Media;
    const { currentTime, duration, paused, muted, playbackRate, readyState } = media;
    return { currentTime, duration, paused, muted, playbackRate, readyState };
  });
}

/** Whatever the browser complains of. */
function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return complaints;
}

async function openPlayer(page: Page, provider: RunningProvider): Promise<void> {
  await page.goto(
    `${provider.terminalOrigin}/embed/player.html?programme=${await programmeIdOf(provider, LONG.title)}`,
  );
  await page.getByRole('button', { name: `Play ${LONG.title}` }).waitFor();
}

/** media-chrome's controls hide while it plays; a movement brings them back. */
async function control(page: Page, name: string) {
  await page.mouse.move(300, 300);
  await page.mouse.move(310, 310);
  return page.locator(name);
}

const LOOKS = [
  ['wide', { width: 1440, height: 900 }],
  ['narrow', { width: 390, height: 844 }],
] as const;

test('CARD-1: the page of the element is clean and readable by all, before, while and after it plays', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  const complaints = complaintsOf(page);
  await openPlayer(page, provider);
  await expect(page.getByText('Each frame is sent within')).toBeVisible();
  await expect(page.getByText('Nothing is counted before you press play.')).toBeVisible();
  await page.evaluate(() => document.fonts.ready.then(() => undefined));
  const look = async (screen: string): Promise<void> => {
    for (const [name, size] of LOOKS) {
      await page.setViewportSize(size);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await page.screenshot({ path: join(testResults, 'screens', `element-${screen}-${name}-${colorScheme}.png`) });
      }
      // Over a picture it is night in either theme.
      expect(await violations(page), `${screen}, ${name}`).toEqual([]);
    }
  };
  await look('before');
  await page.getByRole('button', { name: `Play ${LONG.title}` }).click();
  await waitForPlay(page, 1);
  await control(page, 'media-play-button');
  await look('playing');
  await page.getByRole('button', { name: 'Stop and get the receipt' }).click();
  await page.getByRole('link', { name: 'Open the receipt' }).waitFor();
  await look('after');
  expect(complaints).toEqual([]);
});

test('CARD-3, BT-7: media-chrome’s controls play, hold, seek, mute and quicken the element, and the receipt counts what was shown', async ({
  person,
  provider,
}) => {
  const page = await person.newTab();
  await openPlayer(page, provider);
  expect(await stateOf(page)).toMatchObject({ duration: 40, currentTime: 0, paused: true, readyState: 1 });
  await page.locator('media-play-button').click();
  await waitForPlay(page, 1);
  await (await control(page, 'media-mute-button')).click();
  await expect.poll(() => stateOf(page)).toMatchObject({ muted: true });
  await (await control(page, 'media-play-button')).click();
  await expect.poll(() => stateOf(page)).toMatchObject({ paused: true });
  const bar = await (await control(page, 'media-time-range')).boundingBox();
  if (bar === null) throw new Error('there is no seek bar');
  await page.mouse.click(bar.x + bar.width * 0.75, bar.y + bar.height / 2);
  await expect.poll(async () => (await stateOf(page)).currentTime).toBeGreaterThan(27);
  await (await control(page, 'media-settings-menu-button')).click();
  await page.locator('media-settings-menu-item', { hasText: 'Speed' }).click();
  await page.locator('media-playback-rate-menu media-chrome-menu-item', { hasText: '1.5' }).click();
  await expect.poll(() => stateOf(page)).toMatchObject({ playbackRate: 1.5 });
  await page.keyboard.press('Escape');
  await (await control(page, 'media-play-button')).click();
  await waitForPlay(page, 29);

  // What was chosen is there at the next visit, and the place is offered.
  await page.reload();
  await page.getByRole('button', { name: /^Go on from 0:\d\d$/ }).click();
  await waitForPlay(page, 27);
  expect(await stateOf(page)).toMatchObject({ muted: true, playbackRate: 1.5 });
  await page.getByRole('button', { name: 'Stop and get the receipt' }).click();
  await page.getByRole('link', { name: 'Open the receipt' }).click();
  const file = await downloadOpenReceipt(page);
  const { valid, receipt } = await checkFile(file, provider.terminalOrigin);
  expect(valid).toBe(true);
  const shown = framesIn(receipt?.frames ?? []);
  expect(shown.length).toBeLessThan(20);
  expect(shown).toEqual(expect.arrayContaining([0, 15]));
});

/** A site of somebody else's: a page with the element, of another origin. */
async function startSite(provider: RunningProvider, port: number) {
  const id = await programmeIdOf(provider, LONG.title);
  const html = `<!doctype html><html lang="en"><title>Somebody’s site</title>
    <style>farebox-video{display:block;width:800px;height:600px}
    #decoy{position:absolute;inset:0;width:800px;height:600px;background:#fff;pointer-events:none}</style>
    <script type="module" src="${provider.terminalOrigin}/farebox-video.js"></script>
    <farebox-video src="${id}" provider="${provider.terminalOrigin}" controls></farebox-video>`;
  const server = createServer((_request, response) => response.setHeader('Content-Type', 'text/html').end(html));
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    origin: `http://localhost:${port}`,
    stop: () => new Promise((resolve) => server.close(resolve).closeAllConnections()),
  };
}

test('BT-5: a listed site plays in its page what a person has pressed play on, and can neither press for them nor read what it costs', async ({
  person,
}) => {
  const port = await freePort();
  const provider = await startTestProvider(await copyOfPublished(), { FAREBOX_EMBEDDERS: `http://localhost:${port}` });
  const site = await startSite(provider, port);
  try {
    const page = await person.newTab();
    // Everything that comes to the site's window and to its ports.
    await page.addInitScript(() => {
      const heard: unknown[] = [];
      Reflect.set(window, 'heardHere', heard);
      window.addEventListener('message', ({ data }) => heard.push(data));
      const OwnChannel = window.MessageChannel;
      window.MessageChannel = class extends OwnChannel {
        constructor() {
          super();
          this.port1.addEventListener('message', ({ data }) => heard.push(data));
        }
      };
    });
    await page.goto(site.origin);
    const frame = page.frameLocator('farebox-video iframe');
    const button = frame.getByRole('button', { name: `Play ${LONG.title}` });
    await button.waitFor();
    await expect.poll(async () => (await stateOf(page)).duration).toBe(40);
    const playByScript = () =>
      page.locator('farebox-video').evaluate((element) =>
        (element as Media).play().then(
          () => 'played',
          (reason: DOMException) => reason.name,
        ),
      );
    expect(await playByScript()).toBe('NotAllowedError');

    // Under something of the site's, a press is no press, however long one waits.
    await page.evaluate(() => {
      const decoy = document.createElement('div');
      decoy.id = 'decoy';
      document.body.append(decoy);
    });
    const place = await button.boundingBox();
    if (place === null) throw new Error('there is no button');
    const press = () => page.mouse.click(place.x + place.width / 2, place.y + place.height / 2);
    await frame.locator('section').evaluate(async (card) => {
      // The same look that the page itself has, at the same pace; one later, the page has had its own.
      for (let looks = 0; looks < 2; looks += 1) {
        await new Promise<void>((resolve) => {
          const watchful = { threshold: 0, trackVisibility: true, delay: 100 };
          const observer = new IntersectionObserver((entries) => {
            if (Reflect.get(entries.at(-1) ?? {}, 'isVisible') !== false) return;
            observer.disconnect();
            setTimeout(resolve, watchful.delay);
          }, watchful);
          observer.observe(card);
        });
      }
    });
    for (let presses = 0; presses < 3; presses += 1) await press();
    expect(await playByScript()).toBe('NotAllowedError');
    expect(await stateOf(page)).toMatchObject({ paused: true, currentTime: 0 });
    await page.evaluate(() => document.querySelector('#decoy')?.remove());
    await expect
      .poll(async () => {
        await press();
        return (await stateOf(page)).paused;
      })
      .toBe(false);
    await waitForPlay(page, 1);
    await expect(frame.getByText(/^\d+ frames? · €0\.\d+$/)).toBeVisible();

    // From here on the site's script is a remote control.
    await page.locator('farebox-video').evaluate((element) => {
      (element as Media).currentTime = 30;
    });
    await waitForPlay(page, 30);
    await page.locator('farebox-video').evaluate((element) => (element as Media).pause());
    await expect.poll(() => stateOf(page)).toMatchObject({ paused: true });

    const heard = JSON.stringify(await page.evaluate(() => Reflect.get(window, 'heardHere')));
    expect(heard).toContain('"phase":"playing"');
    expect(heard).not.toMatch(/session|tally|spent|amount|credit|grant|allowance|EUR|€/i);

    await page.mouse.move(100, 100);
    await frame.getByRole('button', { name: 'Stop and get the receipt' }).click();
    const saved = page.waitForEvent('download');
    await frame.getByRole('button', { name: 'Save the receipt' }).click();
    expect((await saved).suggestedFilename()).toMatch(/^receipt-[0-9a-f]{8}\.farebox$/);
    // It is over: nothing begins again without a press.
    expect(await playByScript()).toBe('NotAllowedError');
  } finally {
    await site.stop();
    await provider.stop();
  }
});

test('BT-5: a site that is not listed may load the element and frames nothing', async ({ person, provider }) => {
  const site = await startSite(provider, await freePort());
  try {
    const page = await person.newTab();
    const complaints = complaintsOf(page);
    await page.goto(site.origin);
    await expect.poll(() => complaints.join(' ')).toContain("frame-ancestors 'none'");
    expect(await stateOf(page)).toMatchObject({ paused: true, readyState: 0 });
    expect(page.frames().filter((frame) => frame.url().startsWith(provider.moduleOrigin))).toEqual([]);
  } finally {
    await site.stop();
  }
});
