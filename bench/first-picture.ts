// How long a person waits: from the click on a programme in the catalogue to its first picture on the screen, with the provider on the
// same machine; beside it, in turns, the same from the click on a peer's button, with its player loaded. Each round is a new document, for
// the terminal a new session as well; nothing of the programme is in the browser's cache.
import type { Page } from '@playwright/test';
import { heardWithTimes, hearModule, waitForEvent } from '../e2e/rig/module-events.ts';
import { openCatalogue, stopAndSettle } from '../e2e/rig/terminal.ts';
import { atMost, type Bench, figureOf, lowestPeer, ratioAtMost } from './figure.ts';
import { withBrowser } from './rig/browser.ts';
import { clickedAt, withFreshPage } from './rig/fresh.ts';
import { openPeer, playPeer } from './rig/peers/peer-page.ts';
import { PEERS, type PeerName, withPeers } from './rig/peers/peer-server.ts';
import { clearSample, type Sample, withSample } from './rig/sample.ts';

const ROUNDS = 10;
const GOAL_MS = 600;

export const firstPictureBench: Bench = {
  about: 'click to first picture, local server, in turns with the peers',
  run: async ({ runs, say }) =>
    withPeers(await clearSample(), (peers) =>
      withSample((sample) =>
        withBrowser(async (context) => {
          const rounds: number[] = [];
          const theirs = new Map<PeerName, number[]>(PEERS.map((name) => [name, []]));
          const heights = new Set<number>();
          for (let round = 0; round < (runs ?? ROUNDS); round += 1) {
            rounds.push(await withFreshPage(context, (page) => waitInTerminal(page, sample)));
            for (const [name, took] of theirs) {
              const { tookMs, height } = await withFreshPage(context, async (page) => {
                await openPeer(page, peers.pageOf(name));
                return playPeer(page);
              });
              took.push(tookMs);
              heights.add(height);
            }
            const beside = [...theirs].map(([name, took]) => `${name} ${Math.round(took.at(-1) ?? 0)} ms`);
            say(`round ${round + 1}: ${Math.round(rounds.at(-1) ?? 0)} ms; ${beside.join(', ')}`);
          }
          say(`the peers began with ${[...heights].join(', ')} lines`);
          const peer = lowestPeer(theirs);
          return [
            figureOf({ name: 'first-picture', unit: 'ms', rounds, goal: atMost(GOAL_MS) }),
            figureOf({ name: 'first-picture/peers', unit: 'ms', rounds, peer, goal: ratioAtMost(1) }),
          ];
        }),
      ),
    ),
};

async function waitInTerminal(page: Page, { provider, title }: Sample): Promise<number> {
  await hearModule(page);
  const card = await openCatalogue(page, provider.terminalOrigin, title);
  // As a person who looks before they click: the module has started, as a peer's player has been loaded.
  await page.waitForLoadState('networkidle');
  await card.click();
  await waitForEvent(page, 'picture');
  const [first] = await heardWithTimes(page, 'picture');
  if (first === undefined) throw new Error('no picture was seen');
  const tookMs = first.atMs - (await clickedAt(page));
  await stopAndSettle(page);
  return tookMs;
}
