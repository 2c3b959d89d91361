// Standings: BT-2. What a provider says of a module comes back as it was signed, and each rejection is tested one altered
// member at a time.

import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import type { CborValue } from './cbor.ts';
import { COSE_TYPES } from './cose.ts';
import { FareboxError } from './errors.ts';
import { decodeContentHash, decodeModuleId, decodeSessionId, idBytes } from './ids.ts';
import { noDevice } from './life.ts';
import { LIMITS } from './limits.ts';
import { makeStanding, type StandingSession, type StandingToSign, VERDICTS, verifyStanding } from './standing.ts';
import { nobleSuite } from './suite/noble.ts';
import { webCryptoSuite } from './suite/webcrypto.ts';
import { runs } from './testing/runs.ts';
import { bitFlipped, type Change, resigned } from './vectors/altered.ts';
import { bytesOf, type Cast, makeCast, NOW, SESSION } from './vectors/cast.ts';
import { standingOf } from './vectors/keeping.ts';
import { sealGrant, tellStory } from './vectors/story.ts';

let cast: Cast;
let standing: StandingToSign;
beforeAll(async () => {
  cast = await makeCast();
  standing = standingOf(cast, await tellStory(cast, await sealGrant(cast)));
});

const session = idBytes(SESSION);
const hash = bytesOf('hash');
const line = (over: readonly CborValue[]): CborValue => [over];

describe.each([webCryptoSuite, nobleSuite])('BT-2: a standing over the $name suite', (suite) => {
  const make = (over: Partial<StandingToSign> = {}) =>
    makeStanding({ signer: cast.provider.signer, standing: { ...standing, ...over } });
  const verify = (bytes: Uint8Array, module = standing.module) =>
    verifyStanding({ bytes, provider: cast.provider.certificate, module, suite });
  const altered = async (...changes: readonly Change[]) =>
    resigned(await make(), { signer: cast.provider.signer, typ: COSE_TYPES.standing }, ...changes);

  test.each(VERDICTS)('that says %s comes back as it was signed', async (verdict) => {
    const said = { ...standing, verdict, since: verdict === 'good' ? 0 : NOW - 1234 };
    expect(await verify(await make(said))).toEqual({ ...said, provider: cast.provider.signer.kid });
  });

  test('holds for a module from before there were epochs, and for one without any session', async () => {
    const old = { device: noDevice(), epoch: 0, counter: 0, head: new Uint8Array(32), sessions: [] };
    expect(await verify(await make(old))).toMatchObject(old);
  });

  test.each<Change>([
    ['iss', '0'.repeat(32)],
    ['aud', '0'.repeat(32)],
    ['aud', 'module'],
    ['iat', undefined],
    ['type', 'farebox/receipt'],
    ['version', 2],
    ['verdict', 'bad'],
    ['verdict', 'good'],
    ['verdict', undefined],
    ['verdict', 1],
    ['device', noDevice()],
    ['device', bytesOf('d', 15)],
    ['epoch', 0],
    ['epoch', 2 ** 32],
    ['counter', -1],
    ['head', bytesOf('h', 31)],
    ['since', 0],
    ['since', -1],
    ['since', undefined],
    ['currency', 'euro'],
    ['creditMinor', -1],
    ['creditMinor', 10n ** 15n + 1n],
    ['sessions', undefined],
    ['sessions', 'all'],
    ['sessions', [1]],
    ['sessions', line([session, hash, 1])],
    ['sessions', line([session, hash, 1, 0, 0])],
    ['sessions', line([bytesOf('s', 15), hash, 1, 0])],
    ['sessions', line([SESSION, hash, 1, 0])],
    ['sessions', line([session, bytesOf('h', 31), 1, 0])],
    ['sessions', line([session, 'hash', 1, 0])],
    ['sessions', line([session, hash, 0, 0])],
    ['sessions', line([session, hash, -1, 0])],
    ['sessions', line([session, hash, 1, -1])],
    ['sessions', line([session, hash, 1, 10n ** 15n + 1n])],
    ['sessions', line([session, null, 1, 0])],
    ['sessions', line([session, null, 0, 1])],
    [
      'sessions',
      [
        [session, null, 0, 0],
        [session, hash, 1, 0],
      ],
    ],
    ['exp', 1],
  ])('with another %s (%s) is malformed', async (...change) => {
    await expect(verify(await altered(change))).rejects.toThrow('standing/malformed');
  });

  test('that is good and yet says since when it is not is malformed', async () => {
    await expect(verify(await altered(['verdict', 'good'], ['since', 1]))).rejects.toThrow('standing/malformed');
    expect((await verify(await altered(['verdict', 'good'], ['since', 0]))).verdict).toBe('good');
  });

  test('of another module, of another party, or altered, is malformed', async () => {
    const other = decodeModuleId(cast.otherModule.signer.kid);
    await expect(verify(await make(), other)).rejects.toThrow('standing/malformed');
    await expect(verify(bitFlipped(await make()))).rejects.toThrow('standing/malformed');
    const byModule = await makeStanding({ signer: cast.module.signer, standing });
    await expect(verify(byModule)).rejects.toThrow('standing/malformed');
    const provider = cast.module.certificate;
    await expect(verifyStanding({ bytes: byModule, provider, module: standing.module, suite })).rejects.toThrow(
      'standing/malformed',
    );
    await expect(verify(bytesOf('noise', 90))).rejects.toThrow('standing/malformed');
  });
});

describe('BT-2: a standing', () => {
  const suite = webCryptoSuite;
  const verify = (bytes: Uint8Array) =>
    verifyStanding({ bytes, provider: cast.provider.certificate, module: standing.module, suite });
  const sessionsOf = (count: number): readonly StandingSession[] =>
    Array.from({ length: count }, (_, at) => ({
      session: decodeSessionId(at.toString(16).padStart(32, '0')),
      receiptHash: decodeContentHash(bytesOf('hash')),
      sequenceNumber: at + 1,
      amountMinor: LIMITS.amountMinor,
    }));

  test('holds ten thousand sessions and not one more', async () => {
    const signer = cast.provider.signer;
    const sessions = sessionsOf(LIMITS.standingSessions);
    const full = await makeStanding({ signer, standing: { ...standing, sessions } });
    expect((await verify(full)).sessions).toEqual(sessions);
    const more = sessionsOf(LIMITS.standingSessions + 1);
    await expect(makeStanding({ signer, standing: { ...standing, sessions: more } })).rejects.toThrow(
      'module/internal',
    );
    const lines = more.map(({ session: id }) => [idBytes(id), null, 0, 0]);
    const by = { signer, typ: COSE_TYPES.standing };
    await expect(verify(await resigned(full, by, ['sessions', lines]))).rejects.toThrow('standing/malformed');
  });

  test('is not signed where its members do not fit together', async () => {
    const sign = (over: Partial<StandingToSign>) =>
      makeStanding({ signer: cast.provider.signer, standing: { ...standing, ...over } });
    await expect(sign({ verdict: 'good' })).rejects.toThrow('module/internal');
    await expect(sign({ verdict: 'regress', since: 0 })).rejects.toThrow('module/internal');
    await expect(sign({ device: noDevice() })).rejects.toThrow('module/internal');
    await expect(sign({ epoch: 0 })).rejects.toThrow('module/internal');
  });

  test('with structured garbage for its sessions gives a coded error or what was listed', async () => {
    const bytes = await makeStanding({ signer: cast.provider.signer, standing });
    const by = { signer: cast.provider.signer, typ: COSE_TYPES.standing };
    const scalar = fc.oneof(fc.integer({ min: -2, max: 3 }), fc.constant(null), fc.constant('s'));
    const id = fc.uint8Array({ minLength: 15, maxLength: 17 });
    const listed = fc.oneof(fc.uint8Array({ minLength: 31, maxLength: 33 }), scalar);
    const entry = fc.oneof(
      fc.tuple(id, listed, fc.integer({ min: -1, max: 2 }), fc.integer({ min: -1, max: 2 })),
      fc.array(scalar, { maxLength: 5 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { maxLength: 3 }), async (sessions) => {
        const signed = await resigned(bytes, by, ['sessions', sessions]);
        try {
          expect((await verify(signed)).sessions).toHaveLength(sessions.length);
        } catch (thrown) {
          if (!(thrown instanceof FareboxError)) throw thrown;
          expect(thrown.code).toBe('standing/malformed');
        }
      }),
      { numRuns: runs(1000) },
    );
  });
});
