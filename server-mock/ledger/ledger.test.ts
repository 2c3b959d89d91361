import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FareboxError } from '../../src/protocol/errors.ts';
import { decodeModuleId, decodeSessionId, type ModuleId, type SessionId } from '../../src/protocol/ids.ts';
import { runs } from '../../src/protocol/testing/runs.ts';
import { accounts, transfers } from '../db/schema.ts';
import { openTestProvider, type TestProvider } from '../testing/test-provider.ts';
import { accountOf, balanceOf, giveStartingCredit, lockCredit, reserveForSession, settleSession } from './ledger.ts';

/** The whole of the model: what each module can spend, what each session holds, what was earned. */
type Model = {
  readonly credit: Map<ModuleId, bigint>;
  readonly reserved: Map<SessionId, { readonly module: ModuleId; readonly amount: bigint }>;
  revenue: bigint;
  issued: bigint;
};

type Step =
  | { readonly kind: 'enrol' }
  | { readonly kind: 'reserve'; readonly who: number; readonly amount: bigint }
  | { readonly kind: 'settle'; readonly which: number; readonly charged: bigint };

const amount = fc.bigInt({ min: 0n, max: 300n });
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.constant({ kind: 'enrol' } as const),
  fc.record({ kind: fc.constant('reserve' as const), who: fc.nat(5), amount }),
  fc.record({ kind: fc.constant('settle' as const), which: fc.nat(5), charged: amount }),
);

describe('ledger', () => {
  let at: TestProvider;
  let drawn = 0;
  beforeAll(async () => {
    at = await openTestProvider();
  });
  afterAll(() => at.close());

  const newId = (): string => {
    drawn += 1;
    return drawn.toString(16).padStart(32, '0');
  };
  const balance = (account: string): Promise<bigint> => balanceOf(at.provider.database.queries, account);

  /** Runs a step on the ledger and, where it was accepted, on the model. */
  async function run(model: Model, todo: Step): Promise<void> {
    const { database } = at.provider;
    if (todo.kind === 'enrol') {
      const module = decodeModuleId(newId());
      await database.transaction((tx) => giveStartingCredit(tx, module, 'EUR', 500n, 0));
      model.credit.set(module, 500n);
      model.issued += 500n;
      return;
    }
    if (todo.kind === 'reserve') {
      const module = [...model.credit.keys()][todo.who];
      if (module === undefined) return;
      const session = decodeSessionId(newId());
      const left = model.credit.get(module) ?? 0n;
      const done = database.transaction((tx) => reserveForSession(tx, module, session, 'EUR', todo.amount, 0));
      if (todo.amount > left) {
        await expect(done).rejects.toThrow(new FareboxError('credit/exhausted'));
        return;
      }
      await done;
      model.credit.set(module, left - todo.amount);
      model.reserved.set(session, { module, amount: todo.amount });
      return;
    }
    const [session, held] = [...model.reserved.entries()][todo.which] ?? [];
    if (session === undefined || held === undefined) return;
    const done = database.transaction((tx) => settleSession(tx, held.module, session, 'EUR', todo.charged, 0));
    if (todo.charged > held.amount) {
      await expect(done).rejects.toThrow(new FareboxError('receipt/amount'));
      return;
    }
    const credit = (model.credit.get(held.module) ?? 0n) + held.amount - todo.charged;
    expect(await done).toBe(credit);
    model.credit.set(held.module, credit);
    model.reserved.delete(session);
    model.revenue += todo.charged;
  }

  it('BT-8: conserves money over any sequence of enrolments, reservations and settlements', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        const before = { revenue: await balance('revenue/EUR'), issued: await balance('issued/EUR') };
        const model: Model = { credit: new Map(), reserved: new Map(), revenue: 0n, issued: 0n };
        for (const todo of steps) await run(model, todo);

        for (const [module, credit] of model.credit) {
          expect(await balance(accountOf.credit(module, 'EUR'))).toBe(credit);
        }
        for (const [session, held] of model.reserved) {
          expect(await balance(accountOf.reserve(session, 'EUR'))).toBe(held.amount);
        }
        expect(await balance('revenue/EUR')).toBe(before.revenue + model.revenue);
        expect(await balance('issued/EUR')).toBe(before.issued - model.issued);
        const { queries } = at.provider.database;
        const [sums] = await queries
          .select({
            all: sql<string>`coalesce(sum(${accounts.balanceMinor}), 0)`,
            lowest: sql<string>`coalesce(min(${accounts.balanceMinor}) filter (where not ${accounts.mayBeNegative}), 0)`,
          })
          .from(accounts);
        expect(sums?.all).toBe('0');
        expect(Number(sums?.lowest)).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: runs(300) },
    );
  });

  it('has for every balance the lines that add up to it', async () => {
    const { queries } = at.provider.database;
    const wrong = await queries
      .select({ id: accounts.id })
      .from(accounts)
      .where(
        sql`${accounts.balanceMinor} <> coalesce((select sum(case when ${transfers.toAccount} = ${accounts.id} then ${transfers.amountMinor} else -${transfers.amountMinor} end) from ${transfers} where ${accounts.id} in (${transfers.toAccount}, ${transfers.fromAccount})), 0)`,
      );
    expect(wrong).toEqual([]);
  });

  it('undoes everything where the transaction fails after a line', async () => {
    const module = decodeModuleId(newId());
    const { database } = at.provider;
    await database.transaction((tx) => giveStartingCredit(tx, module, 'EUR', 500n, 0));
    const failing = database.transaction(async (tx) => {
      await reserveForSession(tx, module, decodeSessionId(newId()), 'EUR', 100n, 0);
      throw new Error('cut');
    });
    await expect(failing).rejects.toThrow('cut');
    expect(await balance(accountOf.credit(module, 'EUR'))).toBe(500n);
  });

  it('gives starting credit and charges a session once only', async () => {
    const module = decodeModuleId(newId());
    const session = decodeSessionId(newId());
    const { database } = at.provider;
    await database.transaction((tx) => giveStartingCredit(tx, module, 'EUR', 500n, 0));
    await expect(database.transaction((tx) => giveStartingCredit(tx, module, 'EUR', 500n, 0))).rejects.toThrow();
    await database.transaction((tx) => reserveForSession(tx, module, session, 'EUR', 100n, 0));
    await database.transaction((tx) => settleSession(tx, module, session, 'EUR', 60n, 0));
    await expect(database.transaction((tx) => settleSession(tx, module, session, 'EUR', 60n, 0))).rejects.toThrow(
      new FareboxError('receipt/amount'),
    );
    expect(await database.transaction((tx) => lockCredit(tx, module, 'EUR'))).toBe(440n);
  });
});
