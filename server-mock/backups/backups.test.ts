import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { toBase64Url, toHex } from '../../src/protocol/bytes.ts';
import { backups } from '../db/schema.ts';
import { SERVER_LIMITS } from '../limits.ts';
import { beginEpoch, cloneTestModule, enrolTestModule, grow, makeContact, type TestModule } from '../testing/module.ts';
import { codeOfResponse, openTestProvider, type TestProvider } from '../testing/test-provider.ts';

describe('backups', () => {
  let at: TestProvider;
  let module: TestModule;
  beforeAll(async () => {
    at = await openTestProvider();
    module = await enrolTestModule(at);
  });
  afterAll(() => at.close());

  const locator = (): string => toHex(randomBytes(16));
  const keep = async (by: TestModule, under: string, backup: Uint8Array): Promise<Response> =>
    at.post('/backups', { ...(await makeContact(at, by)), locator: under, backup: toBase64Url(backup) });
  const fetched = (under: string): Promise<Response> => at.terminal.request(`/api/v1/backups/${under}`);
  const bytesUnder = async (under: string): Promise<Uint8Array> =>
    new Uint8Array(await (await fetched(under)).arrayBuffer());

  it('BT-2: keeps the newest backup of a module and gives it to whoever knows where', async () => {
    const under = locator();
    for (const backup of [randomBytes(100), randomBytes(50)]) {
      const kept = await keep(module, under, backup);
      expect([kept.status, await kept.json()]).toEqual([200, {}]);
      const response = await fetched(under);
      expect(response.headers.get('content-type')).toBe('application/octet-stream');
      expect(response.headers.get('cache-control')).toBe('no-store');
      expect(response.headers.get('content-length')).toBe(String(backup.length));
      expect(new Uint8Array(await response.arrayBuffer())).toEqual(Uint8Array.from(backup));
    }
  });

  it('BT-2: lets nobody but its owner replace a backup; the owner in a new epoch still may', async () => {
    const under = locator();
    const owner = await enrolTestModule(at);
    const backup = Uint8Array.from(randomBytes(64));
    await keep(owner, under, backup);
    const refused = await keep(await enrolTestModule(at), under, randomBytes(64));
    expect([refused.status, await codeOfResponse(refused)]).toEqual([409, 'backup/other-module']);
    expect(await bytesUnder(under)).toEqual(backup);
    await beginEpoch(at, owner);
    expect((await keep(owner, under, randomBytes(32))).status).toBe(200);
    expect(await bytesUnder(under)).toHaveLength(32);
  });

  it('BT-2: takes no backup from a copy', async () => {
    const under = locator();
    const owner = await enrolTestModule(at);
    const copy = cloneTestModule(owner);
    grow(owner, 5);
    await keep(owner, under, randomBytes(64));
    expect(await codeOfResponse(await keep(copy, under, randomBytes(32)))).toBe('record/regress');
    expect(await bytesUnder(under)).toHaveLength(64);
  });

  it('keeps the four newest locators of a module', async () => {
    const owner = await enrolTestModule(at);
    const used: string[] = [];
    for (let made = 0; made < 6; made += 1) {
      at.clock.now += 1;
      used.push(locator());
      expect((await keep(owner, used.at(-1) ?? '', randomBytes(8))).status).toBe(200);
    }
    const rows = await at.provider.database.queries.select().from(backups).where(eq(backups.moduleId, owner.id));
    expect(rows.map((row) => row.locator).sort()).toEqual(used.slice(-4).sort());
  });

  it('BT-7: keeps one backup under two locators, and a passkey’s through all later sets of words', async () => {
    const owner = await enrolTestModule(at);
    const passkey = locator();
    for (let made = 0; made < 5; made += 1) {
      const words = locator();
      const backup = Uint8Array.from(randomBytes(40 + made));
      for (const under of [words, passkey]) {
        at.clock.now += 1;
        expect((await keep(owner, under, backup)).status).toBe(200);
      }
      expect([await bytesUnder(words), await bytesUnder(passkey)]).toEqual([backup, backup]);
    }
    const rows = await at.provider.database.queries.select().from(backups).where(eq(backups.moduleId, owner.id));
    expect(rows).toHaveLength(SERVER_LIMITS.backupsPerModule);
  });

  it('BT-7: takes one copy for a contact: the second locator needs a contact of its own', async () => {
    const owner = await enrolTestModule(at);
    const order = { ...(await makeContact(at, owner)), backup: toBase64Url(randomBytes(8)) };
    const second = locator();
    expect((await at.post('/backups', { ...order, locator: locator() })).status).toBe(200);
    expect(await codeOfResponse(await at.post('/backups', { ...order, locator: second }))).toBe('challenge/replayed');
    expect((await fetched(second)).status).toBe(404);
  });

  it('takes the largest backup it says, gives it back whole, and refuses one byte more', async () => {
    const under = locator();
    const largest = new Uint8Array(SERVER_LIMITS.backupSizeBytes).fill(7);
    expect((await keep(module, under, largest)).status).toBe(200);
    expect(Buffer.from(await bytesUnder(under)).equals(largest)).toBe(true);
    const refused = await keep(module, under, new Uint8Array(SERVER_LIMITS.backupSizeBytes + 1));
    expect([refused.status, await codeOfResponse(refused)]).toEqual([413, 'backup/too-large']);
  });

  it('has four on their way at once and no more, and room for everything else', async () => {
    const under = locator();
    await keep(module, under, new Uint8Array(100));
    const held = await Promise.all([1, 2, 3, 4].map(() => fetched(under)));
    expect(held.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    const fifth = await fetched(under);
    expect([fifth.status, fifth.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await codeOfResponse(await keep(module, under, new Uint8Array(1)))).toBe('server/overloaded');
    expect((await at.terminal.request('/api/v1/catalogue')).status).toBe(200);
    await Promise.all(held.map((response) => response.arrayBuffer()));
    expect((await keep(module, under, new Uint8Array(1))).status).toBe(200);
  });

  it('answers a locator that nobody uses, and one that is none', async () => {
    const unused = await fetched(locator());
    expect([unused.status, await codeOfResponse(unused)]).toEqual([404, 'backup/unknown']);
    expect(await codeOfResponse(await fetched('LOCATOR'))).toBe('request/malformed');
  });

  it.each([
    ['locator', 'AB'.repeat(16)],
    ['locator', 'ab'],
    ['backup', ''],
    ['backup', 'A'],
    ['backup', 'AAB'],
    ['backup', '+A'],
  ])('refuses a delivery whose %s is %j', async (member, value) => {
    const body = { ...(await makeContact(at, module)), locator: locator(), backup: 'AAAA' };
    expect(await codeOfResponse(await at.post('/backups', { ...body, [member]: value }))).toBe('request/malformed');
  });
});

describe('guessing locators', () => {
  it('is slow: a client has ten tries a minute, counted for all processes together', async () => {
    const at = await openTestProvider({ rateFactor: 1 });
    try {
      const statuses: number[] = [];
      for (let guess = 0; guess < 11; guess += 1) {
        statuses.push((await at.terminal.request(`/api/v1/backups/${toHex(randomBytes(16))}`)).status);
      }
      expect(statuses).toEqual([...Array.from({ length: 10 }, () => 404), 429]);
      expect((await at.terminal.request('/api/v1/catalogue')).status).toBe(200);
    } finally {
      await at.close();
    }
  });
});
