// What a provider may send in bad faith, where single alterations do not reach (those stand beside each decoder): every member replaced by any
// value, lists of a million, addresses in place of hashes, titles that write over their neighbours, and news of a live programme in any order,
// twice, forked and in circles. Each is refused by a code or ridden over, in bounded time, and what was known stays.

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { type CborKey, type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import { FareboxError } from './errors.ts';
import { hashObject } from './ids.ts';
import { LIMITS } from './limits.ts';
import { makeLiveLine } from './live-line.ts';
import { type LiveUpdate, readLiveUpdate, signLiveUpdate } from './live-update.ts';
import { decodeManifest } from './manifest.ts';
import { signProgramme, verifyProgramme } from './programme.ts';
import { webCryptoSuite as suite } from './suite/webcrypto.ts';
import { runs } from './testing/runs.ts';
import { withMember } from './vectors/altered.ts';
import { type Cast, makeCast, NOW } from './vectors/cast.ts';
import { LIVE_TERMS, type LiveCast, makeLiveCast } from './vectors/live.ts';

let cast: Cast;
let live: LiveCast;
beforeAll(async () => {
  cast = await makeCast();
  live = await makeLiveCast(cast);
});

function codeOf(work: () => unknown): string | null {
  try {
    work();
    return null;
  } catch (error) {
    if (error instanceof FareboxError) return error.code;
    throw error;
  }
}

/** Values of every kind that a member can have, the large and the odd among them. */
const anyValue: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<CborValue>(null, true, false, '', '..', '/', '\u202e', 0, -1, 1, 1e15, 2n ** 63n),
    fc.constantFrom<CborValue>('https://evil.example/', 'javascript:alert(1)', '../../keys', 'a'.repeat(300)),
    fc.integer(),
    fc.string(),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 8 }), tie('value'), { maxKeys: 3 }).map((map) => new Map(Object.entries(map))),
  ),
})).value;

/** Every place in a tree of maps and lists. */
function placesOf(value: CborValue): number {
  if (Array.isArray(value)) return 1 + value.reduce((sum: number, each: CborValue) => sum + placesOf(each), 0);
  if (value instanceof Map) return 1 + [...value.values()].reduce((sum, each) => sum + placesOf(each), 0);
  return 1;
}

/** The same tree with what stands at one place replaced. */
function replaced(value: CborValue, place: number, by: CborValue): CborValue {
  let left = place;
  const walk = (each: CborValue): CborValue => {
    if (left-- === 0) return by;
    if (Array.isArray(each)) return each.map(walk);
    if (each instanceof Map) return new Map<CborKey, CborValue>([...each].map(([key, inner]) => [key, walk(inner)]));
    return each;
  };
  return walk(value);
}

describe('BT-1: a manifest in bad faith', () => {
  test('with anything in place of anything is read or refused by a code, and names files by hashes alone', () => {
    const whole = decodeCbor(cast.manifestBytes);
    const places = placesOf(whole);
    fc.assert(
      fc.property(fc.nat(places - 1), anyValue, (place, by) => {
        const bytes = encodeCbor(replaced(whole, place, by));
        const code = codeOf(() => {
          const manifest = decodeManifest(bytes);
          const hashes = [
            ...manifest.parts.flatMap(({ segments }) => segments.map((segment) => segment?.hash ?? manifest.poster)),
            ...[manifest.poster, ...manifest.playlists.values()],
            ...(manifest.previews?.sheets.map(({ hash }) => hash) ?? []),
          ];
          for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{64}$/);
          expect(manifest.durationMs).toBeLessThanOrEqual(LIMITS.programmeMs);
        });
        expect([null, 'programme/malformed', 'cbor/malformed', 'cbor/too-large', 'cbor/too-deep']).toContain(code);
      }),
      { numRuns: runs(3_000) },
    );
  });

  test.each<[string, CborValue]>([
    ['an address', 'https://evil.example/a'],
    ['an address of a script', 'javascript:alert(1)'],
    ['a way out of the folder', '../../../keys/provider.json'],
    ['hex as text, in the wrong case', 'AB'.repeat(32)],
    ['a hash that is short of a byte', new Uint8Array(31)],
    ['a hash with a byte more', new Uint8Array(33)],
  ])('with %s in place of a hash is malformed', (_what, name) => {
    expect(codeOf(() => decodeManifest(withMember(cast.manifestBytes, 'poster', name)))).toBe('programme/malformed');
    const playlists = new Map<CborKey, CborValue>([['master.m3u8', name]]);
    expect(codeOf(() => decodeManifest(withMember(cast.manifestBytes, 'playlists', playlists)))).toBe(
      'programme/malformed',
    );
  });

  test.each<[string, CborValue]>([
    ['no length', 0],
    ['a negative length', -2_000],
    ['a length of thirty thousand years', 1e15],
    ['a length of no whole number', 2n ** 64n - 1n],
  ])('whose frames have %s is malformed', (_what, lengthMs) => {
    expect(codeOf(() => decodeManifest(withMember(cast.manifestBytes, 'frameDurationMs', lengthMs)))).toBe(
      'programme/malformed',
    );
    expect(codeOf(() => decodeManifest(withMember(cast.manifestBytes, 'durationMs', lengthMs)))).toBe(
      'programme/malformed',
    );
  });

  test('of a million chapters is refused before they are looked at', () => {
    const chapter = encodeCbor([1, 'a']);
    const million = 1_000_000;
    const chapters = new Uint8Array(5 + chapter.length * million);
    chapters.set([0x9a, 0, million >> 16, (million >> 8) & 0xff, million & 0xff]);
    for (let at = 0; at < million; at += 1) chapters.set(chapter, 5 + at * chapter.length);
    const marker = new TextEncoder().encode('here are the chapters');
    const whole = withMember(cast.manifestBytes, 'chapters', marker);
    const at = indexOf(whole, marker);
    // The byte before is the marker's own head.
    const bytes = Uint8Array.from([...whole.subarray(0, at - 1)]);
    const huge = new Uint8Array(bytes.length + chapters.length + (whole.length - at - marker.length));
    huge.set(bytes);
    huge.set(chapters, bytes.length);
    huge.set(whole.subarray(at + marker.length), bytes.length + chapters.length);
    expect(codeOf(() => decodeManifest(huge))).toBe('cbor/too-large');
  });

  test('whose list says to be longer than its bytes is malformed, and nothing is set aside for it', () => {
    const marker = new TextEncoder().encode('here are the chapters');
    const whole = withMember(cast.manifestBytes, 'chapters', marker);
    const at = indexOf(whole, marker);
    const lying = Uint8Array.from(whole);
    lying.set([0x9b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], at - 1);
    expect(codeOf(() => decodeManifest(lying))).toMatch(/^cbor\//);
  });
});

function indexOf(bytes: Uint8Array, marker: Uint8Array): number {
  for (let at = 0; at <= bytes.length - marker.length; at += 1) {
    if (marker.every((byte, i) => bytes[at + i] === byte)) return at;
  }
  throw new Error('the marker is not there');
}

describe('CARD-3: a title that would write over its neighbours', () => {
  const TURNING = ['\u202e.oruE 0 rof eerF', '\u2066a', 'a\u202d', '\u202aa\u202c'];
  test.each([...TURNING, 'two\nlines', 'bell\u0007', '\u2028'])('%j is no chapter and no programme', async (title) => {
    expect(codeOf(() => decodeManifest(withMember(cast.manifestBytes, 'chapters', [[0, title]])))).toBe(
      'programme/malformed',
    );
    const signed = await signProgramme({
      ...{ signer: cast.provider.signer, issuedAt: cast.programme.issuedAt },
      programme: { ...cast.programme, title },
    });
    await expect(
      verifyProgramme({ bytes: signed, certificate: cast.provider.certificate, suite }),
    ).rejects.toMatchObject({ code: 'programme/malformed' });
  });

  test.each(['מבוא', 'مقدمة', 'Ouverture \u200e(1)', '序章'])(
    '%s is one, in whatever direction it is written',
    (title) => {
      expect(decodeManifest(withMember(cast.manifestBytes, 'chapters', [[0, title]])).chapters).toEqual([
        { startMs: 0, title },
      ]);
    },
  );
});

describe('BT-10: news of a live programme in bad faith', () => {
  const LATER = NOW + 60_000;

  /** Each update of the line, and one of the provider's own that says otherwise from the same place on. */
  async function withForks(): Promise<Uint8Array[]> {
    const forks = await Promise.all(
      live.updates.map(async (bytes) => {
        const { number, previous, from, to, ended, segments, commitments, programme, issuedAt } = readLiveUpdate(bytes);
        const update: LiveUpdate = { number, previous, from, to, ended, segments, programme, commitments };
        const other = { ...update, commitments: commitments.map((byte) => byte ^ 1) };
        return Uint8Array.from(await signLiveUpdate({ signer: cast.provider.signer, update: other, issuedAt }));
      }),
    );
    return [...live.updates, ...forks];
  }

  test('in any order, twice, forked: what was known stays, it grows by the next piece alone, and every refusal has a code', async () => {
    const all = (await withForks()).map((bytes) => readLiveUpdate(bytes));
    fc.assert(
      fc.property(fc.array(fc.nat(all.length - 1), { maxLength: 40 }), (order) => {
        const line = makeLiveLine(live.manifest, LIVE_TERMS);
        let knownEdge: number | null = null;
        const known = new Map<number, string>();
        for (const at of order) {
          const update = all[at];
          if (update === undefined) continue;
          const code = codeOf(() => line.extend(update, LATER));
          expect([null, 'live/gap', 'live/equivocation', 'live/ended', 'live/malformed']).toContain(code);
          const reach = line.reach();
          if (reach === null) continue;
          // It takes the next one, or nothing.
          if (knownEdge !== null) expect([knownEdge, update.to]).toContain(reach.edge);
          if (knownEdge !== null) expect(reach.edge).toBeGreaterThanOrEqual(knownEdge);
          knownEdge = reach.edge;
          for (let frame = reach.first; frame < reach.edge; frame += 1) {
            const said = hashObject(line.manifest.commitments.slice(frame * 32, frame * 32 + 32));
            expect(known.get(frame) ?? said).toBe(said);
            known.set(frame, said);
          }
        }
      }),
      { numRuns: runs(300) },
    );
  });

  test('that goes round in a circle is no line: each is named by the hash of the one before', async () => {
    const first = live.updates[0];
    const second = live.updates[1];
    if (first === undefined || second === undefined) throw new Error('there are two at least');
    const line = makeLiveLine(live.manifest, LIVE_TERMS);
    for (const bytes of [first, second, first, second, first]) line.extend(readLiveUpdate(bytes), LATER);
    expect(line.reach()?.number).toBe(1);
    const { number, previous, to, segments, programme, issuedAt } = readLiveUpdate(second);
    // The third says that the first comes after it.
    const update: LiveUpdate = {
      ...{ number: number + 1, previous, from: 0, to: to + 1, ended: false, segments, programme },
      commitments: new Uint8Array(32 * (to + 1)),
    };
    const circle = await signLiveUpdate({ signer: cast.provider.signer, update, issuedAt });
    expect(codeOf(() => line.extend(readLiveUpdate(circle), LATER))).toMatch(/^live\//);
    expect(line.reach()?.number).toBe(1);
  });
});
