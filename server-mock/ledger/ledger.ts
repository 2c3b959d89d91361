// The provider's double-entry ledger: accounts and the lines that move money between them, always inside a transaction
// the caller owns. Agency, licences and receipts call it. It never lets a customer's account go below zero and never
// makes or loses money: every line takes from one account what it gives to another.

import { eq, inArray, sql } from 'drizzle-orm';
import { FareboxError } from '../../src/protocol/errors.ts';
import type { ModuleId, SessionId } from '../../src/protocol/ids.ts';
import type { Queries } from '../db/open.ts';
import { accounts, transfers } from '../db/schema.ts';

/** Names of accounts, one string a thing and currency. */
export const accountOf = Object.freeze({
  /** What the provider has given away as credit; the only account below zero. */
  issued: (currency: string): string => `issued/${currency}`,
  /** What the provider has earned. */
  revenue: (currency: string): string => `revenue/${currency}`,
  /** What a module may still spend. */
  credit: (module: ModuleId, currency: string): string => `credit/${module}/${currency}`,
  /** What is set aside for a session until its receipt. */
  reserve: (session: SessionId, currency: string): string => `reserve/${session}/${currency}`,
});

type TransferKind = (typeof transfers.$inferInsert)['kind'];

type Line = {
  readonly kind: TransferKind;
  /** Module or session the line is about; with `kind` it may happen once. */
  readonly reference: string;
  readonly from: string;
  readonly to: string;
  readonly currency: string;
  /** Ten-thousandths of the currency's unit, zero or more. */
  readonly amountMinor: bigint;
  readonly time: number;
};

/** Balance in minor units, zero for an account nothing was ever moved to. */
export async function balanceOf(queries: Queries, account: string): Promise<bigint> {
  const [row] = await queries.select({ balance: accounts.balanceMinor }).from(accounts).where(eq(accounts.id, account));
  return row?.balance ?? 0n;
}

/** Gives a newly enrolled module its starting credit. */
export async function giveStartingCredit(
  tx: Queries,
  module: ModuleId,
  currency: string,
  amountMinor: bigint,
  time: number,
): Promise<void> {
  const issued = accountOf.issued(currency);
  await ensureAccount(tx, issued, currency, true);
  const credit = accountOf.credit(module, currency);
  await move(tx, { kind: 'starting-credit', reference: module, from: issued, to: credit, currency, amountMinor, time });
}

/**
 * Locks a module's credit until the transaction ends, so that two sessions cannot count on the same money.
 * @returns its balance in minor units.
 */
export async function lockCredit(tx: Queries, module: ModuleId, currency: string): Promise<bigint> {
  const [row] = await tx
    .select({ balance: accounts.balanceMinor })
    .from(accounts)
    .where(eq(accounts.id, accountOf.credit(module, currency)))
    .for('update');
  return row?.balance ?? 0n;
}

/** Sets money aside for a session. @throws FareboxError `credit/exhausted`, changing nothing. */
export async function reserveForSession(
  tx: Queries,
  module: ModuleId,
  session: SessionId,
  currency: string,
  amountMinor: bigint,
  time: number,
): Promise<void> {
  const from = accountOf.credit(module, currency);
  const to = accountOf.reserve(session, currency);
  await move(tx, { kind: 'reserve', reference: session, from, to, currency, amountMinor, time });
}

/**
 * Charges a session from its reservation and gives the rest back to the module.
 * @returns the module's credit afterwards. @throws FareboxError `receipt/amount` where more is charged than was reserved.
 */
export async function settleSession(
  tx: Queries,
  module: ModuleId,
  session: SessionId,
  currency: string,
  chargedMinor: bigint,
  time: number,
): Promise<bigint> {
  const reserve = accountOf.reserve(session, currency);
  const credit = accountOf.credit(module, currency);
  const reservedMinor = await balanceOf(tx, reserve);
  if (chargedMinor > reservedMinor) throw new FareboxError('receipt/amount');
  const line = { reference: session, from: reserve, currency, time };
  await move(tx, { ...line, kind: 'settle', to: accountOf.revenue(currency), amountMinor: chargedMinor });
  await move(tx, { ...line, kind: 'release', to: credit, amountMinor: reservedMinor - chargedMinor });
  return balanceOf(tx, credit);
}

/**
 * Gives a module back what a claim of a session came to, as credit. It is issued, not taken from what was earned: that may be less.
 * @throws FareboxError `server/internal` for a second one of a session.
 */
export async function refundClaim(
  tx: Queries,
  module: ModuleId,
  session: SessionId,
  currency: string,
  amountMinor: bigint,
  time: number,
): Promise<void> {
  const issued = accountOf.issued(currency);
  await ensureAccount(tx, issued, currency, true);
  const to = accountOf.credit(module, currency);
  await move(tx, { kind: 'refund', reference: session, from: issued, to, currency, amountMinor, time });
}

/** One line: both accounts locked in the order of their names, so that two transactions never wait for each other. */
async function move(tx: Queries, line: Line): Promise<void> {
  if (line.amountMinor < 0n) throw new FareboxError('server/internal');
  await ensureAccount(tx, line.to, line.currency, false);
  if (line.amountMinor === 0n) return;
  const ids = [line.from, line.to];
  const locked = await tx.select().from(accounts).where(inArray(accounts.id, ids)).orderBy(accounts.id).for('update');
  const from = locked.find((account) => account.id === line.from);
  const to = locked.find((account) => account.id === line.to);
  if (from === undefined || (!from.mayBeNegative && from.balanceMinor < line.amountMinor)) {
    throw new FareboxError('credit/exhausted');
  }
  if (to === undefined || from.currency !== line.currency || to.currency !== line.currency) {
    throw new FareboxError('server/internal');
  }
  await change(tx, line.from, -line.amountMinor);
  await change(tx, line.to, line.amountMinor);
  await tx.insert(transfers).values({
    kind: line.kind,
    reference: line.reference,
    fromAccount: line.from,
    toAccount: line.to,
    currency: line.currency,
    amountMinor: line.amountMinor,
    time: line.time,
  });
}

async function change(tx: Queries, account: string, byMinor: bigint): Promise<void> {
  await tx
    .update(accounts)
    .set({ balanceMinor: sql`${accounts.balanceMinor} + ${byMinor}` })
    .where(eq(accounts.id, account));
}

async function ensureAccount(tx: Queries, id: string, currency: string, mayBeNegative: boolean): Promise<void> {
  await tx.insert(accounts).values({ id, currency, balanceMinor: 0n, mayBeNegative }).onConflictDoNothing();
}
