// How long a seek takes: from letting go of the slider to the first picture of the new place; a few seconds on, where what is needed has been
// fetched already, and far on, where nothing has. Beside it, in turns, the peers' from setting `currentTime`.
import type { Page } from '@playwright/test';
import { heardWithTimes, hearModule, waitForEvent } from '../e2e/rig/module-events.ts';
import { seekTo, stopAndSettle, watch } from '../e2e/rig/terminal.ts';
import { type Bench, type BenchFigure, figureOf, lowestPeer, ratioAtMost } from './figure.ts';
import { withBrowser } from './rig/browser.ts';
import { letGoAt, withFreshPage } from './rig/fresh.ts';
import { openPeer, playPeer } from './rig/peers/peer-page.ts';
import { PEERS, type PeerName, type PeerServer, withPeers } from './rig/peers/peer-server.ts';
import { clearSample, type Sample, withSample } from './rig/sample.ts';

const ROUNDS = 5;
/** Play goes on this long first, so that all have fetched what they will. */
const PLAYED_MS = 3_000;
/** What the peers may fetch ahead; by itself hls.js fetches the whole of so short a programme, and no place would be cold. */
const PEER_AHEAD_SECONDS = 20;
/** Places in the middle of a frame. The far one is beyond the minute that the terminal fetches ahead. */
const PLACES_MS = { buffered: 10_700, cold: 69_300 } as const;

type Kind = keyof typeof PLACES_MS;

export const seekBench: Bench = {
  about: 'seek to first picture at the new place, cold and buffered, in turns with the peers',
  run: async ({ runs, say }) =>
    withPeers(await clearSample(), (peers) =>
      withSample((sample) =>
        withBrowser(async (context) => {
          const figures: BenchFigure[] = [];
          for (const kind of ['buffered', 'cold'] as const) {
            const own: number[] = [];
            const theirs = new Map<PeerName, number[]>(PEERS.map((name) => [name, []]));
            for (let round = 0; round < (runs ?? ROUNDS); round += 1) {
              own.push(await withFreshPage(context, (page) => seekInTerminal(page, sample, kind)));
              for (const [name, took] of theirs)
                took.push(await withFreshPage(context, (page) => seekInPeer(page, peers, name, kind)));
              const beside = [...theirs].map(([name, took]) => `${name} ${Math.round(took.at(-1) ?? 0)} ms`);
              say(`${kind}, round ${round + 1}: ${Math.round(own.at(-1) ?? 0)} ms; ${beside.join(', ')}`);
            }
            const peer = lowestPeer(theirs);
            figures.push(figureOf({ name: `seek/${kind}`, unit: 'ms', rounds: own, peer, goal: ratioAtMost(1) }));
          }
          return figures;
        }),
      ),
    ),
};

async function seekInTerminal(page: Page, { provider, title }: Sample, kind: Kind): Promise<number> {
  await hearModule(page);
  await watch(page, provider.terminalOrigin, title);
  await waitForEvent(page, 'display', ({ positionMs }) => positionMs >= PLAYED_MS);
  const before = (await heardWithTimes(page, 'picture')).length;
  await seekTo(page, PLACES_MS[kind]);
  await waitForEvent(page, 'picture', () => true, { skip: before });
  const shown = (await heardWithTimes(page, 'picture'))[before];
  if (shown === undefined) throw new Error('no picture of the new place was seen');
  const tookMs = shown.atMs - (await letGoAt(page));
  await stopAndSettle(page);
  return tookMs;
}

async function seekInPeer(page: Page, peers: PeerServer, name: PeerName, kind: Kind): Promise<number> {
  await openPeer(page, peers.pageOf(name, { aheadSeconds: PEER_AHEAD_SECONDS }));
  await playPeer(page);
  await page.waitForFunction((playedMs) => window.peer.positionMs() >= playedMs, PLAYED_MS);
  await page.waitForFunction((toMs) => window.peer.bufferedToMs() > toMs, PLACES_MS.buffered);
  if ((await page.evaluate(() => window.peer.bufferedToMs())) > PLACES_MS.cold)
    throw new Error(`${name} has fetched what the cold seek is to`);
  return page.evaluate((toMs) => window.peer.seek(toMs), PLACES_MS[kind]);
}
