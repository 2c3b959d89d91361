import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64Url } from '../../src/protocol/bytes.ts';
import { makeTestModule } from '../testing/module.ts';
import { openTestProvider, type TestProvider } from '../testing/test-provider.ts';
import { cleanDatabase } from './cleaning.ts';
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
});
