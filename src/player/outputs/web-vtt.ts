// The captions of a slot as WebVTT, for other players (W3C WebVTT; RFC 8216 §3.5). Written from cues that were read strictly (docs/protocol.md §19), so
// that nothing of a publisher's is markup, a setting or a line of its own. Pure.

import { CUE_STYLES, type Cue, type CueRun } from '../../protocol/captions.ts';

/** A slot's file; one without cues is a file all the same. Times are the programme's, as those of its pictures are. */
export function formatWebVtt(cues: readonly Cue[]): string {
  const head = 'WEBVTT\nX-TIMESTAMP-MAP=LOCAL:00:00:00.000,MPEGTS:0\n';
  return [head, ...cues.map(formatCue)].join('\n');
}

function formatCue({ startMs, endMs, lines, settings }: Cue): string {
  const { line, position, align } = settings;
  const place = [...(line < 0 ? [] : [`line:${line}%`]), `position:${position}%`, `align:${align}`].join(' ');
  const text = lines.map((runs) => runs.map(formatRun).join('')).join('\n');
  return `${formatTime(startMs)} --> ${formatTime(endMs)} ${place}\n${text}\n`;
}

/** Tags of a style, the outermost first. */
const TAGS = [
  [CUE_STYLES.italic, 'i'],
  [CUE_STYLES.bold, 'b'],
  [CUE_STYLES.underline, 'u'],
] as const;

function formatRun({ text, style }: CueRun): string {
  const tags = TAGS.flatMap(([bit, name]) => ((style & bit) === 0 ? [] : [name]));
  const opening = tags.map((name) => `<${name}>`).join('');
  const closing = tags.toReversed().map((name) => `</${name}>`);
  return `${opening}${escaped(text)}${closing.join('')}`;
}

/** Without `>` no line holds the arrow that begins a cue; without `<` none holds a tag, and without `&` none an escape. */
function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function formatTime(ms: number): string {
  const two = (count: number): string => String(count).padStart(2, '0');
  const seconds = Math.floor(ms / 1000);
  const clock = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(':');
  return `${clock}.${String(ms % 1000).padStart(3, '0')}`;
}
