// Chapters of a programme from a person's WebVTT file: where each begins and what it is called. They are listed in the manifest,
// open to everyone, as a table of contents is.

import { isTitle } from '../../../src/protocol/language.ts';
import { LIMITS } from '../../../src/protocol/limits.ts';
import type { Chapter } from '../../../src/protocol/manifest.ts';
import { linesOf } from './cue-text.ts';
import { readCues } from './vtt-cues.ts';
import { vttError } from './vtt-faults.ts';

/**
 * Reads chapters; each ends where the next one begins, whatever its own end says, as long as the two do not overlap.
 * @param durationMs length of the programme.
 * @throws FareboxError what `readCues` throws, `publish/vtt-overlap`, `publish/vtt-times`, `publish/vtt-malformed`,
 * `publish/vtt-too-large`.
 */
export async function readChapters(file: string, durationMs: number): Promise<readonly Chapter[]> {
  const cues = await readCues(file, 'chapters');
  let endedMs = 0;
  return cues.map(({ line, startMs, endMs, parsed }, at) => {
    const place = { file, line };
    if (at >= LIMITS.chapters)
      throw vttError('publish/vtt-too-large', place, `There are more than ${LIMITS.chapters} chapters.`);
    if (startMs >= durationMs)
      throw vttError('publish/vtt-times', place, 'This chapter begins after the end of the video.');
    if (startMs < endedMs)
      throw vttError('publish/vtt-overlap', place, 'This chapter begins before the one above it ends.');
    endedMs = endMs;
    const title = linesOf(parsed)
      .map((runs) => runs.map(({ text }) => text).join(''))
      .join(' ')
      .replace(/ {2,}/g, ' ')
      .trim();
    if (title.length > LIMITS.titleLength) throw vttError('publish/vtt-too-large', place, 'This title is too long.');
    if (!isTitle(title, 1, LIMITS.titleLength))
      throw vttError('publish/vtt-malformed', place, 'This chapter has no title in one line of text.');
    return { startMs, title };
  });
}
