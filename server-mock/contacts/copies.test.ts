import { eq } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromBase64Url } from '../../src/protocol/bytes.ts';
import { issueCertificate, verifyCertificate } from '../../src/protocol/certificate.ts';
import { type Challenge, verifyChallengeResponse } from '../../src/protocol/challenge.ts';
import type { ProgrammeId } from '../../src/protocol/ids.ts';
import { decodeReceiptFile } from '../../src/protocol/receipt-file.ts';
import { webCryptoSuite as suite } from '../../src/protocol/suite/webcrypto.ts';
import { runs } from '../../src/protocol/testing/runs.ts';
import { alarms, idempotentAnswers, modules, sessions } from '../db/schema.ts';
import { accountOf, balanceOf } from '../ledger/ledger.ts';
import {
  answer,
  answerChallenge,
  askChallenge,
  beginEpoch,
  beginTestSession,
  type ContactBody,
  cloneTestModule,
  deliver,
  draftReceipt,
  enrolTestModule,
  grow,
  makeContact,
  placeOf,
  receiptFileOf,
  type TestModule,
  type TestSession,
} from '../testing/module.ts';
import { publishTestProgramme } from '../testing/test-programme.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';

const LOCATOR = 'ab'.repeat(16);

describe('copies of a module', () => {
  let at: TestProvider;
  let programme: ProgrammeId;
  beforeAll(async () => {
    at = await openTestProvider({ startingCreditMinor: 10_000n });
    programme = await publishTestProgramme(at.provider);
  });
  afterAll(() => at.close());

  /** `good`, or the code of the refusal. */
  const outcome = async (response: Response): Promise<string> => (response.ok ? 'good' : codeOfResponse(response));
  const alarmsOf = (module: TestModule) =>
    at.provider.database.queries.select().from(alarms).where(eq(alarms.moduleId, module.id)).orderBy(alarms.id);
  const receiptOf = async (module: TestModule, session: TestSession): Promise<string> =>
    receiptFileOf(at, module, session, draftReceipt(at, module, session, [[0, 1]]));

  /** Every way to come to the provider that it believes a good module alone. */
  const WAYS = ['session', 'receipt', 'papers', 'backup'] as const;
  const come = async (way: (typeof WAYS)[number], body: ContactBody, session: TestSession, file: string) => {
    const ask = {
      session: () => at.post('/sessions', { ...body, programme, from: 0, mode: 'display' }),
      receipt: () => at.post('/receipts', { ...body, receiptFile: file }),
      papers: () => at.post('/papers', { ...body, sessions: [session.grant.session] }),
      backup: () => at.post('/backups', { ...body, locator: LOCATOR, backup: 'AAAA' }),
    };
    return outcome(await ask[way]());
  };

  const orders = (['session', 'receipt'] as const).flatMap((first) =>
    WAYS.flatMap((second) => [-3, 0, 3].map((ahead) => [first, second, ahead] as const)),
  );
  it.each(orders)(
    'BT-2: one branch comes with a %s, the other with a %s and %i entries more: it is named, and only it',
    async (first, second, ahead) => {
      const original = await enrolTestModule(at);
      const granted = [
        await beginTestSession(at, original, { programme }),
        await beginTestSession(at, original, { programme }),
      ] as const;
      const copy = cloneTestModule(original);
      const files = [await receiptOf(original, granted[0]), await receiptOf(copy, granted[1])] as const;
      grow(original, 20);
      expect(await come(first, await makeContact(at, original), granted[0], files[0])).toBe('good');

      grow(copy, placeOf(original).counter + ahead - placeOf(copy).counter - 1);
      const refused = await come(second, await makeContact(at, copy), granted[1], files[1]);
      expect(refused).toBe(ahead < 0 ? 'record/regress' : 'record/fork');
      const [alarm, ...others] = await alarmsOf(original);
      expect(alarm?.kind).toBe(ahead < 0 ? 'regress' : 'fork');
      expect(others).toEqual([]);
      expect(await come(first, await makeContact(at, original), granted[0], files[0])).toBe('good');
    },
  );

  it('BT-2: a branch that asked before the other came is named at the next contact at the latest', async () => {
    for (const ahead of [-3, 0, 3]) {
      const original = await enrolTestModule(at);
      const session = await beginTestSession(at, original, { programme });
      const copy = cloneTestModule(original);
      const early = await askChallenge(at, copy);
      grow(original, 20);
      const file = await receiptOf(original, session);
      expect(await outcome(await deliver(at, original, file))).toBe('good');
      grow(copy, placeOf(original).counter + ahead - placeOf(copy).counter);
      const seen = [await come('session', await answer(at, copy, early), session, file)];
      for (const branch of [original, copy]) {
        seen.push(await come('session', await makeContact(at, branch), session, file));
      }
      expect(seen.filter((code) => code !== 'good')).not.toEqual([]);
    }
  });

  it('BT-8: two copies that close one session have one receipt; the other is refused with both as evidence', async () => {
    const original = await enrolTestModule(at);
    const session = await beginTestSession(at, original, { programme });
    const copy = cloneTestModule(original);
    const file = await receiptOf(original, session);
    expect(await outcome(await deliver(at, original, file))).toBe('good');
    const credit = await balanceOf(at.provider.database.queries, accountOf.credit(original.id, 'EUR'));
    await beginEpoch(at, copy);
    const rival = await receiptFileOf(at, copy, session, draftReceipt(at, copy, session, [[0, 4]]));
    expect(await outcome(await deliver(at, copy, rival))).toBe('record/fork');
    expect(await balanceOf(at.provider.database.queries, accountOf.credit(original.id, 'EUR'))).toBe(credit);
    const [alarm] = await alarmsOf(original);
    expect(alarm).toMatchObject({ kind: 'fork', source: 'receipt' });
    expect(alarm?.evidence).toEqual(decodeReceiptFile(fromBase64Url(rival)).receipt);
    expect(alarm?.expectedEvidence).toEqual(decodeReceiptFile(fromBase64Url(file)).receipt);
  });

  it('BT-8: two receipts at one place of the record are a fork, whichever session they are of', async () => {
    const original = await enrolTestModule(at);
    const granted = [
      await beginTestSession(at, original, { programme }),
      await beginTestSession(at, original, { programme }),
    ] as const;
    const copy = cloneTestModule(original);
    const files = [await receiptOf(original, granted[0]), await receiptOf(copy, granted[1])] as const;
    expect(await outcome(await deliver(at, original, files[0]))).toBe('good');
    // Brought by the copy that is met, so that the receipt alone can tell.
    expect(await outcome(await deliver(at, original, files[1]))).toBe('record/fork');
    const [alarm] = await alarmsOf(original);
    expect(alarm).toMatchObject({ kind: 'fork', source: 'receipt' });
    expect(alarm?.shownCounter).toBe(alarm?.expectedCounter);
  });

  it('BT-8: two copies of an epoch that is over have both receipts taken, though they stand at one place of the record; the fork is kept', async () => {
    const original = await enrolTestModule(at);
    const granted = [
      await beginTestSession(at, original, { programme }),
      await beginTestSession(at, original, { programme }),
    ] as const;
    const copy = cloneTestModule(original);
    const files = [await receiptOf(original, granted[0]), await receiptOf(copy, granted[1])] as const;
    expect(await outcome(await deliver(at, original, files[0]))).toBe('good');
    await beginEpoch(at, copy);
    expect(await outcome(await deliver(at, copy, files[1]))).toBe('good');
    expect(await outcome(await deliver(at, copy, files[1]))).toBe('good');
    const [alarm, ...others] = await alarmsOf(original);
    expect(others).toEqual([]);
    expect(alarm).toMatchObject({ kind: 'fork', source: 'receipt', epoch: 1 });
    expect(alarm?.evidence).toEqual(decodeReceiptFile(fromBase64Url(files[1])).receipt);
    expect(alarm?.expectedEvidence).toEqual(decodeReceiptFile(fromBase64Url(files[0])).receipt);
  });

  it('BT-8: a receipt that shows less than its session began with is a regress', async () => {
    const original = await enrolTestModule(at);
    const older = cloneTestModule(original);
    grow(original, 100);
    const session = await beginTestSession(at, original, { programme });
    const file = await receiptOf(older, session);
    expect(await outcome(await deliver(at, original, file))).toBe('record/regress');
    expect(await alarmsOf(original)).toMatchObject([{ kind: 'regress', source: 'receipt', expectedHead: null }]);
  });

  it('BT-8: a receipt of an epoch that is over is taken: what was shown is owed', async () => {
    const original = await enrolTestModule(at);
    const session = await beginTestSession(at, original, { programme });
    const file = await receiptOf(original, session);
    const restored = cloneTestModule(original);
    await beginEpoch(at, restored);
    // The old copy may not come, whatever it brings; the new one brings what the old one showed.
    expect(await outcome(await deliver(at, original, file))).toBe('module/superseded');
    expect(await outcome(await deliver(at, restored, file))).toBe('good');
  });

  it('BT-8: a module restored from an old backup closes in its new epoch what its old one began, at any counter', async () => {
    const original = await enrolTestModule(at);
    const backedUp = cloneTestModule(original);
    grow(original, 30);
    const session = await beginTestSession(at, original, { programme });
    await beginEpoch(at, backedUp);
    const file = await receiptOf(backedUp, session);
    expect(placeOf(backedUp).counter).toBeLessThan(placeOf(original).counter);
    expect(await outcome(await deliver(at, backedUp, file))).toBe('good');
    expect(await alarmsOf(original)).toEqual([]);
  });

  it('BT-2: keeps the evidence of a refused contact, whole, though nothing else of it is kept', async () => {
    const original = await enrolTestModule(at);
    const copy = cloneTestModule(original);
    grow(original, 5);
    const met = await answerChallenge(at, original, { programme });
    expect(await outcome(await at.post('/sessions', met))).toBe('good');
    const body = await answerChallenge(at, copy, { programme });
    const { queries } = at.provider.database;
    const before = await queries.select().from(modules).where(eq(modules.id, original.id));
    expect(await outcome(await at.post('/sessions', body, 'refused'))).toBe('record/regress');

    expect(await queries.select().from(modules).where(eq(modules.id, original.id))).toEqual(before);
    expect(await queries.select().from(sessions).where(eq(sessions.moduleId, original.id))).toHaveLength(1);
    const [alarm] = await alarmsOf(original);
    if (alarm === undefined) throw new Error('no alarm was kept');
    const { agency } = at.provider.keys;
    const believed = { agencyKey: agency.publicKey, role: 'module', now: at.clock.now, suite } as const;
    const module = await verifyCertificate({ bytes: alarm.certificate, ...believed });
    for (const [bytes, place] of [
      [alarm.evidence, placeOf(copy)],
      [alarm.expectedEvidence ?? new Uint8Array(), placeOf(original)],
    ] as const) {
      expect(await verifyChallengeResponse({ bytes, module, provider: at.provider.id, suite })).toMatchObject(place);
    }
    expect(alarm).toMatchObject({ shownCounter: BigInt(placeOf(copy).counter), shownHead: placeOf(copy).head });
    expect(alarm).toMatchObject({
      expectedCounter: BigInt(placeOf(original).counter),
      expectedHead: placeOf(original).head,
    });

    // Neither refusal nor challenge is used up: the same bytes again are the same alarm.
    expect((await queries.select().from(idempotentAnswers)).some(({ answer: text }) => text.includes('regress'))).toBe(
      false,
    );
    expect(await outcome(await at.post('/sessions', body, 'refused'))).toBe('record/regress');
    expect(await alarmsOf(original)).toHaveLength(1);
  });

  it('BT-2: keeps the first alarm of a kind and the newest four, however many there are', async () => {
    const original = await enrolTestModule(at);
    const copy = cloneTestModule(original);
    grow(original, 50);
    await beginTestSession(at, original, { programme });
    const shown: bigint[] = [];
    for (let time = 0; time < 8; time += 1) {
      await at.post('/sessions', await answerChallenge(at, copy, { programme }));
      shown.push(BigInt(placeOf(copy).counter));
    }
    const kept = (await alarmsOf(original)).map(({ shownCounter }) => shownCounter);
    expect(kept).toEqual([shown[0], ...shown.slice(-4)]);
  });

  it('BT-2: a challenge that names nobody is believed only of a module that was never met', async () => {
    const module = await enrolTestModule(at);
    const bodies: ContactBody[] = [];
    for (let time = 0; time < 2; time += 1) {
      const challenge = await askChallenge(at, null);
      expect(challenge.counter).toBe(0);
      grow(module, 1);
      bodies.push(await answer(at, module, challenge));
    }
    const begin = (body: ContactBody | undefined) =>
      at.post('/sessions', { ...body, programme, from: 0, mode: 'display' });
    expect(await outcome(await begin(bodies[0]))).toBe('good');
    expect(await outcome(await begin(bodies[1]))).toBe('challenge/malformed');
    expect(await alarmsOf(module)).toEqual([]);
  });

  it('BT-2: a challenge that names a module is believed of no other', async () => {
    const other = await enrolTestModule(at);
    const module = await enrolTestModule(at);
    grow(module, 1);
    const body = await answer(at, module, await askChallenge(at, other));
    expect(await outcome(await at.post('/sessions', { ...body, programme, from: 0, mode: 'display' }))).toBe(
      'challenge/malformed',
    );
  });

  it('BT-2: a challenge asked of an epoch that is over is asked anew', async () => {
    const module = await enrolTestModule(at);
    await beginTestSession(at, module, { programme });
    const early = await askChallenge(at, module);
    await beginEpoch(at, module);
    grow(module, 1);
    const body = await answer(at, module, early);
    expect(await outcome(await at.post('/sessions', { ...body, programme, from: 0, mode: 'display' }))).toBe(
      'challenge/expired',
    );
    expect(await alarmsOf(module)).toEqual([]);
    expect(await outcome(await at.post('/sessions', await answerChallenge(at, module, { programme })))).toBe('good');
  });

  it('BT-2: a module from before there were epochs is met in epoch 0, and is over when its first epoch begins', async () => {
    const module = await enrolTestModule(at);
    const life = { device: new Uint8Array(16), epoch: 0 };
    const certificate = await issueCertificate({
      signer: at.provider.keys.agency,
      role: 'module',
      subjectKey: module.signer.publicKey,
      sealingKey: module.sealing.publicKey,
      ...life,
      issuedAt: at.clock.now,
      expires: at.clock.now + 1_000_000,
    });
    const old = { ...cloneTestModule(module), ...life, certificate };
    await at.provider.database.queries.update(modules).set(life).where(eq(modules.id, module.id));
    const session = await beginTestSession(at, old, { programme });
    const file = await receiptOf(old, session);
    expect(await outcome(await deliver(at, old, file))).toBe('good');
    const restored = cloneTestModule(old);
    await beginEpoch(at, restored);
    expect(restored.epoch).toBe(1);
    expect(await outcome(await deliver(at, old, file))).toBe('module/superseded');
    expect(await outcome(await deliver(at, restored, file))).toBe('good');
  });

  it.each(['device', 'epoch'] as const)(
    'BT-2: refuses a response whose %s is not the certificate’s, and calls it no copy',
    async (member) => {
      const module = await enrolTestModule(at);
      const altered = { ...module, ...(member === 'device' ? { device: new Uint8Array(16).fill(7) } : { epoch: 2 }) };
      const body = await answerChallenge(at, altered, { programme });
      expect(await outcome(await at.post('/sessions', body))).toBe('challenge/malformed');
      expect(await alarmsOf(module)).toEqual([]);
    },
  );

  it('BT-2: an honest module with two tabs that is killed and restarted anywhere raises no alarm', async () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('ask' as const), tab: fc.nat(1) }),
      fc.record({ kind: fc.constant('answer' as const), tab: fc.nat(1) }),
      fc.record({ kind: fc.constant('send' as const), tab: fc.nat(1) }),
      fc.record({ kind: fc.constant('kill' as const), tab: fc.nat(1) }),
    );
    const honest = async (steps: readonly { readonly kind: string; readonly tab: number }[]): Promise<void> => {
      const module = await enrolTestModule(at);
      const asked: (Challenge | undefined)[] = [];
      const signed: (ContactBody | undefined)[] = [];
      for (const { kind, tab } of steps) {
        const [challenge, body] = [asked[tab], signed[tab]];
        if (kind === 'ask') asked[tab] = await askChallenge(at, module);
        else if (kind === 'kill') [asked[tab], signed[tab]] = [undefined, undefined];
        else if (kind === 'answer' && challenge !== undefined) {
          grow(module, 1);
          signed[tab] = await answer(at, module, challenge);
          asked[tab] = undefined;
        } else if (kind === 'send' && body !== undefined) {
          expect(['good', 'challenge/replayed']).toContain(await outcome(await at.post('/standings', body)));
        }
      }
      expect(await alarmsOf(module)).toEqual([]);
    };
    await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 8, maxLength: 16 }), honest), { numRuns: runs(15) });
  });
});
