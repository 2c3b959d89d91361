// Letters of the sample programme, from the project's own font package, set by FFmpeg's text filter. Asked once for each string or
// alphabet; while pictures are drawn only ready masks are used.

import { createRequire } from 'node:module';
import { FFmpegError, Filter, FilterGraph, FilterInOut, Frame } from 'node-av';
import type { Mask } from './raster.ts';

/** Weight of IBM Plex Mono. */
export type Weight = 400 | 500 | 600;

/** Width of one letter of IBM Plex Mono, in parts of its size. */
export const LETTER_WIDTH = 0.6;
/** Height of a line's box and of its base line in it, in parts of the size: room for all that stands or hangs. */
const LINE_HEIGHT = 1.4;
const BASE_LINE = 1.05;

/** Sets one line of text. @param sizePx size of the font. @returns a mask with its base line at 1.05 times the size. */
export async function setText(text: string, sizePx: number, weight: Weight): Promise<Mask> {
  const width = toEven(text.length * sizePx * LETTER_WIDTH + 2);
  const height = toEven(sizePx * LINE_HEIGHT);
  const graph = new FilterGraph();
  graph.alloc();
  const frame = new Frame();
  frame.alloc();
  try {
    const sink = Filter.getByName('buffersink');
    const exit = sink === null ? null : graph.createFilter(sink, 'exit');
    if (exit === null) throw new Error('This build of FFmpeg has no filters.');
    const style = `fontfile='${escapeValue(fontFile(weight))}':fontsize=${sizePx}:fontcolor=white`;
    const place = `x=0:y=${Math.round(sizePx * BASE_LINE)}:y_align=baseline`;
    const chain = `color=c=black:s=${width}x${height},format=gray,drawtext=${style}:text='${escapeValue(text)}':${place},format=gray[out]`;
    const outputs = FilterInOut.createList([{ name: 'out', filterCtx: exit, padIdx: 0 }]);
    FFmpegError.throwIfError(graph.parsePtr(chain, outputs, null), 'read the text filter');
    FFmpegError.throwIfError(await graph.config(), 'open the text filter');
    FFmpegError.throwIfError(await exit.buffersinkGetFrame(frame), 'set text');
    const rows = frame.data?.[0];
    const stride = frame.linesize[0] ?? 0;
    if (rows === undefined) throw new Error('The text filter gave no picture.');
    const coverage = new Uint8Array(width * height);
    for (let y = 0; y < height; y++) coverage.set(rows.subarray(y * stride, y * stride + width), y * width);
    return { width, height, coverage };
  } finally {
    frame.free();
    graph.free();
  }
}

/** Sets each letter of an alphabet by itself, all masks of one size. */
export async function setLetters(letters: string, sizePx: number, weight: Weight): Promise<ReadonlyMap<string, Mask>> {
  const masks = new Map<string, Mask>();
  for (const letter of letters) masks.set(letter, await setText(letter, sizePx, weight));
  return masks;
}

function fontFile(weight: Weight): string {
  return createRequire(import.meta.url).resolve(
    `@fontsource/ibm-plex-mono/files/ibm-plex-mono-latin-${weight}-normal.woff`,
  );
}

/** FFmpeg reads colons, backslashes and quotes as its own; forward slashes do on every system. */
const escapeValue = (value: string): string => value.replaceAll('\\', '/').replaceAll(':', '\\:').replaceAll("'", '’');

const toEven = (length: number): number => 2 * Math.ceil(length / 2);
