// The provider's books, read for the clone measure: what it took of a module, what it keeps as evidence of copies, and whether money is where
// it has to be. Reads only.
import { and, eq, inArray, sql } from 'drizzle-orm';
import { listAlarms } from '../../server-mock/contacts/alarms.ts';
import { accounts, receipts, sessions, transfers } from '../../server-mock/db/schema.ts';
import { decodeModuleId } from '../../src/protocol/ids.ts';
import type { FrameRange } from '../../src/protocol/ranges.ts';
import { checkReceiptFile } from '../../src/protocol/receipt-checks.ts';
import type { CloneProvider } from './clone-provider.ts';

/** A receipt that was taken. */
export type TakenReceipt = { readonly receiptHash: string; readonly frames: readonly FrameRange[] };

/** Receipts that the provider has of a module, by session; each is checked as anyone may. @throws Error for one that is not valid. */
export async function takenReceipts(provider: CloneProvider, module: string): Promise<Map<string, TakenReceipt>> {
  const rows = await provider.inside().database.queries.select().from(receipts).where(eq(receipts.moduleId, module));
  const taken = new Map<string, TakenReceipt>();
  for (const { sessionId, receiptHash, receiptFile } of rows) {
    taken.set(sessionId, { receiptHash, frames: await framesOf(provider, receiptFile) });
  }
  return taken;
}

/** The frames that a receipt file states. @throws Error where any check of it fails. */
export async function framesOf(provider: CloneProvider, file: Uint8Array): Promise<readonly FrameRange[]> {
  const { suite } = provider.inside();
  const report = await checkReceiptFile({ file, agencyKey: provider.agencyKey, suite });
  if (!report.valid || report.receipt === null) {
    const failed = report.checks.find(({ verdict }) => verdict === 'failed');
    throw new Error(`a receipt fails the check ${failed?.name ?? 'of its form'}`);
  }
  return report.receipt.frames;
}

/** Evidence that the provider keeps of copies of a module, by kind, newest first. */
export async function evidenceOf(
  provider: CloneProvider,
  module: string,
): Promise<Awaited<ReturnType<typeof listAlarms>>> {
  return listAlarms(provider.inside().database.queries, decodeModuleId(module));
}

/** Whether money is where it has to be, in words; empty where it is. `module` null: of all of them. */
export async function moneyTroubles(provider: CloneProvider, module: string | null): Promise<readonly string[]> {
  const { queries } = provider.inside().database;
  const troubles: string[] = [];
  const [all] = await queries.select({ sum: sql<string>`coalesce(sum(${accounts.balanceMinor}), 0)` }).from(accounts);
  if (BigInt(all?.sum ?? '0') !== 0n) troubles.push(`the ledger's sum is ${all?.sum}`);
  const charged = await queries
    .select({
      session: sessions.id,
      state: sessions.state,
      reservedMinor: sessions.reservedMinor,
      priceMinor: sessions.priceMinor,
      frameCount: receipts.frameCount,
      amountMinor: receipts.amountMinor,
    })
    .from(sessions)
    .leftJoin(receipts, eq(receipts.sessionId, sessions.id))
    .where(module === null ? undefined : eq(sessions.moduleId, module));
  const ids = charged.map(({ session }) => session);
  const settled = await queries
    .select()
    .from(transfers)
    .where(and(eq(transfers.kind, 'settle'), inArray(transfers.reference, ids)));
  const paid = new Map(settled.map(({ reference, amountMinor }) => [reference, amountMinor]));
  for (const { session, state, reservedMinor, priceMinor, frameCount, amountMinor } of charged) {
    const owedMinor = BigInt(frameCount ?? 0) * BigInt(priceMinor);
    const paidMinor = paid.get(session) ?? 0n;
    if (paidMinor > reservedMinor) troubles.push(`${session} paid ${paidMinor} of ${reservedMinor} reserved`);
    if (paidMinor !== owedMinor || paidMinor !== (amountMinor ?? 0n)) {
      troubles.push(`${session} paid ${paidMinor} for ${frameCount ?? 0} frames`);
    }
    if ((state === 'settled') !== (frameCount !== null)) troubles.push(`${session} is ${state} with another receipt`);
  }
  return troubles;
}
