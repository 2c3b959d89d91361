// The module's keys and what it signs with them: enrolment, certificates, challenges.

import { describe, expect, test } from 'vitest';
import { issueCertificate, verifyCertificate } from '../../protocol/certificate.ts';
import { makeChallenge, verifyChallengeResponse } from '../../protocol/challenge.ts';
import { verifyEnrolmentRequest } from '../../protocol/enrolment.ts';
import { decodeProviderId } from '../../protocol/ids.ts';
import { signerFromSecret } from '../../protocol/suite/secret-signer.ts';
import { webCryptoSuite as suite } from '../../protocol/suite/webcrypto.ts';
import { codeOf, expectValue, makeTestBrowser, openTab } from '../testing/browser.ts';
import { makeProviderSide, randomBytes, START_TIME } from '../testing/provider-side.ts';
import { enrol } from '../testing/steps.ts';

const provider = await makeProviderSide();
const expires = START_TIME + 1e9;

async function asked() {
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const { request } = expectValue(await tab.call('enrolmentRequest', {}));
  return { browser, tab, request, keys: await verifyEnrolmentRequest({ bytes: request, suite }) };
}

describe('enrolment', () => {
  test('asks with the same bytes until a certificate is accepted, after a restart and in another tab too', async () => {
    const { browser, tab, request } = await asked();
    const second = await openTab(browser, provider.agencyKey);
    expect(expectValue(await second.call('enrolmentRequest', {})).request).toEqual(request);
    tab.kill();
    const restarted = await openTab(browser, provider.agencyKey);
    expect(expectValue(await restarted.call('enrolmentRequest', {})).request).toEqual(request);
  });

  test('asked for in two tabs at once makes one pair of keys', async () => {
    const browser = makeTestBrowser();
    const tabs = [await openTab(browser, provider.agencyKey), await openTab(browser, provider.agencyKey)];
    const [first, second] = await Promise.all(tabs.map((tab) => tab.call('enrolmentRequest', {})));
    expect(first).toEqual(second);
  });

  test('keeps a certificate for its own keys', async () => {
    const { browser, tab, keys } = await asked();
    const certificate = await enrol(provider, tab);
    tab.kill();
    const restarted = await openTab(browser, provider.agencyKey);
    const status = expectValue(await restarted.call('status', {}));
    expect(status).toMatchObject({ moduleId: keys.module, certificate });
  });

  const cases = [
    ['of another agency', { signer: signerFromSecret(randomBytes(32)) }, 'certificate/foreign'],
    ['for another signing key', { subjectKey: signerFromSecret(randomBytes(32)).publicKey }, 'enrolment/other-key'],
    ['for another sealing key', { sealingKey: randomBytes(32) }, 'enrolment/other-key'],
    ['that has ended', { issuedAt: START_TIME - 5_000, expires: START_TIME }, 'certificate/expired'],
    ['that begins later', { issuedAt: START_TIME + 6 * 60_000 }, 'certificate/not-yet-valid'],
  ] as const;
  test.each(cases)('refuses a certificate %s', async (_what, altered, code) => {
    const { tab, keys } = await asked();
    const certificate = await issueCertificate({
      ...{ signer: provider.agencySigner, role: 'module', subjectKey: keys.publicKey, sealingKey: keys.sealingKey },
      ...{ issuedAt: START_TIME, expires },
      ...altered,
    });
    expect(codeOf(await tab.call('acceptCertificate', { certificate }))).toBe(code);
    expect(expectValue(await tab.call('status', {})).certificate).toBeNull();
  });

  test('refuses a provider’s certificate, and any certificate before there are keys', async () => {
    const { tab } = await asked();
    const certificate = provider.providerCertificate;
    expect(codeOf(await tab.call('acceptCertificate', { certificate }))).toBe('certificate/wrong-role');
    const stranger = await openTab(makeTestBrowser(), provider.agencyKey);
    const foreign = await enrol(provider, tab);
    expect(codeOf(await stranger.call('acceptCertificate', { certificate: foreign }))).toBe('enrolment/needed');
  });
});

describe('P1', () => {
  async function challenged() {
    const { browser, tab } = await asked();
    const certificate = await enrol(provider, tab);
    const challenge = await makeChallenge({
      ...{ signer: provider.providerSigner, now: START_TIME, challenge: randomBytes(32) },
    });
    return { browser, tab, certificate, asking: { challenge, providerCertificate: provider.providerCertificate } };
  }

  test('a certified provider’s challenge is signed, with counter and head of the record', async () => {
    const { browser, tab, certificate, asking } = await challenged();
    const answered = expectValue(await tab.call('answerChallenge', asking));
    expect(answered.certificate).toEqual(certificate);
    const { agencyKey } = provider;
    const module = await verifyCertificate({ bytes: certificate, agencyKey, role: 'module', now: START_TIME, suite });
    const response = await verifyChallengeResponse({
      ...{ bytes: answered.response, module, suite },
      provider: decodeProviderId(provider.providerSigner.kid),
    });
    expect(response).toMatchObject({ counter: 0, head: browser.rows.header?.head });
  });

  test('nothing is signed for a provider of another agency, an altered or an old challenge, or before enrolment', async () => {
    const { browser, tab, asking } = await challenged();
    const stranger = await makeProviderSide();
    const { providerCertificate } = stranger;
    expect(codeOf(await tab.call('answerChallenge', { ...asking, providerCertificate }))).toBe('certificate/foreign');
    const challenge = Uint8Array.from(asking.challenge).fill(0, -1);
    expect(codeOf(await tab.call('answerChallenge', { ...asking, challenge }))).toBe('challenge/malformed');
    browser.clock.advance(60_000 + 5 * 60_000);
    expect(codeOf(await tab.call('answerChallenge', asking))).toBe('challenge/expired');
    const unknown = await openTab(makeTestBrowser(), provider.agencyKey);
    expect(codeOf(await unknown.call('answerChallenge', asking))).toBe('enrolment/needed');
  });
});
