// Holds what the provider has settled against what this copy has. Called when a standing was kept. A provider speaks for its own sessions
// only; what another provider granted is none of its business. Every step may be cut: the same standing, or a newer one, does the rest.

import { FareboxError } from '../../protocol/errors.ts';
import { hashObject, type SessionId } from '../../protocol/ids.ts';
import type { SignedStanding, StandingSession } from '../../protocol/standing.ts';
import type { Core } from '../core.ts';
import type { Opened } from '../life.ts';
import { MODULE_LIMITS } from '../limits.ts';
import { commitReceipt } from '../receipts/receipt-drawer.ts';

/**
 * `settled`: both have it; `missing`: the provider has a receipt, or an acknowledgement of ours, that is not here; `other`: it took another
 * receipt than ours; `unfinished`: it took one for a session that has not come to its receipt here.
 */
type Finding = 'settled' | 'missing' | 'other' | 'unfinished';

/**
 * Marks as `refused` what was settled with another copy's receipt, ending first what is still open here: nothing more may be shown under it.
 * Returns the sessions whose papers are missing here, newest first, at most MODULE_LIMITS.missingPapers.
 */
export async function settleSessions(
  { core, rooms }: Pick<Opened, 'core' | 'rooms'>,
  standing: SignedStanding,
): Promise<{ readonly missing: readonly SessionId[]; readonly hasRefused: boolean }> {
  const missing: SessionId[] = [];
  let hasRefused = false;
  const settled = standing.sessions.filter(({ receiptHash }) => receiptHash !== null);
  for (let from = 0; from < settled.length; from += MODULE_LIMITS.changesPerCommit) {
    const lines = settled.slice(from, from + MODULE_LIMITS.changesPerCommit);
    const found = await Promise.all(
      lines.map(async (line) => ({ line, finding: await compare(core, standing, line) })),
    );
    const refused: SessionId[] = [];
    for (const { line, finding } of found) {
      const final = finding === 'unfinished' ? await finish({ core, rooms }, standing, line) : finding;
      if (final === 'missing') missing.push(line.session);
      if (final === 'other') refused.push(line.session);
    }
    if (refused.length > 0 && (await commitRefused(core, refused))) hasRefused = true;
  }
  return { missing: missing.slice(0, MODULE_LIMITS.missingPapers), hasRefused };
}

async function compare(core: Core, standing: SignedStanding, line: StandingSession): Promise<Finding> {
  const { session, receiptHash } = line;
  const ours = await core.store.receipt(session);
  if (ours !== null && ours.acknowledgement !== null) return 'settled';
  if (ours !== null && hashObject(ours.receipt) === receiptHash) return 'missing';
  const loaded = await core.committer.read(session);
  if (loaded === null) return 'missing';
  if (loaded.terms.provider !== standing.provider) return 'settled';
  if (ours !== null) return 'other';
  // Closed by a restore, or just being closed: what the provider took comes with its papers.
  return loaded.state === 'open' ? 'unfinished' : 'missing';
}

/** Ends a session and makes its receipt: what was shown here is stated, even where it cannot be charged any more. */
async function finish(
  { core, rooms }: Pick<Opened, 'core' | 'rooms'>,
  standing: SignedStanding,
  line: StandingSession,
): Promise<Finding> {
  await rooms.end(line.session);
  await commitReceipt(core, line.session);
  const finding = await compare(core, standing, line);
  if (finding === 'unfinished') throw new FareboxError('module/internal', { expected: 'a receipt' });
  return finding;
}

/** False where all of them were refused before, or accepted meanwhile in another tab: both stay. */
async function commitRefused(core: Core, sessions: readonly SessionId[]): Promise<boolean> {
  return core.committer.commit({
    sessions,
    apply: (draft) => {
      const closed = sessions.filter((session) => draft.session(session).state === 'closed');
      for (const session of closed) draft.change(session).state = 'refused';
      return closed.length > 0;
    },
  });
}
