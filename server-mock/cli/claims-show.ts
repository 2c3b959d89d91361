// `farebox claims show SESSION`: one claim and its answer, line by line with the reasons, and the record of delivery that they came from.

import { amount, formatAmount } from '../../src/protocol/amount.ts';
import { fromBase64Url } from '../../src/protocol/bytes.ts';
import { peekAnsweredLines } from '../../src/protocol/claim-answer.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { decodeSessionId, type SessionId } from '../../src/protocol/ids.ts';
import { describeClaims } from '../../src/protocol/receipt-description.ts';
import { openRegistry } from '../admin/open-registry.ts';
import type { ClaimDetails } from '../claims/registry.ts';
import { configFromEnvironment } from '../config.ts';
import { readArguments } from './arguments.ts';
import { type CliCommand, UsageError } from './command.ts';
import { formatTime, layOutTable } from './table.ts';

/** The command. */
export const claimsShowCommand: CliCommand = {
  name: 'claims show',
  summary: 'Shows a claim, its answer line by line, and the record of delivery',
  usage: 'farebox claims show SESSION [--json]\n  SESSION  32 hex digits, as `farebox claims list` shows them',
  run: async (args, io) => {
    const session = readSession(readArguments({ args, positionals: ['SESSION'], options: {} }).positionals[0]);
    const { claims, close } = await openRegistry(configFromEnvironment(process.env));
    try {
      const found = await claims.find(session);
      if (io.json) io.out(JSON.stringify({ claim: described(found) }));
      else for (const line of describe(found)) io.out(line);
      return 0;
    } finally {
      await close();
    }
  },
};

function readSession(text = ''): SessionId {
  try {
    return decodeSessionId(text);
  } catch (cause) {
    if (cause instanceof FareboxError) throw new UsageError(`"${text}" is no session: 32 hex digits`);
    throw cause;
  }
}

/** The signed objects opened up, bytes as hex. */
function described(found: ClaimDetails) {
  const opened = (bytes: string) => describeClaims(fromBase64Url(bytes));
  const { claim, answer, contract } = found;
  return { ...found, claim: opened(claim), answer: opened(answer), contract: opened(contract) };
}

function describe(found: ClaimDetails): string[] {
  const { session, module, title, verdict, currency, amountMinor, answeredTime, attempts, deliveryId } = found;
  const money = (minor: bigint) => formatAmount(amount(currency, minor));
  const lines = layOutTable([
    ['Session', session],
    ['Module', module],
    ['Programme', title ?? 'not on sale any more'],
    ['Answered', formatTime(answeredTime)],
    ['Verdict', `${verdict}, ${money(BigInt(amountMinor))} paid back`],
    ['Delivery', deliveryId ?? 'never named'],
  ]);
  const answered = peekAnsweredLines(fromBase64Url(found.answer)).map(
    ({ kind, from, to, reason, amountMinor: minor }) => [
      kind,
      to - from === 1 ? `${from}` : `${from} to ${to - 1}`,
      reason,
      money(minor),
    ],
  );
  lines.push('', ...layOutTable([['CLAIMED', 'FRAMES', 'REASON', 'PAID'], ...answered]));
  if (attempts.length === 0) return [...lines, '', 'No request of this delivery is kept.'];
  const rows = attempts.map(({ hash, status, sentBytes, askedBytes, startedTime, ownMs, elapsedMs, brokenOff }) => [
    formatTime(startedTime),
    hash.slice(0, 12),
    String(status),
    `${sentBytes} of ${askedBytes}`,
    `${ownMs} of ${elapsedMs} ms`,
    brokenOff ? 'broken off' : '',
  ]);
  return [...lines, '', ...layOutTable([['ASKED', 'FILE', 'STATUS', 'BYTES', 'OWN TIME', ''], ...rows])];
}
