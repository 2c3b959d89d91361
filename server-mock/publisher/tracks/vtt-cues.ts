// Cues of a person's WebVTT file, read by the W3C's parser and judged as strictly as it judges: what a browser would ride over is
// told to whoever publishes, with its line. captions.ts and chapters.ts make of them what a programme has.

import { readFile, stat } from 'node:fs/promises';
import webvtt, { type ParsedCue } from 'webvtt-parser';
import htmlEntities from 'webvtt-parser/html-entities.json' with { type: 'json' };
import { FareboxError } from '../../../src/protocol/errors.ts';
import { PUBLISH_LIMITS } from '../limits.ts';
import { readBlocks, type VttBlock } from './vtt-blocks.ts';
import { type VttCode, vttError } from './vtt-faults.ts';

/** Named characters, as the parser looks them up. Its own list has them without the semicolon, which it then leaves in the text. */
const ENTITIES = Object.fromEntries(Object.entries(htmlEntities).filter(([name]) => name.endsWith(';')));

/** A cue as the file has it, and the line of its times. Times in ms. */
export type VttCue = {
  readonly line: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly parsed: ParsedCue;
};

/** Text with markup, or the plain titles of chapters. */
export type VttKind = 'captions' | 'chapters';

/**
 * Reads a file's cues, in order of their start.
 * @throws FareboxError `publish/unreadable`, and with the line `publish/vtt-malformed`, `publish/vtt-too-large`,
 * `publish/vtt-times` (one that ends before it begins), `publish/vtt-order`.
 */
export async function readCues(file: string, kind: VttKind): Promise<readonly VttCue[]> {
  const cues = readBlocks(file, await readBytes(file)).flatMap((block) => readBlock(file, block, kind));
  if (cues.length === 0) throw vttError('publish/vtt-malformed', { file, line: 1 }, 'There is no cue in this file.');
  let reachedMs = 0;
  for (const [at, { line, startMs }] of cues.entries()) {
    if (at >= PUBLISH_LIMITS.vttCues) {
      throw vttError('publish/vtt-too-large', { file, line }, 'There are more cues than a programme can have.');
    }
    if (startMs < reachedMs) {
      throw vttError('publish/vtt-order', { file, line }, 'This cue begins before the one above it.');
    }
    reachedMs = startMs;
  }
  return cues;
}

async function readBytes(file: string): Promise<Uint8Array> {
  try {
    const { size } = await stat(file);
    // Before it is read: a person may name a film by mistake.
    if (size > PUBLISH_LIMITS.vttBytes) {
      throw vttError('publish/vtt-too-large', { file, line: 1 }, 'The file is larger than captions of a film are.');
    }
    return await readFile(file);
  } catch (cause) {
    if (cause instanceof FareboxError) throw cause;
    throw new FareboxError('publish/unreadable', { file }, { cause });
  }
}

/** The block's cue; none where it is refused. */
function readBlock(file: string, block: VttBlock, kind: VttKind): VttCue[] {
  const timesAt = block.lines.findIndex((line) => line.includes('-->'));
  const parser = new webvtt.WebVTTParser(ENTITIES);
  const source = `WEBVTT\n\n${block.lines.join('\n')}`;
  const { cues, errors } = kind === 'chapters' ? parser.parse(source, 'chapters') : parser.parse(source);
  const [error] = errors;
  if (error !== undefined) {
    const line = block.line + lineIn(block, timesAt, error);
    throw vttError(codeOf(error.message), { file, line }, error.message);
  }
  return cues.map((parsed) => ({
    line: block.line + Math.max(0, timesAt),
    startMs: Math.round(parsed.startTime * 1000),
    endMs: Math.round(parsed.endTime * 1000),
    parsed,
  }));
}

const codeOf = (message: string): VttCode =>
  message.startsWith('End timestamp') ? 'publish/vtt-times' : 'publish/vtt-malformed';

/** Line of an error within its block, from 0. The parser tells errors of the text by their place in the whole text of the cue. */
function lineIn(block: VttBlock, timesAt: number, error: { readonly line: number; readonly col?: number }): number {
  // Two lines of signature stand before the block.
  const told = Math.min(block.lines.length - 1, Math.max(0, error.line - 3));
  if (timesAt < 0 || error.col === undefined || error.line - 3 <= timesAt) return told;
  let left = error.col - 1;
  for (let at = timesAt + 1; at < block.lines.length; at += 1) {
    left -= (block.lines[at] ?? '').length + 1;
    if (left < 0) return at;
  }
  return told;
}
