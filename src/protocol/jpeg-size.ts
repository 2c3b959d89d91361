// The size that a JPEG says it has (ITU-T T.81, annex B), read before any decoder sees it. previews.ts asks for each sheet; a
// picture in another form has no size here.

const START = 0xd8;
/** Start of a frame as browsers decode it: baseline, extended, progressive. */
const FRAMES: readonly number[] = [0xc0, 0xc1, 0xc2];
/** What may stand before it: tables, restart interval, comment; and the sixteen application segments from E0. */
const TABLES: readonly number[] = [0xc4, 0xdb, 0xdd, 0xfe];
const FIRST_APPLICATION = 0xe0;
const LAST_APPLICATION = 0xef;
const FRAME_LENGTH_BYTES = 8;

/**
 * Width and height in pixels, or null for what is no JPEG whose frame header follows nothing but tables and application data.
 * Fill bytes and markers without a length are not allowed before it: a decoder skips them in another way than a walk over lengths
 * does, and would come to another frame header than this.
 */
export function readJpegSize(bytes: Uint8Array): { readonly width: number; readonly height: number } | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < 4 || bytes[0] !== 0xff || bytes[1] !== START) return null;
  let at = 2;
  while (at + 4 <= bytes.length && bytes[at] === 0xff) {
    const marker = bytes[at + 1] ?? 0;
    const lengthBytes = view.getUint16(at + 2);
    if (FRAMES.includes(marker)) {
      if (lengthBytes < FRAME_LENGTH_BYTES || at + 2 + FRAME_LENGTH_BYTES > bytes.length) return null;
      return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    }
    const isApplication = marker >= FIRST_APPLICATION && marker <= LAST_APPLICATION;
    // A segment has its own length in it, so a walk always moves on.
    if ((!isApplication && !TABLES.includes(marker)) || lengthBytes < 2) return null;
    at += 2 + lengthBytes;
  }
  return null;
}
