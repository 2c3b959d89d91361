// P1 from the module's side: what a contact says of the record, what is written before it leaves, and for whom nothing is signed.

import { describe, expect, test } from 'vitest';
import { equalBytes } from '../../protocol/bytes.ts';
import { verifyCertificate } from '../../protocol/certificate.ts';
import { type ChallengeResponse, makeChallenge, verifyChallengeResponse } from '../../protocol/challenge.ts';
import { decodeProviderId } from '../../protocol/ids.ts';
import { webCryptoSuite as suite } from '../../protocol/suite/webcrypto.ts';
import { codeOf, expectValue, makeTestBrowser, openTab, showFrame, type TestTab } from '../testing/browser.ts';
import { checkRecord } from '../testing/check-record.ts';
import { makeProviderSide, randomBytes, START_TIME } from '../testing/provider-side.ts';
import { beginSession, deliver } from '../testing/steps.ts';

const provider = await makeProviderSide();
const ZEROS = new Uint8Array(32);

async function begun() {
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  const { session, certificate } = await beginSession(provider, tab);
  return { browser, tab, session, certificate };
}

async function askedWith(counter: number) {
  const { providerCertificate, providerSigner: signer } = provider;
  const challenge = await makeChallenge({ signer, now: START_TIME, challenge: randomBytes(32), counter });
  return { challenge, providerCertificate };
}

/** The believed answer of a tab to a challenge with this counter. */
async function answered(tab: TestTab, counter: number): Promise<ChallengeResponse> {
  const { response, certificate } = expectValue(await tab.call('answerChallenge', await askedWith(counter)));
  const { agencyKey } = provider;
  const module = await verifyCertificate({ bytes: certificate, agencyKey, role: 'module', now: START_TIME, suite });
  const to = decodeProviderId(provider.providerSigner.kid);
  return verifyChallengeResponse({ bytes: response, module, provider: to, suite });
}

async function status(tab: TestTab) {
  return expectValue(await tab.call('status', {}));
}

describe('BT-2: a contact', () => {
  test('says where the record stands, in the life that the certificate names', async () => {
    const { tab, certificate } = await begun();
    const answer = await answered(tab, 0);
    const { counter, head, epoch, certificate: kept } = await status(tab);
    expect(answer).toMatchObject({ counter, head, epoch, pastHead: ZEROS });
    expect(epoch).toBe(1);
    expect(kept).toEqual(certificate);
  });

  test('gives the head at every counter of the record that is asked for, and zeros for none and for what is beyond', async () => {
    const { browser, tab, session } = await begun();
    const heads = new Map<number, Uint8Array>([[0, ZEROS]]);
    for (const frame of [0, 1, 2]) {
      expectValue(await deliver(provider, tab, session, frame));
      await showFrame(tab.sink(), frame);
      const { counter, head } = await status(tab);
      heads.set(counter, head);
    }
    for (const [counter, head] of heads) expect((await answered(tab, counter)).pastHead).toEqual(head);
    const { counter } = await status(tab);
    // The contact's own entry is the last that it can be asked about.
    const last = await answered(tab, counter + 1);
    expect(last.pastHead).toEqual(last.head);
    expect((await answered(tab, counter + 3)).pastHead).toEqual(ZEROS);
    expect((await answered(tab, 2 ** 40)).pastHead).toEqual(ZEROS);
    await checkRecord(browser.rows);
  });

  test('reads one page for the head, however long the record is', async () => {
    const { tab, session } = await begun();
    for (let frame = 0; frame < 20; frame += 1) {
      expectValue(await deliver(provider, tab, session, frame));
      await showFrame(tab.sink(), frame);
    }
    const early = await storeCalls(tab, () => answered(tab, 2));
    const late = await storeCalls(tab, async () => answered(tab, (await status(tab)).counter - 1));
    const none = await storeCalls(tab, () => answered(tab, 0));
    expect(early - none).toBe(1);
    expect(late - (await storeCalls(tab, () => status(tab))) - none).toBe(1);
  });

  test('is in the record, durably, before it is signed', async () => {
    const { browser, tab } = await begun();
    await answered(tab, 0);
    tab.kill();
    const entry = (await checkRecord(browser.rows)).at(-1);
    expect(entry).toMatchObject({ kind: 'disclosed', what: 'contact', to: provider.providerSigner.kid });
  });

  test('is not made where it cannot be written down', async () => {
    const { browser, tab } = await begun();
    tab.store.setFull(true);
    const before = structuredClone(browser.rows);
    expect(codeOf(await tab.call('answerChallenge', await askedWith(0)))).toBe('store/full');
    expect(browser.rows).toEqual(before);
  });

  test('is known to the checkpoint before it leaves', async () => {
    const { browser, tab } = await begun();
    const before = structuredClone(browser.slotBytes);
    await answered(tab, 0);
    const [first, second] = browser.slotBytes;
    const isSame = (now: Uint8Array | null, then: Uint8Array | null | undefined) =>
      now !== null && then !== null && then !== undefined && equalBytes(now, then);
    expect(isSame(first, before[0]) && isSame(second, before[1])).toBe(false);
  });

  test('two at once are two entries of one chain', async () => {
    const { browser, tab } = await begun();
    const [one, two] = await Promise.all([answered(tab, 0), answered(tab, 0)]);
    expect(Math.abs(one.counter - two.counter)).toBe(1);
    const later = one.counter > two.counter ? one : two;
    const earlier = later === one ? two : one;
    expect((await answered(tab, earlier.counter)).pastHead).toEqual(earlier.head);
    await checkRecord(browser.rows);
  });
});

describe('BT-2: nothing is signed', () => {
  test('for a provider of another agency, an altered or an old challenge, or before enrolment; and nothing is written', async () => {
    const { browser, tab } = await begun();
    const entries = (await checkRecord(browser.rows)).length;
    const asking = await askedWith(0);
    const { providerCertificate } = await makeProviderSide();
    expect(codeOf(await tab.call('answerChallenge', { ...asking, providerCertificate }))).toBe('certificate/foreign');
    const challenge = Uint8Array.from(asking.challenge, (byte, at) =>
      at === asking.challenge.length - 1 ? byte ^ 1 : byte,
    );
    expect(codeOf(await tab.call('answerChallenge', { ...asking, challenge }))).toBe('challenge/malformed');
    browser.clock.advance(60_000 + 5 * 60_000);
    expect(codeOf(await tab.call('answerChallenge', asking))).toBe('challenge/expired');
    expect((await checkRecord(browser.rows)).length).toBe(entries);
    const unknown = await openTab(makeTestBrowser(), provider.agencyKey);
    expect(codeOf(await unknown.call('answerChallenge', asking))).toBe('enrolment/needed');
  });
});

/** Storage calls that `run` makes. */
async function storeCalls(tab: TestTab, run: () => Promise<unknown>): Promise<number> {
  const before = tab.store.calls();
  await run();
  return tab.store.calls() - before;
}
