// P2 from the module's side: a good grant makes a session, and every altered member of what comes with it is refused by its own code,
// with nothing written.

import { describe, expect, test } from 'vitest';
import { issueCertificate } from '../../protocol/certificate.ts';
import { type ClaimsMap, claimsOf } from '../../protocol/claims.ts';
import { COSE_TYPES, peekCose, signCose } from '../../protocol/cose.ts';
import { idBytes, makeProgrammeId } from '../../protocol/ids.ts';
import { signerFromSecret } from '../../protocol/suite/secret-signer.ts';
import { codeOf, expectValue, makeTestBrowser, openTab, showFrame, type TestTab } from '../testing/browser.ts';
import { checkRecord } from '../testing/check-record.ts';
import { makeProviderSide, randomBytes, START_TIME } from '../testing/provider-side.ts';
import { beginSession, deliver, enrol, openSession } from '../testing/steps.ts';

const provider = await makeProviderSide();

type Opening = Parameters<TestTab['call']>[1] & {
  readonly programme: Uint8Array;
  readonly manifest: Uint8Array;
  readonly grant: Uint8Array;
  readonly providerCertificate: Uint8Array;
};

async function enrolled() {
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const certificate = await enrol(provider, tab);
  const { grant, session } = await provider.grant(certificate);
  const opening: Opening = {
    programme: provider.programmeBytes,
    manifest: provider.manifestBytes,
    grant,
    providerCertificate: provider.providerCertificate,
  };
  return { browser, tab, certificate, opening, session };
}

/** The grant, signed anew with some claims replaced. */
function regrant(grant: Uint8Array, replaced: ClaimsMap): Promise<Uint8Array> {
  const claims = new Map([...peekCose(grant).claims, ...replaced]);
  return signCose({ signer: provider.providerSigner, typ: COSE_TYPES.grant, claims });
}

function flipLast(bytes: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy.set([(copy.at(-1) ?? 0) ^ 1], copy.length - 1);
  return copy;
}

test('BT-3: a grant makes a session that is durable, with its own count from zero', async () => {
  const { browser, tab, opening, session } = await enrolled();
  const view = expectValue(await tab.call('openSession', opening));
  expect(view).toMatchObject({ session, state: 'open', count: 0, priceMinor: 20, granted: [[0, 40]], positionMs: 0 });
  tab.kill();
  const again = await openTab(browser, provider.agencyKey);
  expect(expectValue(await again.call('sessions', {}))).toEqual([view]);
});

test('BT-3: no key of a session is stored in the clear, and the session key is not extractable', async () => {
  const { browser, tab, opening, session } = await enrolled();
  expectValue(await tab.call('openSession', opening));
  const row = browser.rows.sessions.get(session);
  expect(row?.secretsKey?.extractable).toBe(false);
  expect(browser.rows.recordKey?.sealingKey.extractable).toBe(false);
  expect(browser.rows.identity?.signingKey.extractable).toBe(false);
  expect(browser.rows.identity?.openingKey.extractable).toBe(false);
  expectValue(await deliver(provider, tab, session, 0));
  await showFrame(tab.sink(), 0);
  expect(browser.rows.held.size).toBe(1);
  expectValue(await tab.call('closeSession', { session }));
  expect(browser.rows.sessions.get(session)).toMatchObject({ secrets: null, secretsKey: null });
  expect(browser.rows.held.size).toBe(0);
});

describe('BT-3: a grant is refused', () => {
  const foreign = signerFromSecret(randomBytes(32));
  const alter = (claims: Parameters<typeof claimsOf>[0]) => async (opening: Opening) => ({
    grant: await regrant(opening.grant, claimsOf(claims)),
  });
  const cases: readonly (readonly [string, (opening: Opening) => Promise<Partial<Opening>>, string])[] = [
    ['when its signature does not hold', async ({ grant }) => ({ grant: flipLast(grant) }), 'grant/malformed'],
    ['when it is for another module', alter({ aud: '00'.repeat(16) }), 'grant/other-module'],
    ['when it has ended', alter({ exp: START_TIME / 1000 }), 'grant/expired'],
    [
      'when it names another programme',
      alter({ programme: idBytes(makeProgrammeId(randomBytes)) }),
      'grant/other-programme',
    ],
    ['when it names other terms of the programme', alter({ programmeHash: randomBytes(32) }), 'grant/other-programme'],
    ['when its way out is not known here', alter({ mode: 'keys' }), 'grant/mode'],
    ['when its price is not the programme’s', alter({ priceMinor: 21n }), 'grant/price'],
    ['when its currency is not the programme’s', alter({ currency: 'USD' }), 'grant/price'],
    ['when its sealing is of an unknown suite', alter({ hpkeSuite: [32, 1, 3] }), 'grant/suite'],
    ['when its keys do not open', alter({ sealedGrant: randomBytes(80) }), 'grant/sealed'],
    ['when a term was changed after the keys were sealed', alter({ creditMinor: 5_000n }), 'grant/sealed'],
    [
      'when a provider of another agency gives it',
      async () => ({ providerCertificate: await certificateOf(foreign) }),
      'certificate/foreign',
    ],
    [
      'with a module’s certificate for a provider’s',
      async () => ({ providerCertificate: await moduleCertificate() }),
      'certificate/wrong-role',
    ],
    [
      'with a provider’s certificate that has ended',
      async () => ({ providerCertificate: await endedCertificate() }),
      'certificate/expired',
    ],
    ['with an altered programme', async ({ programme }) => ({ programme: flipLast(programme) }), 'programme/malformed'],
    ['with another manifest', async ({ manifest }) => ({ manifest: flipLast(manifest) }), 'programme/other-manifest'],
  ];
  test.each(cases)('%s', async (_what, alterations, code) => {
    const { browser, tab, opening } = await enrolled();
    const altered = { ...opening, ...(await alterations(opening)) };
    expect(codeOf(await tab.call('openSession', altered))).toBe(code);
    expect(await checkRecord(browser.rows)).toEqual([]);
    expect(browser.rows.sessions.size).toBe(0);
  });

  test('when its session was opened before', async () => {
    const { tab, opening } = await enrolled();
    expectValue(await tab.call('openSession', opening));
    expect(codeOf(await tab.call('openSession', opening))).toBe('session/exists');
  });

  test('before the module is enrolled', async () => {
    const { opening } = await enrolled();
    const stranger = await openTab(makeTestBrowser(), provider.agencyKey);
    expect(codeOf(await stranger.call('openSession', opening))).toBe('enrolment/needed');
  });

  test('when it covers frames whose keys it does not hold', async () => {
    const { browser, tab, certificate } = await enrolled();
    const { grant } = await provider.grant(certificate, [[0, 4]]);
    const claims = claimsOf({ ranges: [[0, 8]], reservedMinor: 160n });
    // The terms are authenticated with the keys: what was not sealed for these frames does not open.
    expect(codeOf(await openSession(provider, tab, await regrant(grant, claims)))).toBe('grant/sealed');
    expect(browser.rows.sessions.size).toBe(0);
  });
});

describe('resuming', () => {
  test('takes a session up where it was, and not with another manifest, after its end, or when nobody knows it', async () => {
    const browser = makeTestBrowser();
    const tab = await openTab(browser, provider.agencyKey);
    const { session } = await beginSession(provider, tab);
    expectValue(await tab.call('seek', { session, positionMs: 12_000 }));
    tab.kill();
    const again = await openTab(browser, provider.agencyKey);
    const manifest = provider.manifestBytes;
    expect(codeOf(await again.call('resumeSession', { session, manifest: flipLast(manifest) }))).toBe(
      'programme/other-manifest',
    );
    expect(codeOf(await again.call('resumeSession', { session: '00'.repeat(16), manifest }))).toBe('session/unknown');
    expect(expectValue(await again.call('resumeSession', { session, manifest })).positionMs).toBe(12_000);
    expect(again.sink().positionMs()).toBe(12_000);
    browser.clock.advance(3_600_000);
    const late = await openTab(browser, provider.agencyKey);
    expect(codeOf(await late.call('resumeSession', { session, manifest }))).toBe('grant/expired');
    expectValue(await late.call('closeSession', { session }));
    expect(codeOf(await late.call('resumeSession', { session, manifest }))).toBe('session/closed');
  });
});

function certificateOf(agency: ReturnType<typeof signerFromSecret>): Promise<Uint8Array> {
  const subjectKey = provider.providerSigner.publicKey;
  return issueCertificate({
    signer: agency,
    role: 'provider',
    subjectKey,
    issuedAt: START_TIME,
    expires: START_TIME + 1e9,
  });
}

function moduleCertificate(): Promise<Uint8Array> {
  const keys = { subjectKey: provider.providerSigner.publicKey, sealingKey: randomBytes(32) };
  return issueCertificate({
    ...keys,
    signer: provider.agencySigner,
    role: 'module',
    issuedAt: START_TIME,
    expires: START_TIME + 1e9,
  });
}

function endedCertificate(): Promise<Uint8Array> {
  const subjectKey = provider.providerSigner.publicKey;
  const times = { issuedAt: START_TIME - 2_000, expires: START_TIME };
  return issueCertificate({ signer: provider.agencySigner, role: 'provider', subjectKey, ...times });
}
