import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { verifyAcknowledgement } from '../../src/protocol/acknowledgement.ts';
import { fromBase64Url, toBase64Url } from '../../src/protocol/bytes.ts';
import type { ProgrammeId } from '../../src/protocol/ids.ts';
import {
  decodeContentHash,
  decodeModuleId,
  decodeProviderId,
  decodeSessionId,
  hashObject,
} from '../../src/protocol/ids.ts';
import type { Receipt } from '../../src/protocol/receipt.ts';
import { decodeReceiptFile, encodeReceiptFile } from '../../src/protocol/receipt-file.ts';
import { webCryptoSuite as suite } from '../../src/protocol/suite/webcrypto.ts';
import { distrust } from '../agency/untrusted.ts';
import { modules } from '../db/schema.ts';
import { accountOf, balanceOf } from '../ledger/ledger.ts';
import {
  answerChallenge,
  beginTestSession,
  deliver,
  draftReceipt,
  enrolTestModule,
  makeContact,
  placeOf,
  receiptFileOf,
  type TestModule,
  type TestSession,
} from '../testing/module.ts';
import { publishTestProgramme } from '../testing/test-programme.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';

const answerSchema = z.object({ acknowledgement: z.string() });
const OTHER_ID = '0123456789abcdef0123456789abcdef';
const OTHER_HASH = OTHER_ID + OTHER_ID;

describe('receipts', () => {
  let at: TestProvider;
  let programme: ProgrammeId;
  let module: TestModule;
  beforeAll(async () => {
    at = await openTestProvider();
    programme = await publishTestProgramme(at.provider);
    module = await enrolTestModule(at);
  });
  afterAll(() => at.close());

  const send = (receiptFile: string, by: TestModule = module): Promise<Response> => deliver(at, by, receiptFile);
  const balance = (account: string): Promise<bigint> => balanceOf(at.provider.database.queries, account);
  const acknowledgementIn = async (response: Response): Promise<Uint8Array> =>
    fromBase64Url(answerSchema.parse(await response.json()).acknowledgement);
  const sendSigned = async (session: TestSession, receipt: Receipt): Promise<Response> =>
    send(await receiptFileOf(at, module, session, receipt));

  it('BT-8: verifies a receipt, charges its frames, gives the rest back and acknowledges it', async () => {
    const viewer = await enrolTestModule(at);
    const earned = await balance(accountOf.revenue('EUR'));
    const session = await beginTestSession(at, viewer, { programme });
    const receipt = draftReceipt(at, viewer, session, [
      [0, 2],
      [5, 6],
    ]);
    const file = await receiptFileOf(at, viewer, session, receipt);
    const receiptHash = hashObject(decodeReceiptFile(fromBase64Url(file)).receipt);
    const acknowledged = await verifyAcknowledgement({
      bytes: await acknowledgementIn(await send(file, viewer)),
      provider: at.provider.certificate,
      receipt: { module: viewer.id, session: receipt.session, receiptHash, amountMinor: 60n },
      suite,
    });
    expect(acknowledged.creditMinor).toBe(199_940n);
    // Where the provider has met the module: at the contact that brought the receipt.
    expect(acknowledged).toMatchObject(placeOf(viewer));
    expect(await balance(accountOf.credit(viewer.id, 'EUR'))).toBe(199_940n);
    expect(await balance(accountOf.reserve(receipt.session, 'EUR'))).toBe(0n);
    expect(await balance(accountOf.revenue('EUR'))).toBe(earned + 60n);
  });

  it('BT-8: the same receipt twice is one receipt with the same answer', async () => {
    const session = await beginTestSession(at, module, { programme });
    const file = await receiptFileOf(at, module, session, draftReceipt(at, module, session, [[0, 3]]));
    const first = await acknowledgementIn(await send(file));
    const credit = await balance(accountOf.credit(module.id, 'EUR'));
    expect(await acknowledgementIn(await send(file))).toEqual(first);
    expect(await balance(accountOf.credit(module.id, 'EUR'))).toBe(credit);
  });

  it('BT-8: the same receipt sent many times at once is charged once', async () => {
    const session = await beginTestSession(at, module, { programme });
    const before = await balance(accountOf.credit(module.id, 'EUR'));
    const file = await receiptFileOf(at, module, session, draftReceipt(at, module, session, [[0, 10]]));
    const bodies: object[] = [];
    for (let copy = 0; copy < 8; copy += 1) bodies.push({ ...(await makeContact(at, module)), receiptFile: file });
    const answers = await Promise.all(bodies.map((body) => at.post('/receipts', body)));
    expect(answers.map(({ status }) => status)).toEqual(bodies.map(() => 200));
    expect(new Set(await Promise.all(answers.map((one) => one.text()))).size).toBe(1);
    expect(await balance(accountOf.credit(module.id, 'EUR'))).toBe(before);
  });

  it('numbers receipts from one on without gaps', async () => {
    const numbers: number[] = [];
    for (const frames of [1, 2]) {
      const session = await beginTestSession(at, module, { programme });
      const receipt = draftReceipt(at, module, session, [[0, frames]]);
      const file = await receiptFileOf(at, module, session, receipt);
      const receiptHash = hashObject(decodeReceiptFile(fromBase64Url(file)).receipt);
      const bytes = await acknowledgementIn(await send(file));
      const { amountMinor } = receipt;
      const expected = { module: module.id, session: receipt.session, receiptHash, amountMinor };
      const provider = at.provider.certificate;
      numbers.push((await verifyAcknowledgement({ bytes, provider, receipt: expected, suite })).sequenceNumber);
      // A refused one in between takes no number.
      expect((await sendSigned(session, { ...receipt, late: 1, onTime: frames - 1 })).status).toBe(409);
    }
    expect((numbers[1] ?? 0) - (numbers[0] ?? 0)).toBe(1);
  });

  it.each<[string, (receipt: Receipt) => Partial<Receipt>, string]>([
    ['provider', () => ({ provider: decodeProviderId(OTHER_ID) }), 'receipt/binding'],
    ['device', () => ({ device: new Uint8Array(16).fill(7) }), 'receipt/binding'],
    ['epoch', () => ({ epoch: 2 }), 'receipt/binding'],
    ['session', () => ({ session: decodeSessionId(OTHER_ID) }), 'receipt/binding'],
    ['programme hash', () => ({ programmeHash: decodeContentHash(OTHER_HASH) }), 'receipt/binding'],
    ['grant hash', () => ({ grantHash: decodeContentHash(OTHER_HASH) }), 'receipt/binding'],
    ['frames beyond the grant', () => ({ frames: [[8, 11]] }), 'receipt/coverage'],
    ['count', (receipt) => ({ count: receipt.count - 1 }), 'receipt/count'],
    ['frames', () => ({ frames: [[0, 2]] }), 'receipt/count'],
    ['rungs', () => ({ rungs: new Map([['video/360p', 2]]) }), 'receipt/count'],
    ['on-time frames', (receipt) => ({ onTime: receipt.onTime - 1 }), 'receipt/count'],
    ['late frames', () => ({ late: 1 }), 'receipt/count'],
    ['first time', (receipt) => ({ firstTime: receipt.lastTime + 1 }), 'receipt/times'],
    ['amount', (receipt) => ({ amountMinor: receipt.amountMinor - 1n }), 'receipt/amount'],
    ['currency', () => ({ currency: 'USD' }), 'receipt/amount'],
    ['counter below its frames', () => ({ counter: 5 }), 'receipt/record'],
  ])('BT-8: refuses a receipt whose %s does not hold, and charges nothing', async (_member, change, code) => {
    const session = await beginTestSession(at, module, { programme });
    const receipt = draftReceipt(at, module, session, [[0, 3]]);
    const before = await balance(accountOf.credit(module.id, 'EUR'));
    expect(await codeOfResponse(await sendSigned(session, { ...receipt, ...change(receipt) }))).toBe(code);
    expect(await balance(accountOf.credit(module.id, 'EUR'))).toBe(before);
    expect((await sendSigned(session, receipt)).status).toBe(200);
  });

  it.each(['receipt', 'certificate', 'grant', 'programme', 'providerCertificate'] as const)(
    'BT-8: refuses a receipt file whose %s has one bit changed',
    async (member) => {
      const session = await beginTestSession(at, module, { programme });
      const file = await receiptFileOf(at, module, session, draftReceipt(at, module, session, [[0, 3]]));
      const objects = decodeReceiptFile(fromBase64Url(file));
      const altered = Uint8Array.from(objects[member]);
      altered[altered.length - 1] = (altered.at(-1) ?? 0) ^ 1;
      const response = await send(toBase64Url(encodeReceiptFile({ ...objects, [member]: altered })));
      const expected = {
        receipt: 'receipt/signature',
        certificate: 'certificate/foreign',
        grant: 'grant/malformed',
        programme: 'programme/malformed',
        providerCertificate: 'certificate/foreign',
      };
      expect(await codeOfResponse(response)).toBe(expected[member]);
      expect((await send(file)).status).toBe(200);
    },
  );

  it('refuses what is no receipt file', async () => {
    expect(await codeOfResponse(await send(toBase64Url(new Uint8Array([0xa0]))))).toBe('receipt/malformed');
  });

  it('BT-8: takes a receipt from no module but the one that made it', async () => {
    const session = await beginTestSession(at, module, { programme });
    const file = await receiptFileOf(at, module, session, draftReceipt(at, module, session, [[0, 3]]));
    const other = await enrolTestModule(at);
    expect(await codeOfResponse(await send(file, other))).toBe('receipt/binding');
    expect((await send(file)).status).toBe(200);
  });

  it('BT-8: takes what was shown by a module that is not trusted any more, and grants it nothing', async () => {
    const viewer = await enrolTestModule(at);
    const session = await beginTestSession(at, viewer, { programme });
    const file = await receiptFileOf(at, viewer, session, draftReceipt(at, viewer, session, [[0, 3]]));
    await distrust(at.provider.database.queries, viewer.id, at.clock.now);
    expect((await send(file, viewer)).status).toBe(200);
    const body = await answerChallenge(at, viewer, { programme });
    expect(await codeOfResponse(await at.post('/sessions', body))).toBe('certificate/untrusted');
  });

  it('BT-2: takes a receipt from nobody who does not prove to be there', async () => {
    const session = await beginTestSession(at, module, { programme });
    const receiptFile = await receiptFileOf(at, module, session, draftReceipt(at, module, session, [[0, 3]]));
    const contact = await makeContact(at, module);
    expect((await at.post('/receipts', { ...contact, receiptFile })).status).toBe(200);
    expect(await codeOfResponse(await at.post('/receipts', { ...contact, receiptFile }))).toBe('challenge/replayed');
    expect(await codeOfResponse(await at.post('/receipts', { receiptFile }))).toBe('request/malformed');
  });

  it('accepts honest receipts in any order and keeps the highest counter', async () => {
    const viewer = await enrolTestModule(at);
    const sessions = [
      await beginTestSession(at, viewer, { programme }),
      await beginTestSession(at, viewer, { programme }),
    ];
    const files: string[] = [];
    for (const session of sessions) {
      files.push(await receiptFileOf(at, viewer, session, draftReceipt(at, viewer, session, [[0, 3]])));
    }
    for (const file of files.reverse()) expect((await send(file, viewer)).status).toBe(200);
    const [kept] = await at.provider.database.queries.select().from(modules).where(eq(modules.id, viewer.id));
    expect(kept?.lastCounter).toBe(BigInt(placeOf(viewer).counter));
    expect(kept?.lastHead).toEqual(placeOf(viewer).head);
    expect(decodeModuleId(kept?.id)).toBe(viewer.id);
  });

  it('accepts the receipt of a session in which nothing was shown, and gives everything back', async () => {
    const viewer = await enrolTestModule(at);
    const session = await beginTestSession(at, viewer, { programme });
    await send(await receiptFileOf(at, viewer, session, draftReceipt(at, viewer, session, [])), viewer);
    expect(await balance(accountOf.credit(viewer.id, 'EUR'))).toBe(200_000n);
  });
});
