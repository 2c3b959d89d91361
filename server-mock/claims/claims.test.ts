// Claims at the provider's door: BT-9. Real contacts, receipts and content requests; what is paid shows in the ledger, and
// nobody is paid twice, for another's session, or for what the record of delivery knows better.

import { rm } from 'node:fs/promises';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fromBase64Url, toBase64Url } from '../../src/protocol/bytes.ts';
import { COSE_TYPES } from '../../src/protocol/cose.ts';
import type { ProgrammeId } from '../../src/protocol/ids.ts';
import { decodeReceiptFile } from '../../src/protocol/receipt-file.ts';
import { bitFlipped, resigned } from '../../src/protocol/vectors/altered.ts';
import { cleanDatabase } from '../db/cleaning.ts';
import { accounts, deliveries } from '../db/schema.ts';
import { accountOf, balanceOf } from '../ledger/ledger.ts';
import {
  beginContracted,
  bringClaim,
  type ContractedSession,
  claimFor,
  fetchFrame,
  PROMISED,
  pieceOf,
  readAnswer,
  settleContracted,
} from '../testing/contracted.ts';
import { answerChallenge, beginTestSession, enrolTestModule, makeContact, type TestModule } from '../testing/module.ts';
import { publishTestProgramme } from '../testing/test-programme.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';

let at: TestProvider;
let programme: ProgrammeId;
let module: TestModule;
beforeAll(async () => {
  at = await openTestProvider();
  programme = await publishTestProgramme(at.provider, { contract: PROMISED, frameCount: 10 });
  module = await enrolTestModule(at);
});
afterAll(() => at.close());

const creditOf = (of: TestModule) => balanceOf(at.provider.database.queries, accountOf.credit(of.id, 'EUR'));
/** All accounts together: nothing is made or lost. */
async function sum(): Promise<bigint> {
  const rows = await at.provider.database.queries.select().from(accounts);
  return rows.reduce((total, { balanceMinor }) => total + balanceMinor, 0n);
}

async function losePiece(frame: number): Promise<void> {
  await rm(at.provider.content.path(await pieceOf(at, programme, frame)));
}

/** A session in which frame 0 and 1 came, frame 3 was not there, and nothing else was asked for. */
async function watched(): Promise<ContractedSession> {
  const session = await beginContracted(at, module, programme);
  for (const frame of [0, 1, 3]) await fetchFrame(at, session, frame);
  return session;
}

describe('BT-9: a session with a contract', () => {
  test('has the contract that was offered, under the delivery id that was named', async () => {
    const session = await beginContracted(at, module, programme);
    const { contract, grant, deliveryId } = session;
    expect(contract.terms).toEqual(PROMISED);
    expect(grant.contractHash).toBe(contract.contractHash);
    expect(contract).toMatchObject({ session: grant.session, module: module.id, priceMinor: 20n });
    expect(Buffer.from(contract.deliveryId).toString('hex')).toBe(deliveryId);
  });

  test('cannot be had under the delivery id of another session', async () => {
    const { deliveryId } = await beginContracted(at, module, programme);
    const again = await at.post('/sessions', { ...(await answerChallenge(at, module, { programme })), deliveryId });
    expect(await codeOfResponse(again)).toBe('request/malformed');
  });

  test('of a programme that promises nothing is as it always was', async () => {
    const plain = await publishTestProgramme(at.provider);
    const body = await answerChallenge(at, module, { programme: plain });
    const answer = await (await at.post('/sessions', body)).json();
    expect(Object.keys(answer).sort()).toEqual(['grant', 'providerCertificate']);
    const { grant } = await beginTestSession(at, module, { programme: plain });
    expect(grant.contractHash).toBeNull();
  });
});

describe('BT-9: a claim', () => {
  test('is paid for what the record shows and refused for the rest, line by line; credit grows by that much', async () => {
    await losePiece(3);
    const session = await watched();
    const seen = { lateFrames: [[1, 2]], lostFrames: [[3, 5]] } as const;
    const file = await settleContracted(at, module, session, { frames: [[0, 2]], delivery: seen });
    const before = [await creditOf(module), await sum()];
    const made = await claimFor(at, module, file);
    const answer = await readAnswer(at, module, made.claim, await bringClaim(at, module, made));
    expect(answer.lines).toEqual([
      { kind: 'late', from: 1, to: 2, reason: 'delivered-in-time', amountMinor: 0n },
      { kind: 'lost', from: 3, to: 4, reason: 'not-delivered', amountMinor: 20n },
      { kind: 'lost', from: 4, to: 5, reason: 'never-asked', amountMinor: 0n },
    ]);
    expect(answer).toMatchObject({ verdict: 'part', amountMinor: 20n, currency: 'EUR' });
    expect(answer.delivery.map(({ frame, asked, failed }) => [frame, asked, failed])).toEqual([
      [1, 1, 0],
      [3, 1, 1],
      [4, 0, 0],
    ]);
    expect([await creditOf(module), await sum()]).toEqual([(before[0] ?? 0n) + 20n, before[1]]);
    expect(answer.creditMinor).toBe(await creditOf(module));
  });

  test('that comes twice gets the same bytes and is paid once; another one for the session is refused', async () => {
    const session = await watched();
    const file = await settleContracted(at, module, session, { frames: [[0, 2]], delivery: { lostFrames: [[3, 4]] } });
    const made = await claimFor(at, module, file);
    const first = await (await bringClaim(at, module, made)).json();
    const credit = await creditOf(module);
    expect(await (await bringClaim(at, module, made)).json()).toEqual(first);
    at.clock.now += 1_000;
    const other = await claimFor(at, module, file, { lines: [{ kind: 'late', from: 0, to: 1 }] });
    expect(await codeOfResponse(await bringClaim(at, module, other))).toBe('claim/answered');
    expect(await creditOf(module)).toBe(credit);
  });

  test('that ten requests bring at once is paid once', async () => {
    const session = await watched();
    const file = await settleContracted(at, module, session, { frames: [[0, 2]], delivery: { lostFrames: [[3, 4]] } });
    const made = await claimFor(at, module, file);
    const before = await creditOf(module);
    const contacts = [];
    for (let asked = 0; asked < 10; asked += 1) contacts.push(await makeContact(at, module));
    const answers = await Promise.all(contacts.map((contact) => at.post('/claims', { ...contact, ...made })));
    const bodies = await Promise.all(answers.filter(({ status }) => status === 200).map((answer) => answer.text()));
    expect(bodies.length).toBeGreaterThan(0);
    expect(new Set(bodies).size).toBe(1);
    expect(await creditOf(module)).toBe(before + 20n);
  });

  test('with a receipt that lies is held against the record: dropped on purpose, or never asked for', async () => {
    const session = await watched();
    const delivery = {
      lostFrames: [
        [1, 2],
        [6, 7],
      ],
    } as const;
    const file = await settleContracted(at, module, session, { frames: [[0, 1]], delivery });
    const made = await claimFor(at, module, file);
    const answer = await readAnswer(at, module, made.claim, await bringClaim(at, module, made));
    expect(answer.verdict).toBe('refused');
    expect(answer.lines.map(({ from, reason }) => [from, reason])).toEqual([
      [1, 'delivered-in-time'],
      [6, 'never-asked'],
    ]);
    expect(answer.amountMinor).toBe(0n);
  });

  test('for frames that were decrypted on time is refused by the receipt itself', async () => {
    const session = await watched();
    const file = await settleContracted(at, module, session, { frames: [[0, 2]] });
    const made = await claimFor(at, module, file, { lines: [{ kind: 'lost', from: 0, to: 2 }] });
    const answer = await readAnswer(at, module, made.claim, await bringClaim(at, module, made));
    expect(answer.lines.map(({ reason }) => reason)).toEqual(['shown-on-time']);
  });

  test('cannot use the record of another session', async () => {
    const other = await watched();
    const session = await beginContracted(at, module, programme);
    const file = await settleContracted(at, module, session, { frames: [], delivery: { lostFrames: [[3, 4]] } });
    const made = await claimFor(at, module, file);
    const answer = await readAnswer(at, module, made.claim, await bringClaim(at, module, made));
    expect(answer.lines.map(({ reason }) => reason)).toEqual(['never-asked']);
    expect(other.deliveryId).not.toBe(session.deliveryId);
  });
});

describe('BT-9: a claim is refused', () => {
  let session: ContractedSession;
  let file: string;
  beforeAll(async () => {
    session = await watched();
    file = await settleContracted(at, module, session, { frames: [[0, 2]], delivery: { lostFrames: [[3, 4]] } });
  });
  const by = () => ({ signer: module.signer, typ: COSE_TYPES.claim });

  test('before its receipt was taken', async () => {
    const early = await watched();
    const unsettled = await settleContracted(at, module, early, {
      frames: [[0, 1]],
      delivery: { lostFrames: [[3, 4]] },
    });
    await at.provider.database.queries.execute(`delete from receipts where session_id = '${early.grant.session}'`);
    const made = await claimFor(at, module, unsettled);
    expect(await codeOfResponse(await bringClaim(at, module, made))).toBe('claim/too-early');
  });

  test('of another module', async () => {
    const other = await enrolTestModule(at);
    const made = await claimFor(at, other, file);
    expect(await codeOfResponse(await bringClaim(at, other, made))).toBe('claim/binding');
  });

  test('that was altered', async () => {
    const made = await claimFor(at, module, file);
    const claim = toBase64Url(bitFlipped(fromBase64Url(made.claim)));
    expect(await codeOfResponse(await bringClaim(at, module, { ...made, claim }))).toBe('claim/malformed');
  });

  test.each(['session', 'receiptHash', 'contractHash', 'aud'] as const)('with another %s', async (name) => {
    const made = await claimFor(at, module, file);
    const value = name === 'aud' ? '0'.repeat(32) : new Uint8Array(name === 'session' ? 16 : 32).fill(7);
    const claim = toBase64Url(await resigned(fromBase64Url(made.claim), by(), [name, value]));
    expect(await codeOfResponse(await bringClaim(at, module, { ...made, claim }))).toBe('claim/binding');
  });

  test('beside the receipt of another session', async () => {
    const other = await settleContracted(at, module, await watched(), { frames: [[0, 1]] });
    const made = await claimFor(at, module, file, { receiptFile: other });
    expect(await codeOfResponse(await bringClaim(at, module, made))).toBe('claim/binding');
  });

  test('by a module that is a copy, with evidence', async () => {
    const made = await claimFor(at, module, file);
    const stale = { ...module, heads: module.heads.slice(0, 2) };
    expect(await codeOfResponse(await bringClaim(at, stale, made))).toBe('record/regress');
  });

  test('and its receipt file comes back with the answer once it was answered', async () => {
    const made = await claimFor(at, module, file);
    await bringClaim(at, module, made);
    const contact = await makeContact(at, module);
    const given = await at.post('/papers', { ...contact, sessions: [session.grant.session] });
    const [paper] = (await given.json()).receiptFiles;
    const { contracted } = decodeReceiptFile(fromBase64Url(paper));
    expect(contracted?.claim && toBase64Url(contracted.claim)).toBe(made.claim);
    expect(contracted?.claimAnswer).not.toBeNull();
  });
});

describe('BT-9: the record of delivery', () => {
  const rowsOf = async (deliveryId: string) => {
    await at.provider.deliveries.flush();
    return at.provider.database.queries.select().from(deliveries).where(eq(deliveries.deliveryId, deliveryId));
  };

  test('has a row for each request that names a delivery, whole, gone or already there', async () => {
    const session = await beginContracted(at, module, programme);
    const hash = await pieceOf(at, programme, 0);
    await fetchFrame(at, session, 0);
    await fetchFrame(at, session, 3);
    const cmcd = encodeURIComponent(`sid="${session.deliveryId}"`);
    await at.terminal.request(`/content/${hash}?CMCD=${cmcd}`, { headers: { 'If-None-Match': `"${hash}"` } });
    const rows = await rowsOf(session.deliveryId);
    expect(rows.map(({ status, askedBytes, sentBytes }) => [status, askedBytes, sentBytes]).sort()).toEqual([
      [200, 128, 128],
      [304, 0, 0],
      [404, 0, 0],
    ]);
  });

  test('says that the other side broke off, and how far it had come', async () => {
    const session = await beginContracted(at, module, programme);
    const hash = await pieceOf(at, programme, 0);
    const cmcd = encodeURIComponent(`sid="${session.deliveryId}"`);
    const response = await at.terminal.request(`/content/${hash}?CMCD=${cmcd}`);
    await response.body?.cancel();
    const [row] = await rowsOf(session.deliveryId);
    expect(row).toMatchObject({ status: 200, askedBytes: 128, sentBytes: 0, brokenOff: true });
  });

  test.each([
    ['no query', ''],
    ['another query', '?sid=0123456789abcdef0123456789abcdef'],
    ['an id that is none', `?CMCD=${encodeURIComponent('sid="not an id"')}`],
    ['a query of a thousand keys', `?CMCD=${encodeURIComponent(`sid="${'ab'.repeat(16)}",${'x=1,'.repeat(300)}`)}`],
  ])('has nothing of a request with %s, which is answered all the same', async (_what, query) => {
    const before = await at.provider.database.queries.$count(deliveries);
    const response = await at.terminal.request(`/content/${await pieceOf(at, programme, 0)}${query}`);
    expect((await response.arrayBuffer()).byteLength).toBe(128);
    await at.provider.deliveries.flush();
    expect(await at.provider.database.queries.$count(deliveries)).toBe(before);
  });

  test('forgets after a day what no session asked for, and after a month the rest', async () => {
    const session = await beginContracted(at, module, programme);
    await fetchFrame(at, session, 0);
    const stray = { deliveryId: 'cd'.repeat(16), grant: session.grant };
    await fetchFrame(at, stray, 0);
    await at.provider.deliveries.flush();
    const { queries } = at.provider.database;
    const day = 86_400_000;
    await cleanDatabase(queries, at.clock.now + day - 1);
    expect([(await rowsOf(session.deliveryId)).length, (await rowsOf(stray.deliveryId)).length]).toEqual([1, 1]);
    await cleanDatabase(queries, at.clock.now + day + 1);
    expect([(await rowsOf(session.deliveryId)).length, (await rowsOf(stray.deliveryId)).length]).toEqual([1, 0]);
    await cleanDatabase(queries, at.clock.now + 31 * day + 1);
    expect((await rowsOf(session.deliveryId)).length).toBe(0);
  });
});
