// What playing costs the machine: processor time of the whole browser over a stretch of 720p30 with sound, told for a minute, in turns with
// Shaka Player under ClearKey. Each is a browser of its own that does nothing else; both show the picture at one size and one rung.
import { heard, hearModule, waitForEvent } from '../e2e/rig/module-events.ts';
import { stopAndSettle, watch } from '../e2e/rig/terminal.ts';
import { type Bench, figureOf, ratioAtMost } from './figure.ts';
import { withBrowser } from './rig/browser.ts';
import { noteTimes } from './rig/fresh.ts';
import { openPeer, type PictureSize, playPeer } from './rig/peers/peer-page.ts';
import { type PeerName, type PeerServer, withPeers } from './rig/peers/peer-server.ts';
import { processorTimeOf } from './rig/processor-time.ts';
import { clearSample, type Sample, withSample } from './rig/sample.ts';

const ROUNDS = 2;
/** Starting, climbing to the rung and filling buffers is over by then. */
const WARM_UP_MS = 12_000;
const MEASURED_MS = 40_000;
const MINUTE_MS = 60_000;
const HEIGHT = 720;
const GOAL_RATIO = 1.5;
const PEER: PeerName = 'Shaka Player with ClearKey';

export const cpuBench: Bench = {
  about: `processor time of the browser over ${MEASURED_MS / 1000} s of 720p30, in turns with ${PEER}`,
  run: async ({ runs, say }) =>
    withPeers(await clearSample(), (peers) =>
      withSample(async (sample) => {
        const rounds: number[] = [];
        const theirs: number[] = [];
        for (let round = 0; round < (runs ?? ROUNDS); round += 1) {
          const own = await costOfTerminal(sample);
          rounds.push(own.costMs);
          theirs.push(await costOfPeer(peers, own.size));
          say(
            `round ${round + 1}: ${Math.round(own.costMs)} ms a minute, ${PEER} ${Math.round(theirs.at(-1) ?? 0)} ms`,
          );
        }
        const peer = { name: PEER, rounds: theirs };
        return [figureOf({ name: 'cpu', unit: 'ms/min', rounds, peer, goal: ratioAtMost(GOAL_RATIO) })];
      }),
    ),
};

const perMinute = (costMs: number): number => (costMs * MINUTE_MS) / MEASURED_MS;

function costOfTerminal({ provider, title }: Sample): Promise<{ readonly costMs: number; readonly size: PictureSize }> {
  return withBrowser(async (context) => {
    const page = await context.newPage();
    await hearModule(page);
    await watch(page, provider.terminalOrigin, title);
    await waitForEvent(page, 'display', ({ positionMs }) => positionMs >= WARM_UP_MS);
    const size = await page.getByRole('region', { name: 'Picture' }).boundingBox();
    if (size === null) throw new Error('the terminal shows no picture');
    const before = (await heard(page, 'frame')).length;
    const costMs = await processorTimeOf(context, () => page.waitForTimeout(MEASURED_MS));
    const rungs = (await heard(page, 'frame')).slice(before).map(({ rung }) => rung);
    if (rungs.length === 0 || rungs.some((rung) => rung !== `video/${HEIGHT}p`))
      throw new Error(`the terminal played ${[...new Set(rungs)].join(', ')}`);
    await stopAndSettle(page);
    return { costMs: perMinute(costMs), size: { width: size.width, height: size.height } };
  });
}

function costOfPeer(peers: PeerServer, size: PictureSize): Promise<number> {
  return withBrowser(async (context) => {
    const page = await context.newPage();
    await noteTimes(page);
    await openPeer(page, peers.pageOf(PEER), size);
    await playPeer(page);
    await page.evaluate((height) => window.peer.pin(height), HEIGHT);
    await page.waitForFunction((playedMs) => window.peer.positionMs() >= playedMs, WARM_UP_MS);
    const costMs = await processorTimeOf(context, () => page.waitForTimeout(MEASURED_MS));
    const { height } = await page.evaluate(() => window.peer.anyPicture());
    if (height !== HEIGHT) throw new Error(`${PEER} played ${height} lines`);
    return perMinute(costMs);
  });
}
