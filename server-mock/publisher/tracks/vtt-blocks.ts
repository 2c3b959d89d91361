// A WebVTT file cut into its blocks, each with the line it begins at. The parser of vtt-cues.ts is given one block at a time, so that
// what it costs is bounded by a block and every complaint has its line. Pure; it judges only what concerns the file as a whole.

import { PUBLISH_LIMITS } from '../limits.ts';
import { vttError } from './vtt-faults.ts';

/** Lines between two blank ones. */
export type VttBlock = {
  /** Of its first line, from 1. */
  readonly line: number;
  readonly lines: readonly string[];
};

const SIGNATURE = /^\ufeff?WEBVTT(?:[ \t].*)?$/;

/**
 * The blocks after the header.
 * @throws FareboxError `publish/vtt-malformed` (not UTF-8, no signature), `publish/vtt-too-large`.
 */
export function readBlocks(file: string, bytes: Uint8Array): readonly VttBlock[] {
  if (bytes.length > PUBLISH_LIMITS.vttBytes) {
    throw vttError('publish/vtt-too-large', { file, line: 1 }, 'The file is larger than captions of a film are.');
  }
  const lines = decodeText(file, bytes).split(/\r\n|\r|\n/);
  if (!SIGNATURE.test(lines[0] ?? '')) {
    throw vttError('publish/vtt-malformed', { file, line: 1 }, 'The first line is not WEBVTT.');
  }
  const blocks = blocksOf(lines);
  for (const block of blocks) checkSize(file, block);
  // The header ends at the first blank line, unless a cue stands right below it.
  const [header, ...rest] = blocks;
  const cueAt = header?.lines.findIndex((line) => line.includes('-->')) ?? -1;
  if (cueAt >= 0)
    throw vttError('publish/vtt-malformed', { file, line: cueAt + 1 }, 'A blank line is missing before the first cue.');
  return rest.filter(({ lines: [first = ''] }) => !isIgnored(first));
}

function decodeText(file: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw vttError('publish/vtt-malformed', { file, line: 1 }, 'The file is not UTF-8 text.');
  }
}

/** Comments say nothing; styles and regions are the page's business, and captions here have neither page nor style sheet. */
const isIgnored = (first: string): boolean => /^(?:NOTE|STYLE|REGION)(?:$|[ \t])/.test(first);

function blocksOf(lines: readonly string[]): VttBlock[] {
  const blocks: VttBlock[] = [];
  let open: string[] = [];
  for (const [at, line] of [...lines, ''].entries()) {
    if (line !== '') open.push(line);
    else if (open.length > 0) {
      blocks.push({ line: at - open.length + 1, lines: open });
      open = [];
    }
  }
  return blocks;
}

function checkSize(file: string, { line, lines }: VttBlock): void {
  const length = lines.reduce((sum, one) => sum + one.length + 1, 0);
  if (length <= PUBLISH_LIMITS.vttBlockLength) return;
  throw vttError('publish/vtt-too-large', { file, line }, 'This block is longer than anyone could read.');
}
