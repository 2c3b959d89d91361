// A module that asks for its transport key has what was agreed ended (docs/protocol.md §23, §24): counts that ran apart come together again, it is the
// module alone that can have it, and not without end.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyRenewals } from '../db/key-schema.ts';
import { SERVER_LIMITS } from '../limits.ts';
import {
  acceptanceOf,
  agreeAsModule,
  askTransport,
  makeTestSet,
  receiveAgreement,
  sendAcceptance,
  TEST_POLICY,
} from '../testing/agreed.ts';
import { type ContactBody, enrolTestModule } from '../testing/module.ts';
import { type AgreedModule, agreeOn, makeAgreedModule, makeSignIn, sendSignIn } from '../testing/signed-in.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';
import { findBlock } from './agreements.ts';
import { directKeys } from './direct-registry.ts';
import type { KeyRegistry } from './registry.ts';

const DAY_MS = 86_400_000;

describe('what was agreed, ended by its module', () => {
  let at: TestProvider;
  let keys: KeyRegistry;
  beforeAll(async () => {
    at = await openTestProvider();
    keys = directKeys(at.provider);
  });
  afterAll(() => at.close());

  const send = (body: ContactBody) => sendSignIn(at, body);
  const blockOf = async ({ module }: AgreedModule) => findBlock(at.provider.database.queries, module.id);

  it('MC-3: a count more than sixteen ahead is refused at each contact, and after the next agreement the first one is good', async () => {
    const module = await enrolTestModule(at);
    // More numbers than the provider tries counts: with fewer, one of those counts has the number of any other.
    await makeTestSet(keys, 'apart', { units: [module.id], policy: { ...TEST_POLICY, rule: 'counter' }, count: 64 });
    const by = await agreeOn(at, module);
    by.count = 16;
    expect(await send(await makeSignIn(at, by))).toBe('keys/refused');
    // The same agreement again brings nothing together.
    expect((await receiveAgreement(at, by.module)).agreement.number).toBe(1);
    await agreeAsModule(at, by.module);
    expect(await send(await makeSignIn(at, by))).toBe('keys/refused');

    expect((await askTransport(at, by.module)).status).toBe(200);
    expect(await blockOf(by)).toMatchObject({ number: 1, inForce: false });
    expect(await codeOfResponse(await at.post('/keys/token', { module: module.id }))).toBe('keys/retired');
    by.agreement = (await agreeAsModule(at, by.module)).agreement;
    by.count = 0;
    expect(by.agreement.number).toBe(2);
    expect(await send(await makeSignIn(at, by))).toBe('good');
    expect(await blockOf(by)).toMatchObject({ number: 2, inForce: true, count: 1 });
  });

  it('MC-6: what was ended is not accepted once more, and the next one says the same under its own number', async () => {
    const { module, agreement } = await makeAgreedModule(at, keys, 'ended');
    const late = await acceptanceOf(at, module, agreement);
    await askTransport(at, module);
    expect(await codeOfResponse(await sendAcceptance(at, module, late))).toBe('keys/retired');
    const next = await receiveAgreement(at, module, 1);
    const { number: _first, issuedAt: _then, agreementHash: _its, ...said } = agreement;
    expect(next.agreement).toMatchObject({ ...said, number: 2 });
    expect(await codeOfResponse(await sendAcceptance(at, module, late))).toBe('keys/retired');
    expect((await receiveAgreement(at, module, 1)).bytes).toEqual(next.bytes);
  });

  it('MC-6: nobody else can have it ended: neither by wrong tags in the module’s name nor by a contact of their own', async () => {
    const by = await makeAgreedModule(at, keys, 'alone', 'counter');
    const other = await makeAgreedModule(at, keys, 'neighbour', 'counter');
    for (let wrong = 0; wrong < 40; wrong += 1) {
      const forged = { ...by, keys: other.keys, count: 0 };
      expect(await send(await makeSignIn(at, forged))).toBe('keys/refused');
    }
    await askTransport(at, other.module);
    expect(await blockOf(by)).toMatchObject({ number: 1, inForce: true });
    expect(await send(await makeSignIn(at, by))).toBe('good');
  });

  it('MC-6: so many in any day; then what is agreed goes on until the oldest is a day old', async () => {
    const { module } = await makeAgreedModule(at, keys, 'often');
    const renew = async (): Promise<string> => {
      const answer = await askTransport(at, module);
      if (answer.status !== 200) return codeOfResponse(answer);
      await agreeAsModule(at, module);
      return 'good';
    };
    for (let time = 0; time < SERVER_LIMITS.keyRenewals; time += 1) {
      at.clock.now += 1_000;
      expect(await renew()).toBe('good');
    }
    const number = 1 + SERVER_LIMITS.keyRenewals;
    expect(await renew()).toBe('keys/too-often');
    expect(await findBlock(at.provider.database.queries, module.id)).toMatchObject({ number, inForce: true });
    at.clock.now += DAY_MS - 1_000 * SERVER_LIMITS.keyRenewals;
    expect(await renew()).toBe('keys/too-often');
    at.clock.now += 1_000;
    expect(await renew()).toBe('good');
    expect(await renew()).toBe('keys/too-often');
  });

  it('SD-1: asked for twice before anything is agreed anew is one, and the first time of all is none', async () => {
    const { queries } = at.provider.database;
    const renewals = async (): Promise<number> => (await queries.select().from(keyRenewals)).length;
    const before = await renewals();
    const { module } = await makeAgreedModule(at, keys, 'once');
    expect(await renewals()).toBe(before);
    await askTransport(at, module);
    await askTransport(at, module);
    expect(await renewals()).toBe(before + 1);
  });
});
