// The vector of a whiteboard, BT-12: whoever reads it finds the same strokes at the same times, and whoever makes it anew the same bytes.

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { fromHex } from '../bytes.ts';
import { makeLiveLine } from '../live-line.ts';
import { verifyLiveUpdate } from '../live-update.ts';
import { segmentAt, verifyFrameKey } from '../manifest.ts';
import { openPart } from '../parts.ts';
import { verifyManifest, verifyProgramme } from '../programme.ts';
import { treeSequence } from '../sequence/tree.ts';
import { decodeStroke, encodeStroke, STROKES_LABEL } from '../strokes.ts';
import { nobleSuite } from '../suite/noble.ts';
import { webCryptoSuite } from '../suite/webcrypto.ts';
import { BOARD_LONGEST_MS, BOARD_STROKES, BOARD_TERMS, makeBoardVectors } from './board.ts';
import { makeCast, NOW } from './cast.ts';

const hex = z.string().transform(fromHex);
const shape = z.object({
  ...{ programme: hex, manifest: hex, update: hex },
  strokes: z.array(z.object({ beganMs: z.number(), kind: z.string(), clear: hex, sealed: hex })),
});
const text: unknown = JSON.parse(readFileSync(new URL('whiteboard.json', import.meta.url), 'utf8'));
const vector = shape.parse(text);

test.each([
  ['noble', nobleSuite],
  ['WebCrypto', webCryptoSuite],
])('BT-12: whiteboard.json is read stroke by stroke, over %s', async (_name, suite) => {
  const cast = await makeCast();
  const { certificate } = cast.provider;
  const programme = await verifyProgramme({ bytes: vector.programme, certificate, suite });
  expect([programme.board, programme.live]).toEqual([true, BOARD_TERMS]);
  const line = makeLiveLine(verifyManifest({ bytes: vector.manifest, programme }), BOARD_TERMS);
  line.extend(await verifyLiveUpdate({ bytes: vector.update, certificate, suite }), NOW + 90_000);
  expect(line.manifest.begins).toEqual(vector.strokes.map(({ beganMs }) => beganMs));
  expect(vector.strokes.length).toBe(4);
  for (const [frame, { clear, sealed, kind }] of vector.strokes.entries()) {
    const frameKey = treeSequence.keyAt(cast.seed, frame);
    verifyFrameKey(line.manifest, frame, frameKey);
    expect(segmentAt(line.manifest, STROKES_LABEL, frame)?.sizeBytes).toBe(sealed.length);
    const place = { frameKey, programme: programme.programme, label: STROKES_LABEL, frame };
    expect(await openPart({ ...place, sealed, suite })).toEqual(clear);
    const stroke = decodeStroke(clear, BOARD_LONGEST_MS);
    expect([stroke, stroke.kind]).toEqual([BOARD_STROKES[frame]?.stroke, kind]);
    expect(encodeStroke(stroke)).toEqual(clear);
  }
});

test('BT-12: whiteboard.json is made anew as it is', async () => {
  expect(await makeBoardVectors(await makeCast(), webCryptoSuite)).toEqual(text);
});
