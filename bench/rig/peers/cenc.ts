// Common encryption (ISO/IEC 23001-7, scheme `cenc`: AES-128 in counter mode) of clear CMAF: what Shaka Player and EME are given of the
// publisher's own segments. One key for a part; of pictures the slices are encrypted and all around them left clear, sound is encrypted whole.
import { createCipheriv } from 'node:crypto';
import { concatBytes, utf8 } from '../../../src/protocol/bytes.ts';
import { type Box, boxesIn, boxOf, changeBox, makeBox, makeFullBox, uint16, uint32 } from './boxes.ts';

/** 16 bytes each. */
export type CencKey = { readonly keyId: Uint8Array; readonly key: Uint8Array };
export type MediaKind = 'video' | 'audio';

const IV_BYTES = 8;
const SCHEME_VERSION = 0x0001_0000;
/** What a sample entry has before its boxes: ISO/IEC 14496-12 §12.1.3 and §12.2.3. */
const ENTRY_BYTES: Readonly<Record<MediaKind, number>> = { video: 78, audio: 28 };
/** Length in front of a unit of H.264, and the unit's own first byte: both stay clear. */
const UNIT_HEAD_BYTES = 5;
const FIRST_SLICE_TYPE = 1;
const LAST_SLICE_TYPE = 5;

type Range = { readonly clear: number; readonly sealed: number };

/** The header of a part, saying that its samples are encrypted and under which key. */
export function protectInit(init: Uint8Array, kind: MediaKind, { keyId }: CencKey): Uint8Array {
  return changeBox(init, ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd'], (body) => {
    const [entry, ...more] = boxesIn(body, 8);
    if (entry === undefined || more.length > 0 || entry.body.length < ENTRY_BYTES[kind])
      throw new Error('a part has one kind of samples');
    const tenc = makeFullBox('tenc', 0, Uint8Array.of(0, 0, 1, IV_BYTES), keyId);
    const sinf = makeBox(
      'sinf',
      makeBox('frma', utf8(entry.type)),
      makeFullBox('schm', 0, utf8('cenc'), uint32(SCHEME_VERSION)),
      makeBox('schi', tenc),
    );
    return concatBytes(body.subarray(0, 8), makeBox(kind === 'video' ? 'encv' : 'enca', entry.body, sinf));
  });
}

/**
 * A segment with its samples encrypted.
 * @param firstSample number of its first sample among all that this key encrypts: no two may have the same
 * @returns the segment, and how many samples it has
 */
export function protectSegment(
  segment: Uint8Array,
  kind: MediaKind,
  { key }: CencKey,
  firstSample: number,
): { readonly bytes: Uint8Array; readonly samples: number } {
  const moof = boxOf(segment, 'moof');
  const mdat = boxOf(segment, 'mdat');
  const traf = boxOf(moof.body, 'traf').body;
  const clear = mdat.body;
  const sizes = sampleSizes(traf);
  const entries: Uint8Array[] = [];
  const sealed = new Uint8Array(clear.length);
  let at = 0;
  for (const [index, size] of sizes.entries()) {
    const sample = clear.subarray(at, at + size);
    const iv = concatBytes(uint32(0), uint32(firstSample + index));
    const ranges = kind === 'video' ? slicesOf(sample) : null;
    sealed.set(encrypt(sample, key, iv, ranges ?? [{ clear: 0, sealed: size }]), at);
    entries.push(ranges === null ? iv : concatBytes(iv, uint16(ranges.length), ...ranges.map(rangeBytes)));
    at += size;
  }
  if (at !== clear.length) throw new Error(`${clear.length - at} bytes of a segment belong to no sample`);
  const protectedMoof = withSampleInfo(moof, entries, kind === 'video');
  // What else there is goes: a segment needs no more than these two, and an index of the clear one would be wrong.
  return { bytes: concatBytes(protectedMoof, makeBox('mdat', sealed)), samples: sizes.length };
}

function encrypt(sample: Uint8Array, key: Uint8Array, iv: Uint8Array, ranges: readonly Range[]): Uint8Array {
  const cipher = createCipheriv('aes-128-ctr', key, concatBytes(iv, new Uint8Array(IV_BYTES)));
  let at = 0;
  const pieces: Uint8Array[] = [];
  for (const range of ranges) {
    pieces.push(sample.subarray(at, at + range.clear));
    at += range.clear;
    pieces.push(cipher.update(sample.subarray(at, at + range.sealed)));
    at += range.sealed;
  }
  return concatBytes(...pieces);
}

/** One range for each slice: all since the last one is clear, the slice behind its first byte is sealed. */
function slicesOf(sample: Uint8Array): readonly Range[] {
  const view = new DataView(sample.buffer, sample.byteOffset, sample.byteLength);
  const ranges: Range[] = [];
  let clearFrom = 0;
  for (let at = 0; at < sample.length; ) {
    const end = at + 4 + view.getUint32(at);
    const type = (sample[at + 4] ?? 0) & 0x1f;
    if (type >= FIRST_SLICE_TYPE && type <= LAST_SLICE_TYPE) {
      ranges.push({ clear: at + UNIT_HEAD_BYTES - clearFrom, sealed: end - at - UNIT_HEAD_BYTES });
      clearFrom = end;
    }
    at = end;
  }
  if (clearFrom < sample.length) ranges.push({ clear: sample.length - clearFrom, sealed: 0 });
  return ranges;
}

const rangeBytes = ({ clear, sealed }: Range): Uint8Array => concatBytes(uint16(clear), uint32(sealed));

/** Sizes of the samples of one fragment, ISO/IEC 14496-12 §8.8.7 and §8.8.8. */
function sampleSizes(traf: Uint8Array): readonly number[] {
  const run = boxOf(traf, 'trun').body;
  const view = new DataView(run.buffer, run.byteOffset, run.byteLength);
  const flags = view.getUint32(0) & 0xff_ffff;
  const samples = view.getUint32(4);
  let at = 8 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0);
  const fieldsBefore = flags & 0x100 ? 4 : 0;
  const fields = [0x100, 0x200, 0x400, 0x800].filter((field) => flags & field).length * 4;
  const size = flags & 0x200 ? null : defaultSize(traf);
  return Array.from({ length: samples }, () => {
    const own = size ?? view.getUint32(at + fieldsBefore);
    at += fields;
    return own;
  });
}

function defaultSize(traf: Uint8Array): number {
  const head = boxOf(traf, 'tfhd').body;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const flags = view.getUint32(0) & 0xff_ffff;
  if (!(flags & 0x10)) throw new Error('a fragment says no sample sizes');
  return view.getUint32(8 + (flags & 0x1 ? 8 : 0) + (flags & 0x2 ? 4 : 0) + (flags & 0x8 ? 4 : 0));
}

/** The fragment's box with the entries for its samples; what lies behind it moves, and the run's offset with it. */
function withSampleInfo(moof: Box, entries: readonly Uint8Array[], hasRanges: boolean): Uint8Array {
  const senc = makeFullBox('senc', hasRanges ? 2 : 0, uint32(entries.length), ...entries);
  const saiz = makeFullBox('saiz', 0, Uint8Array.of(0), uint32(entries.length), Uint8Array.from(entries, sizeOf));
  const saioBytes = 20;
  const addedBytes = senc.length + saiz.length + saioBytes;
  return makeBox(
    'moof',
    changeBox(moof.body, ['traf'], (traf) => {
      const moved = changeBox(traf, ['trun'], (run) => moveOffset(run, addedBytes));
      const trafAt = boxOf(moof.body, 'traf').start + 8;
      // From the start of `moof` to the first entry: both headers, all of `traf` before, and the head of `senc`.
      const entriesAt = 8 + trafAt + moved.length + 16;
      return concatBytes(moved, senc, saiz, makeFullBox('saio', 0, uint32(1), uint32(entriesAt)));
    }),
  );
}

const sizeOf = (entry: Uint8Array): number => {
  if (entry.length > 255) throw new Error('a sample has more slices than one box can say');
  return entry.length;
};

function moveOffset(run: Uint8Array, bytes: number): Uint8Array {
  const moved = Uint8Array.from(run);
  const view = new DataView(moved.buffer);
  if (!(view.getUint32(0) & 0x1)) throw new Error('a run without an offset');
  view.setInt32(8, view.getInt32(8) + bytes);
  return moved;
}
