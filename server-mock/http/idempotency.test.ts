import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64Url } from '../../src/protocol/bytes.ts';
import { accounts } from '../db/schema.ts';
import { answerChallenge, enrolTestModule, makeTestModule } from '../testing/module.ts';
import { publishTestProgramme } from '../testing/test-programme.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';

describe('idempotency', () => {
  let at: TestProvider;
  beforeAll(async () => {
    at = await openTestProvider();
  });
  afterAll(() => at.close());

  it('gives the same bytes for the same key and body, at once and later', async () => {
    const first = await (await at.post('/challenges', {}, 'one')).text();
    at.clock.now += 3_600_000;
    expect(await (await at.post('/challenges', {}, 'one')).text()).toBe(first);
    expect(await (await at.post('/challenges', {}, 'two')).text()).not.toBe(first);
  });

  it('carries a session out once for fifty equal requests at once', async () => {
    const programme = await publishTestProgramme(at.provider);
    const body = await answerChallenge(at, await enrolTestModule(at), { programme });
    const answers = await Promise.all(Array.from({ length: 50 }, () => at.post('/sessions', body, 'fifty')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1);
    const rows = await at.provider.database.queries.select({ id: accounts.id }).from(accounts);
    expect(rows.filter(({ id }) => id.startsWith('reserve/'))).toHaveLength(1);
  });

  it.each(['response', 'certificate', 'programme', 'from'] as const)(
    'refuses the same key with another %s, and keeps the first answer',
    async (member) => {
      const programme = await publishTestProgramme(at.provider);
      const module = await enrolTestModule(at);
      const body = await answerChallenge(at, module, { programme });
      const other = await answerChallenge(at, await enrolTestModule(at), {
        programme: await publishTestProgramme(at.provider),
        from: 1,
      });
      const key = `altered ${member}`;
      const first = await (await at.post('/sessions', body, key)).text();
      const altered = await at.post('/sessions', { ...body, [member]: other[member] }, key);
      expect(altered.status).toBe(422);
      expect(await codeOfResponse(altered)).toBe('request/key-reused');
      expect(await (await at.post('/sessions', body, key)).text()).toBe(first);
    },
  );

  it('does not remember a refusal: the same request may succeed later', async () => {
    const body = { request: 'AAAA' };
    expect(await codeOfResponse(await at.post('/enrolments', body, 'refused'))).toBe('enrolment/malformed');
    const { enrolmentRequest } = await makeTestModule(at.clock.now);
    const repaired = await at.post('/enrolments', { request: toBase64Url(enrolmentRequest) }, 'refused');
    expect(repaired.status).toBe(200);
  });

  it('takes one key for different routes', async () => {
    const { enrolmentRequest } = await makeTestModule(at.clock.now);
    await at.post('/challenges', {}, 'shared');
    expect((await at.post('/enrolments', { request: toBase64Url(enrolmentRequest) }, 'shared')).status).toBe(200);
  });

  it.each([
    ['none', {}],
    ['an empty one', { 'Idempotency-Key': '' }],
    ['one of 129 characters', { 'Idempotency-Key': 'k'.repeat(129) }],
    ['one beyond ASCII', { 'Idempotency-Key': 'ké' }],
  ])('refuses a POST whose key is %s', async (_what, headers) => {
    const response = await at.terminal.request('/api/v1/challenges', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: '{}',
    });
    expect(await codeOfResponse(response)).toBe('request/key-missing');
  });
});
