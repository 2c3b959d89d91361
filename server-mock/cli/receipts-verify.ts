// `farebox receipts verify FILE --agency-key KEY|FILE`: runs every check on a receipt file, offline, with nothing but the
// agency's public key. It opens no database and asks no server.

import { open, readFile } from 'node:fs/promises';
import { fromBase64Url } from '../../src/protocol/bytes.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { checkReceiptFile } from '../../src/protocol/receipt-checks.ts';
import { webCryptoSuite } from '../../src/protocol/suite/webcrypto.ts';
import { readArguments } from './arguments.ts';
import { type CliCommand, UsageError } from './command.ts';
import { layOutTable } from './table.ts';

const AGENCY_KEY = /^[\w-]{43}$/;
const MARKS = { ok: '✓', failed: '✗', absent: '·' } as const;

/** The command. */
export const receiptsVerifyCommand: CliCommand = {
  name: 'receipts verify',
  summary: 'Checks a receipt file offline',
  usage: [
    'farebox receipts verify FILE --agency-key KEY [--json]',
    '  FILE  a .farebox receipt file',
    '  KEY   the agency’s public key: 43 characters of base64url, or a file that holds them',
    'Exit code 0 where every check holds, 1 where one fails.',
  ].join('\n'),
  run: async (args, io) => {
    const { positionals, values } = readArguments({
      args: withJoinedKey(args),
      positionals: ['FILE'],
      options: { 'agency-key': { type: 'string' } },
    });
    const [file = ''] = positionals;
    const agencyKey = await readAgencyKey(values['agency-key']);
    const report = await checkReceiptFile({ file: await readBounded(file), agencyKey, suite: webCryptoSuite });
    if (io.json) {
      io.out(JSON.stringify({ valid: report.valid, checks: report.checks }));
    } else {
      const rows = report.checks.map(({ name, verdict, value, code }) => [MARKS[verdict], name, value, code ?? '']);
      for (const line of layOutTable(rows)) io.out(line);
      io.out(report.valid ? 'Valid: every check holds.' : 'Not valid.');
    }
    return report.valid ? 0 : 1;
  },
};

/** One key in sixty-four begins with the dash of an option: joined to its own option it is taken for what it is. */
function withJoinedKey(args: readonly string[]): readonly string[] {
  const at = args.indexOf('--agency-key');
  const key = args[at + 1];
  if (at < 0 || key === undefined || !AGENCY_KEY.test(key)) return args;
  return [...args.slice(0, at), `--agency-key=${key}`, ...args.slice(at + 2)];
}

/** 32 bytes, from base64url or from a file that holds it. */
async function readAgencyKey(given: string | undefined): Promise<Uint8Array> {
  if (given === undefined) throw new UsageError('--agency-key is missing');
  const text = AGENCY_KEY.test(given) ? given : await readFile(given, 'utf8').catch(() => '');
  const trimmed = text.trim();
  if (!AGENCY_KEY.test(trimmed)) throw new UsageError('--agency-key is neither a key nor a file with one');
  return fromBase64Url(trimmed);
}

/** A file no longer than a receipt file may be, so that a wrong name cannot fill the memory. */
async function readBounded(path: string): Promise<Uint8Array> {
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw new FareboxError('publish/unreadable', undefined, { cause });
  });
  try {
    const { size } = await handle.stat();
    if (size > LIMITS.receiptFileSizeBytes) throw new FareboxError('receipt/malformed');
    return Uint8Array.from(await handle.readFile());
  } finally {
    await handle.close();
  }
}
