// Captions and previews of the vectors (docs/protocol.md §19): one slot of cues and two sealed sheets. For tests and build.ts.

import { concatBytes, fromHex } from '../bytes.ts';
import type { Cue, TimeSpan } from '../captions.ts';
import { bytesOf } from './cast.ts';

/** The slot that the cues below are of, ms. */
export const CAPTIONS_SLOT: TimeSpan = { startMs: 4_000, endMs: 6_000 };

/** One that began before the slot, and one in two styles that ends after it, placed by hand. */
export const CUES: readonly Cue[] = [
  {
    startMs: 3_500,
    endMs: 4_250,
    lines: [[{ text: '– Wie spät ist es?', style: 0 }], [{ text: '– Fünf nach zwölf.', style: 0 }]],
    settings: { line: -1, position: 50, align: 'center' },
  },
  {
    startMs: 5_000,
    endMs: 6_500,
    lines: [
      [
        { text: 'tick, ', style: 1 },
        { text: 'TOCK', style: 7 },
      ],
    ],
    settings: { line: 10, position: 0, align: 'start' },
  },
];

/** What stands for a sheet: a JPEG's start, a table, and a frame header that says a size; nobody could draw it. */
export function sheetOf(width: number, height: number, name: string) {
  const size = [height >> 8, height & 0xff, width >> 8, width & 0xff];
  const header = Uint8Array.of(0xff, 0xc0, 0, 11, 8, ...size, 1, 1, 0x11, 0);
  return concatBytes(fromHex('ffd8ffdb0004cafe'), header, bytesOf(`sheet ${name}`, 40), fromHex('ffd9'));
}
