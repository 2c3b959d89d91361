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

test('BT-3: no key of a session is stored in the clear, and all of them go with its end', async () => {
  const { browser, tab, opening, session } = await enrolled();
  expectValue(await tab.call('openSession', opening));
  const row = () => browser.rows.sessions.get(session);
  // 32 bytes and a tag: the key of its secrets, under the module's wrapping key.
  expect(row()?.secretsKey?.sealed).toHaveLength(48);
  expect(row()?.secrets?.sealed.length).toBeGreaterThan(0);
  expect(browser.rows.meta.identity?.keys.kind).toBe('sealed');
  expectValue(await deliver(provider, tab, session, 0));
  await showFrame(tab.sink(), 0);
  expect(browser.rows.held.size).toBe(1);
  expectValue(await tab.call('closeSession', { session }));
  expect(row()).toMatchObject({ secrets: null, secretsKey: null });
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
    ['when its way out is not known here', alter({ mode: 'pixels' }), 'grant/mode'],
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
    const before = await checkRecord(browser.rows);
    expect(codeOf(await tab.call('openSession', altered))).toBe(code);
    expect(await checkRecord(browser.rows)).toEqual(before);
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

describe('CARD-3: a grant beyond the allowance', () => {
  /** An enrolled module that may reserve so much a day without asking. */
  async function allowed(dayMinor: number) {
    const at = await enrolled();
    expectValue(await at.tab.call('setAllowance', { dayMinor }));
    const asked = () => at.browser.person.asked.flatMap((question) => (question.kind === 'approve' ? question : []));
    /** Opens a new session of so many frames, 20 ten-thousandths each. */
    const open = async (frames: number, tab = at.tab) => {
      const made = await provider.grant(at.certificate, [[0, frames]]);
      return { ...made, answer: await openSession(provider, tab, made.grant) };
    };
    return { ...at, asked, open };
  }

  test('asks nobody up to exactly what is left, and for the first frame beyond', async () => {
    const { asked, open } = await allowed(400);
    expectValue((await open(12)).answer);
    expectValue((await open(8)).answer);
    expect(asked()).toEqual([]);
    expectValue((await open(1)).answer);
    expect(asked()).toHaveLength(1);
  });

  test('says how much, to whom, for what, and at what price, from verified objects', async () => {
    const { asked, open } = await allowed(100);
    expectValue((await open(10)).answer);
    const [question] = asked();
    expect(question).toMatchObject({ amount: '€0.02', party: `provider ${provider.providerSigner.kid}`, grave: false });
    expect(question?.lines[0]).toBe('“A test programme”, €0.0020 a frame, 10 frames at most.');
    expect(question?.lines[1]).toContain('€0.01 is left of the €0.01');
  });

  test.each([
    ['refused', 'consent/refused'],
    ['covered', 'consent/covered'],
  ] as const)('that is %s opens nothing, and the same grant can be tried again', async (kind, code) => {
    const { browser, tab, open } = await allowed(0);
    browser.person.answer = () => ({ kind });
    const before = structuredClone(browser.rows);
    const { answer, grant, session } = await open(2);
    expect(codeOf(answer)).toBe(code);
    expect(browser.rows).toEqual(before);
    browser.person.answer = browser.person.agree;
    expect(expectValue(await openSession(provider, tab, grant)).session).toBe(session);
  });

  test('is not asked about twice: a session that exists is refused before', async () => {
    const { tab, asked, open } = await allowed(0);
    const { grant } = await open(2);
    expect(codeOf(await openSession(provider, tab, grant))).toBe('session/exists');
    expect(asked()).toHaveLength(1);
  });

  test('is not opened where the grant has run out while the person was asked', async () => {
    const { browser, open } = await allowed(0);
    browser.clock.advance(3_600_000 - 60_000);
    browser.person.answer = (question) => {
      browser.clock.advance(60_000);
      return browser.person.agree(question);
    };
    expect(codeOf((await open(2)).answer)).toBe('grant/expired');
    expect(browser.rows.sessions.size).toBe(0);
  });

  test('is not opened where another epoch was begun while the person was asked', async () => {
    const { browser, open } = await allowed(0);
    browser.person.answer = (question) => {
      const { header, identity } = browser.rows.meta;
      if (header === null || identity === null) throw new Error('not enrolled');
      const pending = { device: randomBytes(16), epoch: 2, enrolmentRequest: randomBytes(8) };
      Object.assign(browser.rows.meta, { identity: { ...identity, pending } });
      Object.assign(browser.rows.meta, { header: { ...header, revision: header.revision + 1 } });
      return browser.person.agree(question);
    };
    expect(codeOf((await open(2)).answer)).toBe('enrolment/needed');
    expect(browser.rows.sessions.size).toBe(0);
  });

  test('a closed session gives back what it did not cost, an older one all of it, and a clock set back nothing', async () => {
    const { browser, tab, open } = await allowed(400);
    const left = async () => expectValue(await tab.call('status', {})).allowance.leftMinor;
    const { session } = await open(20);
    expect(await left()).toBe(0);
    for (const frame of [0, 1, 2]) {
      expectValue(await deliver(provider, tab, session, frame));
      await showFrame(tab.sink(), frame);
    }
    expectValue(await tab.call('closeSession', { session }));
    expect(await left()).toBe(340);
    browser.clock.advance(-10 * 365 * 24 * 3_600_000);
    expect(await left()).toBe(340);
    browser.clock.advance(10 * 365 * 24 * 3_600_000 + 24 * 3_600_000 - 1);
    expect(await left()).toBe(340);
    browser.clock.advance(1);
    expect(await left()).toBe(400);
  });

  test('holds for two that one tab opens at the same moment: one of them asks', async () => {
    const { asked, open } = await allowed(400);
    const both = await Promise.all([open(15), open(15)]);
    expect(both.map(({ answer }) => codeOf(answer))).toEqual([null, null]);
    expect(asked()).toHaveLength(1);
  });

  test('holds for two tabs that open at the same moment: one of them asks', async () => {
    const { browser, asked, open } = await allowed(400);
    const other = await openTab(browser, provider.agencyKey);
    const both = await Promise.all([open(15), open(15, other)]);
    expect(both.map(({ answer }) => codeOf(answer))).toEqual([null, null]);
    expect(asked()).toHaveLength(1);
    await checkRecord(browser.rows);
  });

  test('holds for tabs that do not wait for each other, and with an allowance that is lowered meanwhile', async () => {
    const { browser, tab, asked, open } = await allowed(400);
    browser.locks.breakLocks();
    const other = await openTab(browser, provider.agencyKey);
    const lowered = other.call('setAllowance', { dayMinor: 100 });
    const answers = await Promise.all([open(10), open(10, other), lowered]);
    expect(answers.map((answer) => codeOf('answer' in answer ? answer.answer : answer))).toEqual([null, null, null]);
    const { allowance } = expectValue(await tab.call('status', {}));
    expect(allowance).toEqual({ dayMinor: 100, leftMinor: 0 });
    // Both fit into the old allowance, one of them at most into the new one.
    expect(asked().length).toBeLessThanOrEqual(2);
    await checkRecord(browser.rows);
  });

  test('waits for nobody: it is opened while another session of the tab writes without a pause', async () => {
    const { tab, open } = await allowed(50_000);
    const { session } = await open(4);
    const parts = () => provider.partsOf(0).map(({ label }) => ({ label, sealed: new ArrayBuffer(64) }));
    let isOver = false;
    const writing = [0, 1, 2, 3].map(async (frame) => {
      for (let times = 0; times < 400 && !isOver; times += 1) {
        await tab.call('deliver', { session, frame, parts: parts() });
        await new Promise(setImmediate);
      }
    });
    const { certificate } = await status(tab);
    const { grant } = await provider.grant(certificate ?? failed(), [[0, 2]]);
    const before = (await status(tab)).counter;
    expectValue(await openSession(provider, tab, grant));
    isOver = true;
    await Promise.all(writing);
    // It was not alone: others came into the record while it was opened.
    expect((await status(tab)).counter).toBeGreaterThan(before + 2);
  });

  test('a second question while the first stands is busy, and opens nothing', async () => {
    const { browser, open } = await allowed(0);
    const person = Promise.withResolvers<void>();
    browser.person.answer = async (question) => {
      await person.promise;
      return browser.person.agree(question);
    };
    const first = open(2);
    while (browser.person.asked.every(({ kind }) => kind !== 'approve')) await new Promise(setImmediate);
    expect(codeOf((await open(2)).answer)).toBe('consent/busy');
    person.resolve();
    expect(codeOf((await first).answer)).toBeNull();
    expect(browser.rows.sessions.size).toBe(1);
  });
});

describe('CARD-3: while the browser may delete what is stored', () => {
  const MANY = 62;

  test('open grants hold EUR 5.00 and not a frame more; closing one, or a promise to keep the storage, makes room', async () => {
    const { browser, tab, certificate } = await enrolled();
    const open = async (frames: number) => {
      const issuedAt = browser.clock.now();
      const times = { issuedAt, expires: issuedAt + 3_600_000 };
      const { grant, session } = await provider.grant(certificate, [[0, frames]], times);
      return { session, answer: await openSession(provider, tab, grant) };
    };
    const first = await open(40);
    for (let times = 1; times < MANY; times += 1) expectValue((await open(40)).answer);
    expectValue((await open(20)).answer);
    browser.person.asked.length = 0;
    const beyond = (await open(1)).answer;
    expect(codeOf(beyond)).toBe('store/at-risk');
    expect(beyond.ok ? {} : beyond.error.detail).toMatchObject({ heldMinor: 50_020, limitMinor: 50_000 });
    expect(browser.person.asked).toEqual([]);
    expectValue(await tab.call('closeSession', { session: first.session }));
    // A day later the others are still open, and still at risk, more than are looked at for the day's sum.
    browser.clock.advance(25 * 3_600_000);
    expectValue((await open(40)).answer);
    expect(codeOf((await open(1)).answer)).toBe('store/at-risk');
    browser.person.answer = (question) =>
      question.kind === 'persist' ? { kind: 'persistence', persistent: true } : browser.person.agree(question);
    expectValue(await tab.call('askPersistence', {}));
    expectValue((await open(40)).answer);
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

async function status(tab: TestTab) {
  return expectValue(await tab.call('status', {}));
}

function failed(): never {
  throw new Error('not enrolled');
}

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
  const life = { device: randomBytes(16), epoch: 1 };
  const keys = { subjectKey: provider.providerSigner.publicKey, sealingKey: randomBytes(32), ...life };
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
