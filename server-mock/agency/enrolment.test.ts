import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fromBase64Url, toBase64Url } from '../../src/protocol/bytes.ts';
import { verifyCertificate } from '../../src/protocol/certificate.ts';
import { makeEnrolmentRequest } from '../../src/protocol/enrolment.ts';
import { makeSealingKeyPair } from '../../src/protocol/hpke.ts';
import { webCryptoSuite as suite } from '../../src/protocol/suite/webcrypto.ts';
import { verifyUntrustedList } from '../../src/protocol/untrusted-list.ts';
import { accountOf, balanceOf } from '../ledger/ledger.ts';
import { makeTestModule } from '../testing/module.ts';
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

  it('refuses a second sealing key for a module it knows', async () => {
    const module = await makeTestModule(at.clock.now);
    await enrol(module.enrolmentRequest);
    const other = await makeEnrolmentRequest({
      signer: module.signer,
      sealingKey: (await makeSealingKeyPair()).publicKey,
      nonce: new Uint8Array(16),
      issuedAt: at.clock.now,
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
