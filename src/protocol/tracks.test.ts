// What a manifest says of tracks, chapters and previews: BT-1, BT-10. Each rejection one altered member at a time.

import { beforeAll, describe, expect, test } from 'vitest';
import { type CborKey, type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import { LIMITS } from './limits.ts';
import { decodeManifest, encodeManifest, mainSoundOf } from './manifest.ts';
import { withMember } from './vectors/altered.ts';
import { bytesOf, type Cast, makeCast } from './vectors/cast.ts';

let cast: Cast;
beforeAll(async () => {
  cast = await makeCast();
});

type Members = ReadonlyMap<CborKey, CborValue>;

function mapOf(value: CborValue | undefined): Members {
  if (!(value instanceof Map)) throw new Error('no map');
  return value;
}

function partsOf(manifest: Uint8Array): readonly CborValue[] {
  const parts = mapOf(decodeCbor(manifest)).get('parts');
  if (!Array.isArray(parts)) throw new Error('no parts');
  return parts;
}

/** A map with one member put, or taken out where the value is undefined. */
function altered(map: Members, name: string, value: CborValue | undefined): Members {
  const members = new Map<CborKey, CborValue>(map);
  if (value === undefined) members.delete(name);
  else members.set(name, value);
  return members;
}

/** The manifest with one member of one part altered. */
function withPartMember(label: string, name: string, value: CborValue | undefined): Uint8Array {
  const parts = partsOf(cast.manifestBytes).map((part) => {
    const members = mapOf(part);
    return members.get('label') === label ? altered(members, name, value) : members;
  });
  return withMember(cast.manifestBytes, 'parts', parts);
}

const malformed = (bytes: Uint8Array) => expect(() => decodeManifest(bytes)).toThrow('programme/malformed');

describe('BT-10: sound tracks and captions in a manifest', () => {
  test('come back with language, name and role, and the main sound is found', () => {
    const { parts } = decodeManifest(cast.manifestBytes);
    expect(parts.map(({ label }) => label)).toEqual(['video/720p', 'audio/main', 'audio/de', 'captions/pt-br']);
    expect(mainSoundOf({ parts })?.label).toBe('audio/main');
    expect(mainSoundOf({ parts: parts.toReversed() })?.label).toBe('audio/main');
    expect(mainSoundOf({ parts: [] })).toBeNull();
    expect(parts[3]).toMatchObject({ kind: 'captions', language: 'pt-BR', name: 'Português', role: 'subtitles' });
  });

  test.each<[string, CborValue | undefined]>([
    ['language', 'd'],
    ['language', 'de_AT'],
    ['language', 'german'],
    ['language', `de-${'a'.repeat(LIMITS.languageLength)}`],
    ['language', '<i>'],
    ['language', 7],
    ['language', undefined],
    ['name', 'a'.repeat(LIMITS.trackNameLength + 1)],
    ['name', 'two\nlines'],
    ['name', 'bell\u0007'],
    ['name', undefined],
    ['role', 'captions'],
    ['role', ''],
    ['role', undefined],
    ['init', new Uint8Array(0)],
  ])('with another %s (%s) of a sound are malformed', (name, value) =>
    malformed(withPartMember('audio/de', name, value)),
  );

  test.each<[string, CborValue | undefined]>([
    ['language', 'pt–BR'],
    ['name', '\u2028'],
    ['role', 'main'],
    ['role', undefined],
    ['codec', 'wvtt'],
    ['init', bytesOf('init', 1)],
    ['label', 'previews'],
    ['kind', 'text'],
    ['channels', 2],
    ['segments', []],
  ])('with another %s (%s) of captions are malformed', (name, value) =>
    malformed(withPartMember('captions/pt-br', name, value)),
  );

  test('with two main sounds, or none, are malformed: host and module have to agree on one', () => {
    malformed(withPartMember('audio/de', 'role', 'main'));
    malformed(withPartMember('audio/main', 'role', 'dub'));
  });

  test('are not in a manifest of version 1: its sounds have no names and its kinds are two', () => {
    const old = (parts: readonly CborValue[]) => {
      const whole = altered(
        altered(mapOf(decodeCbor(cast.manifestBytes)), 'chapters', undefined),
        'previews',
        undefined,
      );
      return encodeCbor(altered(altered(whole, 'version', 1), 'parts', parts));
    };
    const [video, sound, , captions] = partsOf(cast.manifestBytes).map(mapOf);
    if (video === undefined || sound === undefined || captions === undefined) throw new Error('no parts');
    const unnamed = ['language', 'name', 'role'].reduce((part, name) => altered(part, name, undefined), sound);
    const second = altered(unnamed, 'label', 'audio/de');
    const { parts } = decodeManifest(old([video, unnamed, second]));
    expect(parts.map((part) => (part.kind === 'audio' ? part.role : part.kind))).toEqual(['video', 'main', 'dub']);
    malformed(old([video, sound]));
    malformed(old([video, unnamed, captions]));
  });

  test('a long programme with many tracks is beyond the items of other objects and still read', () => {
    const frameCount = 5_400;
    const segment = cast.manifest.parts[0]?.segments[0] ?? null;
    const segments = new Array<typeof segment>(frameCount).fill(segment);
    const [video] = cast.manifest.parts;
    if (video === undefined) throw new Error('no part');
    const parts = Array.from({ length: 12 }, (_, rung) => ({ ...video, label: `video/${rung}p`, segments }));
    const long = { ...cast.manifest, frameCount, durationMs: frameCount * 2_000, parts, previews: null };
    const bytes = encodeManifest({ ...long, commitments: new Uint8Array(32 * frameCount) });
    expect(() => decodeCbor(bytes)).toThrow('cbor/too-large');
    expect(decodeManifest(bytes).parts).toHaveLength(12);
  });
});

describe('BT-10: chapters', () => {
  test.each<[string, CborValue | undefined]>([
    ['left out', undefined],
    ['no list', 1],
    ['a chapter that is none', [1]],
    ['a time before the beginning', [[-1, 'a']]],
    ['a time at the end', [[15_500, 'a']]],
    ['a time that is text', [['0', 'a']]],
    [
      'two at one time',
      [
        [5, 'a'],
        [5, 'b'],
      ],
    ],
    [
      'two out of order',
      [
        [6, 'a'],
        [5, 'b'],
      ],
    ],
    ['an empty title', [[0, '']]],
    ['a title of two lines', [[0, 'a\nb']]],
    ['a title too long', [[0, 'a'.repeat(LIMITS.titleLength + 1)]]],
    ['a chapter with more', [[0, 'a', 'b']]],
    ['too many', Array.from({ length: LIMITS.chapters + 1 }, (_, at) => [at, 'a'])],
  ])('%s are malformed', (_, value) => malformed(withMember(cast.manifestBytes, 'chapters', value)));

  test('none are as good as some', () => {
    expect(decodeManifest(withMember(cast.manifestBytes, 'chapters', [])).chapters).toEqual([]);
  });
});

describe('BT-10: previews in a manifest', () => {
  test.each<[string, CborValue | undefined]>([
    ['width', 0],
    ['width', LIMITS.previewSide + 1],
    ['width', 2 ** 32],
    ['height', LIMITS.previewSide + 1],
    ['columns', 0],
    ['columns', LIMITS.previewGrid + 1],
    ['columns', LIMITS.previewGrid],
    ['rows', 0],
    ['rows', 3],
    ['intervalMs', 0],
    ['intervalMs', LIMITS.previewIntervalMinMs],
    ['intervalMs', LIMITS.previewIntervalMaxMs + 1],
    ['sheets', 1],
    ['sheets', []],
    ['sheets', [[bytesOf('h'), 1]]],
    ['sheets', new Array(3).fill([bytesOf('h'), 1])],
    ['sheets', new Array(2).fill(1)],
    ['sheets', new Array(2).fill([bytesOf('h', 31), 1])],
    ['sheets', new Array(2).fill([bytesOf('h'), 0])],
    ['sheets', new Array(2).fill([bytesOf('h'), LIMITS.previewSheetSizeBytes + 1])],
    ['sheets', new Array(2).fill([bytesOf('h'), 2 ** 50])],
    ['more', 1],
    ['rows', undefined],
  ])('that claim another %s (%s) are malformed', (name, value) => {
    const previews = mapOf(mapOf(decodeCbor(cast.manifestBytes)).get('previews'));
    malformed(withMember(cast.manifestBytes, 'previews', altered(previews, name, value)));
  });

  test('of a sheet that is too large as a whole are malformed, though each side is allowed', () => {
    const form = { width: 512, height: 90, columns: 5, rows: 1, intervalMs: 5_000 };
    const sheets = [[bytesOf('h'), 1]];
    malformed(
      withMember(
        cast.manifestBytes,
        'previews',
        new Map<string, CborValue>([...Object.entries(form), ['sheets', sheets]]),
      ),
    );
    const narrower = { ...form, columns: 4 };
    const fits = withMember(
      cast.manifestBytes,
      'previews',
      new Map<string, CborValue>([...Object.entries(narrower), ['sheets', sheets]]),
    );
    expect(decodeManifest(fits).previews).toMatchObject(narrower);
  });

  test('may be none, and may not be left out', () => {
    expect(decodeManifest(withMember(cast.manifestBytes, 'previews', null)).previews).toBeNull();
    malformed(withMember(cast.manifestBytes, 'previews', undefined));
    malformed(withMember(cast.manifestBytes, 'previews', 1));
  });
});
