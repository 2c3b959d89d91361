// Certificates, the untrusted list and enrolment: each rejection one altered member at a time.

import { beforeAll, describe, expect, test } from 'vitest';
import { issueCertificate, verifyCertificate } from './certificate.ts';
import { COSE_TYPES } from './cose.ts';
import { confirmationOf, coseKey } from './cose-key.ts';
import { makeEnrolmentRequest, verifyEnrolmentRequest } from './enrolment.ts';
import { partyIdOf } from './ids.ts';
import { noDevice } from './life.ts';
import { LIMITS } from './limits.ts';
import { nobleSuite } from './suite/noble.ts';
import { webCryptoSuite } from './suite/webcrypto.ts';
import { issueUntrustedList, verifyUntrustedList } from './untrusted-list.ts';
import { bitFlipped, type Change, resigned } from './vectors/altered.ts';
import { bytesOf, type Cast, HOUR, makeCast, NOW } from './vectors/cast.ts';

let cast: Cast;
beforeAll(async () => {
  cast = await makeCast();
});

/** What makes a version 1 of a version 2. */
const WITHOUT_EPOCH = [
  ['version', 1],
  ['device', undefined],
  ['epoch', undefined],
] as const satisfies readonly Change[];

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
      device: bytesOf('module device', 16),
      epoch: 1,
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
    ['version', 0],
    ['version', 1],
    ['version', 3],
    ['device', undefined],
    ['device', noDevice()],
    ['device', bytesOf('d', 15)],
    ['device', 'device'],
    ['epoch', undefined],
    ['epoch', 0],
    ['epoch', 2 ** 32],
    ['epoch', '1'],
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

  test('BT-2: of version 1 is read as epoch 0 with a device of zeros', async () => {
    const by = { signer: cast.agency, typ: COSE_TYPES.certificate };
    const old = await resigned(cast.module.certificateBytes, by, ...WITHOUT_EPOCH);
    expect(await verify(old)).toMatchObject({ role: 'module', device: noDevice(), epoch: 0 });
    const provider = await verify(cast.provider.certificateBytes, { role: 'provider' });
    expect(provider).toMatchObject({ role: 'provider', sealingKey: null, device: noDevice(), epoch: 0 });
  });

  test('BT-2: of a provider has no epoch, whatever the agency signs', async () => {
    const by = { signer: cast.agency, typ: COSE_TYPES.certificate };
    const life: readonly Change[] = [
      ['device', bytesOf('d', 16)],
      ['epoch', 1],
    ];
    for (const version of [1, 2]) {
      const bytes = await resigned(cast.provider.certificateBytes, by, ['version', version], ...life);
      await expect(verify(bytes, { role: 'provider' })).rejects.toThrow('certificate/malformed');
    }
    const bytes = await resigned(cast.provider.certificateBytes, by, ['version', 2]);
    await expect(verify(bytes, { role: 'provider' })).rejects.toThrow('certificate/malformed');
  });

  test('BT-2: is issued for any epoch, and in version 1 for a module from before there were epochs', async () => {
    const issue = (device: Uint8Array, epoch: number) =>
      issueCertificate({
        signer: cast.agency,
        role: 'module',
        subjectKey: cast.module.signer.publicKey,
        sealingKey: cast.module.sealing.publicKey,
        issuedAt: NOW - HOUR,
        expires: NOW + 24 * HOUR,
        device,
        epoch,
      });
    const device = bytesOf('another device', 16);
    expect(await verify(await issue(device, LIMITS.epochs))).toMatchObject({ device, epoch: LIMITS.epochs });
    const old = await resigned(
      cast.module.certificateBytes,
      { signer: cast.agency, typ: COSE_TYPES.certificate },
      ...WITHOUT_EPOCH,
    );
    expect(await issue(noDevice(), 0)).toEqual(old);
    await expect(issue(noDevice(), 1)).rejects.toThrow('certificate/malformed');
    await expect(issue(device, 0)).rejects.toThrow('certificate/malformed');
    await expect(issue(device, LIMITS.epochs + 1)).rejects.toThrow('certificate/malformed');
    await expect(issue(device, 1.5)).rejects.toThrow('certificate/malformed');
    await expect(issue(bytesOf('d', 17), 1)).rejects.toThrow('certificate/malformed');
  });

  test('is not issued to a module without a sealing key, a device or an epoch, nor to a provider with one', async () => {
    const common = { signer: cast.agency, subjectKey: bytesOf('subject'), issuedAt: NOW, expires: NOW + HOUR };
    const module = { sealingKey: bytesOf('x'), device: bytesOf('d', 16), epoch: 1 };
    for (const missing of ['sealingKey', 'device', 'epoch'] as const) {
      const { [missing]: _, ...rest } = module;
      await expect(issueCertificate({ ...common, role: 'module', ...rest }), missing).rejects.toThrow(
        'certificate/malformed',
      );
      const only = { [missing]: module[missing] };
      await expect(issueCertificate({ ...common, role: 'provider', ...only }), missing).rejects.toThrow(
        'certificate/malformed',
      );
    }
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
  const device = bytesOf('module device', 16);
  const make = (life = { device, epoch: 3 }) =>
    makeEnrolmentRequest({
      signer: cast.module.signer,
      sealingKey: cast.module.sealing.publicKey,
      nonce,
      issuedAt: NOW,
      ...life,
    });

  test('is believed under the key it names, and is the same bytes when it is made again', async () => {
    const bytes = await make();
    expect(bytes).toEqual(await make());
    expect(await verifyEnrolmentRequest({ bytes, suite })).toEqual({
      module: cast.module.signer.kid,
      publicKey: cast.module.signer.publicKey,
      sealingKey: cast.module.sealing.publicKey,
      nonce,
      device,
      epoch: 3,
      issuedAt: NOW,
    });
  });

  test('BT-2: names an epoch from 1 and a device that is not all zeros', async () => {
    await expect(make({ device, epoch: 0 })).rejects.toThrow('module/internal');
    await expect(make({ device: noDevice(), epoch: 0 })).rejects.toThrow('module/internal');
    await expect(make({ device: noDevice(), epoch: 1 })).rejects.toThrow('module/internal');
    await expect(make({ device, epoch: 2 ** 32 })).rejects.toThrow('module/internal');
  });

  test('BT-2: of version 1 is read as epoch 0 with a device of zeros', async () => {
    const by = { signer: cast.module.signer, typ: COSE_TYPES.enrolment };
    const bytes = await resigned(await make(), by, ...WITHOUT_EPOCH);
    expect(await verifyEnrolmentRequest({ bytes, suite })).toMatchObject({ nonce, device: noDevice(), epoch: 0 });
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
    ['version', 1],
    ['version', 3],
    ['device', undefined],
    ['device', noDevice()],
    ['device', bytesOf('d', 17)],
    ['epoch', undefined],
    ['epoch', 0],
    ['epoch', 2 ** 32],
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
