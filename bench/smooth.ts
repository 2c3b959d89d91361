// How well a minute of 720p30 plays with sound, without a GPU: pictures dropped, and how far picture and sound are apart. Both are what
// the module's display counts itself and reports four times a second.
import { heard, hearModule, waitForEvent } from '../e2e/rig/module-events.ts';
import { stopAndSettle, watch } from '../e2e/rig/terminal.ts';
import { atMost, type Bench, figureOf, percentileOf } from './figure.ts';
import { withBrowser } from './rig/browser.ts';
import { withSample } from './rig/sample.ts';

const PLAYED_MS = 60_000;
const MOST_DROPPED_PERCENT = 1;
const MOST_OFFSET_MS = 45;

export const smoothBench: Bench = {
  about: `${PLAYED_MS / 1000} s of the sample programme with sound`,
  run: ({ runs, say }) =>
    withSample(({ provider, title }) =>
      withBrowser(async (context) => {
        const dropped: number[] = [];
        const offsets: number[] = [];
        for (let round = 0; round < (runs ?? 1); round += 1) {
          const page = await context.newPage();
          await hearModule(page);
          await watch(page, provider.terminalOrigin, title);
          await waitForEvent(page, 'display', (event) => event.positionMs >= PLAYED_MS || event.state === 'ended', {
            timeoutMs: 2 * PLAYED_MS,
          });
          const reports = await heard(page, 'display');
          const last = reports.at(-1);
          if (last === undefined) throw new Error('the display reported nothing');
          const { picturesDrawn, picturesDropped } = last.statistics;
          dropped.push((picturesDropped * 100) / (picturesDrawn + picturesDropped));
          const measured = reports.flatMap(({ state, statistics }) =>
            state === 'playing' && statistics.soundOffsetMs !== null ? [Math.abs(statistics.soundOffsetMs)] : [],
          );
          offsets.push(percentileOf(measured, 0.95));
          say(`${picturesDrawn} drawn, ${picturesDropped} dropped, ${measured.length} offsets`);
          await stopAndSettle(page);
          await page.close();
        }
        return [
          figureOf({ name: 'smooth/dropped', unit: '%', rounds: dropped, goal: atMost(MOST_DROPPED_PERCENT) }),
          figureOf({ name: 'smooth/offset-p95', unit: 'ms', rounds: offsets, goal: atMost(MOST_OFFSET_MS) }),
        ];
      }),
    ),
};
