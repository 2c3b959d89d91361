// Captions (docs/protocol.md §19): what a captions part holds in one slot once it is opened. Written by the publisher, read by
// the module alone, which draws them itself: text and a few settings, never markup, so that nothing in them can run.

import type { Bytes } from './bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import { FareboxError } from './errors.ts';
import { isLine } from './language.ts';
import { LIMITS } from './limits.ts';
import { readMembers } from './members.ts';

const TYPE = 'farebox/captions';
const VERSION = 1;
const CODE = 'captions/malformed';

/** Codec of a captions part: this file's form. */
export const CAPTIONS_CODEC = 'fbcc';

/** Bits of a run's style; they add up. */
export const CUE_STYLES = Object.freeze({ italic: 1, bold: 2, underline: 4 } as const);

const ALL_STYLES = CUE_STYLES.italic | CUE_STYLES.bold | CUE_STYLES.underline;

/** How the lines of a cue stand to each other and to its place. */
export const CUE_ALIGNMENTS = ['start', 'center', 'end'] as const;

/** Text of one style; `style` is a sum of `CUE_STYLES`, 0 for plain text. */
export type CueRun = Readonly<{ text: string; style: number }>;

/** Where a cue is drawn. */
export type CueSettings = Readonly<{
  /** Top of its lines in hundredths of the picture's height from above, or −1: at the bottom, where captions usually are. */
  line: number;
  /** Place in hundredths of the picture's width from the left; what of the cue lies there, `align` says. */
  position: number;
  align: (typeof CUE_ALIGNMENTS)[number];
}>;

/** A cue. Times in ms on the programme's clock, `endMs` exclusive; they may reach beyond the slot that it came in. */
export type Cue = Readonly<{
  startMs: number;
  endMs: number;
  lines: readonly (readonly CueRun[])[];
  settings: CueSettings;
}>;

/** A stretch of the programme's clock in ms, `endMs` exclusive. */
export type TimeSpan = Readonly<{ startMs: number; endMs: number }>;

/** True where a cue is on the screen at some moment of a stretch. */
export function overlaps(cue: TimeSpan, span: TimeSpan): boolean {
  return cue.startMs < span.endMs && cue.endMs > span.startMs;
}

/** The clear bytes of one slot's captions, to be sealed like any part. Whether they are within the bounds, `decodeCaptions` says. */
export function encodeCaptions(cues: readonly Cue[]): Bytes {
  const encoded = cues.map(({ startMs, endMs, lines, settings }): CborValue => {
    const runs = lines.map((line) => line.map(({ text, style }) => [text, style]));
    const { line, position, align } = settings;
    return [startMs, endMs, runs, new Map<string, CborValue>(Object.entries({ line, position, align }))];
  });
  return encodeCbor([TYPE, VERSION, encoded]);
}

/**
 * Reads the captions of one slot; `slot` is where it lies. Cues ascend by their start, and each is on the screen within the
 * slot: one that is not lies about its time. Errors: `captions/malformed`, with what does not fit as `member`.
 */
export function decodeCaptions(bytes: Uint8Array, slot: TimeSpan): readonly Cue[] {
  const value = decodeBounded(bytes);
  const [type, version, listed, ...more]: readonly CborValue[] = Array.isArray(value) ? value : [];
  if (type !== TYPE || version !== VERSION || more.length > 0) return refuse('type');
  if (!Array.isArray(listed) || listed.length === 0 || listed.length > LIMITS.captionsCues) return refuse('cues');
  const cues = listed.map(readCue);
  let reachedMs = 0;
  for (const cue of cues) {
    if (cue.startMs < reachedMs || !overlaps(cue, slot)) refuse('time');
    reachedMs = cue.startMs;
  }
  return Object.freeze(cues);
}

function decodeBounded(bytes: Uint8Array): CborValue {
  try {
    return decodeCbor(bytes, { depth: 6, sizeBytes: LIMITS.captionsSizeBytes, items: LIMITS.captionsItems });
  } catch (cause) {
    throw new FareboxError(CODE, { member: 'cbor' }, { cause });
  }
}

function readCue(value: CborValue): Cue {
  const [startMs, endMs, lines, settings]: readonly CborValue[] =
    Array.isArray(value) && value.length === 4 ? value : refuse('cue');
  if (typeof startMs !== 'number' || typeof endMs !== 'number') return refuse('time');
  if (startMs < 0 || endMs <= startMs || endMs > LIMITS.programmeMs) return refuse('time');
  if (!Array.isArray(lines) || lines.length === 0 || lines.length > LIMITS.cueLines) return refuse('lines');
  const read = lines.map(readLine);
  const length = read.flat().reduce((sum, { text }) => sum + text.length, 0);
  if (length > LIMITS.cueLength) return refuse('lines');
  return Object.freeze({ startMs, endMs, lines: read, settings: readSettings(settings ?? null) });
}

function readLine(value: CborValue): readonly CueRun[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > LIMITS.cueRuns) return refuse('lines');
  return value.map((run: CborValue) => {
    const [text, style]: readonly CborValue[] = Array.isArray(run) && run.length === 2 ? run : refuse('lines');
    if (!isLine(text, 1, LIMITS.cueLength)) return refuse('text');
    if (typeof style !== 'number' || style < 0 || style > ALL_STYLES) return refuse('style');
    return Object.freeze({ text, style });
  });
}

function readSettings(value: CborValue): CueSettings {
  const members = readMembers(value, CODE);
  const named = members.text('align', 8);
  const settings = {
    line: members.integer('line', -1, 100),
    position: members.integer('position', 0, 100),
    align: CUE_ALIGNMENTS.find((align) => align === named) ?? refuse('align'),
  };
  members.end();
  return Object.freeze(settings);
}

function refuse(member: string): never {
  throw new FareboxError(CODE, { member });
}
