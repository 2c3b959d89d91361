import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64Url } from '../../src/protocol/bytes.ts';
import { enrolTestModule, makeContact, makeTestModule } from '../testing/module.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';
import { cleanDatabase } from './cleaning.ts';
import { keyRenewals, wrongPins } from './key-schema.ts';
import { challenges, idempotentAnswers, rateWindows } from './schema.ts';

describe('cleaning', () => {
  let at: TestProvider;
  beforeAll(async () => {
    at = await openTestProvider();
  });
  afterAll(() => at.close());

  it('forgets challenges, their answers and rate windows after a day, and no other answer', async () => {
    const { queries } = at.provider.database;
    const { enrolmentRequest } = await makeTestModule(at.clock.now);
    const enrolment = { request: toBase64Url(enrolmentRequest) };
    const first = await (await at.post('/enrolments', enrolment, 'kept')).text();
    await at.post('/challenges', {});

    await cleanDatabase(queries, at.clock.now + 86_400_000);
    expect(await queries.select().from(challenges)).toHaveLength(1);

    await cleanDatabase(queries, at.clock.now + 86_400_000 + 60_001);
    expect(await queries.select().from(challenges)).toEqual([]);
    expect((await queries.select().from(idempotentAnswers)).map(({ route }) => route)).toEqual(['enrolments']);
    expect(await queries.select().from(rateWindows)).toEqual([]);
    expect(await (await at.post('/enrolments', enrolment, 'kept')).text()).toBe(first);
  });

  it('MC-5, MC-6: forgets a wrong PIN, and an agreement that a module had ended, when it stops nobody any more', async () => {
    const { queries } = at.provider.database;
    const { now } = at.clock;
    const [moduleId, times] = ['0'.repeat(32), [now - 1, now]];
    await queries.insert(wrongPins).values(times.map((triedTime) => ({ moduleId, triedTime })));
    await queries.insert(keyRenewals).values(times.map((askedTime) => ({ moduleId, askedTime })));
    await cleanDatabase(queries, now + 86_400_000);
    expect((await queries.select().from(wrongPins)).map(({ triedTime }) => triedTime)).toEqual([now]);
    expect((await queries.select().from(keyRenewals)).map(({ askedTime }) => askedTime)).toEqual([now]);
  });

  it('forgets an hour later what only told something, and its request is refused then, not carried out again', async () => {
    const { queries } = at.provider.database;
    const routes = async (): Promise<string[]> =>
      (await queries.select().from(idempotentAnswers)).map(({ route }) => route);
    const body = await makeContact(at, await enrolTestModule(at));
    expect((await at.post('/standings', body, 'told')).status).toBe(200);

    await cleanDatabase(queries, at.clock.now + 3_600_000);
    expect(await routes()).toContain('standings');
    await cleanDatabase(queries, at.clock.now + 3_600_001);
    expect(await routes()).not.toContain('standings');
    expect(await codeOfResponse(await at.post('/standings', body, 'told'))).toBe('challenge/replayed');
  });
});
