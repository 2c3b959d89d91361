// Certificates, the untrusted list, enrolment, challenge and answer: each rejection one altered member at a time.

import { beforeAll, describe, expect, test } from 'vitest';
import type { CborValue } from './cbor.ts';
import { issueCertificate, verifyCertificate } from './certificate.ts';
import { makeChallenge, makeChallengeResponse, verifyChallenge, verifyChallengeResponse } from './challenge.ts';
import type { ClaimName } from './claims.ts';
import { COSE_TYPES } from './cose.ts';
import { confirmationOf, coseKey } from './cose-key.ts';
import { makeEnrolmentRequest, verifyEnrolmentRequest } from './enrolment.ts';
import { decodeProviderId, partyIdOf } from './ids.ts';
import { LIMITS } from './limits.ts';
import { nobleSuite } from './suite/noble.ts';
import { webCryptoSuite } from './suite/webcrypto.ts';
import { issueUntrustedList, verifyUntrustedList } from './untrusted-list.ts';
import { bitFlipped, resigned } from './vectors/altered.ts';
import { bytesOf, type Cast, HOUR, makeCast, NOW } from './vectors/cast.ts';

let cast: Cast;
beforeAll(async () => {
  cast = await makeCast();
});

type Change = [ClaimName | number, CborValue | undefined];

describe.each([webCryptoSuite, nobleSuite])('a certificate, over the $name suite,', (suite) => {
  const verify = (bytes: Uint8Array, over: Partial<Parameters<typeof verifyCertificate>[0]> = {}) =>
    verifyCertificate({ bytes, agencyKey: cast.agency.publicKey, role: 'module', now: NOW, suite, ...over });

  test('says who, with which keys, as what, until when', async () => {
    const { module, agency } = cast;
    expect(await verify(module.certificateBytes)).toMatchObject({
      subject: partyIdOf(module.signer.publicKey),
      publicKey: module.signer.publicKey,
      sealingKey: module.sealing.publicKey,
      role: 'module',
      agency: agency.kid,
      issuedAt: NOW - HOUR,
      expires: NOW + 24 * HOUR,
    });
  });

  test('of another agency is foreign', async () => {
    await expect(verify(cast.module.certificateBytes, { agencyKey: cast.otherAgency.publicKey })).rejects.toThrow(
      'certificate/foreign',
    );
    await expect(verify(bitFlipped(cast.module.certificateBytes))).rejects.toThrow('certificate/foreign');
  });

  test('holds from its first moment to the one before its last, with five minutes for clocks', async () => {
    const bytes = cast.module.certificateBytes;
    await expect(verify(bytes, { now: NOW + 24 * HOUR })).rejects.toThrow('certificate/expired');
    await expect(verify(bytes, { now: NOW + 24 * HOUR - 1 })).resolves.toBeDefined();
    const earliest = NOW - HOUR - LIMITS.clockToleranceMs;
    await expect(verify(bytes, { now: earliest })).resolves.toBeDefined();
    await expect(verify(bytes, { now: earliest - 1 })).rejects.toThrow('certificate/not-yet-valid');
  });

  test('on the untrusted list, or for another role, is refused', async () => {
    const bytes = cast.module.certificateBytes;
    await expect(verify(bytes, { untrusted: new Set([cast.module.signer.kid]) })).rejects.toThrow(
      'certificate/untrusted',
    );
    await expect(verify(bytes, { untrusted: new Set(['0'.repeat(32)]) })).resolves.toBeDefined();
    await expect(verify(bytes, { role: 'provider' })).rejects.toThrow('certificate/wrong-role');
    await expect(verify(cast.provider.certificateBytes)).rejects.toThrow('certificate/wrong-role');
  });

  test.each<Change>([
    ['iss', '0'.repeat(32)],
    ['iss', 'agency'],
    ['sub', '0'.repeat(32)],
    ['exp', -1],
    ['iat', 'now'],
    ['cnf', confirmationOf(bytesOf('another key'))],
    ['cnf', coseKey('Ed25519', bytesOf('another key'))],
    ['type', 'farebox/grant'],
    ['version', 2],
    ['role', 'agency'],
    ['sealingKey', undefined],
    ['sealingKey', coseKey('Ed25519', bytesOf('another key'))],
    ['nonce', bytesOf('nonce', 16)],
    [-70_999, 1],
  ])('with another %s (%s) is malformed, though the agency signed it', async (...change) => {
    const bytes = await resigned(
      cast.module.certificateBytes,
      { signer: cast.agency, typ: COSE_TYPES.certificate },
      change,
    );
    await expect(verify(bytes)).rejects.toThrow('certificate/malformed');
  });

  test('is not issued to a module without a sealing key, nor to a provider with one', async () => {
    const common = { signer: cast.agency, subjectKey: bytesOf('subject'), issuedAt: NOW, expires: NOW + HOUR };
    await expect(issueCertificate({ ...common, role: 'module' })).rejects.toThrow('certificate/malformed');
    await expect(issueCertificate({ ...common, role: 'provider', sealingKey: bytesOf('x') })).rejects.toThrow(
      'certificate/malformed',
    );
  });
});

describe('the untrusted list', () => {
  const suite = webCryptoSuite;
  const ids = ['1'.repeat(32), '0'.repeat(32), '1'.repeat(32)];
  const issue = () => issueUntrustedList({ signer: cast.agency, ids, issuedAt: NOW });
  const verify = (bytes: Uint8Array) => verifyUntrustedList({ bytes, agencyKey: cast.agency.publicKey, suite });

  test('holds each id once, sorted', async () => {
    expect(await verify(await issue())).toEqual({ ids: new Set(['0'.repeat(32), '1'.repeat(32)]), issuedAt: NOW });
  });

  test('of another agency, or altered, is foreign', async () => {
    await expect(
      verifyUntrustedList({ bytes: await issue(), agencyKey: cast.otherAgency.publicKey, suite }),
    ).rejects.toThrow('certificate/foreign');
    await expect(verify(bitFlipped(await issue()))).rejects.toThrow('certificate/foreign');
  });

  test.each<Change>([
    ['ids', ['1'.repeat(32), '0'.repeat(32)]],
    ['ids', ['0'.repeat(32), '0'.repeat(32)]],
    ['ids', ['someone']],
    ['ids', 'all'],
    ['iss', '0'.repeat(32)],
    ['iat', undefined],
    ['exp', 1],
  ])('with another %s (%s) is malformed', async (...change) => {
    const bytes = await resigned(await issue(), { signer: cast.agency, typ: COSE_TYPES.untrustedList }, change);
    await expect(verify(bytes)).rejects.toThrow('certificate/malformed');
  });
});

describe('an enrolment request', () => {
  const suite = webCryptoSuite;
  const nonce = bytesOf('enrolment nonce', 16);
  const make = () =>
    makeEnrolmentRequest({
      signer: cast.module.signer,
      sealingKey: cast.module.sealing.publicKey,
      nonce,
      issuedAt: NOW,
    });

  test('is believed under the key it names, and is the same bytes when it is made again', async () => {
    const bytes = await make();
    expect(bytes).toEqual(await make());
    expect(await verifyEnrolmentRequest({ bytes, suite })).toEqual({
      module: cast.module.signer.kid,
      publicKey: cast.module.signer.publicKey,
      sealingKey: cast.module.sealing.publicKey,
      nonce,
      issuedAt: NOW,
    });
  });

  test.each<Change>([
    ['cnf', confirmationOf(bytesOf('another key'))],
    ['cnf', undefined],
    ['sealingKey', undefined],
    ['sealingKey', coseKey('Ed25519', bytesOf('x'))],
    ['nonce', bytesOf('nonce', 15)],
    ['iat', undefined],
    ['type', 'farebox/certificate'],
    ['version', 0],
    ['aud', 'agency'],
  ])('with another %s (%s) is malformed', async (...change) => {
    const bytes = await resigned(await make(), { signer: cast.module.signer, typ: COSE_TYPES.enrolment }, change);
    await expect(verifyEnrolmentRequest({ bytes, suite })).rejects.toThrow('enrolment/malformed');
  });

  test('signed by another key than it names, or broken, is malformed', async () => {
    const foreign = await resigned(await make(), { signer: cast.otherModule.signer, typ: COSE_TYPES.enrolment }, [
      'iat',
      1,
    ]);
    await expect(verifyEnrolmentRequest({ bytes: foreign, suite })).rejects.toThrow('enrolment/malformed');
    await expect(verifyEnrolmentRequest({ bytes: bytesOf('noise'), suite })).rejects.toThrow('enrolment/malformed');
  });
});

describe.each([webCryptoSuite, nobleSuite])('BT-2: challenge and answer over the $name suite', (suite) => {
  const challenge = bytesOf('challenge');
  const make = () => makeChallenge({ signer: cast.provider.signer, now: NOW, challenge });
  const verify = (bytes: Uint8Array, now = NOW) =>
    verifyChallenge({ bytes, provider: cast.provider.certificate, now, suite });
  const head = bytesOf('head');
  const answer = async () =>
    makeChallengeResponse({
      signer: cast.module.signer,
      provider: cast.provider.certificate,
      challenge: await verify(await make()),
      now: NOW,
      counter: 9,
      head,
    });
  const verifyAnswer = (bytes: Uint8Array) =>
    verifyChallengeResponse({
      bytes,
      module: cast.module.certificate,
      provider: decodeProviderId(cast.provider.signer.kid),
      suite,
    });

  test('go round', async () => {
    expect(await verifyAnswer(await answer())).toEqual({ challenge, counter: 9, head, issuedAt: NOW });
  });

  test('a challenge ends after a minute, and five for clocks', async () => {
    const bytes = await make();
    const end = NOW + LIMITS.challengeLifetimeMs + LIMITS.clockToleranceMs;
    await expect(verify(bytes, end - 1)).resolves.toMatchObject({ expires: NOW + 60_000 });
    await expect(verify(bytes, end)).rejects.toThrow('challenge/expired');
  });

  test.each<Change>([
    ['iss', '0'.repeat(32)],
    ['challenge', bytesOf('challenge', 31)],
    ['exp', undefined],
    ['iat', undefined],
    ['type', 'farebox/challenge-response'],
    ['version', 2],
    ['counter', 1],
  ])('a challenge with another %s (%s) is malformed', async (...change) => {
    const bytes = await resigned(await make(), { signer: cast.provider.signer, typ: COSE_TYPES.challenge }, change);
    await expect(verify(bytes)).rejects.toThrow('challenge/malformed');
  });

  test.each<Change>([
    ['iss', '0'.repeat(32)],
    ['aud', '0'.repeat(32)],
    ['challenge', bytesOf('challenge', 33)],
    ['counter', -1],
    ['head', bytesOf('head', 31)],
    ['iat', undefined],
    ['type', 'farebox/challenge'],
    ['version', 2],
    ['exp', 1],
  ])('an answer with another %s (%s) is malformed', async (...change) => {
    const bytes = await resigned(
      await answer(),
      { signer: cast.module.signer, typ: COSE_TYPES.challengeResponse },
      change,
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
