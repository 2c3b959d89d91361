// RecordStore in memory, for tests: same contract as the database, plus faults. `failAt` makes the k-th call fail before
// anything is written, `failAfter` after it was written (an answer that was lost). Rows are frozen copies, as in a database.

import { FareboxError } from '../../../protocol/errors.ts';
import type { RecordStore } from '../record-store.ts';
import {
  type HeaderRow,
  type HeldRow,
  heldFrameName,
  type IdentityRow,
  type PageRow,
  type ReceiptRow,
  type RecordKeyRow,
  type SessionRow,
} from '../rows.ts';

/** Which call fails, counted from 1, and on which side of its effect. */
export type StoreFault = { readonly call: number; readonly side: 'before' | 'after' };

/** The store and the means to look at it and break it. */
export type MemoryStore = RecordStore & {
  /** Calls so far. */
  calls(): number;
  /** Sets the one fault (counted from now), or none. */
  setFault(fault: StoreFault | null): void;
  /** Everything from the fault on fails: the worker is gone. */
  isDead(): boolean;
  die(): void;
  /** While true, every commit fails for want of room. */
  setFull(full: boolean): void;
  /** Runs another kind of storage call under the same count and fault. */
  guard<T>(operation: () => T): Promise<T>;
};

/** What is stored: shared by the tabs of one browser, and open to tests that alter it as a person with developer tools would. */
export type MemoryRows = {
  header: HeaderRow | null;
  recordKey: RecordKeyRow | null;
  identity: IdentityRow | null;
  readonly pages: Map<number, PageRow>;
  readonly sessions: Map<string, SessionRow>;
  readonly held: Map<string, HeldRow>;
  readonly receipts: Map<string, ReceiptRow>;
};

/** Nothing stored. */
export function makeMemoryRows(): MemoryRows {
  return {
    header: null,
    recordKey: null,
    identity: null,
    pages: new Map(),
    sessions: new Map(),
    held: new Map(),
    receipts: new Map(),
  };
}

/** One tab's connection to `rows`. */
export function makeMemoryStore(rows: MemoryRows = makeMemoryRows()): MemoryStore {
  let calls = 0;
  let fault: StoreFault | null = null;
  let dead = false;
  let full = false;

  async function call<T>(operation: () => T): Promise<T> {
    await Promise.resolve();
    if (dead) throw new FareboxError('store/refused', { reason: 'dead' });
    calls += 1;
    const failing = fault !== null && calls === fault.call ? fault.side : null;
    if (failing === 'before') return cut();
    const result = operation();
    if (failing === 'after') return cut();
    return structuredClone(result);
  }

  function cut(): never {
    dead = true;
    throw new FareboxError('store/refused', { reason: 'fault' });
  }

  return {
    guard: call,
    calls: () => calls,
    isDead: () => dead,
    die: () => {
      dead = true;
    },
    setFull: (isFull) => {
      full = isFull;
    },
    setFault: (next) => {
      calls = 0;
      fault = next;
    },
    header: () => call(() => rows.header),
    recordKey: () => call(() => rows.recordKey),
    identity: () => call(() => rows.identity),
    pages: (fromCounter, limit) =>
      call(() => {
        const firsts = [...rows.pages.keys()].sort((a, b) => a - b);
        const start = firsts.findLast((first) => first <= fromCounter);
        if (start === undefined) return [];
        return firsts
          .filter((first) => first >= start)
          .slice(0, limit)
          .flatMap((first) => rows.pages.get(first) ?? []);
      }),
    session: (session) => call(() => rows.sessions.get(session) ?? null),
    sessions: (limit) =>
      call(() => [...rows.sessions.values()].sort((a, b) => b.openedTime - a.openedTime).slice(0, limit)),
    held: (session, frame) =>
      call(() => [...rows.held.values()].find((row) => row.frameNames.includes(heldFrameName(session, frame))) ?? null),
    receipt: (session) => call(() => rows.receipts.get(session) ?? null),
    receipts: (limit) =>
      call(() => [...rows.receipts.values()].sort((a, b) => b.closedTime - a.closedTime).slice(0, limit)),
    commit: (given) => {
      const commit = structuredClone(given);
      return call(() => {
        if (full) throw new FareboxError('store/full');
        if ((rows.header?.revision ?? null) !== commit.expectedRevision) return 'moved';
        if (commit.page && rows.pages.has(commit.page.firstCounter)) throw new FareboxError('store/refused');
        rows.header = commit.header;
        if (commit.recordKey) rows.recordKey = commit.recordKey;
        if (commit.identity) rows.identity = commit.identity;
        if (commit.page) rows.pages.set(commit.page.firstCounter, commit.page);
        for (const session of commit.releasedSessions)
          for (const [name, row] of rows.held) if (row.session === session) rows.held.delete(name);
        for (const row of commit.sessions) rows.sessions.set(row.session, row);
        for (const row of commit.held) rows.held.set(`${row.session}/${row.pageCounter}`, row);
        for (const row of commit.receipts) rows.receipts.set(row.session, row);
        return 'committed';
      });
    },
  };
}
