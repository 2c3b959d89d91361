// P2 for watching with no line (docs/protocol.md §21): the whole programme until the offered time, or nothing; settled by a receipt however late.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fromBase64Url } from '../../src/protocol/bytes.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { accountOf, balanceOf } from '../ledger/ledger.ts';
import {
  answerChallenge,
  deliver,
  draftReceipt,
  enrolTestModule,
  readGrant,
  receiptFileOf,
  type TestModule,
} from '../testing/module.ts';
import { publishTestProgramme } from '../testing/test-programme.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';

const DAY_MS = 86_400_000;
const CONTRACT = {
  slotsPerMinute: 30,
  longestStallMs: 1_000,
  leastRung: '',
  refunds: { late: 500, lost: 1_000, stall: 250, rung: 0 },
};
const begun = z.strictObject({ grant: z.string(), contract: z.string().optional(), providerCertificate: z.string() });

describe('an offline session', () => {
  let at: TestProvider;
  let module: TestModule;
  beforeAll(async () => {
    at = await openTestProvider();
    module = await enrolTestModule(at);
  });
  afterAll(() => at.close());

  const credit = (of: TestModule): Promise<bigint> =>
    balanceOf(at.provider.database.queries, accountOf.credit(of.id, 'EUR'));
  const ask = async (by: TestModule, wanted: Parameters<typeof answerChallenge>[2], more: object = {}) =>
    at.post('/sessions', { ...(await answerChallenge(at, by, wanted)), offline: true, ...more });

  it('BT-3: covers the programme to its end until the offered time, with its price set aside', async () => {
    const programme = await publishTestProgramme(at.provider, { offlineMs: 7 * DAY_MS });
    const before = await credit(module);
    const answer = begun.parse(await (await ask(module, { programme })).json());
    const { grant } = await readGrant(at, module, programme, fromBase64Url(answer.grant));
    expect(grant).toMatchObject({ offline: true, ranges: [[0, 10]], reservedMinor: 200n });
    expect(grant.expires).toBe(at.clock.now + 7 * DAY_MS);
    expect(before - (await credit(module))).toBe(200n);
  });

  it('BT-9: has no contract, where an ordinary session of the same programme has one', async () => {
    const programme = await publishTestProgramme(at.provider, { offlineMs: DAY_MS, contract: CONTRACT });
    expect(begun.parse(await (await ask(module, { programme })).json()).contract).toBeUndefined();
    expect(begun.parse(await (await ask(module, { programme }, { offline: false })).json()).contract).toBeDefined();
  });

  it.each([
    ['of a programme that does not offer it', {}, {}],
    [
      'for a way out other than the display',
      { offlineMs: DAY_MS, modes: ['display', 'frames'] as const },
      { mode: 'frames' },
    ],
  ])('BT-3: is refused %s, and the challenge stays unused', async (_what, chosen, more) => {
    const programme = await publishTestProgramme(at.provider, chosen);
    const before = await credit(module);
    const body = { ...(await answerChallenge(at, module, { programme })), ...more };
    const refused = await at.post('/sessions', { ...body, offline: true });
    expect([refused.status, await codeOfResponse(refused)]).toEqual([409, 'grant/offline']);
    expect(await credit(module)).toBe(before);
    expect((await at.post('/sessions', body)).status).toBe(200);
  });

  it('is refused where the function does not grant so many frames at once', async () => {
    const frameCount = LIMITS.hkdfFrames + 1;
    const long = { sequence: 'hkdf', frameCount, priceMinor: 0, offlineMs: DAY_MS } as const;
    const programme = await publishTestProgramme(at.provider, long);
    expect(await codeOfResponse(await ask(module, { programme }))).toBe('grant/offline');
    expect((await ask(module, { programme, from: 1 })).status).toBe(200);
  });

  it('is whole or not at all: credit for some of it sets nothing aside', async () => {
    const programme = await publishTestProgramme(at.provider, { offlineMs: DAY_MS, priceMinor: 60_000 });
    const spender = await enrolTestModule(at);
    const before = await credit(spender);
    const refused = await ask(spender, { programme });
    expect([refused.status, await codeOfResponse(refused)]).toEqual([402, 'credit/exhausted']);
    expect(await credit(spender)).toBe(before);
    // As many as there is credit for are to be had from the end.
    expect((await ask(spender, { programme, from: 7 })).status).toBe(200);
  });

  it('is one session and the same bytes however often the same request comes, and another request under its key is refused', async () => {
    const programme = await publishTestProgramme(at.provider, { offlineMs: DAY_MS });
    const before = await credit(module);
    const body = { ...(await answerChallenge(at, module, { programme })), offline: true };
    const answers = await Promise.all(Array.from({ length: 5 }, () => at.post('/sessions', body, 'kept once')));
    const texts = new Set(await Promise.all(answers.map((answer) => answer.text())));
    expect(texts.size).toBe(1);
    expect(before - (await credit(module))).toBe(200n);
    const altered = await at.post('/sessions', { ...body, offline: false }, 'kept once');
    expect([altered.status, await codeOfResponse(altered)]).toEqual([422, 'request/key-reused']);
  });

  it('BT-8: is settled by a receipt that comes long after its term; until then what was set aside waits for it', async () => {
    const programme = await publishTestProgramme(at.provider, { offlineMs: DAY_MS });
    const traveller = await enrolTestModule(at);
    const full = await credit(traveller);
    const answer = begun.parse(await (await ask(traveller, { programme })).json());
    const session = await readGrant(at, traveller, programme, fromBase64Url(answer.grant));
    const file = await receiptFileOf(at, traveller, session, draftReceipt(at, traveller, session, [[2, 5]]));
    at.clock.now += 30 * DAY_MS;
    expect(full - (await credit(traveller))).toBe(200n);
    expect((await deliver(at, traveller, file)).status).toBe(200);
    expect(full - (await credit(traveller))).toBe(60n);
  });

  it('is told in the catalogue', async () => {
    const programme = await publishTestProgramme(at.provider, { offlineMs: 3 * DAY_MS });
    const plain = await publishTestProgramme(at.provider);
    const shown = z.object({ programmes: z.array(z.object({ id: z.string(), offlineMs: z.number().nullable() })) });
    const { programmes } = shown.parse(await (await at.terminal.request('/api/v1/catalogue')).json());
    const termOf = (id: string) => programmes.find((entry) => entry.id === id)?.offlineMs;
    expect([termOf(programme), termOf(plain)]).toEqual([3 * DAY_MS, null]);
  });
});
