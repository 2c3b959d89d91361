// Live programmes (docs/protocol.md §20), BT-10: a line that only grows, and each lie about it with its code, one altered thing at
// a time.

import { beforeAll, describe, expect, test } from 'vitest';
import type { CborValue } from './cbor.ts';
import type { ClaimName } from './claims.ts';
import { COSE_TYPES } from './cose.ts';
import { hashObject } from './ids.ts';
import { LIMITS } from './limits.ts';
import { type LiveLine, makeLiveLine } from './live-line.ts';
import { firstInWindow } from './live-terms.ts';
import { NO_UPDATE, readLiveUpdate, signLiveUpdate, verifyLiveUpdate } from './live-update.ts';
import { decodeManifest, encodeManifest, segmentAt, verifyFrameKey } from './manifest.ts';
import { verifyManifest, verifyProgramme } from './programme.ts';
import { treeSequence } from './sequence/tree.ts';
import { signerFromSecret } from './suite/secret-signer.ts';
import { webCryptoSuite as suite } from './suite/webcrypto.ts';
import { bitFlipped, resigned, withMember } from './vectors/altered.ts';
import { bytesOf, type Cast, makeCast, NOW } from './vectors/cast.ts';
import { LIVE_TERMS, type LiveCast, makeLiveCast, updateOf } from './vectors/live.ts';

let cast: Cast;
let live: LiveCast;
beforeAll(async () => {
  cast = await makeCast();
  live = await makeLiveCast(cast);
});

const LATER = NOW + 60_000;
const newLine = (): LiveLine => makeLiveLine(live.manifest, LIVE_TERMS);
const updateAt = (number: number): Uint8Array => {
  const bytes = live.updates[number];
  if (bytes === undefined) throw new RangeError(`no update ${number}`);
  return bytes;
};
const verify = (bytes: Uint8Array) => verifyLiveUpdate({ bytes, certificate: cast.provider.certificate, suite });
const take = (line: LiveLine, bytes: Uint8Array, now = LATER) => line.extend(readLiveUpdate(bytes), now);
const lineUpTo = (count: number): LiveLine => {
  const line = newLine();
  for (let number = 0; number < count; number += 1) take(line, updateAt(number));
  return line;
};
const by = () => ({ signer: cast.provider.signer, typ: COSE_TYPES.liveUpdate });

describe('BT-10: the description of a live programme', () => {
  test('comes back with its terms, and its manifest has parts without segments', async () => {
    expect(live.programme.live).toEqual(LIVE_TERMS);
    expect(cast.programme.live).toBeNull();
    const manifest = verifyManifest({ bytes: live.manifestBytes, programme: live.programme });
    expect(manifest.parts.map(({ segments }) => segments.length)).toEqual([0, 0]);
  });

  test('is refused where a live programme names a whole manifest, or a whole one a live manifest', async () => {
    const { certificate, signer } = cast.provider;
    const naming = async (bytes: Uint8Array, from: Uint8Array) =>
      verifyProgramme({
        bytes: await resigned(from, { signer, typ: COSE_TYPES.programme }, ['manifest', hashBytes(bytes)]),
        certificate,
        suite,
      });
    const whole = await naming(cast.manifestBytes, live.programmeBytes);
    expect(() => verifyManifest({ bytes: cast.manifestBytes, programme: whole })).toThrow('programme/other-manifest');
    const bare = await naming(live.manifestBytes, cast.programmeBytes);
    expect(() => verifyManifest({ bytes: live.manifestBytes, programme: bare })).toThrow('programme/other-manifest');
  });

  test.each<[string, CborValue]>([
    ['no array', 7],
    ['one number', [NOW]],
    ['three numbers', [NOW, 3, 0]],
    ['a beginning that no date can hold', [LIMITS.latestTimeMs + 1, 3]],
    ['a beginning before 1970', [-1, 3]],
    ['a window of nothing', [NOW, 0]],
    ['a window beyond its frames', [NOW, 9]],
  ])('with %s is malformed', async (_what, terms) => {
    const { certificate, signer } = cast.provider;
    const bytes = await resigned(live.programmeBytes, { signer, typ: COSE_TYPES.programme }, ['live', terms]);
    await expect(verifyProgramme({ bytes, certificate, suite })).rejects.toThrow('programme/malformed');
  });

  test('is malformed with segments and no commitments, or the other way round, or with a shorter last frame', () => {
    const commitments = withMember(live.manifestBytes, 'commitments', cast.manifest.commitments);
    expect(() => decodeManifest(commitments)).toThrow('programme/malformed');
    const none = withMember(cast.manifestBytes, 'commitments', new Uint8Array(0));
    expect(() => decodeManifest(none)).toThrow('programme/malformed');
    const shorter = encodeManifest({ ...live.manifest, durationMs: live.manifest.durationMs - 1 });
    expect(() => decodeManifest(shorter)).toThrow('programme/malformed');
  });

  test('says what is on sale at an edge', () => {
    expect([0, 3, 4, 8].map((edge) => firstInWindow(LIVE_TERMS, edge))).toEqual([0, 0, 1, 5]);
  });
});

const hashBytes = (bytes: Uint8Array): Uint8Array => Uint8Array.from(Buffer.from(hashObject(bytes), 'hex'));

describe('BT-10: a live update', () => {
  test('is believed under its provider’s key, and says what was signed', async () => {
    const update = await verify(updateAt(1));
    expect(update).toMatchObject({ ...live.said[1], provider: cast.provider.certificate.subject });
    expect(update.issuedAt).toBe(NOW + 6_000);
    expect(readLiveUpdate(updateAt(1)).updateHash).toBe(update.updateHash);
  });

  test('with one bit turned over, or by another key, is malformed', async () => {
    await expect(verify(bitFlipped(updateAt(1)))).rejects.toThrow('live/malformed');
    const signer = signerFromSecret(bytesOf('nobody'));
    const update = updateOf(cast, { number: 0, previous: NO_UPDATE, from: 0, to: 1, ended: false });
    await expect(verify(await signLiveUpdate({ signer, update, issuedAt: NOW }))).rejects.toThrow('live/malformed');
  });

  test.each<[string, ClaimName, CborValue | undefined]>([
    ['another issuer', 'iss', '0'.repeat(32)],
    ['another type', 'type', 'farebox/grant'],
    ['another version', 'version', 2],
    ['a short programme id', 'programme', new Uint8Array(15)],
    ['a number beyond its frames', 'number', 2],
    ['a negative number', 'number', -1],
    ['nothing before it', 'previous', new Uint8Array(32)],
    ['a short name of what is before it', 'previous', new Uint8Array(31)],
    ['frames beyond all programmes', 'to', LIMITS.liveFrames + 1],
    ['an end before its beginning', 'to', 0],
    ['no frame', 'to', 1],
    ['more frames than segments', 'to', 4],
    ['a beginning that leaves frames without segments', 'from', 0],
    ['no segments', 'segments', new Map()],
    ['a label that is none', 'segments', new Map([['Video', [null, null]]])],
    ['segments that are no list', 'segments', new Map([['video/720p', 7]])],
    ['a segment without a size', 'segments', new Map([['video/720p', [[new Uint8Array(32)], null]]])],
    ['a segment of nothing', 'segments', new Map([['video/720p', [[new Uint8Array(32), 0], null]]])],
    [
      'a segment too large',
      'segments',
      new Map([['video/720p', [[new Uint8Array(32), LIMITS.sealedPartSizeBytes + 1], null]]]),
    ],
    ['a commitment too few', 'commitments', new Uint8Array(32)],
    ['a commitment too many', 'commitments', new Uint8Array(96)],
    ['an end that is no yes or no', 'ended', 1],
    ['no end', 'ended', undefined],
    ['a claim nobody knows', 'title', 'more'],
  ])('with %s is malformed', async (_what, claim, value) => {
    await expect(verify(await resigned(updateAt(1), by(), [claim, value]))).rejects.toThrow('live/malformed');
  });

  test('that adds more frames than it may is malformed', async () => {
    const to = 1 + LIMITS.liveUpdateFrames + 1;
    const listed = Array.from({ length: to - 1 }, () => null);
    const bytes = await resigned(
      updateAt(1),
      by(),
      ['to', to],
      ['segments', new Map([['video/720p', listed]])],
      ['commitments', new Uint8Array(32 * listed.length)],
    );
    await expect(verify(bytes)).rejects.toThrow('live/malformed');
  });

  test('that is the first and begins later, or names one before it, is malformed', async () => {
    await expect(verify(await resigned(updateAt(0), by(), ['previous', bytesOf('x')]))).rejects.toThrow(
      'live/malformed',
    );
    await expect(verify(await resigned(updateAt(0), by(), ['from', 1], ['to', 2]))).rejects.toThrow('live/malformed');
  });
});

describe('BT-10: a live line', () => {
  test('grows update by update, and what it knows opens like any manifest', () => {
    const line = newLine();
    expect(line.reach()).toBeNull();
    expect(() => segmentAt(line.manifest, 'video/720p', 0)).toThrow('frame/unknown-part');
    expect(take(line, updateAt(0))).toBe(true);
    expect(line.reach()).toEqual({ first: 0, edge: 1, number: 0, ended: false });
    take(line, updateAt(1));
    take(line, updateAt(2));
    expect(line.reach()).toEqual({ first: 0, edge: 4, number: 2, ended: true });
    for (const frame of [0, 1, 2, 3]) {
      verifyFrameKey(line.manifest, frame, treeSequence.keyAt(cast.seed, frame));
      expect(segmentAt(line.manifest, 'video/720p', frame)?.sizeBytes).toBe(2_000 + frame);
    }
    expect(segmentAt(line.manifest, 'audio/main', 2)).toBeNull();
    expect(() => segmentAt(line.manifest, 'video/720p', 4)).toThrow('frame/unknown-part');
    expect(line.manifest.frameCount).toBe(8);
  });

  test('begins where its reader joins, and knows nothing before', () => {
    const line = newLine();
    take(line, updateAt(1));
    expect(line.reach()).toMatchObject({ first: 1, edge: 3, number: 1 });
    expect(() => segmentAt(line.manifest, 'video/720p', 0)).toThrow('frame/unknown-part');
    expect(() => take(line, updateAt(0))).toThrow('live/gap');
  });

  test('takes an update again as known, and changes nothing', () => {
    const line = lineUpTo(2);
    expect(take(line, updateAt(0))).toBe(false);
    expect(take(line, updateAt(1))).toBe(false);
    expect(line.reach()).toMatchObject({ edge: 3, number: 1 });
  });

  test('refuses one that leaves a gap, until what is missing has come', () => {
    const line = lineUpTo(1);
    expect(() => take(line, updateAt(2))).toThrow('live/gap');
    expect(line.reach()).toMatchObject({ edge: 1 });
    take(line, updateAt(1));
    expect(take(line, updateAt(2))).toBe(true);
  });

  test('calls two updates of one number what they are, and keeps the first', async () => {
    const line = lineUpTo(2);
    const other = await resigned(updateAt(1), by(), ['iat', NOW / 1000 + 7]);
    expect(() => take(line, other)).toThrow('live/equivocation');
    expect(line.bytesOf(1)).toEqual(updateAt(1));
    expect(line.reach()).toMatchObject({ edge: 3, number: 1 });
  });

  test('calls one that goes on from another update the same', async () => {
    const line = lineUpTo(2);
    const other = await resigned(updateAt(2), by(), ['previous', bytesOf('another update')]);
    expect(() => take(line, other)).toThrow('live/equivocation');
  });

  test('ends for good', async () => {
    const line = lineUpTo(3);
    const update = updateOf(cast, {
      ...{ number: 3, previous: hashObject(updateAt(2)), from: 4, to: 5, ended: false },
    });
    const more = await signLiveUpdate({ signer: cast.provider.signer, update, issuedAt: NOW + 10_000 });
    expect(() => take(line, more)).toThrow('live/ended');
    const moved = await resigned(more, by(), ['number', 4]);
    expect(() => take(line, moved)).toThrow('live/ended');
  });

  test('ends without another frame where there is none', async () => {
    const line = lineUpTo(2);
    const update = updateOf(cast, { number: 2, previous: hashObject(updateAt(1)), from: 3, to: 3, ended: true });
    take(line, await signLiveUpdate({ signer: cast.provider.signer, update, issuedAt: NOW + 7_000 }));
    expect(line.reach()).toEqual({ first: 0, edge: 3, number: 2, ended: true });
  });

  test('refuses frames that leave some out, or tell some again', async () => {
    const telling = async (from: number) => {
      const update = updateOf(cast, { number: 2, previous: hashObject(updateAt(1)), from, to: from + 1, ended: false });
      return signLiveUpdate({ signer: cast.provider.signer, update, issuedAt: NOW + 20_000 });
    };
    for (const from of [2, 4]) {
      const told = await telling(from);
      expect(() => take(lineUpTo(2), told)).toThrow('live/malformed');
    }
  });

  test('refuses frames beyond its programme’s end', async () => {
    const line = newLine();
    const update = updateOf(cast, { number: 4, previous: hashObject(updateAt(1)), from: 7, to: 9, ended: false });
    const over = await signLiveUpdate({ signer: cast.provider.signer, update, issuedAt: NOW + 20_000 });
    expect(() => take(line, over)).toThrow('live/malformed');
  });

  test.each<[string, number, number]>([
    ['had not begun when it was signed', NOW - LIMITS.clockToleranceMs - 1_000, LATER],
    ['were signed in time to come', NOW + LIMITS.clockToleranceMs + 61_000, LATER],
  ])('refuses frames that %s', async (_what, issuedAt, now) => {
    const told = await resigned(updateAt(0), by(), ['iat', issuedAt / 1000]);
    expect(() => take(newLine(), told, now)).toThrow('live/malformed');
  });

  test('refuses an update of another programme, with another part, or with one too few', async () => {
    const segments = (...labels: string[]) => new Map(labels.map((label) => [label, [null]] as const));
    for (const [claim, value] of [
      ['programme', bytesOf('other', 16)],
      ['segments', segments('video/720p')],
      ['segments', segments('video/720p', 'audio/de')],
      ['segments', segments('video/720p', 'audio/main', 'audio/de')],
    ] as const) {
      const told = await resigned(updateAt(0), by(), [claim, value]);
      expect(() => take(newLine(), told)).toThrow('live/malformed');
    }
  });

  test('is made of a live manifest only', () => {
    expect(() => makeLiveLine(cast.manifest, LIVE_TERMS)).toThrow('live/not-live');
  });
});
