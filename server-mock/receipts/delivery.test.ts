import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Readable } from 'node:stream';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { ProgrammeId } from '../../src/protocol/ids.ts';
import { receipts, transfers } from '../db/schema.ts';
import {
  beginTestSession,
  draftReceipt,
  enrolTestModule,
  makeContact,
  receiptFileOf,
  type TestModule,
} from '../testing/module.ts';
import { makeTestDatabase } from '../testing/test-database.ts';
import { publishTestProgramme } from '../testing/test-programme.ts';
import {
  codeOfResponse,
  makeTestFolderWithDatabase,
  openTestProvider,
  type TestProvider,
} from '../testing/test-provider.ts';

const NODE = join(import.meta.dirname, '../../node_modules/.bin/node');
const CHILD = join(import.meta.dirname, '../testing/delivering-child.ts');
const lineSchema = z.union([z.literal('open'), z.object({ status: z.number(), text: z.string() })]);

type Delivery = { readonly response: string; readonly certificate: string; readonly receiptFile: string };

/** One receipt of a new session, with a contact of its own for each time that it is going to be delivered. */
async function makeDeliveries(at: TestProvider, module: TestModule, programme: ProgrammeId, times: number) {
  const session = await beginTestSession(at, module, { programme });
  const receiptFile = await receiptFileOf(at, module, session, draftReceipt(at, module, session, [[0, 5]]));
  const deliveries: Delivery[] = [];
  for (let time = 0; time < times; time += 1) deliveries.push({ ...(await makeContact(at, module)), receiptFile });
  return { session: session.grant.session, deliveries };
}

describe('delivering a receipt', () => {
  let at: TestProvider;
  let programme: ProgrammeId;
  let module: TestModule;
  beforeAll(async () => {
    at = await openTestProvider();
    programme = await publishTestProgramme(at.provider);
    module = await enrolTestModule(at);
  });
  afterAll(() => at.close());

  it('BT-8: fifty at once, each with a contact of its own, are one receipt with one answer', async () => {
    const { session, deliveries } = await makeDeliveries(at, module, programme, 50);
    const answers = await Promise.all(deliveries.map((delivery) => at.post('/receipts', delivery)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1);
    const { queries } = at.provider.database;
    expect(await queries.select().from(receipts).where(eq(receipts.sessionId, session))).toHaveLength(1);
    const lines = await queries.select().from(transfers).where(eq(transfers.reference, session));
    expect(lines.map(({ kind }) => kind).sort()).toEqual(['release', 'reserve', 'settle']);
  });

  it('BT-8: fifty at once of one request have one answer, though its challenge is good for one', async () => {
    const [delivery] = (await makeDeliveries(at, module, programme, 1)).deliveries;
    const answers = await Promise.all(Array.from({ length: 50 }, () => at.post('/receipts', delivery, 'one request')));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(new Set(await Promise.all(answers.map((answer) => answer.text()))).size).toBe(1);
  });

  it.each(['response', 'certificate', 'receiptFile'] as const)(
    'BT-8: refuses the same key with another %s, and keeps the first answer',
    async (member) => {
      const { deliveries } = await makeDeliveries(at, module, programme, 2);
      const viewer = await enrolTestModule(at);
      const [other] = (await makeDeliveries(at, viewer, programme, 1)).deliveries;
      const key = `altered ${member}`;
      const first = await (await at.post('/receipts', deliveries[0], key)).text();
      const altered = await at.post('/receipts', { ...deliveries[0], [member]: other?.[member] }, key);
      expect([altered.status, await codeOfResponse(altered)]).toEqual([422, 'request/key-reused']);
      expect(await (await at.post('/receipts', deliveries[0], key)).text()).toBe(first);
      expect(await (await at.post('/receipts', deliveries[1])).text()).toBe(first);
    },
  );

  it('BT-8: a provider that is killed while it takes a receipt has charged it once, with the answer it gave', async () => {
    const folder = await makeTestFolderWithDatabase();
    const database = await makeTestDatabase();
    const config = { dataDir: folder, ...(database.url === undefined ? {} : { databaseUrl: database.url }) };
    const before = await openTestProvider(config);
    const killed = await enrolTestModule(before);
    const sold = await publishTestProgramme(before.provider);
    const { session, deliveries } = await makeDeliveries(before, killed, sold, 21);
    await before.close();

    const given: string[] = [];
    for (const [round, answers] of [0, 1, 3].entries()) {
      const orders = join(folder, 'orders.json');
      const bodies = deliveries.slice(5 * round, 5 * round + 5);
      await writeFile(orders, JSON.stringify({ ...config, bodies }));
      given.push(...(await deliverUntilKilled(orders, answers)));
    }

    const after = await openTestProvider(config);
    try {
      for (const delivery of deliveries.slice(15)) {
        given.push(await (await after.post('/receipts', delivery)).text());
      }
      expect(new Set(given).size).toBe(1);
      const lines = await after.provider.database.queries
        .select({ kind: transfers.kind, amountMinor: transfers.amountMinor })
        .from(transfers)
        .where(eq(transfers.reference, session));
      expect(lines.find(({ kind }) => kind === 'settle')?.amountMinor).toBe(100n);
      expect(lines).toHaveLength(3);
    } finally {
      await after.close();
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});

/** Starts a provider that delivers to itself and kills it once it has opened and given so many answers; gives the texts of those it got out. */
async function deliverUntilKilled(orders: string, answers: number): Promise<string[]> {
  const child: ChildProcessByStdio<null, Readable, null> = spawn(NODE, [CHILD, orders], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const given: string[] = [];
  let isOpen = false;
  for await (const line of createInterface({ input: child.stdout })) {
    const said = lineSchema.parse(JSON.parse(line));
    if (said === 'open') isOpen = true;
    else {
      expect(said.status).toBe(200);
      given.push(said.text);
    }
    if (isOpen && given.length >= answers) child.kill('SIGKILL');
  }
  expect(isOpen).toBe(true);
  await ended;
  return given;
}
