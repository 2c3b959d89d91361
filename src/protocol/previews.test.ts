// Preview sheets: BT-10. Sealed under their own key, opened at their own place, and never larger than the manifest says.

import { describe, expect, test } from 'vitest';
import { concatBytes, fromHex } from './bytes.ts';
import { decodeContentHash, decodeProgrammeId } from './ids.ts';
import { readJpegSize } from './jpeg-size.ts';
import { openPart, sealPart } from './parts.ts';
import { derivePreviewKey, openPreview, type Previews, previewAt, sealPreview, sheetCount } from './previews.ts';
import { hkdfSequence } from './sequence/hkdf.ts';
import { treeSequence } from './sequence/tree.ts';
import { nobleSuite } from './suite/noble.ts';
import { webCryptoSuite } from './suite/webcrypto.ts';
import { bitFlipped } from './vectors/altered.ts';
import { bytesOf, PROGRAMME } from './vectors/cast.ts';
import { sheetOf } from './vectors/tracks.ts';

const previewKey = derivePreviewKey(bytesOf('seed'), PROGRAMME);
const clear = sheetOf(320, 180, 'a');
const hash = decodeContentHash('0'.repeat(64));

const previewsOf = (sizeBytes: number): Previews => ({
  ...{ width: 160, height: 90, columns: 2, rows: 2, intervalMs: 5_000 },
  sheets: [0, 1, 2].map(() => ({ hash, sizeBytes })),
});

describe.each([webCryptoSuite, nobleSuite])('BT-10: a preview sheet over the $name suite', (suite) => {
  const place = { previewKey, programme: PROGRAMME, sheet: 1, suite };
  const seal = (bytes = clear) => sealPreview({ ...place, clear: bytes });
  const open = (sealed: Uint8Array, changes: Partial<Parameters<typeof openPreview>[0]> = {}) =>
    openPreview({ ...place, previews: previewsOf(sealed.length), sealed, ...changes });

  test('opens at its own place', async () => {
    expect(await open(await seal())).toEqual(clear);
  });

  test.each([
    ['another key', { previewKey: bytesOf('another key') }],
    ['another programme', { programme: decodeProgrammeId(bytesOf('another programme', 16)) }],
    ['another sheet', { sheet: 2 }],
  ])('does not open under %s', async (_, changes) => {
    await expect(open(await seal(), changes)).rejects.toThrow('frame/tampered');
  });

  test('altered, cut, or longer than the manifest says is not opened', async () => {
    const sealed = await seal();
    const previews = previewsOf(sealed.length);
    await expect(open(bitFlipped(sealed), { previews })).rejects.toThrow('frame/tampered');
    await expect(open(sealed.subarray(1), { previews })).rejects.toThrow('frame/cut');
    await expect(open(concatBytes(sealed, Uint8Array.of(0)), { previews })).rejects.toThrow('frame/tampered');
  });

  test('that the manifest has not is refused', async () => {
    const sealed = await sealPreview({ ...place, sheet: 3, clear });
    await expect(open(sealed, { sheet: 3 })).rejects.toThrow('previews/malformed');
  });

  test.each([
    ['a picture as large as a decoder takes', sheetOf(65_535, 65_535, 'bomb')],
    ['a picture a pixel wider', sheetOf(321, 180, 'wide')],
    ['a picture a pixel lower', sheetOf(320, 179, 'low')],
    ['no picture', bytesOf('noise', 500)],
    ['nothing', new Uint8Array(0)],
  ])('that holds %s is malformed, though it opens', async (_, bytes) => {
    await expect(open(await seal(bytes))).rejects.toThrow('previews/malformed');
  });
});

describe('BT-10: the key of previews', () => {
  test('is that of its programme and seed alone, and neither a frame key nor on the way to one', () => {
    const seed = bytesOf('seed');
    expect(previewKey).toHaveLength(32);
    expect(derivePreviewKey(seed, decodeProgrammeId(bytesOf('p', 16)))).not.toEqual(previewKey);
    expect(derivePreviewKey(bytesOf('other seed'), PROGRAMME)).not.toEqual(previewKey);
    for (const sequence of [treeSequence, hkdfSequence]) {
      for (const frame of [0, 1, 2 ** 32 - 1]) expect(sequence.keyAt(seed, frame)).not.toEqual(previewKey);
    }
  });

  test('opens no part of a frame, and no frame key opens a sheet', async () => {
    const suite = webCryptoSuite;
    const at = { programme: PROGRAMME, frame: 1, suite };
    const frameKey = treeSequence.keyAt(bytesOf('seed'), 1);
    const part = await sealPart({ ...at, frameKey, label: 'previews', clear });
    await expect(openPart({ ...at, frameKey: previewKey, label: 'previews', sealed: part })).rejects.toThrow(
      'frame/tampered',
    );
    const sheet = { programme: PROGRAMME, sheet: 1, previews: previewsOf(part.length), sealed: part, suite };
    await expect(openPreview({ ...sheet, previewKey })).rejects.toThrow('frame/tampered');
  });
});

describe('BT-10: the place of a preview', () => {
  test.each([
    [-1, { sheet: 0, left: 0, top: 0 }],
    [0, { sheet: 0, left: 0, top: 0 }],
    [4_999, { sheet: 0, left: 0, top: 0 }],
    [5_000, { sheet: 0, left: 160, top: 0 }],
    [10_000, { sheet: 0, left: 0, top: 90 }],
    [20_000, { sheet: 1, left: 0, top: 0 }],
    [59_999, { sheet: 2, left: 160, top: 90 }],
    [10 ** 9, { sheet: 2, left: 160, top: 90 }],
  ])('at %i ms is on its sheet', (positionMs, place) => {
    expect(previewAt(previewsOf(1), positionMs)).toEqual(place);
  });

  test.each([
    [1, 1],
    [5_000, 1],
    [20_000, 1],
    [20_001, 2],
    [60_000, 3],
  ])('over %i ms needs %i sheets', (durationMs, count) => {
    expect(sheetCount(previewsOf(1), durationMs)).toBe(count);
  });
});

describe('the size that a JPEG says', () => {
  test('is read past tables, comments and application data, in the codings that browsers know', () => {
    expect(readJpegSize(sheetOf(320, 180, 'a'))).toEqual({ width: 320, height: 180 });
    expect(readJpegSize(fromHex('ffd8ffc4000400000000'))).toBeNull();
    expect(readJpegSize(fromHex('ffd8ffe00003aaffef0002fffe0002ffdd0004000affc1000b0800b4014001011100'))).toEqual({
      width: 320,
      height: 180,
    });
    expect(readJpegSize(fromHex('ffd8ffc2000b0800b4014001011100'))).toEqual({ width: 320, height: 180 });
  });

  test.each([
    ['nothing', ''],
    ['a start alone', 'ffd8'],
    ['no JPEG', '89504e470d0a1a0a0000000d'],
    ['a segment without a length', 'ffd8ffdb0000ffc0000b0800b40140'],
    ['a scan before a frame header', 'ffd8ffda0004cafeffc0000b0800b4014001011100'],
    ['an end before a frame header', 'ffd8ffd90000'],
    ['a frame header that is cut', 'ffd8ffc0000b0800b401'],
    ['a frame header that says it is short', 'ffd8ffc000040800b4014001011100'],
    [
      'a fill byte, which hides the frame header that a decoder finds',
      'ffd8ffffc0000b08ffffffff01011100ffc0000b0800b4014001011100',
    ],
    ['a marker without a length', 'ffd8ff010004cafeffc0000b0800b4014001011100'],
    ['a restart marker', 'ffd8ffd00004cafeffc0000b0800b4014001011100'],
    ['a second start', 'ffd8ffd80004cafeffc0000b0800b4014001011100'],
    ['a coding that browsers do not know', 'ffd8ffc9000b0800b4014001011100'],
    ['something between two segments', 'ffd8ffdb0004cafe00ffc0000b0800b4014001011100'],
  ])('is none for %s', (_, digits) => expect(readJpegSize(fromHex(digits))).toBeNull());
});
