// What the command line says and does about agreements and roll-over, MC-2, MC-6: over a running server, and on the database itself.

import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ProviderConfig } from '../config.ts';
import { findBlock } from '../key-unit/agreements.ts';
import { type RunningProvider, startProvider } from '../server.ts';
import { agreeAsModule } from '../testing/agreed.ts';
import { makeFareboxFolder, runFarebox as run } from '../testing/farebox-command.ts';
import { enrolTestModule, makeContact, type TestModule } from '../testing/module.ts';
import type { TestDatabase } from '../testing/test-database.ts';
import type { TestProvider } from '../testing/test-provider.ts';

/** A running provider as the test module knows one: by requests to its address. */
function reach({ provider, terminalUrl }: RunningProvider): TestProvider {
  const request = (path: string, init?: RequestInit) => fetch(`${terminalUrl}${path}`, init);
  return {
    provider,
    terminal: { request },
    module: { request },
    clock: { now: Date.now() },
    post: (path, body, idempotencyKey = crypto.randomUUID()) =>
      request(`/api/v1${path}`, {
        ...{ method: 'POST', body: JSON.stringify(body) },
        headers: { 'Content-Type': 'application/json', 'Idempotency-Key': idempotencyKey },
      }),
    close: () => Promise.resolve(),
  };
}

const POLICY = ['--rule', 'client', '--master', 'master', '--series', 'watch,wallet', '--pin', 'wallet'];

describe('farebox keys, agreements', () => {
  let folder: string;
  let database: TestDatabase;
  let config: ProviderConfig;
  let module: TestModule;
  beforeAll(async () => {
    ({ folder, database, config } = await makeFareboxFolder());
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  it('MC-2, MC-6: sets a policy, lists what was agreed, and each way to retire stops it at once', async () => {
    const server = await startProvider(config);
    try {
      const at = reach(server);
      expect((await run('keys', 'agreements')).out).toBe('Nothing was agreed with any module yet.');
      expect(await run('keys', 'add', 'set', 'gate', '--open', '2')).toMatchObject({ code: 0 });
      expect(await run('keys', 'add', 'app', 'gate', 'master', '--kind', 'master')).toMatchObject({ code: 0 });
      for (const series of ['watch', 'wallet'])
        expect(await run('keys', 'add', 'app', 'gate', series, '--kind', 'series', '--count', '8')).toMatchObject({
          code: 0,
        });
      expect(await run('keys', 'policy', 'gate', ...POLICY)).toMatchObject({ code: 0 });
      const shown = (await run('keys', 'show', 'gate')).out;
      expect(shown).toMatch(/Open +to 2 modules/);
      expect(shown).toMatch(/Policy +rule client, master master, series wallet \(PIN\), watch\n/);

      module = await enrolTestModule(at);
      expect((await at.post('/keys/transport', await makeContact(at, module))).status).toBe(200);
      await agreeAsModule(at, module);
      expect((await run('keys', 'agreements', 'gate')).out).toMatch(
        new RegExp(`gate +${module.id} +1 +client +\\S+Z +yes +0 +0$`),
      );
      const retire = ['keys', 'retire', 'gate'];
      const steps: readonly (readonly [readonly string[], string])[] = [
        [[...retire, 'watch', '--index', '3'], '1 derived keys of gate are over.'],
        [
          [...retire, 'watch/1', '--index', '4', '--unit', module.id],
          `1 derived keys of module ${module.id} are over.`,
        ],
        [[...retire, 'wallet', '--unit', module.id], `1 keys of module ${module.id} are given out no more.`],
        [
          ['keys', 'rule', 'gate', 'date', '--unit', module.id],
          `Module ${module.id} agrees on this with the next contact.`,
        ],
        [
          ['keys', 'rule', 'gate', 'none', '--unit', module.id],
          `Module ${module.id} agrees on this with the next contact.`,
        ],
        [['keys', 'rule', 'gate', 'counter'], 'Modules of gate agree on this with the next contact.'],
      ];
      for (const [argv, said] of steps) {
        expect(await run(...argv)).toEqual({ code: 0, out: said, err: '' });
        expect((await findBlock(server.provider.database.queries, module.id))?.inForce).toBe(false);
        await agreeAsModule(at, module);
        expect((await findBlock(server.provider.database.queries, module.id))?.inForce).toBe(true);
      }
      const renewed = await run('keys', 'renew', 'gate');
      expect(renewed.out.split('\n').map((line) => /has (\S+),/.exec(line)?.[1])).toEqual([
        'master/2',
        'wallet/2',
        'watch/2',
      ]);
      expect((await run('keys', 'retire', 'gate', 'none')).err).toContain('keys/no-such-key');
      expect((await run('keys', 'retire', 'gate', 'watch', '--index', '9')).err).toContain('keys/malformed');
      expect((await run('keys', 'policy', 'west', ...POLICY)).err).toContain('keys/unknown-set');
      expect((await run('keys', 'policy', 'gate', ...POLICY.with(3, 'watch'))).err).toContain('keys/no-such-key');
      expect((await run('keys', 'rule', 'gate', 'date', '--unit', '9'.repeat(32))).err).toContain('keys/unknown-unit');
      expect((await run('keys', 'agreements', 'west')).err).toContain('keys/unknown-set');
    } finally {
      await server.stop();
    }
  });

  it('MC-2, MC-6: does the same without a server', async () => {
    const parsed = async (...argv: string[]): Promise<unknown> => JSON.parse((await run(...argv, '--json')).out);
    expect(await parsed('keys', 'agreements')).toMatchObject({
      agreements: [
        { set: 'gate', module: module.id, number: 7, rule: 'counter', inForce: false, count: 0, wrongPins: 0 },
      ],
    });
    expect(await parsed('keys', 'retire', 'gate', 'watch', '--index', '0')).toEqual({ set: 'gate', retired: 1 });
    expect(await parsed('keys', 'retire', 'gate', 'watch', '--index', '0')).toEqual({ set: 'gate', retired: 0 });
    expect(await parsed('keys', 'rule', 'gate', 'server')).toEqual({ set: 'gate', rule: 'server', unit: null });
    expect(await parsed('keys', 'policy', 'gate', ...POLICY)).toMatchObject({
      set: 'gate',
      policy: { rule: 'client' },
    });
    expect(await parsed('keys', 'renew', 'gate')).toMatchObject({
      apps: [{ version: 3 }, { version: 3 }, { version: 3 }],
    });
    expect(await parsed('keys', 'retire', 'gate', '--unit', module.id)).toEqual({ set: 'gate', retired: 8 });
    expect(await parsed('keys', 'retire', 'gate')).toEqual({ set: 'gate', retired: 3 });
  });

  it.each([
    [['keys', 'policy', 'gate']],
    [['keys', 'policy', 'gate', ...POLICY.with(1, 'other')]],
    [['keys', 'policy', 'gate', ...POLICY.with(5, 'watch,watch')]],
    [['keys', 'policy', 'gate', ...POLICY.with(5, 'watch,')]],
    [['keys', 'policy', 'gate', ...POLICY.with(7, 'other')]],
    [['keys', 'rule', 'gate']],
    [['keys', 'rule', 'gate', 'none']],
    [['keys', 'rule', 'gate', 'date', '--unit', 'x']],
    [['keys', 'agreements', 'gate', 'x']],
    [['keys', 'retire']],
    [['keys', 'retire', 'gate', 'wallet/x']],
    [['keys', 'retire', 'gate', 'wallet/1/2']],
    [['keys', 'retire', 'gate', 'wallet', '--index', 'x']],
    [['keys', 'retire', 'gate', 'wallet', '--index', '4096']],
    [['keys', 'retire', 'gate', '--index', '1']],
    [['keys', 'retire', 'gate', '--unit', 'x']],
    [['keys', 'renew']],
  ])('refuse the arguments %j with the usage', async (argv) => {
    const { code, err } = await run(...argv);
    expect(code).toBe(2);
    expect(err).toContain('Usage: farebox keys');
  });

  it.each(['policy', 'rule', 'agreements', 'retire', 'renew'])('keys %s has --help', async (name) => {
    const { code, out } = await run('keys', name, '--help');
    expect([code, out]).toEqual([0, expect.stringContaining(`farebox keys ${name}`)]);
  });
});
