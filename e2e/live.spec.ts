// BT-10: a real live programme, sent by the command line from a looped clip while two terminals watch. One is there early, one joins late and
// gets nothing from before: no grant, and no key. Pause and the way back to the edge; and at the end a receipt of exactly what was shown.
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { z } from 'zod';
import { makeClip } from '../server-mock/publisher/test-clip.ts';
import { readLiveUpdate } from '../src/protocol/live-update.ts';
import { hearModule, waitForEvent } from './rig/module-events.ts';
import { startFarebox } from './rig/processes.ts';
import type { RunningProvider } from './rig/provider.ts';
import { checkFile, countedFrames } from './rig/receipts.ts';
import { downloadReceipt, framesIn, press, showControls, watch } from './rig/terminal.ts';
import { expect, test } from './rig/test.ts';

const TITLE = 'The harbour, live';
/** Frames of two seconds that people may go back: few, so that a late joiner is late soon. */
const WINDOW_FRAMES = 7;

const catalogueSchema = z.object({
  programmes: z.array(
    z.object({
      id: z.string(),
      title: z.string(),
      live: z.object({ edge: z.number(), ended: z.boolean() }).nullable(),
    }),
  ),
});

async function standing({ terminalOrigin }: RunningProvider) {
  const answer = await fetch(`${terminalOrigin}/api/v1/catalogue`);
  const [first] = catalogueSchema.parse(await answer.json()).programmes;
  if (first === undefined) throw new Error('there is no programme');
  return { id: first.id, title: first.title, edge: first.live?.edge ?? -1, ended: first.live?.ended ?? true };
}

/** Waits until so many frames are out. */
async function waitForEdge(provider: RunningProvider, frames: number): Promise<void> {
  await expect.poll(async () => (await standing(provider)).edge, { timeout: 60_000 }).toBeGreaterThanOrEqual(frames);
}

/** Keeps the ports that the page makes, as any of its scripts could. */
async function takePorts(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const ports: MessagePort[] = [];
    Reflect.set(window, 'takenPorts', ports);
    const OwnChannel = window.MessageChannel;
    window.MessageChannel = class extends OwnChannel {
      constructor() {
        super();
        ports.push(this.port1);
      }
    };
  });
}

/** Gives the module of this page a frame that it never asked for. */
function deliverUnasked(page: Page, session: string, frame: number, parts: readonly { label: string; hash: string }[]) {
  return page.evaluate(
    async ({ session: id, frame: number, parts: wanted }) => {
      const ports: unknown = Reflect.get(window, 'takenPorts');
      if (!Array.isArray(ports)) throw new Error('no ports were taken');
      const sealed = await Promise.all(
        wanted.map(async ({ label, hash }) => ({
          label,
          sealed: await (await fetch(`/content/${hash}`)).arrayBuffer(),
        })),
      );
      return new Promise<unknown>((resolve) => {
        const argumentList = [{ type: 'RAW', value: { session: id, frame: number, parts: sealed } }];
        // One of them is the module's; nobody else answers.
        for (const port of ports.filter((one) => one instanceof MessagePort)) {
          port.addEventListener('message', ({ data }: MessageEvent) => {
            if (data?.id === 'unasked') resolve(data.value);
          });
          port.postMessage({ id: 'unasked', type: 'APPLY', path: ['deliver'], argumentList });
        }
      });
    },
    { session, frame, parts },
  );
}

test('BT-10: live for two terminals: the edge, a late joiner, pause and back, and the end with its receipt', async ({
  person,
  provider,
  browser,
}, testInfo) => {
  test.setTimeout(240_000);
  const clip = join(testInfo.outputPath(), 'clip.mp4');
  await makeClip({ file: clip, durationS: 6, width: 320, height: 180 });
  const window = String(WINDOW_FRAMES * 2);
  const sender = startFarebox(['live', clip, '--loop', '--title', TITLE, '--window', window, '--json'], {
    FAREBOX_DATA: provider.dataDir,
  });
  await waitForEdge(provider, 1);
  const { id, title } = await standing(provider);
  expect(title).toBe(TITLE);

  const early = await person.newTab();
  await watch(early, provider.terminalOrigin, TITLE);
  await expect(early.getByText('LIVE', { exact: true })).toBeVisible();
  // The picture moves on with the edge: frames are shown that were not filmed when it was opened.
  const { edge: edgeAtStart } = await standing(provider);
  await waitForEvent(early, 'frame', ({ frame, outcome }) => outcome === 'decrypted' && frame > edgeAtStart, {
    timeoutMs: 60_000,
  });

  // Somebody comes when the beginning has left the window.
  await waitForEdge(provider, WINDOW_FRAMES + 3);
  const context = await browser.newContext({ baseURL: provider.terminalOrigin });
  const late = await context.newPage();
  await hearModule(late);
  await takePorts(late);
  const { edge: edgeAtJoin } = await standing(provider);
  // A page that asks for the beginning all the same.
  let refused: unknown = null;
  await late.route('**/api/v1/sessions', async (route) => {
    const body: unknown = route.request().postDataJSON();
    const answer = await route.fetch({ postData: JSON.stringify(Object.assign({}, body, { from: 0 })) });
    refused = await answer.json();
    await route.fulfill({ response: answer });
  });
  await late.goto(`${provider.terminalOrigin}/`);
  await late.getByRole('link', { name: TITLE }).click();
  await expect.poll(() => refused, { timeout: 30_000 }).toMatchObject({ error: { code: 'live/outside-window' } });
  await late.unroute('**/api/v1/sessions');
  await watch(late, provider.terminalOrigin, TITLE);
  const { session } = await waitForEvent(late, 'frame', ({ outcome }) => outcome === 'decrypted');
  expect(Math.min(...(await countedFrames(late)))).toBeGreaterThanOrEqual(edgeAtJoin - WINDOW_FRAMES);
  // It has the ciphertext of the beginning, which anybody may have, and no key to it.
  const first = readLiveUpdate(
    new Uint8Array(await (await fetch(`${provider.terminalOrigin}/api/v1/programmes/${id}/live/0`)).arrayBuffer()),
  );
  const parts = [...first.segments].flatMap(([label, [segment]]) => (segment ? [{ label, hash: segment.hash }] : []));
  expect(parts.length).toBeGreaterThan(0);
  expect(await deliverUnasked(late, session, 0, parts)).toMatchObject({
    ok: false,
    error: { code: 'grant/not-covered' },
  });

  // Pausing falls behind; one press goes back to the edge.
  await press(early, 'Pause');
  const paused = await waitForEvent(early, 'display', ({ state }) => state === 'paused');
  const { edge: edgeAtPause } = await standing(provider);
  await waitForEdge(provider, edgeAtPause + 2);
  await showControls(early);
  await expect(early.getByText(/\d+ s behind/)).toBeVisible();
  await early.getByRole('button', { name: 'Go to live' }).click();
  await waitForEvent(
    early,
    'frame',
    ({ frame, outcome }) => outcome === 'decrypted' && frame * 2_000 > paused.positionMs + 4_000,
    { timeoutMs: 60_000 },
  );

  // Its sender ends it in order: both terminals come to the end, and to their receipts.
  const { code, out } = await sender.interrupt();
  expect(code, out).toBe(0);
  expect(await standing(provider)).toMatchObject({ ended: true });
  for (const page of [early, late]) {
    await expect(page.getByText('The provider agrees')).toBeVisible({ timeout: 60_000 });
    const shown = await countedFrames(page);
    const report = await checkFile(await downloadReceipt(page), provider.terminalOrigin);
    expect(report.valid).toBe(true);
    expect(framesIn(report.receipt?.frames ?? [])).toEqual(shown);
  }
  await context.close();
});
