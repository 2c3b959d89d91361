// RecordStore in memory, for tests: same contract as the database, plus faults. A fault at call k makes it fail before anything is written,
// or after it was (an answer that was lost). Rows are copies, as in a database, and are held against their shape when they are read.

import { FareboxError } from '../../../protocol/errors.ts';
import type { RecordStore, StoreCommit } from '../record-store.ts';
import { expectMeta, expectRow, type RowOf, readRevision } from '../row-shapes.ts';
import {
  type HeldRow,
  heldFrameName,
  type MetaName,
  type MetaRow,
  type OperationRow,
  type PageRow,
  type ReceiptRow,
  type SessionRow,
} from '../rows.ts';
import type { Version1Database } from '../version-1/rows.ts';

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
  /** Every call waits for this before it has its effect: another tab may be faster. */
  setPause(pause: () => Promise<void>): void;
  /** While true, every commit fails for want of room. */
  setFull(full: boolean): void;
  /** From now on, the call of this number fails for want of room, and it alone; null: none does. */
  setFullAt(call: number | null): void;
  /** Runs another kind of storage call under the same count and fault. */
  guard<T>(operation: () => T): Promise<T>;
};

/** What is stored: shared by the tabs of one browser, and open to tests that alter it as a person with developer tools would. */
export type MemoryRows = {
  /** Rows of which there is one. */
  readonly meta: { [Name in MetaName]: Extract<MetaRow, { name: Name }> | null };
  readonly pages: Map<number, PageRow>;
  readonly sessions: Map<string, SessionRow>;
  readonly held: Map<string, HeldRow>;
  readonly receipts: Map<string, ReceiptRow>;
  readonly operations: Map<string, OperationRow>;
  /** A database that version 1 left, in place of all of the above. */
  version1: Version1Database | null;
};

const NO_META: Readonly<MemoryRows['meta']> = {
  ...{ header: null, vault: null, identity: null, settings: null, backup: null, standing: null, restore: null },
  keys: null,
};

/** Nothing stored. */
export function makeMemoryRows(): MemoryRows {
  return {
    meta: { ...NO_META },
    pages: new Map(),
    sessions: new Map(),
    held: new Map(),
    receipts: new Map(),
    operations: new Map(),
    version1: null,
  };
}

/** Everything is gone, as when a browser throws an origin's database away. */
export function clearMemoryRows(rows: MemoryRows): void {
  Object.assign(rows.meta, NO_META);
  for (const table of [rows.pages, rows.sessions, rows.held, rows.receipts, rows.operations]) table.clear();
  rows.version1 = null;
}

/** One tab's connection to `rows`. */
export function makeMemoryStore(rows: MemoryRows = makeMemoryRows()): MemoryStore {
  const faults = makeFaults();
  const { call } = faults;
  const read = <T>(operation: () => T) =>
    call(() => {
      if (rows.version1 !== null) throw new FareboxError('store/refused', { reason: 'not-migrated' });
      return operation();
    });
  return {
    ...faults.controls,
    guard: call,
    version1: () => call(() => rows.version1),
    revision: () => call(() => readRevision(rows.version1?.header ?? rows.meta.header)),
    meta: <Name extends MetaName>(name: Name) =>
      read(() => (rows.meta[name] === null ? null : expectMeta(name, rows.meta[name]))),
    pages: (fromCounter, limit) =>
      read(() => {
        const firsts = [...rows.pages.keys()].sort((a, b) => a - b);
        const start = firsts.findLast((first) => first <= fromCounter);
        if (start === undefined) return [];
        const wanted = firsts.filter((first) => first >= start).slice(0, limit);
        return wanted.map((first) => expectRow('pages', rows.pages.get(first)));
      }),
    session: (session) => read(() => found('sessions', rows.sessions.get(session))),
    sessions: (limit) => read(() => newest('sessions', rows.sessions, (row) => row.openedTime, limit)),
    held: (session, frame) =>
      read(() =>
        found(
          'held',
          [...rows.held.values()].find((row) => row.frameNames.includes(heldFrameName(session, frame))),
        ),
      ),
    receipt: (session) => read(() => found('receipts', rows.receipts.get(session))),
    receipts: (limit) => read(() => newest('receipts', rows.receipts, (row) => row.closedTime, limit)),
    operations: (status, limit) =>
      read(() =>
        [...rows.operations.values()]
          .filter((row) => row.status === status)
          .sort((a, b) => a.changedTime - b.changedTime)
          .slice(0, limit)
          .map((row) => expectRow('operations', row)),
      ),
    commit: (given) => {
      const commit = structuredClone(given);
      return call(() => {
        if (faults.isFull()) throw new FareboxError('store/full');
        return applyCommit(rows, commit);
      });
    },
  };
}

function applyCommit(rows: MemoryRows, commit: StoreCommit): 'committed' | 'moved' {
  const stored = rows.version1?.header ?? rows.meta.header;
  if (stored !== null && !commit.reset) expectMeta('header', stored);
  if (readRevision(stored) !== commit.expectedRevision) return 'moved';
  if (!commit.reset && commit.pages.some((page) => rows.pages.has(page.firstCounter)))
    throw new FareboxError('store/refused', { reason: 'ConstraintError' });
  if (commit.reset) clearMemoryRows(rows);
  for (const name of commit.removedMeta) rows.meta[name] = null;
  for (const row of [commit.header, ...commit.meta]) Object.assign(rows.meta, { [row.name]: row });
  for (const page of commit.pages) rows.pages.set(page.firstCounter, page);
  for (const session of commit.releasedSessions)
    for (const [name, row] of rows.held) if (row.session === session) rows.held.delete(name);
  for (const row of commit.sessions) rows.sessions.set(row.session, row);
  for (const row of commit.held) rows.held.set(`${row.session}/${row.pageCounter}`, row);
  for (const row of commit.receipts) rows.receipts.set(row.session, row);
  for (const row of commit.operations) rows.operations.set(row.name, row);
  return 'committed';
}

function found<Kind extends keyof RowOf>(kind: Kind, row: RowOf[Kind] | undefined): RowOf[Kind] | null {
  return row === undefined ? null : expectRow(kind, row);
}

function newest<Kind extends keyof RowOf>(
  kind: Kind,
  table: ReadonlyMap<string, RowOf[Kind]>,
  timeOf: (row: RowOf[Kind]) => number,
  limit: number,
): readonly RowOf[Kind][] {
  const rows = [...table.values()].sort((a, b) => timeOf(b) - timeOf(a)).slice(0, limit);
  return rows.map((row) => expectRow(kind, row));
}

type Controls = Pick<MemoryStore, 'calls' | 'setFault' | 'isDead' | 'die' | 'setPause' | 'setFull' | 'setFullAt'>;
type Faults = { call<T>(operation: () => T): Promise<T>; isFull(): boolean; readonly controls: Controls };

function makeFaults(): Faults {
  let calls = 0;
  let fault: StoreFault | null = null;
  let dead = false;
  let full = false;
  let fullAt: number | null = null;
  let pause = (): Promise<void> => Promise.resolve();

  function cut(): never {
    dead = true;
    throw new FareboxError('store/refused', { reason: 'fault' });
  }

  return {
    isFull: () => full,
    call: async (operation) => {
      await pause();
      if (dead) throw new FareboxError('store/refused', { reason: 'dead' });
      calls += 1;
      if (calls === fullAt) throw new FareboxError('store/full');
      const failing = fault !== null && calls === fault.call ? fault.side : null;
      if (failing === 'before') return cut();
      const result = operation();
      if (failing === 'after') return cut();
      return structuredClone(result);
    },
    controls: {
      calls: () => calls,
      isDead: () => dead,
      die: () => {
        dead = true;
      },
      setPause: (next) => {
        pause = next;
      },
      setFull: (isFull) => {
        full = isFull;
      },
      setFullAt: (at) => {
        calls = 0;
        fullAt = at;
      },
      setFault: (next) => {
        calls = 0;
        fault = next;
      },
    },
  };
}
