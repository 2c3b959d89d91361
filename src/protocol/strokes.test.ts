// Whiteboards on the wire (docs/protocol.md §22), BT-12: a stroke that is read is one that can be drawn, a board is signed as one, and each
// thing that does not fit is refused with its code, one altered thing at a time.

import { beforeAll, describe, expect, test } from 'vitest';
import { type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import type { ClaimName } from './claims.ts';
import { COSE_TYPES } from './cose.ts';
import { hashObject } from './ids.ts';
import { LIMITS } from './limits.ts';
import { type LiveLine, makeLiveLine } from './live-line.ts';
import { type LiveUpdate, NO_UPDATE, readLiveUpdate, signLiveUpdate } from './live-update.ts';
import { decodeManifest, encodeManifest, isBoardManifest, type Manifest, type ManifestPart } from './manifest.ts';
import { signProgramme, verifyManifest, verifyProgramme } from './programme.ts';
import {
  decodeStroke,
  encodeStroke,
  STROKES_CODEC,
  STROKES_LABEL,
  type Stroke,
  standingStrokes,
  strokeLengthMs,
} from './strokes.ts';
import { webCryptoSuite as suite } from './suite/webcrypto.ts';
import { resigned, withMember } from './vectors/altered.ts';
import { type Cast, makeCast, NOW } from './vectors/cast.ts';

const LONGEST_MS = 2_000;
const POINTS = [
  { x: 0, y: 65_535, atMs: 0 },
  { x: 1_000, y: 3, atMs: 16 },
  { x: 65_535, y: 0, atMs: 2_000 },
];
const DRAW: Stroke = { kind: 'draw', colour: 7, width: 4, points: POINTS };
const ERASE: Stroke = { kind: 'erase', width: 250, points: POINTS.slice(0, 1) };

const form = (...rest: readonly CborValue[]) => encodeCbor(['farebox/stroke', 1, ...rest]);
const flat = (count: number) => Array.from({ length: count }, () => [1, 1, 0]).flat();

describe('BT-12: a stroke', () => {
  test.each<[string, Stroke]>([
    ['a line', DRAW],
    ['a dot of the bare board', ERASE],
    ['a clearing', { kind: 'clear' }],
    ['an undoing', { kind: 'undo' }],
    [
      'as many points as there may be',
      {
        ...DRAW,
        points: POINTS.slice(0, 1).concat(...Array.from({ length: LIMITS.strokePoints - 1 }, () => POINTS.slice(1, 2))),
      },
    ],
  ])('of %s comes back as it was made, in the same bytes', (_what, stroke) => {
    const bytes = encodeStroke(stroke);
    expect(bytes.length).toBeLessThanOrEqual(LIMITS.strokeSizeBytes);
    const read = decodeStroke(bytes, LONGEST_MS);
    expect(read).toEqual(stroke);
    expect(encodeStroke(read)).toEqual(bytes);
  });

  test.each<[string, Uint8Array, string]>([
    ['no array', encodeCbor('farebox/stroke'), 'type'],
    ['another type', encodeCbor(['farebox/captions', 1, 'clear']), 'type'],
    ['another version', encodeCbor(['farebox/stroke', 2, 'clear']), 'type'],
    ['bytes after it', Uint8Array.of(...form('clear'), 0), 'cbor'],
    ['what is no CBOR', Uint8Array.of(0xff), 'cbor'],
    ['a kind that there is not', form('text', 1), 'kind'],
    ['a clearing with more to it', form('clear', 1), 'kind'],
    ['a line without a colour', form('draw', 4, [1, 1, 0]), 'kind'],
    ['a line with more to it', form('draw', 0, 4, [1, 1, 0], 9), 'kind'],
    ['a wiping with a colour', form('erase', 0, 4, [1, 1, 0]), 'kind'],
    ['a colour beyond the last', form('draw', 8, 4, [1, 1, 0]), 'colour'],
    ['a colour below the first', form('draw', -1, 4, [1, 1, 0]), 'colour'],
    ['a colour by name', form('draw', 'red', 4, [1, 1, 0]), 'colour'],
    ['no width', form('draw', 0, 0, [1, 1, 0]), 'width'],
    ['a width beyond the widest', form('draw', 0, 251, [1, 1, 0]), 'width'],
    ['no points', form('draw', 0, 4, []), 'points'],
    ['half a point', form('draw', 0, 4, [1, 1]), 'points'],
    ['points that are no list', form('draw', 0, 4, 1), 'points'],
    ['a point too many', form('draw', 0, 4, flat(LIMITS.strokePoints + 1)), 'points'],
    ['a place beyond the board', form('draw', 0, 4, [65_536, 1, 0]), 'points'],
    ['a place before the board', form('draw', 0, 4, [1, -1, 0]), 'points'],
    ['a place that is no number', form('draw', 0, 4, ['1', 1, 0]), 'points'],
    ['a first point after the beginning', form('draw', 0, 4, [1, 1, 5]), 'time'],
    ['a pen that goes back in time', form('draw', 0, 4, [1, 1, 0, 1, 1, 9, 1, 1, 8]), 'time'],
    ['a longer time than a stroke takes', form('draw', 0, 4, [1, 1, 0, 1, 1, 2_001]), 'time'],
  ])('is refused with %s', (_what, bytes, member) => {
    expect(() => decodeStroke(bytes, LONGEST_MS)).toThrow(
      expect.objectContaining({ code: 'strokes/malformed', detail: { member } }),
    );
  });

  test('takes as long as its last point says, and no time where it is made at once', () => {
    expect([DRAW, ERASE, { kind: 'undo' } as const].map(strokeLengthMs)).toEqual([2_000, 0, 0]);
  });
});

describe('BT-12: what stands on a board', () => {
  const [a, b, c] = [0, 1, 2].map((colour): Stroke => ({ ...DRAW, colour }));
  const [clear, undo] = [{ kind: 'clear' }, { kind: 'undo' }] as const;

  test.each<[string, (Stroke | undefined)[], (Stroke | undefined)[]]>([
    ['what was drawn and wiped, in order', [a, ERASE, b], [a, ERASE, b]],
    ['nothing of what was before a clearing', [a, b, clear, c], [c]],
    ['what an undoing has left', [a, b, undo], [a]],
    ['all again where the clearing is undone', [a, b, clear, undo], [a, b]],
    ['what was drawn after an undoing', [a, undo, b], [b]],
    ['nothing more than there was', [undo, a, undo, undo], []],
  ])('is %s', (_what, made, standing) => {
    const all = (strokes: typeof made) => strokes.flatMap((stroke) => stroke ?? []);
    expect(standingStrokes(all(made))).toEqual(all(standing));
  });
});

let cast: Cast;
let manifest: Manifest;
beforeAll(async () => {
  cast = await makeCast();
  const board: ManifestPart = {
    ...{ kind: 'strokes', label: STROKES_LABEL, codec: STROKES_CODEC, bitrate: 1, init: new Uint8Array(0) },
    ...{ segments: [], width: 1_600, height: 1_000 },
  };
  manifest = {
    ...{ programme: cast.manifest.programme, frameCount: 16, frameDurationMs: LONGEST_MS, durationMs: 16 * LONGEST_MS },
    ...{ parts: [board], commitments: new Uint8Array(0), poster: cast.manifest.poster, playlists: new Map() },
    ...{ chapters: [], previews: null },
  };
});

const TERMS = { startTime: NOW, windowFrames: 16 };

async function boardProgramme(manifestBytes: Uint8Array, board = true): Promise<Uint8Array> {
  const { programme, frameCount, frameDurationMs } = manifest;
  const offered = {
    programme,
    frameCount,
    frameDurationMs,
    title: 'Lesson',
    sequence: 'tree',
    currency: 'EUR',
  } as const;
  const terms = { priceMinor: 5n, modes: ['display'], replay: 'session', live: TERMS, board } as const;
  const whole = { ...offered, ...terms, manifest: hashObject(manifestBytes) };
  return signProgramme({ signer: cast.provider.signer, issuedAt: NOW, programme: whole });
}

const verify = (bytes: Uint8Array) => verifyProgramme({ bytes, certificate: cast.provider.certificate, suite });

describe('BT-12: a board as a programme', () => {
  test('comes back as one, with its shape and no frame', async () => {
    const bytes = encodeManifest(manifest);
    const programme = await verify(await boardProgramme(bytes));
    expect(programme.board).toBe(true);
    const read = verifyManifest({ bytes, programme });
    expect(isBoardManifest(read)).toBe(true);
    expect(read.parts).toEqual(manifest.parts);
    expect(cast.programme.board).toBe(false);
    expect(isBoardManifest(cast.manifest)).toBe(false);
  });

  test.each<[string, ClaimName, CborValue | undefined]>([
    ['another form of strokes', 'board', 2],
    ['a form that is no number', 'board', true],
    ['no live terms', 'live', undefined],
    ['a way out beside the display', 'modes', ['display', 'frames']],
    ['no way out that is known', 'modes', ['keys']],
    ['more strokes than a board has', 'frameCount', LIMITS.boardStrokes + 1],
  ])('is refused with %s', async (_what, claim, value) => {
    const signing = { signer: cast.provider.signer, typ: COSE_TYPES.programme };
    const bytes = await resigned(await boardProgramme(encodeManifest(manifest)), signing, [claim, value]);
    await expect(verify(bytes)).rejects.toThrow('programme/malformed');
  });

  test('is refused where the programme says board and the manifest does not, or the other way round', async () => {
    const bytes = encodeManifest(manifest);
    const programme = await verify(await boardProgramme(bytes, false));
    expect(() => verifyManifest({ bytes, programme })).toThrow('programme/other-manifest');
    const [video] = cast.manifest.parts;
    if (video === undefined) throw new Error('the cast has no part');
    const filmed = encodeManifest({ ...manifest, parts: [{ ...video, segments: [] }] });
    const board = await verify(await boardProgramme(filmed));
    expect(() => verifyManifest({ bytes: filmed, programme: board })).toThrow('programme/other-manifest');
  });

  const partWith = (member: string, value: CborValue): Uint8Array => {
    const [part] = [decodeCbor(encodeManifest(manifest))].flatMap((map) =>
      map instanceof Map ? map.get('parts') : [],
    );
    const one = Array.isArray(part) ? part[0] : part;
    if (!(one instanceof Map)) throw new Error('no part');
    return withMember(encodeManifest(manifest), 'parts', [new Map([...one, [member, value]])]);
  };

  test.each<[string, () => Uint8Array]>([
    ['another codec', () => partWith('codec', 'fbcc')],
    ['another label', () => partWith('label', 'strokes/other')],
    ['a header', () => partWith('init', Uint8Array.of(1))],
    ['no width', () => partWith('width', 0)],
    ['no height', () => partWith('height', 0)],
    ['a language', () => partWith('language', 'de')],
    [
      'strokes beside a picture',
      () =>
        encodeManifest({
          ...manifest,
          parts: [...manifest.parts, ...cast.manifest.parts.slice(0, 1).map((part) => ({ ...part, segments: [] }))],
        }),
    ],
    [
      'frames that are there already',
      () =>
        encodeManifest({
          ...cast.manifest,
          parts: [{ ...manifest.parts[0], segments: cast.manifest.parts[0]?.segments ?? [] } as ManifestPart],
        }),
    ],
    ['the first version', () => withMember(encodeManifest(manifest), 'version', 1)],
  ])('is refused with a manifest that has %s', (_what, make) => {
    expect(() => decodeManifest(make())).toThrow('programme/malformed');
  });
});

type Chosen = {
  from?: number;
  number?: number;
  previous?: Uint8Array;
  began?: readonly number[];
  missing?: boolean;
  issuedAt?: number;
  frames?: number;
  ended?: boolean;
};

async function update(chosen: Chosen = {}): Promise<Uint8Array> {
  const { from = 0, number = from, frames = 1, ended = false, began, missing = false } = chosen;
  const segment = { hash: hashObject(Uint8Array.of(from)), sizeBytes: 40 };
  const made: LiveUpdate = {
    ...{ programme: manifest.programme, number, from, to: from + frames, ended },
    previous: chosen.previous === undefined ? NO_UPDATE : hashObject(chosen.previous),
    segments: new Map([[STROKES_LABEL, Array.from({ length: frames }, () => (missing ? null : segment))]]),
    commitments: new Uint8Array(32 * frames),
    ...(began === undefined ? {} : { began }),
  };
  return signLiveUpdate({ signer: cast.provider.signer, update: made, issuedAt: chosen.issuedAt ?? NOW + 60_000 });
}

const LATER = NOW + 120_000;
const newLine = (): LiveLine => makeLiveLine(manifest, TERMS);
const take = (line: LiveLine, bytes: Uint8Array) => line.extend(readLiveUpdate(bytes), LATER);

describe('BT-12: the line of a board', () => {
  test('says when each stroke began, whatever its number', async () => {
    const line = newLine();
    const first = await update({ began: [31_000] });
    const second = await update({ from: 1, previous: first, began: [31_700, 50_000], frames: 2 });
    const last = await update({ from: 3, number: 2, previous: second, began: [], frames: 0, ended: true });
    expect([first, second, last].map((bytes) => take(line, bytes))).toEqual([true, true, true]);
    expect(line.manifest.begins).toEqual([31_000, 31_700, 50_000]);
    expect(line.reach()).toMatchObject({ first: 0, edge: 3, ended: true });
  });

  test('of a reader that comes late has no time from before', async () => {
    const line = newLine();
    const first = await update({ began: [5] });
    take(line, await update({ from: 1, previous: first, began: [700] }));
    expect(line.manifest.begins?.[0]).toBeUndefined();
    expect(line.manifest.begins?.[1]).toBe(700);
  });

  test.each<[string, () => Promise<Uint8Array>]>([
    ['no time of its stroke', () => update()],
    ['fewer times than strokes', () => update({ frames: 2, began: [5] })],
    ['times that do not ascend', () => update({ frames: 2, began: [5, 5] })],
    ['a time that is no whole number from 0', () => update({ began: [-1] })],
    ['a stroke with nothing in it', () => update({ began: [5], missing: true })],
    ['a stroke that had not begun when it was signed', () => update({ began: [60_000 + LIMITS.clockToleranceMs + 1] })],
  ])('takes no update with %s', async (_what, make) => {
    const line = newLine();
    const bytes = await make();
    expect(() => take(line, bytes)).toThrow('live/malformed');
    expect(line.reach()).toBeNull();
  });

  test('takes no stroke that began before the one before it', async () => {
    const line = newLine();
    const first = await update({ began: [800] });
    take(line, first);
    const second = await update({ from: 1, previous: first, began: [800] });
    expect(() => take(line, second)).toThrow('live/malformed');
    expect(line.manifest.begins).toEqual([800]);
  });

  test('of pictures takes no update with the times of strokes', async () => {
    const [video] = cast.manifest.parts;
    if (video === undefined) throw new Error('the cast has no part');
    const line = makeLiveLine({ ...manifest, parts: [{ ...video, label: STROKES_LABEL, segments: [] }] }, TERMS);
    const timed = await update({ began: [5] });
    expect(() => take(line, timed)).toThrow('live/malformed');
    expect(take(line, await update())).toBe(true);
  });
});
