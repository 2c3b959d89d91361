import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fromBase64Url, toBase64Url } from '../../src/protocol/bytes.ts';
import { runCli } from '../cli.ts';
import { beginTestSession, draftReceipt, enrolTestModule, receiptFileOf } from '../testing/module.ts';
import { publishTestProgramme } from '../testing/test-programme.ts';
import { makeTestFolder, openTestProvider } from '../testing/test-provider.ts';

type Outcome = { readonly code: number; readonly out: string; readonly err: string };

async function run(...argv: string[]): Promise<Outcome> {
  const out: string[] = [];
  const err: string[] = [];
  const code = await runCli(argv, {
    out: (line) => out.push(line),
    err: (line) => err.push(line),
    signal: new AbortController().signal,
  });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('farebox', () => {
  it.each([
    [[], 0],
    [['--help'], 0],
    [['list', '--help'], 0],
    [['receipts', 'verify', '--help'], 0],
    [['nonsense'], 2],
    [['receipts'], 2],
    [['list', 'more'], 2],
    [['list', '--odd'], 2],
    [['remove'], 2],
    [['remove', 'XYZ'], 2],
    [['receipts', 'verify'], 2],
    [['receipts', 'verify', 'file'], 2],
    [['receipts', 'verify', 'file', '--agency-key', 'short'], 2],
  ])('ends %j with exit code %i and a usage', async (argv, code) => {
    const outcome = await run(...argv);
    expect(outcome.code).toBe(code);
    expect(code === 0 ? outcome.out : outcome.err).toContain('Usage: farebox');
  });

  describe('receipts verify', () => {
    let folder: string;
    let file: string;
    let agencyKey: string;
    beforeAll(async () => {
      folder = await makeTestFolder();
      const at = await openTestProvider();
      const programme = await publishTestProgramme(at.provider);
      const module = await enrolTestModule(at);
      const session = await beginTestSession(at, module, { programme });
      const receipt = draftReceipt(at, module, session, [[0, 3]]);
      file = join(folder, 'one.farebox');
      await writeFile(file, fromBase64Url(await receiptFileOf(at, module, session, receipt)));
      agencyKey = toBase64Url(at.provider.keys.agency.publicKey);
      await at.close();
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    it('BT-8: holds every check of a receipt offline, with the agency’s key alone', async () => {
      const outcome = await run('receipts', 'verify', file, '--agency-key', agencyKey);
      expect(outcome.code).toBe(0);
      expect(outcome.out).toContain('Valid');
      const keyFile = join(folder, 'agency.txt');
      await writeFile(keyFile, `${agencyKey}\n`);
      expect((await run('receipts', 'verify', file, '--agency-key', keyFile)).code).toBe(0);
    });

    it('BT-8: says which check fails under another agency’s key', async () => {
      const other = toBase64Url(randomBytes(32));
      const outcome = await run('receipts', 'verify', file, '--agency-key', other, '--json');
      expect(outcome.code).toBe(1);
      const report = z
        .object({ valid: z.boolean(), checks: z.array(z.object({ name: z.string(), verdict: z.string() })) })
        .parse(JSON.parse(outcome.out));
      expect(report.valid).toBe(false);
      expect(report.checks.find(({ name }) => name === 'certificate')?.verdict).toBe('failed');
    });

    it('refuses a file it cannot open', async () => {
      const outcome = await run('receipts', 'verify', join(folder, 'none'), '--agency-key', agencyKey, '--json');
      expect(outcome.code).toBe(1);
      expect(JSON.parse(outcome.out)).toMatchObject({ error: { code: 'publish/unreadable' } });
    });
  });
});
