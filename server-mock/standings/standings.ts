// Where a module stands, told and signed (docs/protocol.md §14), and the papers of its own that it has lost. The standing
// and paper routes call it. A standing is told to any module that proves who it is, refused elsewhere or not; papers are
// given to a good one, and only its own.

import { and, desc, eq, inArray } from 'drizzle-orm';
import { FareboxError } from '../../src/protocol/errors.ts';
import { decodeContentHash, decodeSessionId, type ModuleId, type SessionId } from '../../src/protocol/ids.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { decodeReceiptFile, encodeReceiptFile } from '../../src/protocol/receipt-file.ts';
import { makeStanding, type StandingSession } from '../../src/protocol/standing.ts';
import { firstAlarmTime, keepAlarm } from '../contacts/alarms.ts';
import { contact, type Meeting, meet } from '../contacts/contact.ts';
import type { ProvenModule } from '../contacts/prove.ts';
import type { Queries } from '../db/open.ts';
import { claims, receipts, sessions } from '../db/schema.ts';
import { accountOf, balanceOf } from '../ledger/ledger.ts';
import type { Provider } from '../provider.ts';

/**
 * Tells a module where it stands. Only a good contact changes anything: its own counter and head. The evidence of another one is kept.
 * @returns the standing's COSE bytes. @throws FareboxError what `meet` throws.
 */
export async function tellStanding(provider: Provider, tx: Queries, proven: ProvenModule): Promise<Uint8Array> {
  const meeting = await meet(provider, tx, proven);
  const { known, alarm } = meeting;
  if (alarm !== null) await keepAlarm(tx, alarm);
  const { currency } = provider.config;
  return makeStanding({
    signer: provider.keys.provider,
    standing: {
      module: known.id,
      verdict: alarm?.kind ?? 'good',
      device: known.device,
      epoch: known.epoch,
      counter: Number(known.last.counter),
      head: known.last.head,
      since: await sinceWhen(tx, meeting),
      currency,
      creditMinor: await balanceOf(tx, accountOf.credit(known.id, currency)),
      sessions: await sessionsOf(tx, known.id),
      issuedAt: provider.clock(),
    },
  });
}

async function sinceWhen(tx: Queries, { known, alarm }: Meeting): Promise<number> {
  if (alarm === null) return 0;
  if (alarm.kind === 'superseded') return known.epochTime;
  return (await firstAlarmTime(tx, known.id, known.epoch, alarm.kind)) ?? alarm.time;
}

/** Newest first; the newest where there are more than one standing may name. */
async function sessionsOf(tx: Queries, module: ModuleId): Promise<StandingSession[]> {
  const rows = await tx
    .select({
      session: sessions.id,
      receiptHash: receipts.receiptHash,
      sequenceNumber: receipts.sequenceNumber,
      amountMinor: receipts.amountMinor,
    })
    .from(sessions)
    .leftJoin(receipts, eq(receipts.sessionId, sessions.id))
    .where(eq(sessions.moduleId, module))
    .orderBy(desc(sessions.createdTime), desc(sessions.id))
    .limit(LIMITS.standingSessions);
  return rows.map(({ session, receiptHash, sequenceNumber, amountMinor }) => ({
    session: decodeSessionId(session, 'server/internal'),
    receiptHash: receiptHash === null ? null : decodeContentHash(receiptHash, 'server/internal'),
    sequenceNumber: Number(sequenceNumber ?? 0n),
    amountMinor: amountMinor ?? 0n,
  }));
}

/**
 * Gives a module the receipt files of its own sessions, acknowledged, in the order asked.
 * @throws FareboxError what `contact` throws; `session/unknown` where one is not its own, `receipt/none` where one has none yet.
 */
export async function givePapers(
  provider: Provider,
  tx: Queries,
  proven: ProvenModule,
  asked: readonly SessionId[],
): Promise<Uint8Array[]> {
  const { id: module } = await contact(provider, tx, proven);
  const rows = await tx
    .select({
      session: sessions.id,
      file: receipts.receiptFile,
      acknowledgement: receipts.acknowledgement,
      claim: claims.claim,
      claimAnswer: claims.answer,
    })
    .from(sessions)
    .leftJoin(receipts, eq(receipts.sessionId, sessions.id))
    .leftJoin(claims, eq(claims.sessionId, sessions.id))
    .where(and(eq(sessions.moduleId, module), inArray(sessions.id, [...asked])));
  const papers = new Map(rows.map((row) => [row.session, row]));
  return asked.map((session) => {
    const found = papers.get(session);
    if (found === undefined) throw new FareboxError('session/unknown', { session });
    const { file, acknowledgement, claim, claimAnswer } = found;
    if (file === null || acknowledgement === null) throw new FareboxError('receipt/none', { session });
    const kept = decodeReceiptFile(file);
    const contracted = kept.contracted && { ...kept.contracted, claim, claimAnswer };
    return encodeReceiptFile({ ...kept, contracted, acknowledgement });
  });
}
