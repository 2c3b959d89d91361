// Draws the captions over the picture, in the module's own document: what they say is neither in the terminal's page nor in an event. Text
// goes in as text nodes, never as markup; places and sizes as numbers that were checked when they were read. Called by worker-life.ts.

import type { CueRun } from '../../protocol/captions.ts';
import { CUE_STYLES } from '../../protocol/captions.ts';
import type { CaptionStyle } from '../commands.ts';
import type { WorkerToFrame } from '../frame-messages.ts';
import { directionOf } from './text-direction.ts';

type CaptionsMessage = Extract<WorkerToFrame, { type: 'captions' }>;
type ShownCue = CaptionsMessage['cues'][number];

/** The captions of one worker. */
export type CaptionLayer = {
  show(message: CaptionsMessage): void;
  style(style: CaptionStyle): void;
  /** Takes them away for good. */
  remove(): void;
};

/** Puts an empty layer into the document. It covers what the picture covers of it, whatever the shape of the window. */
export function makeCaptionLayer(document: Document): CaptionLayer {
  const layer = document.createElement('div');
  layer.className = 'captions';
  document.body.append(layer);

  return {
    show({ language, ratio, cues }) {
      layer.lang = language;
      layer.style.setProperty('--ratio', String(ratio));
      // Cues of one place stand in one stack, in their order, so that none covers another.
      const stacks = new Map<number, HTMLElement>();
      for (const cue of cues) {
        const { line } = cue.settings;
        const stack = stacks.get(line) ?? makeStack(document, line);
        stacks.set(line, stack);
        stack.append(makeCue(document, cue, language));
      }
      layer.replaceChildren(...stacks.values());
    },
    style({ size, background, colour, position, clearBelow }) {
      Object.assign(layer.dataset, { size, background, colour, position });
      document.documentElement.style.setProperty('--clear-below', String(clearBelow));
      document.documentElement.toggleAttribute('data-controls', clearBelow > 0);
    },
    remove() {
      layer.remove();
    },
  };
}

/** `line` −1: where captions usually are; else hundredths of the picture's height from above. */
function makeStack(document: Document, line: number): HTMLElement {
  const stack = document.createElement('div');
  stack.className = line < 0 ? 'stack usual' : 'stack';
  if (line >= 0) stack.style.setProperty('--line', String(line));
  return stack;
}

function makeCue(document: Document, { lines, settings }: ShownCue, language: string): HTMLElement {
  const cue = document.createElement('div');
  cue.className = 'cue';
  const { left, width } = boxOf(settings);
  cue.style.setProperty('--left', `${left}%`);
  cue.style.setProperty('--width', `${width}%`);
  cue.style.textAlign = settings.align;
  for (const runs of lines) {
    const line = document.createElement('p');
    line.dir = directionOf(language);
    const text = document.createElement('span');
    text.append(...runs.map((run) => makeRun(document, run)));
    line.append(text);
    cue.append(line);
  }
  return cue;
}

function makeRun(document: Document, { text, style }: CueRun): Node {
  const words = document.createTextNode(text);
  if (style === 0) return words;
  const run = document.createElement('span');
  run.classList.toggle('italic', (style & CUE_STYLES.italic) !== 0);
  run.classList.toggle('bold', (style & CUE_STYLES.bold) !== 0);
  run.classList.toggle('underline', (style & CUE_STYLES.underline) !== 0);
  run.append(words);
  return run;
}

/** Least width of a cue, hundredths of the picture's: at the very edge it would have none. */
const LEAST_WIDTH = 20;

/** Where a cue's box lies, in hundredths of the picture's width: as wide as its place and alignment leave it. */
export function boxOf({ position, align }: Pick<ShownCue['settings'], 'position' | 'align'>): {
  readonly left: number;
  readonly width: number;
} {
  const room =
    align === 'center' ? 2 * Math.min(position, 100 - position) : align === 'start' ? 100 - position : position;
  const width = Math.max(LEAST_WIDTH, room);
  const from = align === 'center' ? position - width / 2 : align === 'start' ? position : position - width;
  return { left: Math.min(Math.max(0, from), 100 - width), width };
}
