// Programmes that are kept, and their grants (docs/protocol.md §21): what may be offered, and what a grant for it may say. Each rejection one
// altered member at a time.

import { beforeAll, describe, expect, test } from 'vitest';
import type { CborValue } from './cbor.ts';
import { misfitOfContract } from './contract-fit.ts';
import { COSE_TYPES } from './cose.ts';
import { type GrantToMake, makeGrant, verifyGrant } from './grant.ts';
import { hashObject, makeSessionId } from './ids.ts';
import { LIMITS } from './limits.ts';
import { type Programme, signProgramme, verifyProgramme } from './programme.ts';
import { webCryptoSuite as suite } from './suite/webcrypto.ts';
import { resigned } from './vectors/altered.ts';
import { bytesOf, type Cast, HOUR, makeCast, NOW } from './vectors/cast.ts';

const DAY = 24 * HOUR;
const CONTRACT = {
  slotsPerMinute: 30,
  longestStallMs: 1_000,
  leastRung: '',
  refunds: { late: 500, lost: 1_000, stall: 250, rung: 0 },
};

let cast: Cast;
beforeAll(async () => {
  cast = await makeCast();
});

/** The cast's programme, offered with what is given. */
async function offered(over: Partial<Programme>): Promise<Uint8Array> {
  const { programme, title, frameCount, frameDurationMs, sequence, currency, priceMinor, modes, replay, manifest } =
    cast.programme;
  const terms = { programme, title, frameCount, frameDurationMs, sequence, currency, priceMinor, modes, replay };
  const { signer } = cast.provider;
  return signProgramme({ signer, issuedAt: NOW, programme: { ...terms, manifest, ...over } });
}

const verifyOffer = (bytes: Uint8Array) => verifyProgramme({ bytes, certificate: cast.provider.certificate, suite });

/** A grant of that programme, believed or refused as a module does. */
async function granted(over: Partial<Programme>, altered: Partial<GrantToMake> = {}) {
  const programme = await verifyOffer(await offered(over));
  const bytes = await makeGrant({
    signer: cast.provider.signer,
    module: cast.module.certificate,
    programme,
    session: makeSessionId(() => bytesOf('offline', 16)),
    mode: 'display',
    ranges: [[0, cast.programme.frameCount]],
    creditMinor: 0n,
    issuedAt: NOW,
    expires: NOW + DAY,
    sessionKey: bytesOf('session key', 32),
    seed: cast.seed,
    offline: true,
    ...altered,
  });
  const verify = (grant: Uint8Array) =>
    verifyGrant({
      ...{ bytes: grant, provider: cast.provider.certificate, module: cast.module.certificate.subject },
      ...{ programme, now: NOW, suite },
    });
  return { bytes, verify, programme };
}

describe('a programme', () => {
  test('says for how long it may be kept, and one that may not is read as it always was', async () => {
    expect((await verifyOffer(await offered({ offlineMs: 7 * DAY }))).offlineMs).toBe(7 * DAY);
    expect((await verifyOffer(cast.programmeBytes)).offlineMs).toBeNull();
    expect(await offered({ offlineMs: null })).toEqual(await offered({}));
  });

  test.each<[string, CborValue]>([
    ['shorter than an hour', LIMITS.offlineMinMs - 1_000],
    ['longer than a year', LIMITS.offlineMaxMs + 1_000],
    ['not of whole seconds', DAY + 1],
    ['no number', 'week'],
    ['true', true],
  ])('offered for a term that is %s is refused', async (_what, value) => {
    const by = { signer: cast.provider.signer, typ: COSE_TYPES.programme };
    const altered = await resigned(await offered({ offlineMs: DAY }), by, ['offline', value]);
    await expect(verifyOffer(altered)).rejects.toThrow('programme/malformed');
  });

  test('that is live is not kept', async () => {
    const live = { startTime: NOW, windowFrames: 1 };
    await expect(verifyOffer(await offered({ live }))).resolves.toBeDefined();
    await expect(verifyOffer(await offered({ live, offlineMs: DAY }))).rejects.toThrow('programme/malformed');
  });
});

describe('an offline grant', () => {
  test('BT-3: is believed to the end of the offered term', async () => {
    const { bytes, verify } = await granted({ offlineMs: DAY });
    expect(await verify(bytes)).toMatchObject({ offline: true, expires: NOW + DAY });
    const ordinary = await granted({ offlineMs: DAY }, { offline: false });
    expect((await ordinary.verify(ordinary.bytes)).offline).toBe(false);
  });

  test.each<[string, Partial<Programme>, Partial<GrantToMake>]>([
    ['of a programme that does not offer it', {}, {}],
    ['that lives a second longer than offered', { offlineMs: DAY }, { expires: NOW + DAY + 1_000 }],
    ['for another way out', { offlineMs: DAY, modes: ['display', 'frames'] }, { mode: 'frames' }],
    ['beside a contract', { offlineMs: DAY, contract: CONTRACT }, { contractHash: hashObject(bytesOf('contract', 9)) }],
  ])('BT-3: %s is refused', async (_what, over, altered) => {
    const { bytes, verify } = await granted(over, altered);
    await expect(verify(bytes)).rejects.toThrow('grant/offline');
  });

  test.each<[string, CborValue]>([
    ['false', false],
    ['1', 1],
  ])('BT-3: that says %s of it is malformed', async (_what, value) => {
    const { bytes, verify } = await granted({ offlineMs: DAY });
    const by = { signer: cast.provider.signer, typ: COSE_TYPES.grant };
    await expect(verify(await resigned(bytes, by, ['offline', value]))).rejects.toThrow('grant/malformed');
  });

  test('BT-9: needs no contract where an ordinary grant of the same programme does', async () => {
    const over = { offlineMs: DAY, contract: CONTRACT };
    const { bytes, verify, programme } = await granted(over);
    expect(misfitOfContract(null, await verify(bytes), programme.contract)).toBeNull();
    const ordinary = await granted(over, { offline: false });
    expect(misfitOfContract(null, await ordinary.verify(ordinary.bytes), programme.contract)).toBe('contract/missing');
  });
});
