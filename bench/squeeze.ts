// How play goes on a bad line: a stretch of a real mobile network, played back by a shaping proxy, first under the terminal and then under
// hls.js. Told is for how long play stood still after its first picture, and the mean bitrate of what was shown. Both get the line from the
// click on, with an empty cache; what came before it (pages, players) was loaded over a free line.
import type { BrowserContext, Page } from '@playwright/test';
import { heard, heardWithTimes, hearModule } from '../e2e/rig/module-events.ts';
import { openCatalogue } from '../e2e/rig/terminal.ts';
import { type Bench, figureOf, noMoreThanPeer, ratioAtLeast } from './figure.ts';
import { withBrowser } from './rig/browser.ts';
import { withFreshPage } from './rig/fresh.ts';
import type { ClearProgramme } from './rig/peers/clear-rungs.ts';
import { openPeer, playPeer } from './rig/peers/peer-page.ts';
import { type PeerName, type PeerServer, withPeers } from './rig/peers/peer-server.ts';
import { clearSample, type Sample, withSample } from './rig/sample.ts';
import { type ShapingProxy, startShapingProxy } from './rig/shaping-proxy.ts';
import { HSDPA_OSLO } from './traces/hsdpa-oslo.ts';

const PEER: PeerName = 'hls.js with AES-128';
/** From the click on. The sample would go on some seconds longer. */
const WATCHED_MS = 64_000;
/** Shorter stalls are hard to see (DISPLAY_LIMITS.lateMs). */
const UNSEEN_MS = 250;

/** `stalledMs`: play stood still. `kilobits`: mean a second of what was shown, sound included. */
type Watched = { readonly stalledMs: number; readonly kilobits: number };

export const squeezeBench: Bench = {
  about: `${WATCHED_MS / 1000} s over a recorded mobile network, then ${PEER} over the same`,
  run: async ({ runs, say }) => {
    const programme = await clearSample();
    const proxy = await startShapingProxy();
    try {
      return await withPeers(programme, (peers) =>
        withSample(
          async (sample) => {
            const own: Watched[] = [];
            const theirs: Watched[] = [];
            for (let round = 0; round < (runs ?? 1); round += 1) {
              own.push(await squeezed(proxy, (page) => watchTerminal(page, proxy, sample, programme)));
              theirs.push(await squeezed(proxy, (page) => watchHls(page, proxy, peers, programme)));
              say(`round ${round + 1}: ${describe(own.at(-1))}; ${PEER}: ${describe(theirs.at(-1))}`);
            }
            return [
              figureOf({
                name: 'squeeze/stalled',
                unit: 'ms',
                rounds: own.map(({ stalledMs }) => stalledMs),
                peer: { name: PEER, rounds: theirs.map(({ stalledMs }) => stalledMs) },
                goal: noMoreThanPeer(UNSEEN_MS),
              }),
              figureOf({
                name: 'squeeze/rung',
                unit: 'kbit/s',
                rounds: own.map(({ kilobits }) => kilobits),
                peer: { name: PEER, rounds: theirs.map(({ kilobits }) => kilobits) },
                goal: ratioAtLeast(1),
              }),
            ];
          },
          { FAREBOX_TERMINAL_ORIGIN: proxy.origin },
        ),
      );
    } finally {
      await proxy.close();
    }
  },
};

function describe(watched: Watched | undefined): string {
  return `stood still ${Math.round(watched?.stalledMs ?? 0)} ms, ${Math.round(watched?.kilobits ?? 0)} kbit/s`;
}

/** A browser of its own, so that nothing of one run is in the other's connections or caches. */
function squeezed(proxy: ShapingProxy, watch: (page: Page) => Promise<Watched>): Promise<Watched> {
  return withBrowser(async (context: BrowserContext) => {
    try {
      return await withFreshPage(context, watch);
    } finally {
      proxy.shape(null);
    }
  });
}

async function watchTerminal(
  page: Page,
  proxy: ShapingProxy,
  { provider, title }: Sample,
  programme: ClearProgramme,
): Promise<Watched> {
  proxy.aimAt(Number(new URL(provider.terminalOrigin).port));
  await hearModule(page);
  const card = await openCatalogue(page, proxy.origin, title);
  await page.waitForLoadState('networkidle');
  proxy.shape(HSDPA_OSLO);
  await card.click();
  await page.waitForTimeout(WATCHED_MS);
  const [first] = await heardWithTimes(page, 'picture');
  if (first === undefined) throw new Error('the terminal showed nothing');
  const nowMs = await page.evaluate(() => performance.now());
  let stalledMs = 0;
  let sinceMs: number | null = null;
  for (const { atMs, event } of await heardWithTimes(page, 'display')) {
    if (atMs < first.atMs) continue;
    if (event.state === 'waiting') sinceMs ??= atMs;
    else if (sinceMs !== null) {
      stalledMs += atMs - sinceMs;
      sinceMs = null;
    }
  }
  if (sinceMs !== null) stalledMs += nowMs - sinceMs;
  const rungs = (await heard(page, 'frame')).flatMap(({ outcome, rung }) => (outcome === 'decrypted' ? [rung] : []));
  const bitrates = rungs.map((label) => bitrateOf(programme, (part) => part.label === label));
  return { stalledMs, kilobits: bitrates.reduce((sum, bits) => sum + bits, 0) / bitrates.length / 1000 };
}

async function watchHls(
  page: Page,
  proxy: ShapingProxy,
  peers: PeerServer,
  programme: ClearProgramme,
): Promise<Watched> {
  proxy.aimAt(peers.port);
  await openPeer(page, peers.pageOf(PEER, { origin: proxy.origin }));
  proxy.shape(HSDPA_OSLO);
  const startedMs = Date.now();
  await playPeer(page);
  await page.evaluate(() => window.peer.watch());
  await page.waitForTimeout(Math.max(0, WATCHED_MS - (Date.now() - startedMs)));
  const { stalledMs, playedMs } = await page.evaluate(() => window.peer.reading());
  const played = Object.entries(playedMs);
  const bits = played.reduce(
    (sum, [height, ms]) => sum + ms * bitrateOf(programme, (part) => part.height === Number(height)),
    0,
  );
  return { stalledMs, kilobits: bits / played.reduce((sum, [, ms]) => sum + ms, 0) / 1000 };
}

/** Bits a second of a rung with its sound. */
function bitrateOf(programme: ClearProgramme, fits: (part: ClearProgramme['rungs'][number]) => boolean): number {
  const rung = programme.rungs.find(fits);
  if (rung === undefined) throw new Error('a rung was shown that is not of the programme');
  return rung.bitrate + programme.sound.bitrate;
}
