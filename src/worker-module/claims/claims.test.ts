// A session with a contract in the module, from offer to answered claim: BT-9. What it sees of the delivery survives a cut; the claim asks for
// exactly that; an answer is kept as it is, and one that lies is kept as what it is.

import { beforeAll, describe, expect, test } from 'vitest';
import { verifyClaim } from '../../protocol/claim.ts';
import type { ClaimAnswer } from '../../protocol/claim-answer.ts';
import { hashObject, type SessionId } from '../../protocol/ids.ts';
import { checkReceiptFile } from '../../protocol/receipt-checks.ts';
import { decodeReceiptFile } from '../../protocol/receipt-file.ts';
import { webCryptoSuite as suite } from '../../protocol/suite/webcrypto.ts';
import { lowRungsOf } from '../session/session-contract.ts';
import { codeOf, expectValue, makeTestBrowser, openTab, showFrame, type TestTab } from '../testing/browser.ts';
import { checkRecord } from '../testing/check-record.ts';
import { answerClaim } from '../testing/claim-desk.ts';
import { HIGH_LABEL, makeProviderSide, PROMISED, type ProviderSide, VIDEO_LABEL } from '../testing/provider-side.ts';
import { beginSession, deliver, enrol, openSession } from '../testing/steps.ts';

let provider: ProviderSide;
beforeAll(async () => {
  provider = await makeProviderSide({ contract: PROMISED });
});

async function began(of = provider) {
  const browser = makeTestBrowser();
  const tab = await openTab(browser, of.agencyKey);
  return { browser, tab, ...(await beginSession(of, tab)) };
}

/** Delivers a frame whose picture was altered on its way. */
function deliverBroken(tab: TestTab, session: SessionId, frame: number) {
  const parts = provider.partsOf(frame).map(({ label, sealed }) => {
    const bytes = new Uint8Array(sealed);
    if (label === VIDEO_LABEL) bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    return { label, sealed };
  });
  return tab.call('deliver', { session, frame, parts });
}

async function show(tab: TestTab, session: SessionId, frame: number, late = false): Promise<void> {
  expectValue(await deliver(provider, tab, session, frame));
  await showFrame(tab.sink(), frame, late);
}

/** Frames 0 on time, 1 late after a stall, 2 lost; settled with the provider. */
async function settled(at: { tab: TestTab; session: SessionId }) {
  const { tab, session } = at;
  await show(tab, session, 0);
  expectValue(await deliver(provider, tab, session, 1));
  await tab.sink().noteStall(1, 1_801.4);
  await showFrame(tab.sink(), 1, true);
  expect(codeOf(await deliverBroken(tab, session, 2))).toBe('frame/tampered');
  return settle(at);
}

async function settle({ tab, session }: { tab: TestTab; session: SessionId }) {
  const { receiptFile } = expectValue(await tab.call('closeSession', { session }));
  const acknowledgement = await provider.ledger.takeReceipt(receiptFile);
  expectValue(await tab.call('acceptAcknowledgement', { session, acknowledgement }));
  return checked(expectValue(await tab.call('receiptFile', { session })).receiptFile);
}

async function checked(file: Uint8Array) {
  const report = await checkReceiptFile({ file, agencyKey: provider.agencyKey, suite });
  expect(report.checks.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
  if (report.receipt === null || report.provider === null || report.module === null) throw new Error('not believed');
  return { ...report, receipt: report.receipt, provider: report.provider, module: report.module };
}

async function claimOf(tab: TestTab, session: SessionId) {
  const view = expectValue(await tab.call('receipts', {})).find((receipt) => receipt.session === session);
  return view?.claim ?? null;
}

/** The provider's answer with some members replaced before it is signed. */
async function answerWith(tab: TestTab, session: SessionId, altered: Partial<ClaimAnswer> = {}) {
  const made = expectValue(await tab.call('makeClaim', { session }));
  const { provider: certified, module } = await checked(made.receiptFile);
  const by = { signer: provider.providerSigner, provider: certified, module };
  return (await answerClaim(by, made, altered)).answer;
}

describe('BT-9: a contract', () => {
  test('is taken with the session: signed, told, and in its receipt file', async () => {
    const { tab, session, contract } = await began();
    const [view] = expectValue(await tab.call('sessions', {}));
    expect(view?.contract).toMatchObject({ ...PROMISED, deliveryId: expect.stringMatching(/^[0-9a-f]{32}$/) });
    const { receiptFile } = expectValue(await tab.call('closeSession', { session }));
    const report = await checked(receiptFile);
    expect(report.checks.find(({ name }) => name === 'contract')?.verdict).toBe('ok');
    expect(contract && hashObject(contract)).toBe(report.contract?.contractHash);
  });

  test('that is offered and not given, or given and not offered, opens no session', async () => {
    const tab = await openTab(makeTestBrowser(), provider.agencyKey);
    const made = await provider.grant(await enrol(provider, tab));
    expect(codeOf(await openSession(provider, tab, made.grant))).toBe('contract/missing');
    const other = await provider.grant(await enrol(provider, tab));
    expect(codeOf(await openSession(provider, tab, made.grant, other.contract))).toBe('contract/other-terms');
    const broken = Uint8Array.from(made.contract ?? []);
    broken[broken.length - 1] = (broken.at(-1) ?? 0) ^ 1;
    expect(codeOf(await openSession(provider, tab, made.grant, broken))).toBe('contract/malformed');
    const bare = await provider.grant(await enrol(provider, tab), undefined, { contractHash: null });
    expect(codeOf(await openSession(provider, tab, bare.grant, bare.contract))).toBe('contract/other-terms');
    expect(expectValue(await tab.call('sessions', {}))).toEqual([]);
    expectValue(await openSession(provider, tab, made.grant, made.contract));
  });

  test('of none leaves a session as it was: no stall is written, nothing can be claimed', async () => {
    const plain = await makeProviderSide();
    const { browser, tab, session } = await began(plain);
    const before = browser.rows.meta.header?.counter;
    await tab.sink().noteStall(0, 9_000);
    expect(browser.rows.meta.header?.counter).toBe(before);
    const { receiptFile } = expectValue(await tab.call('closeSession', { session }));
    expect(decodeReceiptFile(receiptFile).contracted).toBeNull();
    expect(codeOf(await tab.call('makeClaim', { session }))).toBe('claim/none');
    expect(expectValue(await tab.call('receipts', {}))[0]?.claim).toBeNull();
  });
});

describe('BT-9: what the module saw of the delivery', () => {
  test('stands in the receipt: late, lost, and stalls longer than was promised', async () => {
    const { receipt, checks } = await settled(await began());
    expect(receipt.delivery).toMatchObject({
      lateFrames: [[1, 2]],
      lostFrames: [[2, 3]],
      stalls: [[1, 1_801]],
      belowRung: [],
    });
    expect(checks.find(({ name }) => name === 'delivery')?.verdict).toBe('ok');
  });

  test('adds up stalls of one frame, and leaves out those that the contract allows', async () => {
    const at = await began();
    const { tab, session } = at;
    await show(tab, session, 0);
    await tab.sink().noteStall(4, 900);
    await tab.sink().noteStall(5, 1_500);
    await tab.sink().noteStall(5, 400);
    await tab.sink().noteStall(90_000, 5_000);
    expect((await settle(at)).receipt.delivery?.stalls).toEqual([[5, 1_900]]);
    // Frames that nothing came of, not even a reservation: play stood still for them.
    const entries = await checkRecord(at.browser.rows);
    expect(entries.flatMap((entry) => (entry.kind === 'stalled' ? [[entry.frame, entry.ms]] : []))).toEqual([
      [5, 1_500],
      [5, 400],
    ]);
  });

  test('survives the death of the tab, and is the same in a receipt that is made after it', async () => {
    const { browser, tab, session } = await began();
    await show(tab, session, 0, true);
    await tab.sink().noteStall(1, 2_500);
    expect(codeOf(await deliverBroken(tab, session, 2))).toBe('frame/tampered');
    tab.kill();
    const again = await openTab(browser, provider.agencyKey);
    const { receipt } = await settle({ tab: again, session });
    expect(receipt.delivery).toMatchObject({
      lateFrames: [[0, 1]],
      lostFrames: [[2, 3]],
      stalls: [[1, 2_500]],
    });
    await checkRecord(browser.rows);
  });

  test('names frames that were shown below the promised rung, and claims for them', async () => {
    const high = await makeProviderSide({ contract: { ...PROMISED, leastRung: HIGH_LABEL } });
    const { tab, session } = await began(high);
    for (const frame of [3, 4, 6]) {
      expectValue(await deliver(high, tab, session, frame));
      await showFrame(tab.sink(), frame);
    }
    const { receiptFile } = expectValue(await tab.call('closeSession', { session }));
    const report = await checkReceiptFile({ file: receiptFile, agencyKey: high.agencyKey, suite });
    expect(report.checks.filter(({ verdict }) => verdict === 'failed')).toEqual([]);
    expect(report.receipt?.delivery?.belowRung).toEqual([
      [3, 5],
      [6, 7],
    ]);
    expect((await claimOf(tab, session))?.state).toBe('possible');
  });

  test('knows which video parts are below the promised one; a part that the programme has not is no promise', () => {
    const [video, ...rest] = provider.manifest.parts;
    if (video?.kind !== 'video') throw new Error('the first part is the picture');
    const parts = [video, { ...video, label: 'video/720p', bitrate: 2_500_000 }, ...rest];
    const manifest = { ...provider.manifest, parts };
    expect(lowRungsOf(manifest, 'video/720p')).toEqual([VIDEO_LABEL]);
    expect(lowRungsOf(manifest, VIDEO_LABEL)).toEqual([]);
    expect(lowRungsOf(manifest, 'video/4k')).toEqual([]);
    expect(lowRungsOf(manifest, '')).toEqual([]);
  });
});

describe('BT-9: a claim', () => {
  test('is made when the provider has the receipt, once, and asks for everything that the receipt speaks of', async () => {
    const at = await began();
    const { tab, session } = at;
    await show(tab, session, 0, true);
    expectValue(await tab.call('closeSession', { session }));
    expect(codeOf(await tab.call('makeClaim', { session }))).toBe('claim/too-early');
    const { module, receipt } = await settle(at);
    expect(await claimOf(tab, session)).toEqual({ state: 'possible', verdict: null, paidMinor: 0, contradictions: [] });
    const { claim } = expectValue(await tab.call('makeClaim', { session }));
    expect(expectValue(await tab.call('makeClaim', { session })).claim).toEqual(claim);
    const verified = await verifyClaim({ bytes: claim, module, suite });
    expect([verified.receiptHash, verified.lines]).toEqual([receipt.receiptHash, [{ kind: 'late', from: 0, to: 1 }]]);
    expect((await claimOf(tab, session))?.state).toBe('made');
    const [disclosed] = expectValue(await tab.call('disclosures', {}));
    expect(disclosed).toMatchObject({ what: 'claim', to: receipt.provider });
  });

  test('of a session whose delivery was as promised is none', async () => {
    const at = await began();
    await show(at.tab, at.session, 0);
    await settle(at);
    expect(await claimOf(at.tab, at.session)).toBeNull();
    expect(codeOf(await at.tab.call('makeClaim', { session: at.session }))).toBe('claim/none');
  });

  test('is the same bytes after a restart, and in every tab', async () => {
    const at = await began();
    await settled(at);
    const second = await openTab(at.browser, provider.agencyKey);
    const claims = await Promise.all(
      [at.tab, second].map((tab) => tab.call('makeClaim', { session: at.session }).then(expectValue)),
    );
    at.tab.kill();
    const again = await openTab(at.browser, provider.agencyKey);
    const last = expectValue(await again.call('makeClaim', { session: at.session }));
    for (const { claim } of claims) expect(claim).toEqual(last.claim);
  });
});

describe('BT-9: the answer to a claim', () => {
  test('is kept with what it came to, goes into the receipt file, and is the first one for good', async () => {
    const at = await began();
    const { tab, session } = at;
    await settled(at);
    const answer = await answerWith(tab, session);
    const view = expectValue(await tab.call('acceptClaimAnswer', { session, answer }));
    expect(view.claim).toEqual({ state: 'answered', verdict: 'paid', paidMinor: 35, contradictions: [] });
    const other = await answerWith(tab, session, { verdict: 'refused', lines: [], amountMinor: 0n });
    expect(expectValue(await tab.call('acceptClaimAnswer', { session, answer: other })).claim).toEqual(view.claim);
    const { receiptFile } = expectValue(await tab.call('receiptFile', { session }));
    expect(decodeReceiptFile(receiptFile).contracted?.claimAnswer).toEqual(answer);
    at.tab.kill();
    const again = await openTab(at.browser, provider.agencyKey);
    expect(await claimOf(again, session)).toEqual(view.claim);
  });

  test('that contradicts its contract is kept as evidence, and said', async () => {
    const at = await began();
    await settled(at);
    const answer = await answerWith(at.tab, at.session, { amountMinor: 1n });
    const view = expectValue(await at.tab.call('acceptClaimAnswer', { session: at.session, answer }));
    expect(view.claim).toEqual({ state: 'answered', verdict: 'paid', paidMinor: 1, contradictions: ['sum'] });
  });

  test('of another provider, to another claim, or with a bit turned over is not kept', async () => {
    const at = await began();
    await settled(at);
    const { tab, session } = at;
    const answer = await answerWith(tab, session);
    const accept = (bytes: Uint8Array) => tab.call('acceptClaimAnswer', { session, answer: bytes }).then(codeOf);
    const turned = Uint8Array.from(answer);
    turned[turned.length - 1] = (turned.at(-1) ?? 0) ^ 1;
    expect(await accept(turned)).toBe('claim/answer');
    const second = await began();
    await settled(second);
    expect(await accept(await answerWith(second.tab, second.session))).toBe('claim/answer');
    expect((await claimOf(tab, session))?.state).toBe('made');
  });

  test('to nothing that was claimed is not kept', async () => {
    const at = await began();
    await settled(at);
    const answer = Uint8Array.of(1);
    expect(codeOf(await at.tab.call('acceptClaimAnswer', { session: at.session, answer }))).toBe('claim/none');
  });
});

describe('BT-9: a claim that this copy has forgotten', () => {
  test('comes back with the papers, answer and all', async () => {
    const at = await began();
    const { tab, session } = at;
    await settled(at);
    const made = expectValue(await tab.call('makeClaim', { session }));
    await provider.ledger.answerClaim(made);
    const receiptFiles = provider.ledger.papers([session]);
    expect(expectValue(await tab.call('acceptPapers', { receiptFiles }))).toEqual({ kept: 1 });
    expect(await claimOf(tab, session)).toMatchObject({ state: 'answered', verdict: 'paid' });
    expect(expectValue(await tab.call('acceptPapers', { receiptFiles }))).toEqual({ kept: 0 });
  });
});
