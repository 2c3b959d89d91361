// Shows how far publishing is: a bar that is drawn over itself on a terminal, one line for each tenth elsewhere. The command line
// uses it; it decides nothing and reads nothing.

import type { PublishProgress } from './publish.ts';

/** Shows progress until it is ended. */
export type ProgressLine = {
  readonly show: (progress: PublishProgress) => void;
  /** Leaves the last bar behind and goes to the next line. */
  readonly end: () => void;
};

const WORDS = { probe: 'Reading', encode: 'Encoding', finish: 'Storing' } as const;
const BAR_CELLS = 32;
/** A terminal is redrawn at most this often. */
const REDRAW_MS = 80;

/** One picture of the bar: `Encoding ████████░░░░  50 %  1:20 left`. */
function drawBar({ phase, ratio }: PublishProgress, elapsedMs: number): string {
  const share = Math.min(1, Math.max(0, ratio));
  const cells = Math.round(share * BAR_CELLS);
  const bar = '█'.repeat(cells) + '░'.repeat(BAR_CELLS - cells);
  const left =
    phase === 'encode' && share > 0.02 && share < 1 ? `  ${formatClock((elapsedMs / share) * (1 - share))} left` : '';
  return `${WORDS[phase].padEnd(8)} ${bar} ${String(Math.floor(share * 100)).padStart(3)} %${left}`;
}

const formatClock = (lengthMs: number): string => {
  const seconds = Math.ceil(lengthMs / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};

/** @param terminal where the bar is drawn; null writes plain lines with `say` instead. */
export function makeProgressLine(
  terminal: { readonly write: (text: string) => unknown } | null,
  say: (line: string) => void,
): ProgressLine {
  let phase: PublishProgress['phase'] | undefined;
  let phaseStart = 0;
  let drawn = 0;
  let tenth = -1;
  return {
    show: (progress) => {
      const now = performance.now();
      const fresh = progress.phase !== phase;
      if (fresh) {
        phase = progress.phase;
        phaseStart = now;
        tenth = -1;
      }
      if (terminal !== null) {
        if (!fresh && progress.ratio < 1 && now - drawn < REDRAW_MS) return;
        drawn = now;
        // \u001b[K clears what a longer bar left.
        terminal.write(`\r${drawBar(progress, now - phaseStart)}\u001b[K`);
      } else if (Math.floor(progress.ratio * 10) > tenth) {
        tenth = Math.floor(progress.ratio * 10);
        say(`${WORDS[progress.phase]} ${tenth * 10} %`);
      }
    },
    end: () => {
      if (terminal !== null && phase !== undefined) terminal.write('\n');
      phase = undefined;
    },
  };
}
