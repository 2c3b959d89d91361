// Fig. 3 at the provider: MC-4. A card comes concealed, is kept wrapped, and what opens a bank's door with it (verification value, PIN) is
// nowhere: not in the database, not in a file, a log or an answer.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fromBase64Url, toBase64Url, toHex, utf8 } from '../../src/protocol/bytes.ts';
import { decodeCbor, encodeCbor } from '../../src/protocol/cbor.ts';
import type { Card } from '../../src/protocol/derived-keys/card.ts';
import { cards } from '../db/key-schema.ts';
import { terminalApp } from '../http/apps.ts';
import { makeContact } from '../testing/module.ts';
import { type AgreedModule, makeAgreedModule, makeCardDelivery, makeSignIn } from '../testing/signed-in.ts';
import { codeOfResponse, openTestProvider, TEST_ORIGINS, type TestProvider } from '../testing/test-provider.ts';
import { directKeys } from './direct-registry.ts';
import type { KeyRegistry } from './registry.ts';
import { openKeyWrap } from './wrap.ts';

const CARD: Card = { number: '4929123456789015', expiry: '2031-12', verification: '8067', pin: '918273645546' };
/** Of a card that is taken: twelve digits or more, which no other bytes have by chance. */
const NEVER_SHOWN = [CARD.number, CARD.number.slice(0, 12), '918273645546'];

/** The ways in which digits may stand in bytes: as they are, in hex, in base64 at each place. */
function spellings(digits: string): string[] {
  const encoded = [0, 1, 2].map((pad) => {
    const text = Buffer.concat([Buffer.alloc(pad), utf8(digits)]).toString('base64url');
    return text.slice(pad === 0 ? 0 : pad + 1, -2);
  });
  return [digits, toHex(utf8(digits)), ...encoded];
}

describe('MC-4: fig. 3', () => {
  let at: TestProvider;
  let keys: KeyRegistry;
  let agreed: AgreedModule;
  beforeAll(async () => {
    at = await openTestProvider();
    keys = directKeys(at.provider);
    agreed = await makeAgreedModule(at, keys, 'north');
  });
  afterAll(() => at.close());

  const deliver = async (by: AgreedModule, card: Card, bytes?: Uint8Array) =>
    at.post('/confidential', await makeCardDelivery(at, by, card, bytes));

  it.each(['client', 'server', 'date', 'counter'] as const)(
    'MC-4: takes a card under the rule `%s`, and shows its last four digits',
    async (rule) => {
      const by = await makeAgreedModule(at, keys, `rule-${rule}`, rule);
      const answer = await deliver(by, CARD);
      expect([answer.status, await answer.json()]).toEqual([200, { card: { last4: '9015', expiry: '2031-12' } }]);
    },
  );

  it('MC-4: a module has one card: a new one replaces it, and it is taken away by a contact', async () => {
    const shown = async () => (await keys.cards()).filter(({ module }) => module === agreed.module.id);
    await deliver(agreed, CARD);
    await deliver(agreed, { ...CARD, number: '4111111111111111', expiry: '2030-01' });
    expect(await shown()).toMatchObject([{ last4: '1111', expiry: '2030-01' }]);
    const body = await makeContact(at, agreed.module);
    expect(await (await at.post('/confidential/removal', body)).json()).toEqual({});
    expect(await shown()).toEqual([]);
    expect((await at.post('/confidential/removal', await makeContact(at, agreed.module))).status).toBe(200);
  });

  it('MC-4: a card with a bit changed, of another sign-in or of another module is refused alike, and nothing is kept', async () => {
    const by = await makeAgreedModule(at, keys, 'altered');
    const other = await makeAgreedModule(at, keys, 'other');
    const body = await makeCardDelivery(at, by, CARD);
    const concealed = fromBase64Url(body.concealed);
    const codes = new Set<string>();
    for (let bit = 0; bit < 8 * concealed.length; bit += 29) {
      const altered = Uint8Array.from(concealed);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      codes.add(await codeOfResponse(await at.post('/confidential', { ...body, concealed: toBase64Url(altered) })));
    }
    const theirs = await makeCardDelivery(at, other, CARD);
    codes.add(await codeOfResponse(await at.post('/confidential', { ...body, concealed: theirs.concealed })));
    const later = { ...(await makeSignIn(at, by)), concealed: body.concealed };
    codes.add(await codeOfResponse(await at.post('/confidential', later)));
    expect([...codes]).toEqual(['keys/refused']);
    expect((await keys.cards()).some(({ module }) => module === by.module.id)).toBe(false);
  });

  it.each<[string, string, () => Uint8Array]>([
    ['that is none', 'keys/malformed', () => encodeCbor(['card'])],
    [
      'whose month is over',
      'keys/expired-card',
      () => encodeCbor(new Map(Object.entries({ kind: 'card', ...CARD, expiry: '2025-12' }))),
    ],
    [
      'whose number fails its check',
      'keys/malformed',
      () => encodeCbor(new Map(Object.entries({ kind: 'card', ...CARD, number: '4929123456789016' }))),
    ],
  ])('MC-4: a card %s is %s, and the one that is there stays', async (_, code, bytes) => {
    await deliver(agreed, CARD);
    at.clock.now += 36 * 3_600_000;
    expect(await codeOfResponse(await deliver(agreed, CARD, bytes()))).toBe(code);
    expect((await keys.cards()).find(({ module }) => module === agreed.module.id)?.last4).toBe('9015');
  });

  it('MC-4: a card comes with a sign-in and with nothing else, and the sign-in is good once', async () => {
    const body = await makeCardDelivery(at, agreed, CARD);
    const signed = { ...(await makeContact(at, agreed.module)), concealed: body.concealed };
    expect(await codeOfResponse(await at.post('/confidential', signed))).toBe('challenge/malformed');
    const fresh = await makeCardDelivery(at, agreed, CARD);
    expect((await at.post('/confidential', fresh)).status).toBe(200);
    expect(await codeOfResponse(await at.post('/confidential', fresh))).toBe('challenge/replayed');
  });

  it('MC-4: the row has number and expiry, wrapped for its module, and nothing else of the card', async () => {
    const { module } = agreed;
    await deliver(agreed, CARD);
    const rows = await at.provider.database.queries.select().from(cards);
    const row = rows.find(({ moduleId }) => moduleId === module.id);
    if (row === undefined) throw new Error('no card');
    const wrap = await openKeyWrap(at.provider);
    expect(decodeCbor(await wrap.open({ card: module.id }, row.wrapped))).toEqual([CARD.number, CARD.expiry]);
    const other = rows.find(({ moduleId }) => moduleId !== module.id);
    if (other === undefined) throw new Error('no other card');
    await expect(wrap.open({ card: module.id }, other.wrapped)).rejects.toThrow('server/internal');
    expect(JSON.stringify({ ...row, wrapped: '', addedTime: 0, moduleId: '' })).not.toContain(CARD.verification);
  });

  it('MC-4, MC-5: neither number, PIN nor verification value is in the database, a file, a log or an answer', async () => {
    const logged: string[] = [];
    const log = pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) });
    const app = terminalApp({ provider: at.provider, origins: TEST_ORIGINS, log, site: new Map() });
    const answered: string[] = [];
    const send = async (path: string, body: object) => {
      const headers = { 'Content-Type': 'application/json', 'Idempotency-Key': crypto.randomUUID() };
      const answer = await app.request(`/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) }, {});
      answered.push(JSON.stringify([...answer.headers]), await answer.text());
      return answer.status;
    };
    expect(await send('/confidential', await makeCardDelivery(at, agreed, CARD))).toBe(200);
    const broken = encodeCbor(new Map(Object.entries({ kind: 'card', ...CARD, more: 1 })));
    expect(await send('/confidential', await makeCardDelivery(at, agreed, CARD, broken))).toBe(400);
    await at.provider.database.queries.execute('checkpoint');

    // One engine answers with the rows, the other with an object that has them.
    const named = z.array(z.object({ name: z.string() }));
    const tables = z
      .union([named, z.object({ rows: named }).transform((answer) => answer.rows)])
      .parse(
        await at.provider.database.queries.execute(
          "select tablename as name from pg_tables where schemaname = 'public'",
        ),
      );
    const rows: string[] = [];
    for (const { name } of tables)
      rows.push(JSON.stringify(await at.provider.database.queries.execute(`select t::text as row from ${name} t`)));
    expect(rows.join('')).toContain(agreed.module.id);
    const everything = [
      rows.join('\n'),
      logged.join('\n'),
      answered.join('\n'),
      ...(await filesOf(at.provider.config.dataDir)),
    ];
    for (const digits of NEVER_SHOWN) {
      for (const spelling of spellings(digits)) {
        for (const text of everything) expect(text.includes(spelling)).toBe(false);
      }
    }
    // The search sees what is there: a row's clear column in the database's own file, and both requests in the log.
    expect(everything.slice(3).some((text) => text.includes(CARD.expiry))).toBe(
      at.provider.config.databaseUrl === undefined,
    );
    expect([logged.length, logged.join('')]).toEqual([2, expect.stringContaining('keys/malformed')]);
    // Four digits are found by chance in what is long and random, so they are looked for where they would be told.
    expect(answered.filter((text) => text.startsWith('{')).join('')).not.toContain(CARD.verification);
    expect(rows.join('')).not.toContain('verification');
  });
});

/** Every file below a folder, as latin text, so that bytes are found as they are. */
async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return Promise.all(
    files.map(async ({ parentPath, name }) => (await readFile(join(parentPath, name))).toString('latin1')),
  );
}
