// Takes in the provider's signed word on this copy (docs/protocol.md §14). Called by commands/. It is believed only as far as its signature
// and its place in time reach: newer than the one that is kept, of no epoch that is over, and about this module's own life.

import { verifyCertificate } from '../../protocol/certificate.ts';
import { FareboxError, type FareboxErrorCode } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { sameLife } from '../../protocol/life.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { type SignedStanding, type Verdict, verifyStanding } from '../../protocol/standing.ts';
import { reconcileReport } from '../backup/reconcile.ts';
import type { Core } from '../core.ts';
import { expectEnrolled } from '../keys/identity.ts';
import type { Opened } from '../life.ts';
import { MODULE_LIMITS } from '../limits.ts';
import type { CommitDraft } from '../record/draft.ts';
import { type IdentityRow, ROW_VERSION, type StandingRow } from '../store/rows.ts';
import { epochRow } from './operations.ts';
import { type PendingEpoch, pendingAfter } from './pending-epoch.ts';
import { openKept, pendingName, sameKept } from './read-standing.ts';
import { settleSessions } from './settle-sessions.ts';

/** What a verdict is called in the record and on the screens. */
export const VERDICT_CODES: Readonly<Record<Exclude<Verdict, 'good'>, FareboxErrorCode>> = {
  regress: 'record/regress',
  fork: 'record/fork',
  superseded: 'module/superseded',
};

type Given = { readonly standing: Uint8Array; readonly providerCertificate: Uint8Array };

/**
 * Keeps the word and does what follows from it: alarm, operation, sessions that the provider has settled, the report of a restore. Durable on
 * return; the same word twice is one. Names the sessions whose papers this copy lacks, at most MODULE_LIMITS.missingPapers.
 * @throws FareboxError `enrolment/needed`, `certificate/*`, `standing/malformed`, `standing/stale`.
 */
export async function acceptStanding(
  { core, rooms }: Opened,
  given: Given,
): Promise<{ readonly standing: Verdict; readonly missing: readonly SessionId[] }> {
  const { agencyKey, suite } = core;
  const now = core.clock.now();
  const { moduleId } = await expectEnrolled(core);
  const bytes = given.providerCertificate;
  const provider = await verifyCertificate({ bytes, agencyKey, role: 'provider', now, suite });
  const standing = await verifyStanding({ bytes: given.standing, provider, module: moduleId, suite });
  // A word from the future would make every later one stale.
  if (standing.issuedAt > now + LIMITS.clockToleranceMs) throw new FareboxError('standing/malformed', { claim: 'iat' });
  const isNews = await keepStanding(core, given, standing);
  const { missing, hasRefused } = await settleSessions({ core, rooms }, standing);
  await reconcileReport(core, standing);
  // Only what is new: whoever asks for a standing because something has changed would never come to an end.
  if (isNews) core.noteChanged('status');
  if (hasRefused) core.noteChanged('receipts');
  if (isNews || hasRefused) core.noteChanged('operations');
  return { standing: standing.verdict, missing };
}

/** Durable on return; true where it says something else than the word before. */
async function keepStanding(core: Core, given: Given, standing: SignedStanding): Promise<boolean> {
  for (let tries = 0; tries < MODULE_LIMITS.commitAttempts; tries += 1) {
    const outcome = await tryToKeep(core, given, standing);
    if (outcome !== 'moved') return outcome === 'news';
    core.committer.refresh();
  }
  throw new FareboxError('store/conflict');
}

/** `moved` where another tab has changed what the word is judged by. */
async function tryToKeep(core: Core, given: Given, standing: SignedStanding): Promise<'news' | 'same' | 'moved'> {
  const identity = await expectEnrolled(core);
  const kept = await core.store.meta('standing');
  const before = await openKept(core, kept, identity.moduleId);
  expectFit(standing, identity, before);
  if (isOutweighed(standing, before)) return 'same';
  const moved = await pendingAfter(core, identity, standing);
  return core.committer.commit({
    sessions: [],
    apply: (draft) => {
      const present = draft.meta('identity');
      if (present === null || !sameKept(draft.meta('standing'), kept)) return 'moved';
      if (present.epoch !== identity.epoch || pendingName(present) !== pendingName(identity)) return 'moved';
      const row: StandingRow = { name: 'standing', version: ROW_VERSION, ...given, acceptedTime: draft.time };
      if (!sameKept(row, kept)) draft.putMeta(row);
      if (moved !== null) movePending(draft, present, moved);
      else if (present.pending === null) noteVerdict(draft, standing, before);
      return moved !== null || !saysTheSame(standing, before) ? 'news' : 'same';
    },
  });
}

/** @throws FareboxError `standing/stale`, `standing/malformed` where verdict, device and epoch contradict what this copy is. */
function expectFit(standing: SignedStanding, identity: IdentityRow, before: SignedStanding | null): void {
  if (standing.epoch < identity.epoch) throw new FareboxError('standing/stale', { epoch: standing.epoch });
  const isOlder = before !== null && before.provider === standing.provider && standing.issuedAt < before.issuedAt;
  if (isOlder) throw new FareboxError('standing/stale', { issuedAt: standing.issuedAt });
  const isOurs = sameLife(standing, identity);
  // Superseded is what a life is that is not the present one, and nothing else is.
  if (isOurs === (standing.verdict === 'superseded')) throw new FareboxError('standing/malformed', { claim: 'epoch' });
}

/** One provider's good word does not take another's refusal away: that one would refuse again. */
function isOutweighed(standing: SignedStanding, before: SignedStanding | null): boolean {
  if (before === null || before.provider === standing.provider || before.epoch < standing.epoch) return false;
  return standing.verdict === 'good' && before.verdict !== 'good';
}

function noteVerdict(draft: CommitDraft, standing: SignedStanding, before: SignedStanding | null): void {
  const { verdict } = standing;
  if (saysTheSame(standing, before)) return;
  if (verdict !== 'good') {
    draft.append({ kind: 'alarm', code: VERDICT_CODES[verdict] });
    draft.putOperation(epochRow('needs-you', VERDICT_CODES[verdict], draft.time));
  } else if (before !== null && before.verdict !== 'good') {
    draft.putOperation(epochRow('done', null, draft.time));
  }
}

function saysTheSame(standing: SignedStanding, before: SignedStanding | null): boolean {
  const { provider, verdict, epoch } = standing;
  return before?.provider === provider && before.verdict === verdict && before.epoch === epoch;
}

/** The epoch that was asked for is taken by another copy: that is an alarm, and the one after it is asked for. */
function movePending(draft: CommitDraft, identity: IdentityRow, pending: PendingEpoch): void {
  draft.append({ kind: 'alarm', code: 'module/superseded' });
  draft.append({ kind: 'disclosed', what: 'enrolment', to: null });
  draft.putMeta({ ...identity, pending });
  draft.putOperation(epochRow('waiting', null, draft.time));
}
