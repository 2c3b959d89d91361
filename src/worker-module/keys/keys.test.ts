// The module's keys and their enrolment: made once, sealed where they are stored, certified.

import { describe, expect, test } from 'vitest';
import { utf8 } from '../../protocol/bytes.ts';
import { issueCertificate } from '../../protocol/certificate.ts';
import { verifyEnrolmentRequest } from '../../protocol/enrolment.ts';
import { signerFromSecret } from '../../protocol/suite/secret-signer.ts';
import { webCryptoSuite as suite } from '../../protocol/suite/webcrypto.ts';
import { codeOf, expectValue, makeTestBrowser, openTab } from '../testing/browser.ts';
import { checkRecord, openKeys } from '../testing/check-record.ts';
import { makeProviderSide, randomBytes, START_TIME } from '../testing/provider-side.ts';
import { enrol } from '../testing/steps.ts';
import { exportIdentityKeys, openIdentityKeys } from './identity.ts';

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
      ...{ issuedAt: START_TIME, expires, device: keys.device, epoch: keys.epoch },
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

describe('CARD-3: the module’s own keys', () => {
  test('are sealed where they are stored, in an epoch and on a device of their own, and what leaves is in the record', async () => {
    const { browser, keys } = await asked();
    const { identity } = browser.rows.meta;
    expect(identity).toMatchObject({ epoch: 1, pending: null, moduleId: keys.module, keys: { kind: 'sealed' } });
    expect(identity?.device).toEqual(keys.device);
    expect(keys.device.some((byte) => byte !== 0)).toBe(true);
    expect(await checkRecord(browser.rows)).toMatchObject([{ kind: 'disclosed', what: 'enrolment', to: null }]);
    expect([...browser.rows.operations.values()]).toMatchObject([{ name: 'enrolment', status: 'waiting' }]);
  });

  test('in use cannot be exported, and are the pair that was certified', async () => {
    const { browser } = await asked();
    const { identity } = browser.rows.meta;
    if (identity === null) throw new Error('expected an identity');
    const core = { keys: await openKeys(browser.rows) };
    const { signer, openingKey } = await openIdentityKeys(core, identity);
    expect(openingKey.extractable).toBe(false);
    const message = utf8('a message');
    expect(await suite.verifyEd25519(identity.signingPublicKey, await signer.sign(message), message)).toBe(true);
    expect((await openIdentityKeys(core, identity)).openingKey).toBe(openingKey);
  });

  test('that were altered where they are stored are store/altered', async () => {
    const { browser } = await asked();
    const { identity } = browser.rows.meta;
    if (identity?.keys.kind !== 'sealed') throw new Error('expected sealed keys');
    const core = { keys: await openKeys(browser.rows) };
    const sealed = Uint8Array.from(identity.keys.sealed, (byte, at) => (at === 9 ? byte ^ 1 : byte));
    const altered = { ...identity, keys: { ...identity.keys, sealed } };
    await expect(openIdentityKeys(core, altered)).rejects.toThrow('store/altered');
    await expect(exportIdentityKeys(core, altered)).rejects.toThrow('store/altered');
  });
});
