// One commit in the making: the entries, sessions and rows that the changes of a batch ask for. Made and sealed by committer.ts;
// the functions in session/, receipts/, keys/, backup/ and standing/ fill it. Synchronous throughout: nothing may be awaited between two changes of one draft.

import { FareboxError } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { encodeEntry, nextHead, type RecordEntry } from '../../protocol/record-entry.ts';
import { copySession, type LoadedSession } from '../session/session-state.ts';
import type { HeaderRow, MetaName, MetaRow, OperationRow, ReceiptRow } from '../store/rows.ts';

type WithoutPlace<Entry> = Entry extends RecordEntry ? Omit<Entry, 'counter' | 'time'> : never;

/** An entry before it has its number and time. */
export type NewEntry = WithoutPlace<RecordEntry>;

/** Where the record stands: number of entries, and head of the chain (32 bytes). */
export type RecordPlace = { readonly counter: number; readonly head: Uint8Array };

/** Rows of which there is one, but for the header, which is the committer's own. */
export type DraftMetaName = Exclude<MetaName, 'header'>;
export type DraftMetaRow = Exclude<MetaRow, HeaderRow>;

/** Each as stored, or null. */
export type DraftMeta = { readonly [Name in DraftMetaName]: Extract<MetaRow, { name: Name }> | null };

/** What changes see of the commit that they are part of. */
export type CommitDraft = {
  /** Time of every entry of this commit, ms since 1970. */
  readonly time: number;
  /** Adds an entry to the chain; returns its counter. */
  append(entry: NewEntry): number;
  /** Where the record stands with what was appended so far. */
  place(): RecordPlace;
  /** This draft's copy of a session; `change` marks it for writing. @throws FareboxError `session/unknown`. */
  session(session: SessionId): LoadedSession;
  change(session: SessionId): LoadedSession;
  /** True where this session is known, in the store or in this draft. */
  hasSession(session: SessionId): boolean;
  addSession(session: LoadedSession): void;
  /** Holds the leaf of a counted frame for replay. */
  hold(session: SessionId, frame: number, leaf: Uint8Array): void;
  /** Erases every held leaf of a session. */
  release(session: SessionId): void;
  putReceipt(row: ReceiptRow): void;
  /** A row of which there is one, as it will be with this commit; null where there is none. */
  meta<Name extends DraftMetaName>(name: Name): DraftMeta[Name];
  putMeta(row: DraftMetaRow): void;
  removeMeta(name: DraftMetaName): void;
  /** Sessions have theirs written by themselves when their state changes; a row put here takes its place. */
  putOperation(row: OperationRow): void;
};

/** What a draft holds when all changes were applied. */
export type DraftContent = {
  readonly entries: readonly Uint8Array[];
  readonly place: RecordPlace;
  readonly time: number;
  readonly sessions: readonly LoadedSession[];
  /** Those of `sessions` that are new or in another state than before. */
  readonly movedSessions: ReadonlySet<SessionId>;
  /** Session → [frame, leaf]. */
  readonly held: ReadonlyMap<SessionId, readonly (readonly [number, Uint8Array])[]>;
  readonly releasedSessions: readonly SessionId[];
  readonly receipts: readonly ReceiptRow[];
  /** All of them, as they are with this commit. */
  readonly meta: DraftMeta;
  readonly changedMeta: ReadonlySet<DraftMetaName>;
  readonly operations: readonly OperationRow[];
};

/** A draft on top of `base`, with the committed sessions that its changes named. */
export function makeDraft(
  base: RecordPlace & { readonly meta: DraftMeta },
  committed: ReadonlyMap<SessionId, LoadedSession>,
  time: number,
): { readonly draft: CommitDraft; content(): DraftContent } {
  let { counter, head } = base;
  const entries: Uint8Array[] = [];
  const copies = new Map<SessionId, LoadedSession>();
  const changed = new Set<SessionId>();
  const held = new Map<SessionId, (readonly [number, Uint8Array])[]>();
  const released = new Set<SessionId>();
  const receipts: ReceiptRow[] = [];
  let meta = base.meta;
  const changedMeta = new Set<DraftMetaName>();
  const operations = new Map<string, OperationRow>();

  const session = (id: SessionId): LoadedSession => {
    const known = copies.get(id);
    if (known !== undefined) return known;
    const loaded = committed.get(id);
    if (loaded === undefined) throw new FareboxError('session/unknown', { session: id });
    const copy = copySession(loaded);
    copies.set(id, copy);
    return copy;
  };
  const change = (id: SessionId): LoadedSession => {
    const copy = session(id);
    changed.add(id);
    // Whatever is done with an offline session: a clock that is set back afterwards does not lengthen its term.
    if (copy.terms.offline) copy.progress.mark = Math.max(copy.progress.mark, time);
    return copy;
  };

  const draft: CommitDraft = {
    time,
    append: (entry) => {
      counter += 1;
      const bytes = encodeEntry({ ...entry, counter, time });
      head = nextHead(head, bytes);
      entries.push(bytes);
      return counter;
    },
    place: () => ({ counter, head }),
    session,
    change,
    hasSession: (id) => copies.has(id) || committed.has(id),
    addSession: (added) => {
      copies.set(added.session, added);
      changed.add(added.session);
    },
    hold: (id, frame, leaf) => held.set(id, [...(held.get(id) ?? []), [frame, leaf]]),
    release: (id) => {
      held.delete(id);
      released.add(id);
    },
    putReceipt: (row) => receipts.push(row),
    meta: (name) => meta[name],
    putMeta: (row) => {
      meta = { ...meta, [row.name]: row };
      changedMeta.add(row.name);
    },
    removeMeta: (name) => {
      meta = { ...meta, [name]: null };
      changedMeta.add(name);
    },
    putOperation: (row) => operations.set(row.name, row),
  };
  return {
    draft,
    content: () => ({
      entries,
      place: { counter, head },
      time,
      sessions: [...changed].flatMap((id) => copies.get(id) ?? []),
      movedSessions: new Set([...changed].filter((id) => copies.get(id)?.state !== committed.get(id)?.state)),
      held,
      releasedSessions: [...released],
      receipts,
      meta,
      changedMeta,
      operations: [...operations.values()],
    }),
  };
}

/** True where a draft asks for nothing to be written: every change was refused, or found its work done. */
export function isEmptyDraft(content: DraftContent): boolean {
  const { entries, sessions, releasedSessions, receipts, changedMeta, operations } = content;
  const lists = [entries, sessions, releasedSessions, receipts, operations];
  return lists.every((list) => list.length === 0) && changedMeta.size === 0;
}
