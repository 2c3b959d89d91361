// Captions of a programme from a person's WebVTT file: judged, and cut into what each slot shows. publish.ts has the slots sealed
// like any part. A cue that is on the screen in several slots is in each of them whole, so that a seek needs no slot before.

import { type Cue, decodeCaptions, encodeCaptions } from '../../../src/protocol/captions.ts';
import { FareboxError } from '../../../src/protocol/errors.ts';
import { isLine } from '../../../src/protocol/language.ts';
import { LIMITS } from '../../../src/protocol/limits.ts';
import { PUBLISH_LIMITS } from '../limits.ts';
import type { Segment } from '../segment.ts';
import { linesOf, settingsOf } from './cue-text.ts';
import { readCues, type VttCue } from './vtt-cues.ts';
import { vttError } from './vtt-faults.ts';

/** A cue and the line it comes from. */
type PlacedCue = { readonly line: number; readonly cue: Cue };

/**
 * Reads a file and cuts it into slots; those without a cue are not among them.
 * @param durationMs length of the programme: what begins at its end or later belongs to another film.
 * @throws FareboxError what `readCues` throws, `publish/vtt-overlap`, and about one cue `publish/vtt-times`,
 * `publish/vtt-malformed`, `publish/vtt-too-large`.
 */
export async function readCaptions(file: string, durationMs: number): Promise<readonly Segment[]> {
  const placed = (await readCues(file, 'captions')).map((cue) => ({
    line: cue.line,
    cue: makeCue(file, cue, durationMs),
  }));
  checkAtOnce(file, placed);
  const slots = new Map<number, PlacedCue[]>();
  for (const one of placed) {
    const last = Math.floor((one.cue.endMs - 1) / PUBLISH_LIMITS.slotMs);
    for (let slot = Math.floor(one.cue.startMs / PUBLISH_LIMITS.slotMs); slot <= last; slot += 1) {
      const known = slots.get(slot);
      if (known === undefined) slots.set(slot, [one]);
      else known.push(one);
    }
  }
  return [...slots]
    .sort(([one], [other]) => one - other)
    .map(([slot, cues]) => ({ slot, bytes: encodeSlot(file, slot, cues) }));
}

function makeCue(file: string, { line, startMs, endMs, parsed }: VttCue, durationMs: number): Cue {
  const at = { file, line };
  if (startMs >= durationMs) throw vttError('publish/vtt-times', at, 'This cue begins after the end of the video.');
  if (parsed.direction !== 'horizontal') throw vttError('publish/vtt-malformed', at, 'Vertical text cannot be shown.');
  const lines = linesOf(parsed);
  if (lines.length === 0) throw vttError('publish/vtt-malformed', at, 'This cue has no text.');
  const texts = lines.flat().map(({ text }) => text);
  const length = texts.reduce((sum, text) => sum + text.length, 0);
  if (
    lines.length > LIMITS.cueLines ||
    length > LIMITS.cueLength ||
    lines.some((runs) => runs.length > LIMITS.cueRuns)
  ) {
    throw vttError('publish/vtt-too-large', at, 'This cue has more text than anyone could read.');
  }
  if (!texts.every((text) => isLine(text, 1, LIMITS.cueLength))) {
    throw vttError('publish/vtt-malformed', at, 'This cue has control characters in its text.');
  }
  // The last cue often ends a little after the pictures do.
  return { startMs, endMs: Math.min(endMs, durationMs), lines, settings: settingsOf(parsed, lines.length) };
}

/** Two people may speak at once; more cues than the picture has room for are a mistake in the times. */
function checkAtOnce(file: string, placed: readonly PlacedCue[]): void {
  let open: readonly PlacedCue[] = [];
  for (const one of placed) {
    open = [...open.filter(({ cue }) => cue.endMs > one.cue.startMs), one];
    if (open.length <= PUBLISH_LIMITS.captionsAtOnce) continue;
    const reason = `More than ${PUBLISH_LIMITS.captionsAtOnce} cues would be on the screen at once.`;
    throw vttError('publish/vtt-overlap', { file, line: one.line }, reason);
  }
}

/** Read back before anyone is sold it, as the module will read it. */
function encodeSlot(file: string, slot: number, placed: readonly PlacedCue[]): Uint8Array {
  const bytes = encodeCaptions(placed.map(({ cue }) => cue));
  const startMs = slot * PUBLISH_LIMITS.slotMs;
  try {
    decodeCaptions(bytes, { startMs, endMs: startMs + PUBLISH_LIMITS.slotMs });
    return bytes;
  } catch (cause) {
    if (!(cause instanceof FareboxError)) throw cause;
    const line = placed[0]?.line ?? 1;
    throw vttError(
      'publish/vtt-too-large',
      { file, line },
      'There is more text in these two seconds than can be shown.',
    );
  }
}
