// What script on the terminal's origin can do to the module, tried from that script itself: an attacker who has the whole origin, without
// any policy to hold it back, as the module's configured terminal.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium, type Page, test as plain } from '@playwright/test';
import { z } from 'zod';
import { chromiumFlags, requireChromium } from '../scripts/chromium.mjs';
import { type HostileTerminal, startHostileTerminal } from './hostile/hostile-terminal.ts';
import { type RunningProvider, startTestProvider } from './rig/provider.ts';
import { copyOfPublished, expect } from './rig/test.ts';

const outcomeSchema = z.object({ reached: z.array(z.string()), refused: z.array(z.string()) });

type Siege = {
  readonly terminal: HostileTerminal;
  readonly provider: RunningProvider;
  readonly context: BrowserContext;
};

const test = plain.extend<{ page: Page }, { siege: Siege }>({
  siege: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the fixture's needs from this pattern.
    async ({}, use) => {
      const terminal = await startHostileTerminal();
      const provider = await startTestProvider(await copyOfPublished(), { FAREBOX_TERMINAL_ORIGIN: terminal.origin });
      const profile = await mkdtemp(join(tmpdir(), 'farebox-profile-'));
      const context = await chromium.launchPersistentContext(profile, {
        executablePath: requireChromium(),
        args: chromiumFlags(),
      });
      await use({ terminal, provider, context });
      await context.close();
      await provider.stop();
      terminal.close();
      await rm(profile, { recursive: true, force: true });
      await rm(provider.dataDir, { recursive: true, force: true });
    },
    { scope: 'worker' },
  ],
  page: async ({ siege }, use) => {
    const page = await siege.context.newPage();
    await use(page);
    await page.close();
  },
});

/** Lets the attacker's page try, and answers what it wrote down. */
async function attack(page: Page, siege: Siege, name: string): Promise<z.infer<typeof outcomeSchema>> {
  const parameters = new URLSearchParams({ attack: name, module: siege.provider.moduleOrigin });
  await page.goto(`${siege.terminal.origin}/?${parameters}`);
  await expect(page.locator('output')).not.toBeEmpty({ timeout: 20_000 });
  return outcomeSchema.parse(JSON.parse((await page.locator('output').textContent()) ?? ''));
}

/** Every way was refused, and as many as there are ways. */
function expectRefused(outcome: z.infer<typeof outcomeSchema>, ways: number): void {
  expect(outcome.reached).toEqual([]);
  expect(outcome.refused).toHaveLength(ways);
}

test("CARD-3: a page cannot open the module's database, its files or its locks", async ({ page, siege }) => {
  expectRefused(await attack(page, siege, 'database'), 4);
});

test("CARD-3: a page cannot reach into the module's window or ask the port for its keys", async ({ page, siege }) => {
  expectRefused(await attack(page, siege, 'keys'), 4);
});

test('BT-5: a page cannot read a pixel of the picture', async ({ page, siege }) => {
  expectRefused(await attack(page, siege, 'pixels'), 5);
});

test('CARD-3: a page cannot make the module use a network', async ({ page, siege }) => {
  expectRefused(await attack(page, siege, 'network'), 1);
});

test('CARD-3: a page cannot call what is not on the list', async ({ page, siege }) => {
  expectRefused(await attack(page, siege, 'names'), 1);
});

for (const name of ['pollution', 'arguments that pollute']) {
  test(`CARD-3: a page cannot pollute the module's prototypes through the port (${name})`, async ({ page, siege }) => {
    expectRefused(await attack(page, siege, name), 1);
    const [worker] = page.workers();
    expect(worker).toBeDefined();
    expect(await worker?.evaluate(() => 'polluted' in {} || 'polluted' in Object || 'polluted' in (() => null))).toBe(
      false,
    );
  });
}

test("CARD-3: a page cannot swap the module's scripts", async ({ page, siege }) => {
  expectRefused(await attack(page, siege, 'scripts'), 6);
});

test("CARD-3: a service worker of the terminal's origin sees no request of the module", async ({ page, siege }) => {
  const outcome = await attack(page, siege, 'service worker');
  expect(outcome).toEqual({ reached: [], refused: ['{"ok":true'.slice(0, 9)] });
});

test('CARD-3: the frame answers nobody but its parent, and only in the one shape', async ({ page, siege }) => {
  expectRefused(await attack(page, siege, 'connecting'), 1);
});

test('CARD-3: a page of another origin cannot embed the module', async ({ page, siege }) => {
  const stranger = await startHostileTerminal();
  try {
    const blocked = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
    await page.goto(
      `${stranger.origin}/?${new URLSearchParams({ attack: 'names', module: siege.provider.moduleOrigin })}`,
    );
    await blocked;
    await expect(page.locator('output')).toBeEmpty();
  } finally {
    stranger.close();
  }
});

test('CARD-3: script that got into the module has no network', async ({ page, siege }) => {
  // The strongest attacker there is: its code runs in the module's worker, but the response keeps the headers it was served with.
  await page.route(/\/assets\/worker-[^/]+\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${SMUGGLED}\n${await response.text()}` });
  });
  const said = page.waitForEvent('console', (message) => message.text().startsWith('smuggled:'));
  await attack(page, siege, 'names');
  const tried = z.record(z.string(), z.string()).parse(JSON.parse((await said).text().slice('smuggled:'.length)));
  expect(Object.values(tried)).toHaveLength(4);
  for (const [way, result] of Object.entries(tried)) expect(result, way).toMatch(/refused/);
});

const SMUGGLED = `{
  const address = 'http://localhost:' + location.port + '/';
  const tries = {
    fetch: () => fetch(address),
    request: () => new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open('GET', address);
      request.onload = resolve;
      request.onerror = () => reject(new Error('blocked'));
      request.send();
    }),
    socket: () => new Promise((resolve, reject) => {
      const socket = new WebSocket('ws://localhost:' + location.port + '/');
      socket.onopen = resolve;
      socket.onerror = () => reject(new Error('blocked'));
    }),
    code: () => Promise.resolve().then(() => eval('1')),
  };
  Promise.all(Object.entries(tries).map(([name, attempt]) =>
    attempt().then(() => [name, 'reached'], (error) => [name, 'refused: ' + error.name]))).then(
    (results) => console.log('smuggled:' + JSON.stringify(Object.fromEntries(results))));
}`;
