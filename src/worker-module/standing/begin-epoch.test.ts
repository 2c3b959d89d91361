// The way to a new epoch: the person's word, the request that is kept before it is sent, what a module does and does not do while it waits, and
// the certificate that begins it.

import { describe, expect, test } from 'vitest';
import { equalBytes } from '../../protocol/bytes.ts';
import { issueCertificate, verifyCertificate } from '../../protocol/certificate.ts';
import { verifyChallengeResponse } from '../../protocol/challenge.ts';
import { type EnrolmentRequest, verifyEnrolmentRequest } from '../../protocol/enrolment.ts';
import { decodeProviderId } from '../../protocol/ids.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { webCryptoSuite as suite } from '../../protocol/suite/webcrypto.ts';
import { codeOf, expectValue, makeTestBrowser, openTab, type TestTab } from '../testing/browser.ts';
import { checkRecord } from '../testing/check-record.ts';
import { makeProviderSide, START_TIME } from '../testing/provider-side.ts';
import { deliver, openSession } from '../testing/steps.ts';
import { makeProviderBook } from './testing/provider-book.ts';

const provider = await makeProviderSide();
const ZEROS = new Uint8Array(32);

/** A module that the provider has refused as a fork. */
async function refused() {
  const book = makeProviderBook(provider);
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const certificate = await book.enrol(tab);
  const session = await book.open(tab);
  expectValue(await tab.call('acceptStanding', await book.standing(tab, { verdict: 'fork', since: 1 })));
  return { book, browser, tab, certificate, session };
}

async function pending() {
  const at = await refused();
  expectValue(await at.tab.call('beginEpoch', {}));
  return at;
}

async function requestOf(tab: TestTab): Promise<EnrolmentRequest> {
  const { request } = expectValue(await tab.call('enrolmentRequest', {}));
  return verifyEnrolmentRequest({ bytes: request, suite });
}

function certify(request: EnrolmentRequest, life: { readonly device?: Uint8Array; readonly epoch?: number } = {}) {
  return issueCertificate({
    ...{ signer: provider.agencySigner, role: 'module', subjectKey: request.publicKey, sealingKey: request.sealingKey },
    ...{ device: request.device, epoch: request.epoch, issuedAt: START_TIME, expires: START_TIME + 1e9 },
    ...life,
  });
}

describe('BT-8: going on with this copy', () => {
  test('is asked on the module’s own surface, in words of its own, as something that cannot be undone', async () => {
    const { browser, tab } = await refused();
    browser.person.asked.length = 0;
    expectValue(await tab.call('beginEpoch', {}));
    expect(browser.person.asked).toMatchObject([{ kind: 'approve', grave: true, amount: null, party: null }]);
    const [question] = browser.person.asked;
    const words = question?.kind === 'approve' ? question.lines.join(' ') : '';
    expect(words).toContain('two copies of this Farebox');
    expect(words).toContain('the other copy stops working');
    expect(tab.events).toContainEqual({ type: 'surface', state: 'shown' });
  });

  test.each([
    ['refused', 'consent/refused'],
    ['covered', 'consent/covered'],
    // An answer that is not to this question.
    ['unavailable', 'module/internal'],
  ] as const)('does nothing where the answer is %s', async (kind, code) => {
    const { browser, tab } = await refused();
    browser.person.answer = () => ({ kind });
    const before = structuredClone(browser.rows);
    expect(codeOf(await tab.call('beginEpoch', {}))).toBe(code);
    expect(browser.rows).toEqual(before);
    expect(expectValue(await tab.call('status', {}))).toMatchObject({ epoch: 1, epochPending: false });
  });

  test('keeps the request, for a new device in the next epoch, before anything is sent', async () => {
    const { browser, tab } = await refused();
    const before = await requestOf(tab);
    expectValue(await tab.call('beginEpoch', {}));
    const request = expectValue(await tab.call('enrolmentRequest', {})).request;
    const { device, epoch, publicKey } = await requestOf(tab);
    expect(epoch).toBe(2);
    expect(equalBytes(device, before.device)).toBe(false);
    expect(publicKey).toEqual(before.publicKey);
    tab.kill();
    const again = await openTab(browser, provider.agencyKey);
    expect(expectValue(await again.call('enrolmentRequest', {})).request).toEqual(request);
    expect(expectValue(await again.call('status', {}))).toMatchObject({ epoch: 1, epochPending: true });
    const operations = expectValue(await again.call('operations', {}));
    expect(operations.find(({ kind }) => kind === 'epoch')).toMatchObject({ status: 'waiting', code: null });
  });

  test('asked for again while it is pending asks nobody and changes nothing', async () => {
    const { browser, tab } = await pending();
    browser.person.asked.length = 0;
    const before = structuredClone(browser.rows);
    expectValue(await tab.call('beginEpoch', {}));
    expect(browser.rows).toEqual(before);
    expect(browser.person.asked).toEqual([]);
  });

  test('approved in two tabs is one request, and one thing that left', async () => {
    const { browser, tab } = await refused();
    const other = await openTab(browser, provider.agencyKey);
    const bothAsked = Promise.withResolvers<void>();
    browser.person.asked.length = 0;
    browser.person.answer = async (question) => {
      if (browser.person.asked.length === 2) bothAsked.resolve();
      await bothAsked.promise;
      return browser.person.agree(question);
    };
    const both = await Promise.all([tab.call('beginEpoch', {}), other.call('beginEpoch', {})]);
    expect(both.map(codeOf)).toEqual([null, null]);
    expect((await requestOf(tab)).nonce).toEqual((await requestOf(other)).nonce);
    const left = (await checkRecord(browser.rows)).filter(
      (entry) => entry.kind === 'disclosed' && entry.what === 'enrolment',
    );
    expect(left).toHaveLength(2);
  });

  test('needs the provider’s word first: not before enrolment, unknown, good, or of an epoch that was left', async () => {
    const book = makeProviderBook(provider);
    const tab = await openTab(makeTestBrowser(), provider.agencyKey);
    expect(codeOf(await tab.call('beginEpoch', {}))).toBe('enrolment/needed');
    await book.enrol(tab);
    expect(codeOf(await tab.call('beginEpoch', {}))).toBe('standing/needed');
    expectValue(await tab.call('acceptStanding', await book.standing(tab)));
    expect(codeOf(await tab.call('beginEpoch', {}))).toBe('standing/needed');
    const left = await pending();
    await left.book.enrol(left.tab);
    expect(codeOf(await left.tab.call('beginEpoch', {}))).toBe('standing/needed');
  });

  test('is not begun after the last epoch there is', async () => {
    const { book, tab, certificate } = await refused();
    const { device } = await verifyCertificate({
      ...{ bytes: certificate, agencyKey: provider.agencyKey, role: 'module', now: START_TIME, suite },
    });
    const last = { verdict: 'superseded', epoch: LIMITS.epochs, device, since: 1 } as const;
    expectValue(await tab.call('acceptStanding', await book.standing(tab, last)));
    expect(codeOf(await tab.call('beginEpoch', {}))).toBe('standing/malformed');
    expect(expectValue(await tab.call('status', {})).epochPending).toBe(false);
  });
});

describe('BT-8: while an epoch is pending', () => {
  test('a contact says no more than the beginning of the record, under the certificate that there is', async () => {
    const { book, browser, tab, certificate } = await pending();
    const contact = await book.contact(tab, 3);
    expect(contact.certificate).toEqual(certificate);
    const { agencyKey } = provider;
    const module = await verifyCertificate({ bytes: certificate, agencyKey, role: 'module', now: START_TIME, suite });
    const to = decodeProviderId(provider.providerSigner.kid);
    const answer = await verifyChallengeResponse({ bytes: contact.response, module, provider: to, suite });
    expect(answer).toMatchObject({ epoch: 1, counter: 0, head: ZEROS, pastHead: ZEROS });
    expect((await checkRecord(browser.rows)).at(-1)).toMatchObject({ kind: 'disclosed', what: 'contact' });
  });

  test('no provider that has met the module takes such a contact for good', async () => {
    const { book, tab } = await pending();
    expect(await book.judge(await book.contact(tab))).toBe('regress');
  });

  test('no session is opened, not even with a grant from before', async () => {
    const { browser, tab, certificate } = await pending();
    expectValue(await tab.call('setAllowance', { dayMinor: 0 }));
    const { grant } = await provider.grant(certificate);
    const before = structuredClone(browser.rows);
    browser.person.asked.length = 0;
    expect(codeOf(await openSession(provider, tab, grant))).toBe('enrolment/needed');
    expect(browser.rows).toEqual(before);
    expect(browser.person.asked).toEqual([]);
  });

  test('what was granted before still plays', async () => {
    const { tab, session } = await pending();
    expectValue(await deliver(provider, tab, session, 0));
  });

  test('what the provider says of the life that is being left makes no alarm, and its standing is not shown', async () => {
    const { book, browser, tab } = await pending();
    const alarms = async () => (await checkRecord(browser.rows)).filter(({ kind }) => kind === 'alarm').length;
    const before = await alarms();
    expect(expectValue(await tab.call('acceptStanding', await book.standing(tab))).standing).toBe('regress');
    expect(await alarms()).toBe(before);
    expect(expectValue(await tab.call('status', {})).standing).toBe('unknown');
    const operations = expectValue(await tab.call('operations', {}));
    expect(operations.find(({ kind }) => kind === 'epoch')?.status).toBe('waiting');
  });

  test('a standing that names the very request as granted leaves it, and the lost answer is asked for again', async () => {
    const { book, tab } = await pending();
    const { device, epoch, nonce } = await requestOf(tab);
    expectValue(
      await tab.call('acceptStanding', await book.standing(tab, { verdict: 'superseded', device, epoch, since: 1 })),
    );
    expect((await requestOf(tab)).nonce).toEqual(nonce);
  });

  test.each([2, 3, 9])(
    'a standing with epoch %i of another device moves the request on, to the one after it',
    async (epoch) => {
      const { book, browser, tab } = await pending();
      const before = await requestOf(tab);
      const device = new Uint8Array(16).fill(7);
      expectValue(
        await tab.call('acceptStanding', await book.standing(tab, { verdict: 'superseded', device, epoch, since: 1 })),
      );
      const after = await requestOf(tab);
      expect(after.epoch).toBe(epoch + 1);
      expect(after.device).toEqual(before.device);
      expect((await checkRecord(browser.rows)).at(-2)).toMatchObject({ kind: 'alarm', code: 'module/superseded' });
      expect((await checkRecord(browser.rows)).at(-1)).toMatchObject({ kind: 'disclosed', what: 'enrolment' });
      expectValue(await tab.call('acceptCertificate', { certificate: await certify(after) }));
      expect(expectValue(await tab.call('status', {}))).toMatchObject({ epoch: epoch + 1, epochPending: false });
    },
  );
});

describe('BT-8: the certificate of an epoch', () => {
  test('begins it in one commit: identity, entry, and the end of the operation', async () => {
    const { browser, tab } = await pending();
    const request = await requestOf(tab);
    const commits = browser.rows.meta.header?.revision ?? 0;
    const certificate = await certify(request);
    expectValue(await tab.call('acceptCertificate', { certificate }));
    expect(browser.rows.meta.header?.revision).toBe(commits + 1);
    const status = expectValue(await tab.call('status', {}));
    expect(status).toMatchObject({ epoch: 2, epochPending: false, certificate, standing: 'unknown' });
    const entry = (await checkRecord(browser.rows)).at(-1);
    expect(entry).toMatchObject({ kind: 'epoch', epoch: 2, device: request.device });
    expect(expectValue(await tab.call('operations', {})).filter(({ kind }) => kind === 'epoch')).toEqual([]);
    expect((await requestOf(tab)).epoch).toBe(2);
  });

  test('of the present epoch is a renewal, also while another is pending, and begins nothing', async () => {
    const { browser, tab } = await refused();
    const present = await requestOf(tab);
    expectValue(await tab.call('beginEpoch', {}));
    const renewed = await certify(present);
    const entries = (await checkRecord(browser.rows)).length;
    expectValue(await tab.call('acceptCertificate', { certificate: renewed }));
    expect((await checkRecord(browser.rows)).length).toBe(entries);
    const status = expectValue(await tab.call('status', {}));
    expect(status).toMatchObject({ epoch: 1, epochPending: true, certificate: renewed });
  });

  const others: readonly (readonly [string, { readonly device?: Uint8Array; readonly epoch?: number }])[] = [
    ['another device in the pending epoch', { device: new Uint8Array(16).fill(1) }],
    ['the pending device in the present epoch', { epoch: 1 }],
    ['an epoch that nobody asked for', { epoch: 5 }],
    ['no epoch at all, as it was before there were any', { device: new Uint8Array(16), epoch: 0 }],
  ];
  test.each(others)('with %s is refused, and everything stays as it was', async (_what, life) => {
    const { browser, tab } = await pending();
    const certificate = await certify(await requestOf(tab), life);
    const before = structuredClone(browser.rows);
    expect(codeOf(await tab.call('acceptCertificate', { certificate }))).toBe('enrolment/other-key');
    expect(browser.rows).toEqual(before);
  });

  test('that was used to begin it is a renewal when it comes again', async () => {
    const { browser, tab } = await pending();
    const certificate = await certify(await requestOf(tab));
    expectValue(await tab.call('acceptCertificate', { certificate }));
    const entries = (await checkRecord(browser.rows)).length;
    expectValue(await tab.call('acceptCertificate', { certificate }));
    expect((await checkRecord(browser.rows)).length).toBe(entries);
  });
});
