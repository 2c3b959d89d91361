import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fromBase64Url } from '../../src/protocol/bytes.ts';
import type { ProgrammeId } from '../../src/protocol/ids.ts';
import { checkReceiptFile } from '../../src/protocol/receipt-checks.ts';
import { webCryptoSuite as suite } from '../../src/protocol/suite/webcrypto.ts';
import { distrust } from '../agency/untrusted.ts';
import { accounts, alarms, modules, receipts, sessions } from '../db/schema.ts';
import {
  answerChallenge,
  askStanding,
  beginEpoch,
  beginTestSession,
  cloneTestModule,
  deliver,
  draftReceipt,
  enrolTestModule,
  grow,
  makeContact,
  makeTestModule,
  placeOf,
  receiptFileOf,
  type TestModule,
} from '../testing/module.ts';
import { publishTestProgramme } from '../testing/test-programme.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';

const papersSchema = z.object({ receiptFiles: z.array(z.string()) });
const ZEROS = new Uint8Array(32);

describe('standings and papers', () => {
  let at: TestProvider;
  let programme: ProgrammeId;
  beforeAll(async () => {
    at = await openTestProvider();
    programme = await publishTestProgramme(at.provider);
  });
  afterAll(() => at.close());

  /** A settled session; answers its id and receipt file. */
  const settle = async (module: TestModule, frames: number) => {
    const session = await beginTestSession(at, module, { programme });
    const file = await receiptFileOf(at, module, session, draftReceipt(at, module, session, [[0, frames]]));
    await deliver(at, module, file);
    return session.grant.session;
  };
  const askPapers = async (module: TestModule, asked: readonly string[]): Promise<Response> =>
    at.post('/papers', { ...(await makeContact(at, module)), sessions: asked });

  describe('a standing', () => {
    it('BT-2: tells a good module where it was met, what it can spend, and its sessions, newest first', async () => {
      const module = await enrolTestModule(at);
      const settled = await settle(module, 3);
      at.clock.now += 1;
      const open = await beginTestSession(at, module, { programme });
      const standing = await askStanding(at, module);
      expect(standing).toMatchObject({
        verdict: 'good',
        device: module.device,
        epoch: 1,
        since: 0,
        currency: 'EUR',
        creditMinor: 200_000n - 60n - 200n,
        ...placeOf(module),
      });
      expect(standing.sessions).toMatchObject([
        { session: open.grant.session, receiptHash: null, sequenceNumber: 0, amountMinor: 0n },
        { session: settled, amountMinor: 60n },
      ]);
      const { queries } = at.provider.database;
      const [receipt] = await queries.select().from(receipts).where(eq(receipts.sessionId, settled));
      expect(standing.sessions[1]?.receiptHash).toBe(receipt?.receiptHash);
      expect(BigInt(standing.sessions[1]?.sequenceNumber ?? 0)).toBe(receipt?.sequenceNumber);
    });

    it('BT-2: tells a copy that is older, and one that went on from the same state, since when it is known', async () => {
      for (const [ahead, verdict] of [
        [-10, 'regress'],
        [10, 'fork'],
      ] as const) {
        const module = await enrolTestModule(at);
        const copy = cloneTestModule(module);
        grow(module, 20);
        await settle(module, 1);
        grow(copy, placeOf(module).counter + ahead);
        const first = at.clock.now;
        expect(await askStanding(at, copy)).toMatchObject({ verdict, epoch: 1, since: first, ...placeOf(module) });
        at.clock.now += 1_000;
        expect((await askStanding(at, copy)).since).toBe(first);
        expect((await askStanding(at, module)).verdict).toBe('good');
      }
    });

    it('BT-2: tells a copy that was restored elsewhere when that was, and where the new one stands', async () => {
      const module = await enrolTestModule(at);
      const restored = cloneTestModule(module);
      at.clock.now += 1_000;
      await beginEpoch(at, restored);
      const began = at.clock.now;
      at.clock.now += 1_000;
      const superseded = { verdict: 'superseded', epoch: 2, device: restored.device, since: began };
      expect(await askStanding(at, module)).toMatchObject({ ...superseded, counter: 0, head: ZEROS });
      expect((await askStanding(at, restored)).verdict).toBe('good');
      expect(await askStanding(at, module)).toMatchObject({ ...superseded, ...placeOf(restored) });
    });

    it('BT-2: changes nothing but the counter and head of a good contact', async () => {
      const { queries } = at.provider.database;
      const state = async (module: TestModule) => ({
        sessions: await queries.select().from(sessions),
        receipts: await queries.select().from(receipts),
        accounts: await queries.select().from(accounts).orderBy(accounts.id),
        module: (await queries.select().from(modules).where(eq(modules.id, module.id)))[0],
      });
      const module = await enrolTestModule(at);
      const copy = cloneTestModule(module);
      await settle(module, 1);
      const before = await state(module);
      await askStanding(at, copy);
      expect(await state(module)).toEqual(before);
      at.clock.now += 1;
      await askStanding(at, module);
      const after = await state(module);
      const { counter, head } = placeOf(module);
      expect(after).toMatchObject({ ...before, module: { lastCounter: BigInt(counter), lastHead: head } });
    });

    it('BT-2: answers a certificate that has run out, which gets nothing else', async () => {
      const module = await enrolTestModule(at);
      const start = at.clock.now;
      at.clock.now += 366 * 86_400_000;
      try {
        const provider = await codeOfResponse(
          await at.post('/sessions', await answerChallenge(at, module, { programme })),
        );
        expect(provider).toBe('certificate/expired');
        expect((await askStanding(at, module)).verdict).toBe('good');
      } finally {
        at.clock.now = start;
      }
    });

    it('BT-2: is told to nobody who is a stranger, untrusted, or signs with another key', async () => {
      const module = await enrolTestModule(at);
      const stranger = await makeTestModule(at.clock.now);
      const body = await makeContact(at, module);
      const { certificate } = await makeContact(at, await enrolTestModule(at));
      expect(await codeOfResponse(await at.post('/standings', { ...body, certificate }))).toBe('challenge/malformed');
      await distrust(at.provider.database.queries, module.id, at.clock.now);
      expect(await codeOfResponse(await at.post('/standings', body))).toBe('certificate/untrusted');
      stranger.certificate = at.provider.certificateBytes;
      const strange = await at.post('/standings', await makeContact(at, stranger));
      expect(await codeOfResponse(strange)).toBe('certificate/wrong-role');
    });

    it('gives the same bytes to the same request again', async () => {
      const body = await makeContact(at, await enrolTestModule(at));
      const first = await (await at.post('/standings', body, 'standing')).text();
      at.clock.now += 120_000;
      expect(await (await at.post('/standings', body, 'standing')).text()).toBe(first);
    });
  });

  describe('papers', () => {
    it('BT-8: gives a module its own receipt files, acknowledged, in the order asked', async () => {
      const module = await enrolTestModule(at);
      const asked = [await settle(module, 1), await settle(module, 2), await settle(module, 3)].reverse();
      const restored = cloneTestModule(module);
      await beginEpoch(at, restored);
      const { receiptFiles } = papersSchema.parse(await (await askPapers(restored, asked)).json());
      const agencyKey = at.provider.keys.agency.publicKey;
      const reports = await Promise.all(
        receiptFiles.map((file) => checkReceiptFile({ file: fromBase64Url(file), agencyKey, suite })),
      );
      expect(reports.map(({ receipt }) => receipt?.session)).toEqual(asked);
      for (const { valid, acknowledgement } of reports) {
        expect(valid).toBe(true);
        expect(acknowledgement).not.toBeNull();
      }
    });

    it('BT-8: gives no paper of another module, and does not tell whether there is one', async () => {
      const session = await settle(await enrolTestModule(at), 1);
      const curious = await enrolTestModule(at);
      for (const asked of [session, '0'.repeat(32)]) {
        const refused = await askPapers(curious, [await settle(curious, 1), asked]);
        expect([refused.status, await codeOfResponse(refused)]).toEqual([404, 'session/unknown']);
      }
    });

    it('BT-8: says where a session has no receipt yet', async () => {
      const module = await enrolTestModule(at);
      const open = await beginTestSession(at, module, { programme });
      expect(await codeOfResponse(await askPapers(module, [open.grant.session]))).toBe('receipt/none');
    });

    it.each([
      ['no session', []],
      ['more than fifty', Array.from({ length: 51 }, () => '0'.repeat(32))],
      ['something that is no id', ['session']],
    ])('refuses a request for %s', async (_what, asked) => {
      const module = await enrolTestModule(at);
      expect(await codeOfResponse(await askPapers(module, asked))).toBe('request/malformed');
      expect(await at.provider.database.queries.select().from(alarms).where(eq(alarms.moduleId, module.id))).toEqual(
        [],
      );
    });
  });
});
