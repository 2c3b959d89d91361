// How long a person waits: from the click on a programme in the catalogue to its first picture on the screen, with the provider on the
// same machine; beside it, in turns, the same from the click on a peer's button, with its player loaded. Each round is a new document, for
// the terminal a new session as well; nothing of the programme is in the browser's cache. Two benches: a click at once, as no hand can; and one
// after the pointer has rested on the card, or on the peer's button, as a hand's does before it presses. Only the rest tells them apart.
import type { Page } from '@playwright/test';
import { heardWithTimes, hearModule, waitForEvent } from '../e2e/rig/module-events.ts';
import { openCatalogue, stopAndSettle } from '../e2e/rig/terminal.ts';
import { atMost, type Bench, type BenchFigure, figureOf, lowestPeer, ratioAtMost } from './figure.ts';
import { withBrowser } from './rig/browser.ts';
import { clickedAt, pressAfter, withFreshPage } from './rig/fresh.ts';
import { openPeer, playPeer } from './rig/peers/peer-page.ts';
import { PEERS, type PeerName, withPeers } from './rig/peers/peer-server.ts';
import { clearSample, type Sample, withSample } from './rig/sample.ts';

const ROUNDS = 10;
const GOAL_MS = 600;

/** How long a pointer rests on what it is about to press: less than people take from arriving to pressing. */
const REST_MS = 300;

export const firstPictureBench: Bench = {
  about: 'click to first picture, local server, in turns with the peers; the click comes at once',
  run: (how) => measure('first-picture', 0, how),
};

export const pointedBench: Bench = {
  about: `click to first picture, as first-picture, after the pointer has rested on the card or the peer's button for ${REST_MS} ms`,
  run: (how) => measure('first-picture/pointed', REST_MS, how),
};

function measure(
  name: string,
  restMs: number,
  { runs, say }: Parameters<Bench['run']>[0],
): Promise<readonly BenchFigure[]> {
  return clearSample().then((clear) =>
    withPeers(clear, (peers) =>
      withSample((sample) =>
        withBrowser(async (context) => {
          const rounds: number[] = [];
          const theirs = new Map<PeerName, number[]>(PEERS.map((peer) => [peer, []]));
          const heights = new Set<number>();
          for (let round = 0; round < (runs ?? ROUNDS); round += 1) {
            rounds.push(await withFreshPage(context, (page) => waitInTerminal(page, sample, restMs)));
            for (const [peer, took] of theirs) {
              const { tookMs, height } = await withFreshPage(context, async (page) => {
                await openPeer(page, peers.pageOf(peer));
                return playPeer(page, restMs);
              });
              took.push(tookMs);
              heights.add(height);
            }
            const beside = [...theirs].map(([peer, took]) => `${peer} ${Math.round(took.at(-1) ?? 0)} ms`);
            say(`round ${round + 1}: ${Math.round(rounds.at(-1) ?? 0)} ms; ${beside.join(', ')}`);
          }
          say(`the peers began with ${[...heights].join(', ')} lines`);
          const peer = lowestPeer(theirs);
          return [
            figureOf({ name, unit: 'ms', rounds, goal: atMost(GOAL_MS) }),
            figureOf({ name: `${name}/peers`, unit: 'ms', rounds, peer, goal: ratioAtMost(1) }),
          ];
        }),
      ),
    ),
  );
}

async function waitInTerminal(page: Page, { provider, title }: Sample, restMs: number): Promise<number> {
  await hearModule(page);
  const card = await openCatalogue(page, provider.terminalOrigin, title);
  // As a person who looks before they click: the module has started, as a peer's player has been loaded.
  await page.waitForLoadState('networkidle');
  await pressAfter(card, restMs);
  await waitForEvent(page, 'picture');
  const [first] = await heardWithTimes(page, 'picture');
  if (first === undefined) throw new Error('no picture was seen');
  const tookMs = first.atMs - (await clickedAt(page));
  await stopAndSettle(page);
  return tookMs;
}
