// A whiteboard of the vectors (docs/protocol.md §22): its description, strokes of every kind, and an update that brings them with their
// times. For tests and build.ts.

import { concatBytes, toHex } from '../bytes.ts';
import { hashObject } from '../ids.ts';
import type { LiveTerms } from '../live-terms.ts';
import { NO_UPDATE, signLiveUpdate } from '../live-update.ts';
import { encodeManifest, type Manifest } from '../manifest.ts';
import { commitFrameKey, sealPart } from '../parts.ts';
import { signProgramme } from '../programme.ts';
import { treeSequence } from '../sequence/tree.ts';
import { encodeStroke, STROKES_CODEC, STROKES_LABEL, type Stroke } from '../strokes.ts';
import type { CryptoSuite } from '../suite/suite.ts';
import { type Cast, NOW } from './cast.ts';

/** The longest that a stroke of the board takes, ms. */
export const BOARD_LONGEST_MS = 2_000;

/** It began when everything happens, and all of it is on sale. */
export const BOARD_TERMS: LiveTerms = { startTime: NOW, windowFrames: 16 };

/** Strokes of every kind, and when each began, ms on the board's clock. */
export const BOARD_STROKES: readonly Readonly<{ beganMs: number; stroke: Stroke }>[] = [
  {
    beganMs: 1_500,
    stroke: {
      ...{ kind: 'draw', colour: 5, width: 9 },
      points: [
        { x: 0, y: 65_535, atMs: 0 },
        { x: 32_768, y: 23, atMs: 24 },
        { x: 65_535, y: 256, atMs: BOARD_LONGEST_MS },
      ],
    },
  },
  { beganMs: 4_000, stroke: { kind: 'erase', width: 250, points: [{ x: 24, y: 255, atMs: 0 }] } },
  { beganMs: 4_001, stroke: { kind: 'clear' } },
  { beganMs: 70_000, stroke: { kind: 'undo' } },
];

/** What the file holds: everything as it is signed, and of each stroke its clear and its sealed bytes. */
export async function makeBoardVectors(cast: Cast, suite: CryptoSuite) {
  const { programme, poster } = cast.manifest;
  const frameCount = BOARD_TERMS.windowFrames;
  const manifest: Manifest = {
    ...{ programme, frameCount, frameDurationMs: BOARD_LONGEST_MS, durationMs: frameCount * BOARD_LONGEST_MS },
    parts: [
      {
        ...{ kind: 'strokes', label: STROKES_LABEL, codec: STROKES_CODEC, bitrate: 1, init: new Uint8Array(0) },
        ...{ segments: [], width: 1_600, height: 900 },
      },
    ],
    ...{ commitments: new Uint8Array(0), poster, playlists: new Map(), chapters: [], previews: null },
  };
  const manifestBytes = encodeManifest(manifest);
  const { signer } = cast.provider;
  const measures = { frameCount, frameDurationMs: BOARD_LONGEST_MS, manifest: hashObject(manifestBytes) };
  const terms = { ...cast.programmeTerms, ...measures, title: 'Counting on a board', modes: ['display'] as const };
  const board = await signProgramme({ signer, programme: { ...terms, live: BOARD_TERMS, board: true }, issuedAt: NOW });
  const sealed = await Promise.all(
    BOARD_STROKES.map(({ stroke }, frame) => {
      const place = { frameKey: treeSequence.keyAt(cast.seed, frame), programme, label: STROKES_LABEL, frame };
      return sealPart({ ...place, clear: encodeStroke(stroke), suite });
    }),
  );
  const update = await signLiveUpdate({
    signer,
    issuedAt: NOW + 80_000,
    update: {
      ...{ programme, number: 0, previous: NO_UPDATE, from: 0, to: sealed.length, ended: false },
      segments: new Map([
        [STROKES_LABEL, sealed.map((bytes) => ({ hash: hashObject(bytes), sizeBytes: bytes.length }))],
      ]),
      commitments: concatBytes(
        ...sealed.map((_bytes, frame) => commitFrameKey(programme, frame, treeSequence.keyAt(cast.seed, frame))),
      ),
      began: BOARD_STROKES.map(({ beganMs }) => beganMs),
    },
  });
  const strokes = BOARD_STROKES.map(({ beganMs, stroke }, frame) => ({
    ...{ beganMs, kind: stroke.kind, clear: toHex(encodeStroke(stroke)) },
    sealed: toHex(sealed[frame] ?? new Uint8Array(0)),
  }));
  return { programme: toHex(board), manifest: toHex(manifestBytes), update: toHex(update), strokes };
}
