import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ProviderConfig } from '../config.ts';
import { cards } from '../db/key-schema.ts';
import { openProvider } from '../provider.ts';
import { startProvider } from '../server.ts';
import { makeFareboxFolder, runFarebox as run } from '../testing/farebox-command.ts';
import type { TestDatabase } from '../testing/test-database.ts';

const [FIRST, SECOND] = ['a'.repeat(32), 'b'.repeat(32)] as const;

describe('farebox keys cards', () => {
  let folder: string;
  let database: TestDatabase;
  let config: ProviderConfig;
  beforeAll(async () => {
    ({ folder, database, config } = await makeFareboxFolder());
    const provider = await openProvider(config);
    const row = { wrapped: new Uint8Array(60), last4: '9015', expiry: '2031-12', addedTime: 1_000 };
    await provider.database.queries.insert(cards).values([FIRST, SECOND].map((moduleId) => ({ moduleId, ...row })));
    await provider.database.close();
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  it('MC-4: lists cards by module, last four digits and expiry, and deletes one, with the server running', async () => {
    const server = await startProvider(config);
    try {
      const listed = await run('keys', 'cards');
      expect(listed.out.split('\n')).toEqual([
        expect.stringMatching(/^MODULE +CARD +EXPIRY +ADDED$/),
        `${FIRST}  … 9015  2031-12  1970-01-01T00:00:01Z`,
        `${SECOND}  … 9015  2031-12  1970-01-01T00:00:01Z`,
      ]);
      const removed = await run('keys', 'cards', 'remove', FIRST, '--json');
      expect(JSON.parse(removed.out)).toEqual({ module: FIRST, removed: true });
      expect((await run('keys', 'cards', 'remove', FIRST)).out).toBe(`${FIRST} has no card here.`);
      expect(await run('keys', 'cards', 'remove', 'nobody')).toMatchObject({ code: 2 });
    } finally {
      await server.stop();
    }
  });

  it('MC-4: does the same with no server running', async () => {
    const card = { module: SECOND, last4: '9015', expiry: '2031-12', addedTime: 1_000 };
    expect(JSON.parse((await run('keys', 'cards', '--json')).out)).toEqual({ cards: [card] });
    expect((await run('keys', 'cards', 'remove', SECOND)).out).toBe(`The card of ${SECOND} is deleted.`);
    expect((await run('keys', 'cards')).out).toBe('No module has confided a card.');
  });
});
