// Turns a finished draft into the rows of one transaction. Called by committer.ts under the lock and before the transaction, because
// WebCrypto is asynchronous and nothing may be awaited inside one. A handful of sealing operations, whatever the number of frames.

import type { RandomBytes } from '../../protocol/ids.ts';
import type { ModuleKeys } from '../core.ts';
import { sealHeld, sealSession } from '../session/session-codec.ts';
import type { StoreCommit } from '../store/record-store.ts';
import { type HeldRow, heldFrameName, type OperationRow, ROW_VERSION } from '../store/rows.ts';
import { sessionOperation } from '../store/session-operation.ts';
import type { DraftContent, RecordPlace } from './draft.ts';
import { sealPage } from './page.ts';

/** The commit that makes `drafted` durable on top of `before`. */
export async function sealCommit(
  drafted: DraftContent,
  before: RecordPlace & { readonly revision: number },
  parts: { readonly keys: ModuleKeys; readonly random: RandomBytes },
): Promise<StoreCommit> {
  const { keys, random } = parts;
  const [page, sessions, held] = await Promise.all([
    drafted.entries.length === 0 ? null : sealPage(drafted.entries, before, keys.recordKey, random),
    Promise.all(drafted.sessions.map((session) => sealSession(session, keys, random))),
    sealHeldRows(drafted, before.counter + 1, random),
  ]);
  const names = [...drafted.changedMeta];
  return {
    expectedRevision: before.revision,
    reset: false,
    header: { name: 'header', version: ROW_VERSION, revision: before.revision + 1, ...drafted.place },
    meta: names.flatMap((name) => drafted.meta[name] ?? []),
    removedMeta: names.filter((name) => drafted.meta[name] === null),
    pages: page === null ? [] : [page],
    sessions,
    held,
    releasedSessions: drafted.releasedSessions,
    receipts: drafted.receipts,
    operations: operationRows(drafted),
  };
}

/** What was put by hand comes last, so that it is what stays. */
function operationRows(drafted: DraftContent): readonly OperationRow[] {
  const moved = drafted.sessions.filter(({ session }) => drafted.movedSessions.has(session));
  return [...moved.map(({ session, state }) => sessionOperation(session, state, drafted.time)), ...drafted.operations];
}

async function sealHeldRows(
  drafted: DraftContent,
  pageCounter: number,
  random: RandomBytes,
): Promise<readonly HeldRow[]> {
  const rows = drafted.sessions.map(async ({ session, secretsKey }): Promise<HeldRow[]> => {
    const leaves = drafted.held.get(session) ?? [];
    if (leaves.length === 0 || secretsKey === null) return [];
    const body = await sealHeld(session, pageCounter, leaves, secretsKey, random);
    const frameNames = leaves.map(([frame]) => heldFrameName(session, frame));
    return [{ session, pageCounter, version: ROW_VERSION, frameNames, ...body }];
  });
  return (await Promise.all(rows)).flat();
}
