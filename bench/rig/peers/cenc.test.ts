import { createDecipheriv, randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { concatBytes, toHex } from '../../../src/protocol/bytes.ts';
import { boxesIn, boxOf, makeBox, makeFullBox, uint16, uint32 } from './boxes.ts';
import { protectInit, protectSegment } from './cenc.ts';

const KEY = { keyId: randomBytes(16), key: randomBytes(16) };
const TRAF_HEAD = [makeFullBox('tfhd', 0x2_0000, uint32(1)), makeFullBox('tfdt', 0, uint32(0))];

/** A unit of H.264: four bytes of length, the type, and so many bytes. */
const unit = (type: number, bytes: number) => concatBytes(uint32(bytes + 1), Uint8Array.of(type), randomBytes(bytes));

function segmentOf(samples: readonly Uint8Array[]): Uint8Array {
  const run = makeFullBox(
    'trun',
    0x201,
    uint32(samples.length),
    uint32(0),
    ...samples.map(({ length }) => uint32(length)),
  );
  const moof = makeBox('moof', makeFullBox('mfhd', 0, uint32(1)), makeBox('traf', ...TRAF_HEAD, run));
  const withOffset = Uint8Array.from(moof);
  // The samples begin behind the head of `mdat`.
  const offsetAt = moof.length - run.length + 16;
  new DataView(withOffset.buffer).setUint32(offsetAt, moof.length + 8);
  return concatBytes(makeBox('styp'), makeBox('sidx', new Uint8Array(24)), withOffset, makeBox('mdat', ...samples));
}

/** What a decryptor finds: by the run's offset the samples, by `saio` the entries, by the entries what is sealed. */
function openSegment(
  segment: Uint8Array,
  firstEntryBytes: number,
): { readonly iv: string; readonly first: Uint8Array } {
  const moof = boxOf(segment, 'moof');
  const traf = boxOf(moof.body, 'traf').body;
  const run = boxOf(traf, 'trun').body;
  const samplesAt = new DataView(run.buffer, run.byteOffset).getUint32(8) + moof.start;
  const size = new DataView(run.buffer, run.byteOffset).getUint32(12);
  const saio = boxOf(traf, 'saio').body;
  const entryAt = new DataView(saio.buffer, saio.byteOffset).getUint32(8) + moof.start;
  const entry = segment.subarray(entryAt, entryAt + firstEntryBytes);
  const view = new DataView(entry.buffer, entry.byteOffset, entry.byteLength);
  const iv = entry.subarray(0, 8);
  const decipher = createDecipheriv('aes-128-ctr', KEY.key, concatBytes(iv, new Uint8Array(8)));
  const sample = segment.subarray(samplesAt, samplesAt + size);
  if (firstEntryBytes === 8) return { iv: toHex(iv), first: new Uint8Array(decipher.update(sample)) };
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (let range = 0; range < view.getUint16(8); range += 1) {
    const clear = view.getUint16(10 + 6 * range);
    const sealed = view.getUint32(12 + 6 * range);
    pieces.push(sample.subarray(at, at + clear), decipher.update(sample.subarray(at + clear, at + clear + sealed)));
    at += clear + sealed;
  }
  expect(at).toBe(size);
  return { iv: toHex(iv), first: concatBytes(...pieces) };
}

describe('common encryption', () => {
  test('pictures open again, their slices were sealed and all around them was clear', () => {
    const sample = concatBytes(unit(6, 20), unit(5, 4_000), unit(1, 300), unit(6, 5));
    const { bytes, samples } = protectSegment(segmentOf([sample, unit(1, 90)]), 'video', KEY, 7);
    expect(samples).toBe(2);
    expect(openSegment(bytes, 8 + 2 + 3 * 6)).toEqual({ iv: '0000000000000007', first: sample });
    const sealed = boxOf(bytes, 'mdat').body;
    // The unit before the first slice, the slice's length and type; then nothing of the slice.
    expect(sealed.subarray(0, 30)).toEqual(sample.subarray(0, 30));
    expect(sealed.subarray(30, 62)).not.toEqual(sample.subarray(30, 62));
  });

  test('sound opens again and was sealed whole, each sample under a counter of its own', () => {
    const first = new Uint8Array(randomBytes(400));
    const { bytes } = protectSegment(segmentOf([first, first]), 'audio', KEY, 0);
    expect(openSegment(bytes, 8)).toEqual({ iv: '0000000000000000', first });
    const sealed = boxOf(bytes, 'mdat').body;
    expect(sealed.subarray(0, 400)).not.toEqual(first);
    expect(sealed.subarray(400)).not.toEqual(sealed.subarray(0, 400));
  });

  test('a segment keeps nothing that would be wrong now: the index goes', () => {
    const { bytes } = protectSegment(segmentOf([randomBytes(10)]), 'audio', KEY, 0);
    expect(boxesIn(bytes).map(({ type }) => type)).toEqual(['moof', 'mdat']);
  });

  test('samples that do not fill their segment are a mistake, not a segment', () => {
    const torn = segmentOf([randomBytes(10)]);
    const longer = concatBytes(torn.subarray(0, torn.length - 18), makeBox('mdat', randomBytes(11)));
    expect(() => protectSegment(longer, 'audio', KEY, 0)).toThrow('belong to no sample');
  });

  test('the header names the key and what the samples are', () => {
    const entry = makeBox('avc1', new Uint8Array(78), makeBox('avcC', randomBytes(5)));
    const stsd = makeFullBox('stsd', 0, uint32(1), entry);
    const wrap = (types: readonly string[], inner: Uint8Array) =>
      types.reduceRight((body, type) => makeBox(type, body), inner);
    const init = wrap(['moov', 'trak', 'mdia', 'minf', 'stbl'], stsd);
    const protectedInit = protectInit(init, 'video', KEY);
    const path = ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd'].reduce(
      (at, type) => boxOf(at, type).body,
      protectedInit,
    );
    const [sealedEntry] = boxesIn(path, 8);
    expect(sealedEntry?.type).toBe('encv');
    const children = boxesIn(sealedEntry?.body ?? new Uint8Array(0), 78);
    expect(children.map(({ type }) => type)).toEqual(['avcC', 'sinf']);
    const sinf = children[1]?.body ?? new Uint8Array(0);
    expect(boxOf(sinf, 'frma').body).toEqual(new TextEncoder().encode('avc1'));
    const tenc = boxOf(boxOf(sinf, 'schi').body, 'tenc').body;
    expect(tenc.subarray(4, 8)).toEqual(Uint8Array.of(0, 0, 1, 8));
    expect(tenc.subarray(8)).toEqual(new Uint8Array(KEY.keyId));
    expect(uint16(258)).toEqual(Uint8Array.of(1, 2));
  });
});
