// Tells whether any session was opened since a moment, in any tab, so that sums of money that were read then still hold. Called by
// open-session.ts. Frames are written all the time, so the record's counter is no sign; what closes a session only gives money back.

import type { Core } from '../core.ts';
import type { CommitDraft } from '../record/draft.ts';

type OpeningCore = Pick<Core, 'committer'>;

/** A moment between commits. */
export type OpeningMark = {
  /** The vault's row as the committer had it. It reads its rows anew whenever another tab has written, and at no other time. */
  readonly rows: object | null;
  /** Sessions that this tab had put into a commit. */
  readonly opened: number;
};

/** Sessions that this tab has put into a commit, for each core: every one of its drafts counts. */
const openings = new WeakMap<OpeningCore['committer'], number>();

/** Marks this moment. What is read from the store after it is at least as new. @throws FareboxError `store/*`. */
export function markOpenings(core: OpeningCore): Promise<OpeningMark> {
  return core.committer.commit({ sessions: [], apply: (draft) => markOf(core, draft) });
}

/**
 * True where no session was opened between the mark and this draft. Another tab's commit since then has either been seen, and the rows are
 * other objects, or the draft is refused by the store's fence.
 */
export function isUnopened(core: OpeningCore, draft: CommitDraft, mark: OpeningMark): boolean {
  const now = markOf(core, draft);
  return now.rows !== null && now.rows === mark.rows && now.opened === mark.opened;
}

/** Notes that a draft of this tab opens a session. */
export function noteOpening(core: OpeningCore): void {
  openings.set(core.committer, (openings.get(core.committer) ?? 0) + 1);
}

function markOf(core: OpeningCore, draft: CommitDraft): OpeningMark {
  return { rows: draft.meta('vault'), opened: openings.get(core.committer) ?? 0 };
}
