// The text of a WebVTT cue as lines of styled runs, and its settings as places on the picture: what src/protocol/captions.ts holds. Of
// the markup italics, bold and underlining are kept; voices, classes and languages are for style sheets, which captions here have not.

import type { Node, ParsedCue } from 'webvtt-parser';
import { CUE_STYLES, type CueRun, type CueSettings } from '../../../src/protocol/captions.ts';

const STYLE_OF: ReadonlyMap<string, number> = new Map([
  ['i', CUE_STYLES.italic],
  ['b', CUE_STYLES.bold],
  ['u', CUE_STYLES.underline],
]);

/** Height of a line of captions in hundredths of the picture's, as WebVTT counts lines. */
const LINE_HEIGHT = 5.33;

/** Lines of a cue without empty runs and blank lines; none where it has no text. */
export function linesOf(cue: Pick<ParsedCue, 'tree'>): readonly (readonly CueRun[])[] {
  const lines: CueRun[][] = [[]];
  for (const { text, style } of runsOf(cue.tree.children, 0)) {
    for (const [at, piece] of text.split('\n').entries()) {
      if (at > 0) lines.push([]);
      if (piece !== '') addRun(lines.at(-1) ?? [], { text: piece, style });
    }
  }
  return lines.filter((line) => line.some(({ text }) => text.trim() !== ''));
}

/** Joins what the same style has, so that a line has as few runs as it can. */
function addRun(line: CueRun[], run: CueRun): void {
  const last = line.at(-1);
  if (last?.style === run.style) line[line.length - 1] = { ...last, text: last.text + run.text };
  else line.push(run);
}

function runsOf(nodes: readonly Node[], style: number): CueRun[] {
  return nodes.flatMap((node): CueRun[] => {
    if (node.type === 'text') return [{ text: node.value.replaceAll('\t', ' '), style }];
    if (node.type === 'timestamp') return [];
    const inner = runsOf(node.children, style | (STYLE_OF.get(node.name) ?? 0));
    // The reading of a word stands above it in print; in a line of text it follows in brackets.
    return node.name === 'rt' ? [{ text: '(', style }, ...inner, { text: ')', style }] : inner;
  });
}

/** @param lineCount lines of the cue: what counts from below has to be moved up by them. */
export function settingsOf(cue: ParsedCue, lineCount: number): CueSettings {
  const align = alignmentOf(cue);
  return { line: lineOf(cue, lineCount), position: positionOf(cue, align), align };
}

function alignmentOf({ alignment, positionAlign }: ParsedCue): CueSettings['align'] {
  const told = positionAlign === 'auto' ? alignment : positionAlign;
  if (told === 'start' || told === 'left' || told === 'line-left') return 'start';
  return told === 'center' ? 'center' : 'end';
}

function positionOf({ textPosition }: ParsedCue, align: CueSettings['align']): number {
  if (textPosition !== 'auto') return within(textPosition);
  return { start: 0, center: 50, end: 100 }[align];
}

function lineOf({ linePosition, snapToLines, lineAlign }: ParsedCue, lineCount: number): number {
  if (linePosition === 'auto') return -1;
  const height = lineCount * LINE_HEIGHT;
  if (snapToLines) {
    // −1 is the last line: where captions stand by themselves.
    if (linePosition === -1) return -1;
    return within(linePosition >= 0 ? linePosition * LINE_HEIGHT : 100 + (linePosition + 1) * LINE_HEIGHT - height);
  }
  const above = { start: 0, center: height / 2, end: height }[lineAlign];
  return within(linePosition - above);
}

const within = (share: number): number => Math.min(100, Math.max(0, Math.round(share)));
