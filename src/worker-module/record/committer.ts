// Group commit: every change of every frame in flight that is waiting when the lock is won becomes one page, one header, one transaction.
// The only writer of the store but for founding, migration and replacement. Called by session/, receipts/, keys/, backup/ and standing/ with changes that are applied synchronously to a draft. The lock
// keeps tabs polite; the revision fence in the transaction keeps them right: a batch that lost the race is applied again to what won.

import { FareboxError, type FareboxErrorCode } from '../../protocol/errors.ts';
import type { RandomBytes, SessionId } from '../../protocol/ids.ts';
import type { Clock } from '../clock.ts';
import type { ModuleKeys } from '../core.ts';
import { MODULE_LIMITS } from '../limits.ts';
import { openSessionRow } from '../session/session-codec.ts';
import type { LoadedSession } from '../session/session-state.ts';
import { generationOf } from '../store/generation.ts';
import { type Locks, RECORD_LOCK } from '../store/locks.ts';
import type { RecordStore } from '../store/record-store.ts';
import { toStoreError } from '../store/store-error.ts';
import { type CommitDraft, type DraftMeta, isEmptyDraft, makeDraft, type RecordPlace } from './draft.ts';
import { type MakeRows, replaceStore } from './replace-store.ts';
import { sealCommit } from './seal-commit.ts';

/**
 * A change: the sessions it touches, and what it does to the draft. It checks before it changes anything, and may throw FareboxError. `prepare`
 * runs under the record's lock before each attempt: what it reads from the store still holds when the change is applied, or the attempt is refused
 * by the fence and prepared again.
 */
export type Change<T> = {
  readonly sessions: readonly SessionId[];
  readonly prepare?: () => Promise<void>;
  apply(draft: CommitDraft): T;
};

/** The record's one way in. */
export type Committer = {
  /** Applies a change; durable on return. @throws what the change threw (nothing was written for it), or `store/*`. */
  commit<T>(change: Change<T>): Promise<T>;
  /** The newest committed state of a session that this tab knows of, or null. May lag behind another tab; a commit never does. */
  read(session: SessionId): Promise<LoadedSession | null>;
  /** Makes the next read and the next commit ask the store: another tab has written. */
  refresh(): void;
  /**
   * Replaces everything that is stored by the rows that `makeRows` gives, in one transaction; durable on return. A refusal of writes does not
   * hold it up: it is the way out of one. @throws FareboxError `store/*`, and what `makeRows` throws.
   */
  replaceAll(makeRows: MakeRows): Promise<void>;
};

/** What a committer needs. */
export type CommitterParts = {
  readonly store: RecordStore;
  readonly locks: Locks;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly keys: ModuleKeys;
  /** The code that every write is refused with, or null. */
  readonly refusal: () => FareboxErrorCode | null;
  /** Hears of every commit that is durable. */
  readonly onDurable: (place: RecordPlace) => void;
  /** Hears of every commit that the store refused. */
  readonly onStoreError: (error: FareboxError) => void;
};

type Waiting = {
  readonly sessions: readonly SessionId[];
  /** What fails in it fails this change alone. */
  prepare(): Promise<void>;
  settle(draft: CommitDraft): () => void;
  fail(error: unknown): void;
};
type StorePlace = RecordPlace & { readonly revision: number; readonly meta: DraftMeta };

/** Makes the committer of this worker. */
export function makeCommitter(parts: CommitterParts): Committer {
  const waiting: Waiting[] = [];
  const sessions = new Map<SessionId, LoadedSession>();
  let place: StorePlace | null = null;
  // The one that this tab's keys belong to: where the store was put anew in another tab, nothing sealed with them may go into it.
  let generation: number | null = null;
  let running = false;

  // Only an attempt, which runs alone, puts sessions into the map: a read that is overtaken must not bring an old state back.
  async function load(id: SessionId): Promise<LoadedSession | null> {
    const known = sessions.get(id);
    if (known !== undefined) return known;
    const row = await parts.store.session(id);
    return row === null ? null : openSessionRow(row, parts.keys);
  }

  function forget(): void {
    place = null;
    sessions.clear();
  }

  async function readPlace(): Promise<StorePlace> {
    // The header first: a commit that comes between it and the other rows moves the revision, and the fence refuses what was built on them.
    const header = await parts.store.meta('header');
    // The database was founded before there was a committer: without a header it has been lost under our hands.
    if (header === null) throw new FareboxError('store/wiped');
    generation ??= generationOf(header.revision);
    if (generation !== generationOf(header.revision)) throw new FareboxError('store/replaced');
    const { revision, counter, head } = header;
    return { revision, counter, head, meta: await readMeta(parts.store) };
  }

  /** One attempt; false where another writer was faster. */
  async function attempt(batch: readonly Waiting[]): Promise<boolean> {
    let before = place;
    if (before === null) {
      // What was loaded belongs to a place that is no longer known.
      sessions.clear();
      before = await readPlace();
      place = before;
    }
    const needed = new Map<SessionId, LoadedSession>();
    for (const id of new Set(batch.flatMap((change) => change.sessions))) {
      const loaded = await load(id);
      if (loaded !== null) needed.set(id, loaded);
    }
    for (const [id, loaded] of needed) sessions.set(id, loaded);
    for (const change of batch) await change.prepare();
    const { draft, content } = makeDraft(before, needed, parts.clock.now());
    const answers = batch.map((change) => change.settle(draft));
    const drafted = content();
    if (!isEmptyDraft(drafted)) {
      const commit = await sealCommit(drafted, before, parts);
      if ((await parts.store.commit(commit)) === 'moved') return false;
      place = { revision: before.revision + 1, ...drafted.place, meta: drafted.meta };
      for (const session of drafted.sessions) sessions.set(session.session, session);
      parts.onDurable(drafted.place);
    }
    for (const answer of answers) answer();
    return true;
  }

  async function commitBatch(batch: readonly Waiting[]): Promise<void> {
    try {
      const refusal = parts.refusal();
      if (refusal !== null) throw new FareboxError(refusal);
      for (let tries = 0; tries < MODULE_LIMITS.commitAttempts; tries += 1) {
        if (await attempt(batch)) return;
        forget();
      }
      throw new FareboxError('store/conflict');
    } catch (error) {
      // Whether it was written is unknown: what is true is in the store, and is read again before the next commit.
      forget();
      if (error instanceof FareboxError) parts.onStoreError(error);
      for (const change of batch) change.fail(error);
    }
  }

  async function drain(): Promise<void> {
    running = true;
    while (waiting.length > 0) {
      // The batch is taken when the lock is won, so that what arrives meanwhile shares the commit.
      const section = () => commitBatch(waiting.splice(0, MODULE_LIMITS.changesPerCommit));
      await parts.locks.withLock(RECORD_LOCK, section).catch((error: unknown) => {
        for (const change of waiting.splice(0)) change.fail(toStoreError(error));
      });
    }
    running = false;
  }

  return {
    read: load,
    refresh: forget,
    replaceAll: async (makeRows) => {
      const { revision, counter, head } = await replaceStore(parts, makeRows);
      forget();
      generation = generationOf(revision);
      parts.onDurable({ counter, head });
    },
    commit: <T>(change: Change<T>) => {
      const outcome = Promise.withResolvers<T>();
      let unprepared: { readonly error: unknown } | null = null;
      waiting.push({
        sessions: change.sessions,
        prepare: async () => {
          unprepared = null;
          await change.prepare?.().catch((error: unknown) => {
            unprepared = { error };
          });
        },
        settle: (draft) => {
          const failed = unprepared;
          if (failed !== null) return () => outcome.reject(failed.error);
          try {
            const value = change.apply(draft);
            return () => outcome.resolve(value);
          } catch (error) {
            // A refusal has changed nothing. Anything else may have: the whole batch is given up before it is written.
            if (!(error instanceof FareboxError)) throw error;
            return () => outcome.reject(error);
          }
        },
        fail: outcome.reject,
      });
      if (!running) void drain();
      return outcome.promise;
    },
  };
}

async function readMeta(store: RecordStore): Promise<DraftMeta> {
  const [vault, identity, settings, backup, standing, restore, keys] = await Promise.all([
    store.meta('vault'),
    store.meta('identity'),
    store.meta('settings'),
    store.meta('backup'),
    store.meta('standing'),
    store.meta('restore'),
    store.meta('keys'),
  ]);
  return { vault, identity, settings, backup, standing, restore, keys };
}
