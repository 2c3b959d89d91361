// Boxes of ISO media files (ISO/IEC 14496-12) as bytes: found, made, and put in another's place. Used by cenc.ts on segments that the
// publisher made itself, so what does not fit is a mistake here and thrown.
import { concatBytes, utf8 } from '../../../src/protocol/bytes.ts';

const HEADER_BYTES = 8;

/** A box where it stands. */
export type Box = { readonly type: string; readonly start: number; readonly end: number; readonly body: Uint8Array };

/** The boxes that follow each other in `bytes`, from `start` on. */
export function boxesIn(bytes: Uint8Array, start = 0): readonly Box[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const boxes: Box[] = [];
  for (let at = start; at < bytes.length; ) {
    const end = at + view.getUint32(at);
    if (end < at + HEADER_BYTES || end > bytes.length) throw new Error(`a box of no proper size at ${at}`);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + HEADER_BYTES));
    boxes.push({ type, start: at, end, body: bytes.subarray(at + HEADER_BYTES, end) });
    at = end;
  }
  return boxes;
}

/** The one box of this type among those in `bytes`. */
export function boxOf(bytes: Uint8Array, type: string): Box {
  const [found, ...more] = boxesIn(bytes).filter((box) => box.type === type);
  if (found === undefined || more.length > 0) throw new Error(`not one ${type} but ${found ? more.length + 1 : 0}`);
  return found;
}

/** A box of these parts. */
export function makeBox(type: string, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = concatBytes(...parts);
  return concatBytes(uint32(HEADER_BYTES + body.length), utf8(type), body);
}

/** A box with version 0 and flags in front. */
export function makeFullBox(type: string, flags: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return makeBox(type, uint32(flags), ...parts);
}

/** `bytes` with the box at the end of `path`, from outside in, put through `change`; the sizes around it follow. */
export function changeBox(
  bytes: Uint8Array,
  [type, ...inner]: readonly string[],
  change: (body: Uint8Array) => Uint8Array,
): Uint8Array {
  if (type === undefined) throw new Error('no box is named');
  const box = boxOf(bytes, type);
  const body = inner.length === 0 ? change(box.body) : changeBox(box.body, inner, change);
  return concatBytes(bytes.subarray(0, box.start), makeBox(type, body), bytes.subarray(box.end));
}

export const uint32 = (value: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
};

export const uint16 = (value: number): Uint8Array => uint32(value).subarray(2);
