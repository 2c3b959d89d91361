import { Hono } from 'hono';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SERVER_LIMITS } from '../limits.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';
import { answerError, codeOf } from './errors.ts';
import { makeInFlight } from './in-flight.ts';

const RECEIPT = { response: 'AAAA', certificate: 'AAAA', receiptFile: 'AAAA' };

describe('limits', () => {
  let at: TestProvider;
  beforeAll(async () => {
    at = await openTestProvider({ rateFactor: 0.1 });
  });
  afterAll(() => at.close());

  it('counts each family of routes apart, says what is left, and starts anew with the window', async () => {
    for (let left = 23; left >= 0; left -= 1) {
      const response = await at.post('/challenges', {});
      expect(response.status).toBe(200);
      expect(response.headers.get('ratelimit-policy')).toBe('"challenges";q=24;w=60');
      expect(response.headers.get('ratelimit')).toBe(`"challenges";r=${left};t=60`);
    }
    const refused = await at.post('/challenges', {});
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('60');
    expect(await codeOfResponse(refused)).toBe('request/rate');
    expect(await codeOfResponse(await at.post('/receipts', RECEIPT))).toBe('certificate/malformed');
    at.clock.now += 60_000;
    expect((await at.post('/challenges', {})).status).toBe(200);
  });

  it('counts a flood of content apart from everything else', async () => {
    const path = `/content/${'0'.repeat(64)}`;
    const statuses = new Set<number>();
    for (let request = 0; request <= 600; request += 1) statuses.add((await at.terminal.request(path)).status);
    expect(statuses).toEqual(new Set([404, 429]));
    expect((await at.terminal.request('/api/v1/catalogue')).status).toBe(200);
  });

  it.each([
    ['/enrolments', SERVER_LIMITS.smallBodyBytes],
    ['/receipts', SERVER_LIMITS.receiptBodyBytes],
    ['/standings', SERVER_LIMITS.smallBodyBytes],
    ['/keys/export', SERVER_LIMITS.smallBodyBytes],
    ['/papers', SERVER_LIMITS.smallBodyBytes],
    ['/backups', SERVER_LIMITS.backupBodyBytes],
  ])('refuses a body for %s beyond its limit', async (path, limitBytes) => {
    const response = await at.post(path, { request: 'A'.repeat(limitBytes) });
    expect(response.status).toBe(413);
    expect(await codeOfResponse(response)).toBe('request/too-large');
  });

  it.each(['{', '[]', '"text"', '', 'null'])('refuses the body %j', async (body) => {
    at.clock.now += 60_000;
    const response = await at.terminal.request('/api/v1/enrolments', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Idempotency-Key': 'odd' },
      body,
    });
    expect(await codeOfResponse(response)).toBe('request/malformed');
  });

  it('answers an error with code, message and retry, and nothing else', async () => {
    at.clock.now += 60_000;
    const response = await at.post('/receipts', RECEIPT);
    expect(await response.json()).toEqual({
      error: { code: 'certificate/malformed', message: expect.stringMatching(/\w/), retry: 'never' },
    });
  });

  it('describes every route of the protocol as OpenAPI 3.1', async () => {
    const document = z
      .object({ openapi: z.string(), paths: z.record(z.string(), z.record(z.string(), z.unknown())) })
      .parse(await (await at.terminal.request('/api/v1/openapi.json')).json());
    expect(document.openapi).toBe('3.1.0');
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    );
    expect(routes.sort()).toEqual([
      'get /agency',
      'get /backups/{locator}',
      'get /boards/{id}',
      'get /boards/{id}/strokes',
      'get /catalogue',
      'get /programmes/{id}',
      'get /programmes/{id}/live',
      'get /programmes/{id}/live/{number}',
      'post /backups',
      'post /boards/{id}/end',
      'post /boards/{id}/strokes',
      'post /challenges',
      'post /claims',
      'post /confidential',
      'post /confidential/removal',
      'post /enrolments',
      'post /keys/acceptance',
      'post /keys/agreement',
      'post /keys/export',
      'post /keys/pin',
      'post /keys/token',
      'post /keys/transport',
      'post /papers',
      'post /receipts',
      'post /sessions',
      'post /standings',
    ]);
  });

  it('answers 503 beyond the bound of requests under way, and keeps room for receipts', async () => {
    const inFlight = makeInFlight({ total: 2, content: 1 });
    const app = new Hono();
    app.onError((thrown, c) => answerError(c, codeOf(thrown)));
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    app.get('/slow', inFlight.bound('api'), async (c) => {
      await held;
      return c.text('done');
    });
    app.get('/content', inFlight.bound('content'), (c) => c.body(new Blob(['x'.repeat(100)]).stream()));

    const streaming = await app.request('/content');
    const beyond = await app.request('/content');
    expect(beyond.status).toBe(503);
    expect(beyond.headers.get('retry-after')).toBe('1');
    const slow = app.request('/slow');
    expect(await codeOfResponse(await app.request('/slow'))).toBe('server/overloaded');

    release();
    expect((await slow).status).toBe(200);
    expect(inFlight.total()).toBe(1);
    await streaming.text();
    expect(inFlight.total()).toBe(0);
    await (await app.request('/content')).body?.cancel();
    expect(inFlight.total()).toBe(0);
  });
});
