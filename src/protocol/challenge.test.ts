// P1: a provider's challenge and a module's answer, each rejection one altered member at a time.

import { beforeAll, describe, expect, test } from 'vitest';
import { type VerifiedCertificate, verifyCertificate } from './certificate.ts';
import { makeChallenge, makeChallengeResponse, verifyChallenge, verifyChallengeResponse } from './challenge.ts';
import { COSE_TYPES } from './cose.ts';
import { decodeProviderId } from './ids.ts';
import { noDevice } from './life.ts';
import { LIMITS } from './limits.ts';
import { nobleSuite } from './suite/noble.ts';
import { webCryptoSuite } from './suite/webcrypto.ts';
import { bitFlipped, type Change, resigned } from './vectors/altered.ts';
import { bytesOf, type Cast, makeCast, NOW } from './vectors/cast.ts';

let cast: Cast;
beforeAll(async () => {
  cast = await makeCast();
});

describe.each([webCryptoSuite, nobleSuite])('BT-2: challenge and answer over the $name suite', (suite) => {
  const random = bytesOf('challenge');
  const make = (counter = 5) => makeChallenge({ signer: cast.provider.signer, now: NOW, challenge: random, counter });
  const verify = (bytes: Uint8Array, now = NOW) =>
    verifyChallenge({ bytes, provider: cast.provider.certificate, now, suite });

  const place = { counter: 9, head: bytesOf('head'), pastHead: bytesOf('past head') };
  const answer = async (life: { device: Uint8Array; epoch: number } = cast.module.certificate) =>
    makeChallengeResponse({
      signer: cast.module.signer,
      provider: cast.provider.certificate,
      challenge: await verify(await make()),
      now: NOW,
      device: life.device,
      epoch: life.epoch,
      ...place,
    });
  const verifyAnswer = (bytes: Uint8Array, module: VerifiedCertificate = cast.module.certificate) =>
    verifyChallengeResponse({ bytes, module, provider: decodeProviderId(cast.provider.signer.kid), suite });

  test('go round, with the counter that the provider has met and the heads at both', async () => {
    expect(await verify(await make(5))).toEqual({
      challenge: random,
      counter: 5,
      issuedAt: NOW,
      expires: NOW + 60_000,
    });
    expect((await verify(await make(0))).counter).toBe(0);
    const device = bytesOf('module device', 16);
    expect(await verifyAnswer(await answer())).toEqual({
      challenge: random,
      device,
      epoch: 1,
      issuedAt: NOW,
      ...place,
    });
  });

  test('a challenge ends after a minute, and five for clocks', async () => {
    const bytes = await make();
    const end = NOW + LIMITS.challengeLifetimeMs + LIMITS.clockToleranceMs;
    await expect(verify(bytes, end - 1)).resolves.toMatchObject({ expires: NOW + 60_000 });
    await expect(verify(bytes, end)).rejects.toThrow('challenge/expired');
  });

  test('an answer in another device or epoch than the certificate’s is malformed', async () => {
    const { device, epoch } = cast.module.certificate;
    const elsewhere = await answer({ device: bytesOf('another device', 16), epoch });
    await expect(verifyAnswer(elsewhere)).rejects.toThrow('challenge/malformed');
    const later = await answer({ device, epoch: epoch + 1 });
    await expect(verifyAnswer(later)).rejects.toThrow('challenge/malformed');
    const before = await answer({ device: noDevice(), epoch: 0 });
    await expect(verifyAnswer(before)).rejects.toThrow('challenge/malformed');
  });

  test('a module with a certificate of version 1 answers in epoch 0 with a device of zeros', async () => {
    const bytes = await resigned(
      cast.module.certificateBytes,
      { signer: cast.agency, typ: COSE_TYPES.certificate },
      ['version', 1],
      ['device', undefined],
      ['epoch', undefined],
    );
    const old = await verifyCertificate({
      bytes,
      agencyKey: cast.agency.publicKey,
      role: 'module',
      now: NOW,
      suite,
    });
    expect(await verifyAnswer(await answer(old), old)).toMatchObject({ device: noDevice(), epoch: 0, counter: 9 });
    await expect(verifyAnswer(await answer(), old)).rejects.toThrow('challenge/malformed');
  });

  test('an answer is not made for a device and an epoch that do not fit', async () => {
    await expect(answer({ device: noDevice(), epoch: 1 })).rejects.toThrow('module/internal');
    await expect(answer({ device: bytesOf('d', 16), epoch: 0 })).rejects.toThrow('module/internal');
    await expect(answer({ device: bytesOf('d', 15), epoch: 1 })).rejects.toThrow('module/internal');
  });

  test.each<Change>([
    ['iss', '0'.repeat(32)],
    ['challenge', bytesOf('challenge', 31)],
    ['counter', undefined],
    ['counter', -1],
    ['counter', '5'],
    ['exp', undefined],
    ['iat', undefined],
    ['type', 'farebox/challenge-response'],
    ['version', 1],
    ['version', 3],
    ['head', bytesOf('head')],
  ])('a challenge with another %s (%s) is malformed', async (...change) => {
    const bytes = await resigned(await make(), { signer: cast.provider.signer, typ: COSE_TYPES.challenge }, change);
    await expect(verify(bytes)).rejects.toThrow('challenge/malformed');
  });

  test('a challenge that a certified module signed in its own name is malformed', async () => {
    const bytes = await makeChallenge({ signer: cast.module.signer, now: NOW, challenge: random, counter: 5 });
    const verified = verifyChallenge({ bytes, provider: cast.module.certificate, now: NOW, suite });
    await expect(verified).rejects.toMatchObject({ code: 'challenge/malformed' });
  });

  test('a challenge of version 1, which has no counter, is malformed', async () => {
    const by = { signer: cast.provider.signer, typ: COSE_TYPES.challenge };
    const bytes = await resigned(await make(), by, ['version', 1], ['counter', undefined]);
    await expect(verify(bytes)).rejects.toThrow('challenge/malformed');
  });

  test.each<Change>([
    ['iss', '0'.repeat(32)],
    ['aud', '0'.repeat(32)],
    ['challenge', bytesOf('challenge', 33)],
    ['device', undefined],
    ['device', noDevice()],
    ['device', bytesOf('device', 15)],
    ['epoch', undefined],
    ['epoch', 0],
    ['epoch', 2 ** 32],
    ['counter', -1],
    ['head', bytesOf('head', 31)],
    ['pastHead', undefined],
    ['pastHead', bytesOf('head', 33)],
    ['iat', undefined],
    ['type', 'farebox/challenge'],
    ['version', 1],
    ['version', 3],
    ['exp', 1],
  ])('an answer with another %s (%s) is malformed', async (...change) => {
    const by = { signer: cast.module.signer, typ: COSE_TYPES.challengeResponse };
    await expect(verifyAnswer(await resigned(await answer(), by, change))).rejects.toThrow('challenge/malformed');
  });

  test('an answer of version 1, which says nothing of copies, is malformed', async () => {
    const bytes = await resigned(
      await answer(),
      { signer: cast.module.signer, typ: COSE_TYPES.challengeResponse },
      ['version', 1],
      ['device', undefined],
      ['epoch', undefined],
      ['pastHead', undefined],
    );
    await expect(verifyAnswer(bytes)).rejects.toThrow('challenge/malformed');
  });

  test('an answer or challenge of someone else, or altered, is malformed', async () => {
    const foreign = await resigned(
      await answer(),
      { signer: cast.otherModule.signer, typ: COSE_TYPES.challengeResponse },
      ['counter', 9],
    );
    await expect(verifyAnswer(foreign)).rejects.toThrow('challenge/malformed');
    await expect(verifyAnswer(bitFlipped(await answer()))).rejects.toThrow('challenge/malformed');
    await expect(verify(bitFlipped(await make()))).rejects.toThrow('challenge/malformed');
    await expect(verify(await answer())).rejects.toThrow('challenge/malformed');
  });
});
