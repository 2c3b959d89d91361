import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fromBase64Url, toBase64Url } from '../../src/protocol/bytes.ts';
import { type VerifiedCertificate, verifyCertificate } from '../../src/protocol/certificate.ts';
import { makeEnrolmentRequest } from '../../src/protocol/enrolment.ts';
import { makeSealingKeyPair } from '../../src/protocol/hpke.ts';
import { webCryptoSuite as suite } from '../../src/protocol/suite/webcrypto.ts';
import { verifyUntrustedList } from '../../src/protocol/untrusted-list.ts';
import { alarms, modules, pastEpochs } from '../db/schema.ts';
import { accountOf, balanceOf } from '../ledger/ledger.ts';
import { SERVER_LIMITS } from '../limits.ts';
import {
  askStanding,
  beginEpoch,
  cloneTestModule,
  enrolTestModule,
  makeTestModule,
  prepareEpoch,
  type TestModule,
} from '../testing/module.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';
import { distrust } from './untrusted.ts';

const answerSchema = z.object({ certificate: z.string() });

describe('enrolment', () => {
  let at: TestProvider;
  beforeAll(async () => {
    at = await openTestProvider();
  });
  afterAll(() => at.close());

  const enrol = async (request: Uint8Array): Promise<Response> =>
    at.post('/enrolments', { request: toBase64Url(request) });
  const certificateIn = async (response: Response): Promise<Uint8Array> =>
    fromBase64Url(answerSchema.parse(await response.json()).certificate);

  it('BT-2: certifies the signing and the sealing key of a module that proves it holds the first', async () => {
    const module = await makeTestModule(at.clock.now);
    const certificate = await verifyCertificate({
      bytes: await certificateIn(await enrol(module.enrolmentRequest)),
      agencyKey: at.provider.keys.agency.publicKey,
      role: 'module',
      now: at.clock.now,
      suite,
    });
    expect(certificate.subject).toBe(module.id);
    expect(certificate.publicKey).toEqual(module.signer.publicKey);
    expect(certificate.sealingKey).toEqual(module.sealing.publicKey);
  });

  it('gives a new module its starting credit once, however often it asks', async () => {
    const module = await makeTestModule(at.clock.now);
    const first = await certificateIn(await enrol(module.enrolmentRequest));
    const again = await certificateIn(await enrol(module.enrolmentRequest));
    expect(again).toEqual(first);
    expect(await balanceOf(at.provider.database.queries, accountOf.credit(module.id, 'EUR'))).toBe(200_000n);
  });

  it('renews a certificate when half its life is over', async () => {
    const module = await makeTestModule(at.clock.now);
    const first = await certificateIn(await enrol(module.enrolmentRequest));
    at.clock.now += 200 * 86_400_000;
    const renewed = await certificateIn(await enrol(module.enrolmentRequest));
    at.clock.now -= 200 * 86_400_000;
    expect(renewed).not.toEqual(first);
  });

  /** The certificate in an answer, believed. */
  const certified = async (response: Response): Promise<VerifiedCertificate> => {
    const agencyKey = at.provider.keys.agency.publicKey;
    return verifyCertificate({
      bytes: await certificateIn(response),
      agencyKey,
      role: 'module',
      now: at.clock.now,
      suite,
    });
  };
  const moduleRow = async ({ id }: TestModule) =>
    (await at.provider.database.queries.select().from(modules).where(eq(modules.id, id)))[0];

  it('BT-2: certifies device and epoch, and a new module may begin with any epoch', async () => {
    const module = await makeTestModule(at.clock.now);
    await prepareEpoch(module, 7, at.clock.now);
    expect(await certified(await enrol(module.enrolmentRequest))).toMatchObject({ device: module.device, epoch: 7 });
  });

  it('BT-2: renews the certificate of the present epoch and changes nothing else', async () => {
    const module = await enrolTestModule(at);
    await askStanding(at, module);
    const before = await moduleRow(module);
    at.clock.now += 200 * 86_400_000;
    expect(await certified(await enrol(module.enrolmentRequest))).toMatchObject({ device: module.device, epoch: 1 });
    at.clock.now -= 200 * 86_400_000;
    const after = await moduleRow(module);
    expect(after?.lastCounter).toBe(1n);
    expect({ ...after, certificate: null, certificateExpires: null }).toEqual({
      ...before,
      certificate: null,
      certificateExpires: null,
    });
  });

  it('BT-2: begins a higher epoch for another device, keeps when, and how the one before was left', async () => {
    const module = await enrolTestModule(at);
    await askStanding(at, module);
    const old = cloneTestModule(module);
    const begun = at.clock.now;
    at.clock.now += 5_000;
    await prepareEpoch(module, 4, at.clock.now);
    expect(await certified(await enrol(module.enrolmentRequest))).toMatchObject({ device: module.device, epoch: 4 });
    expect(await moduleRow(module)).toMatchObject({
      epoch: 4,
      device: module.device,
      epochTime: at.clock.now,
      lastCounter: 0n,
      lastContact: null,
    });
    const { queries } = at.provider.database;
    expect(await queries.select().from(pastEpochs).where(eq(pastEpochs.moduleId, module.id))).toEqual([
      {
        moduleId: module.id,
        epoch: 1,
        device: old.device,
        beganTime: begun,
        endedTime: at.clock.now,
        lastCounter: 1n,
        lastHead: old.heads[1],
      },
    ]);
    expect(await balanceOf(queries, accountOf.credit(module.id, 'EUR'))).toBe(200_000n);
  });

  it('BT-2: refuses a request for an epoch that is over, however old, and lets nobody be taken for a copy by it', async () => {
    const module = await enrolTestModule(at);
    const old = cloneTestModule(module);
    await beginEpoch(at, module);
    expect(await codeOfResponse(await enrol(old.enrolmentRequest))).toBe('module/superseded');
    expect((await moduleRow(module))?.epoch).toBe(2);
    expect(await at.provider.database.queries.select().from(alarms).where(eq(alarms.moduleId, module.id))).toEqual([]);
    expect((await certified(await enrol(module.enrolmentRequest))).epoch).toBe(2);
  });

  it('BT-2: certifies one device for an epoch and no other', async () => {
    const module = await enrolTestModule(at);
    const rival = cloneTestModule(module);
    await prepareEpoch(rival, 1, at.clock.now);
    expect(await codeOfResponse(await enrol(rival.enrolmentRequest))).toBe('module/superseded');
    await beginEpoch(at, module);
    await prepareEpoch(rival, 2, at.clock.now);
    expect(await codeOfResponse(await enrol(rival.enrolmentRequest))).toBe('module/superseded');
    expect((await moduleRow(module))?.device).toEqual(module.device);
  });

  it('BT-2: begins one epoch where two devices ask for it at once', async () => {
    const one = await enrolTestModule(at);
    const other = cloneTestModule(one);
    for (const copy of [one, other]) await prepareEpoch(copy, 2, at.clock.now);
    const answers = await Promise.all([enrol(one.enrolmentRequest), enrol(other.enrolmentRequest)]);
    const codes = await Promise.all(answers.map(async (given) => (given.ok ? 'certified' : codeOfResponse(given))));
    expect(codes.sort()).toEqual(['certified', 'module/superseded']);
  });

  it('BT-2: refuses an epoch that is too far ahead, so that nobody uses them all up, and takes the farthest that is not', async () => {
    const module = await enrolTestModule(at);
    const farthest = module.epoch + SERVER_LIMITS.epochLeap;
    await prepareEpoch(module, farthest + 1, at.clock.now);
    expect(await codeOfResponse(await enrol(module.enrolmentRequest))).toBe('enrolment/epoch-leap');
    expect((await moduleRow(module))?.epoch).toBe(1);
    await prepareEpoch(module, farthest, at.clock.now);
    expect((await certified(await enrol(module.enrolmentRequest))).epoch).toBe(farthest);
  });

  it('refuses a second sealing key for a module it knows', async () => {
    const module = await makeTestModule(at.clock.now);
    await enrol(module.enrolmentRequest);
    const other = await makeEnrolmentRequest({
      signer: module.signer,
      sealingKey: (await makeSealingKeyPair()).publicKey,
      nonce: new Uint8Array(16),
      issuedAt: at.clock.now,
      device: module.device,
      epoch: module.epoch,
    });
    expect(await codeOfResponse(await enrol(other))).toBe('enrolment/other-key');
  });

  it('refuses a request whose signature does not hold', async () => {
    const { enrolmentRequest } = await makeTestModule(at.clock.now);
    const altered = Uint8Array.from(enrolmentRequest);
    altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
    expect(await codeOfResponse(await enrol(altered))).toBe('enrolment/malformed');
  });

  it('refuses a module on the untrusted list and names it in the signed list', async () => {
    const module = await makeTestModule(at.clock.now);
    await distrust(at.provider.database.queries, module.id, at.clock.now);
    expect(await codeOfResponse(await enrol(module.enrolmentRequest))).toBe('certificate/untrusted');
    const answer = z
      .object({ agencyKey: z.string(), untrustedList: z.string() })
      .parse(await (await at.terminal.request('/api/v1/agency')).json());
    const agencyKey = fromBase64Url(answer.agencyKey);
    const list = await verifyUntrustedList({ bytes: fromBase64Url(answer.untrustedList), agencyKey, suite });
    expect(list.ids).toContain(module.id);
  });
});
