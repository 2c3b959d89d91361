// Programmes, manifests and sealed parts: BT-1. Each rejection one altered member at a time.

import { beforeAll, describe, expect, test } from 'vitest';
import { concatBytes, fromHex } from './bytes.ts';
import { type CborValue, decodeCbor } from './cbor.ts';
import type { ClaimName } from './claims.ts';
import { COSE_TYPES } from './cose.ts';
import { decodeProgrammeId, hashObject, idBytes } from './ids.ts';
import { LIMITS } from './limits.ts';
import {
  commitmentAt,
  decodeManifest,
  encodeManifest,
  type ManifestPart,
  segmentAt,
  verifyFrameKey,
} from './manifest.ts';
import { commitFrameKey, openPart, sealPart } from './parts.ts';
import { signProgramme, verifyManifest, verifyProgramme } from './programme.ts';
import { treeSequence } from './sequence/tree.ts';
import { encodeSframeHeader } from './sframe-header.ts';
import { nobleSuite } from './suite/noble.ts';
import { webCryptoSuite } from './suite/webcrypto.ts';
import { bitFlipped, resigned, withMember } from './vectors/altered.ts';
import { bytesOf, type Cast, makeCast, NOW, PROGRAMME } from './vectors/cast.ts';

let cast: Cast;
beforeAll(async () => {
  cast = await makeCast();
});

describe('a programme', () => {
  const suite = webCryptoSuite;
  const verify = (bytes: Uint8Array) => verifyProgramme({ bytes, certificate: cast.provider.certificate, suite });

  test('comes back with its terms, its provider and its hash', async () => {
    expect(await verify(cast.programmeBytes)).toMatchObject({
      ...cast.programmeTerms,
      provider: cast.provider.signer.kid,
      issuedAt: NOW,
      programmeHash: hashObject(cast.programmeBytes),
    });
  });

  test.each(['none', 'session', { untilMs: NOW }] as const)('keeps the replay policy %s', async (replay) => {
    const bytes = await signProgramme({
      signer: cast.provider.signer,
      programme: { ...cast.programmeTerms, replay },
      issuedAt: NOW,
    });
    expect((await verify(bytes)).replay).toEqual(replay);
  });

  test('keeps of the modes those that are known here', async () => {
    const by = { signer: cast.provider.signer, typ: COSE_TYPES.programme };
    expect(
      (await verify(await resigned(cast.programmeBytes, by, ['modes', ['pixels', 'frames', 'display']]))).modes,
    ).toEqual(['display', 'frames']);
    expect((await verify(await resigned(cast.programmeBytes, by, ['modes', ['pixels']]))).modes).toEqual([]);
  });

  test.each<[ClaimName, CborValue | undefined, string]>([
    ['iss', '0'.repeat(32), 'programme/malformed'],
    ['iat', undefined, 'programme/malformed'],
    ['type', 'farebox/grant', 'programme/malformed'],
    ['version', 3, 'programme/malformed'],
    ['programme', bytesOf('programme', 15), 'programme/malformed'],
    ['title', '', 'programme/malformed'],
    ['title', 'x'.repeat(LIMITS.titleLength + 1), 'programme/malformed'],
    ['frameCount', 0, 'programme/malformed'],
    ['frameDurationMs', LIMITS.frameDurationMinMs - 1, 'programme/malformed'],
    ['frameDurationMs', LIMITS.frameDurationMaxMs + 1, 'programme/malformed'],
    ['sequence', 'logistic', 'sequence/unknown'],
    ['currency', 'eur', 'programme/malformed'],
    ['priceMinor', -1, 'programme/malformed'],
    ['priceMinor', Number(LIMITS.amountMinor) + 1, 'programme/malformed'],
    ['modes', [], 'programme/malformed'],
    ['modes', ['display', 'display'], 'programme/malformed'],
    ['modes', 'display', 'programme/malformed'],
    ['replay', 'always', 'programme/malformed'],
    ['replay', 0, 'programme/malformed'],
    ['manifest', bytesOf('hash', 31), 'programme/malformed'],
    ['exp', 1, 'programme/malformed'],
  ])('with another %s (%s) is refused', async (name, value, code) => {
    const by = { signer: cast.provider.signer, typ: COSE_TYPES.programme };
    await expect(verify(await resigned(cast.programmeBytes, by, [name, value]))).rejects.toThrow(code);
  });

  test('altered, or of someone who is no provider, is refused', async () => {
    await expect(verify(bitFlipped(cast.programmeBytes))).rejects.toThrow('programme/malformed');
    const byModule = await signProgramme({ signer: cast.module.signer, programme: cast.programmeTerms, issuedAt: NOW });
    await expect(verifyProgramme({ bytes: byModule, certificate: cast.module.certificate, suite })).rejects.toThrow(
      'programme/malformed',
    );
  });
});

describe('BT-1: a manifest', () => {
  test('comes back as it was', () => {
    expect(decodeManifest(cast.manifestBytes)).toEqual(cast.manifest);
    expect(verifyManifest({ bytes: cast.manifestBytes, programme: cast.programme })).toEqual(cast.manifest);
  });

  test('tells the segment and the commitment of a frame', () => {
    expect(segmentAt(cast.manifest, 'video/720p', 3)?.sizeBytes).toBe(1003);
    expect(segmentAt(cast.manifest, 'audio/main', 7)).toBeNull();
    expect(() => segmentAt(cast.manifest, 'video/360p', 0)).toThrow('frame/unknown-part');
    expect(() => segmentAt(cast.manifest, 'video/720p', 8)).toThrow('frame/unknown-part');
    expect(commitmentAt(cast.manifest, 7)).toHaveLength(32);
    for (const frame of [-1, 8, 0.5]) expect(() => commitmentAt(cast.manifest, frame)).toThrow('grant/not-covered');
  });

  test('catches a frame key that is not the one committed to', () => {
    const frameKey = treeSequence.keyAt(cast.seed, 2);
    expect(() => verifyFrameKey(cast.manifest, 2, frameKey)).not.toThrow();
    expect(() => verifyFrameKey(cast.manifest, 3, frameKey)).toThrow('frame/wrong-key');
    expect(() => verifyFrameKey(cast.manifest, 2, bitFlipped(frameKey))).toThrow('frame/wrong-key');
  });

  test.each<[string, CborValue | undefined]>([
    ['type', 'farebox/programme'],
    ['version', 3],
    ['programme', bytesOf('programme', 17)],
    ['frameCount', 7],
    ['frameCount', 0],
    ['frameDurationMs', 1],
    ['durationMs', 14_000],
    ['durationMs', 16_001],
    ['parts', []],
    ['parts', [1]],
    ['commitments', bytesOf('commitments', 8 * 32 - 1)],
    ['poster', bytesOf('poster', 20)],
    ['playlists', []],
    ['playlists', new Map([['', bytesOf('x')]])],
    ['playlists', new Map([['a.m3u8', 1]])],
    ['poster', undefined],
    ['more', 1],
  ])('with another %s (%s) is malformed', (name, value) => {
    expect(() => decodeManifest(withMember(cast.manifestBytes, name, value))).toThrow('programme/malformed');
  });

  test.each<[string, CborValue | undefined]>([
    ['label', 'Video'],
    ['label', 'audio/main'],
    ['kind', 'captions'],
    ['codec', ''],
    ['bitrate', 0],
    ['init', new Uint8Array(0)],
    ['init', new Uint8Array(LIMITS.initSizeBytes + 1)],
    ['width', 0],
    ['height', LIMITS.pictureSide + 1],
    ['pictureRate', 0],
    ['segments', []],
    ['segments', new Array(8).fill(1)],
    ['segments', new Array(8).fill([bytesOf('h'), 0])],
    ['segments', new Array(8).fill([bytesOf('h', 31), 1])],
    ['segments', new Array(8).fill([bytesOf('h'), LIMITS.sealedPartSizeBytes + 1])],
    ['segments', new Array(8).fill([bytesOf('h'), 1, 1])],
    ['channels', 2],
    ['pictureRate', undefined],
  ])('with a picture part of another %s (%s) is malformed', (name, value) => {
    const whole = decodeCbor(cast.manifestBytes);
    const parts = whole instanceof Map ? whole.get('parts') : undefined;
    if (!Array.isArray(parts) || !(parts[0] instanceof Map)) throw new Error('no parts');
    const part = new Map<string | number, CborValue>(parts[0]);
    if (value === undefined) part.delete(name);
    else part.set(name, value);
    expect(() => decodeManifest(withMember(cast.manifestBytes, 'parts', [part, parts[1]]))).toThrow(
      'programme/malformed',
    );
  });

  test('of another programme is refused: by its hash, and by what it says', async () => {
    const other = encodeManifest({ ...cast.manifest, durationMs: 15_501 });
    expect(() => verifyManifest({ bytes: other, programme: cast.programme })).toThrow('programme/other-manifest');
    const verifyNaming = async (bytes: Uint8Array) => {
      const programme = { ...cast.programmeTerms, manifest: hashObject(bytes) };
      const signed = await signProgramme({ signer: cast.provider.signer, programme, issuedAt: NOW });
      const verified = await verifyProgramme({
        bytes: signed,
        certificate: cast.provider.certificate,
        suite: webCryptoSuite,
      });
      return verifyManifest({ bytes, programme: verified });
    };
    const foreign = encodeManifest({ ...cast.manifest, programme: decodeProgrammeId(bytesOf('other programme', 16)) });
    await expect(verifyNaming(foreign)).rejects.toThrow('programme/other-manifest');
    const slower = encodeManifest({ ...cast.manifest, frameDurationMs: 1999, durationMs: 15_000 });
    await expect(verifyNaming(slower)).rejects.toThrow('programme/other-manifest');
    const shorter = (part: ManifestPart): ManifestPart => ({ ...part, segments: part.segments.slice(0, 7) });
    const cut = {
      ...cast.manifest,
      frameCount: 7,
      durationMs: 13_000,
      parts: cast.manifest.parts.map(shorter),
      commitments: bytesOf('c', 7 * 32),
    };
    await expect(verifyNaming(encodeManifest(cut))).rejects.toThrow('programme/other-manifest');
    await expect(verifyNaming(fromHex('1817'))).rejects.toMatchObject({
      code: 'programme/malformed',
      detail: { reason: 'cbor/not-deterministic' },
    });
  });
});

describe.each([webCryptoSuite, nobleSuite])('BT-1: a sealed part over the $name suite', (suite) => {
  const place = { frameKey: bytesOf('frame key'), programme: PROGRAMME, label: 'video/720p', frame: 300 };
  const clear = bytesOf('a segment', 1000);
  const seal = () => sealPart({ ...place, clear, suite });

  test('opens at its own place, and is the same bytes from both suites', async () => {
    const sealed = await seal();
    expect(await openPart({ ...place, sealed, suite })).toEqual(clear);
    expect(sealed).toEqual(
      await sealPart({ ...place, clear, suite: suite === nobleSuite ? webCryptoSuite : nobleSuite }),
    );
  });

  test.each([
    ['another frame key', { frameKey: bytesOf('another frame key') }],
    ['another programme', { programme: decodeProgrammeId(bytesOf('another programme', 16)) }],
    ['another label', { label: 'video/360p' }],
    ['another number', { frame: 301 }],
  ])('does not open under %s', async (_, change) => {
    const sealed = await seal();
    await expect(openPart({ ...place, ...change, sealed, suite })).rejects.toThrow('frame/tampered');
  });

  test('with a counter that is not 0 is refused, even where it opens', async () => {
    const sealed = await seal();
    const header = encodeSframeHeader({ kid: 300n, counter: 0n });
    const counted = concatBytes(encodeSframeHeader({ kid: 300n, counter: 1n }), sealed.subarray(header.length));
    await expect(openPart({ ...place, sealed: counted, suite })).rejects.toThrow('frame/tampered');
  });

  test('with any bit turned over is tampered with, and cut anywhere is cut where its size is known', async () => {
    const sealed = await seal();
    for (const fromEnd of [1, 16, 17, 500, sealed.length]) {
      await expect(openPart({ ...place, sealed: bitFlipped(sealed, fromEnd), suite }), `${fromEnd}`).rejects.toThrow(
        'frame/tampered',
      );
    }
    const sizeBytes = sealed.length;
    for (const length of [0, 1, 2, 18, 19, sizeBytes - 1]) {
      await expect(
        openPart({ ...place, sealed: sealed.subarray(0, length), sizeBytes, suite }),
        `${length}`,
      ).rejects.toThrow('frame/cut');
    }
    await expect(openPart({ ...place, sealed: sealed.subarray(0, 10), suite })).rejects.toThrow('frame/cut');
    await expect(openPart({ ...place, sealed: sealed.subarray(0, sizeBytes - 1), suite })).rejects.toThrow(
      'frame/tampered',
    );
  });

  test('is committed to by programme, frame and key', () => {
    const commitment = commitFrameKey(PROGRAMME, 5, place.frameKey);
    expect(commitment).toHaveLength(32);
    expect(commitFrameKey(PROGRAMME, 6, place.frameKey)).not.toEqual(commitment);
    expect(commitFrameKey(decodeProgrammeId(idBytes(PROGRAMME).reverse()), 5, place.frameKey)).not.toEqual(commitment);
  });
});
