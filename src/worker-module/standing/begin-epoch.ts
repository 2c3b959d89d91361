// The way back of a copy that was refused: on the person's word it goes on as a new device in a new epoch. Called by commands/. Cut anywhere,
// the epoch was begun, with its request kept, or it was not; nothing is sent from here.

import { FareboxError } from '../../protocol/errors.ts';
import type { SignedStanding, Verdict } from '../../protocol/standing.ts';
import type { Core } from '../core.ts';
import { expectEnrolled } from '../keys/identity.ts';
import { type Approval, expectApproved } from '../settings/approval.ts';
import { epochRow } from './operations.ts';
import { makePending } from './pending-epoch.ts';
import { openKept } from './read-standing.ts';

type BadVerdict = Exclude<Verdict, 'good'>;

const WHAT_HAPPENED: Readonly<Record<BadVerdict, string>> = {
  regress: 'The provider has met a newer state of this Farebox. This copy was brought back from an older one.',
  fork: 'There are two copies of this Farebox, and both went on from the same state.',
  superseded: 'This Farebox was restored elsewhere, and the other copy goes on in its place.',
};

/**
 * Asks the person, then keeps the request for a new epoch; durable on return, the checkpoint included. Does nothing where one is pending.
 * @throws FareboxError `enrolment/needed`; `standing/needed` where the provider has not refused this copy; `consent/*`.
 */
export async function beginEpoch(core: Core): Promise<void> {
  const identity = await expectEnrolled(core);
  if (identity.pending !== null) return;
  const standing = await openKept(core, await core.store.meta('standing'), identity.moduleId);
  await expectApproved(core, questionOf(expectRefusal(standing, identity.epoch)));
  const pending = await makePending(core, identity, expectKnown(standing));
  await core.committer.commit({
    sessions: [],
    apply: (draft) => {
      const present = draft.meta('identity');
      if (present === null) throw new FareboxError('enrolment/needed');
      // Another tab may have been faster: its request is the module's, and what was begun stays begun.
      if (present.pending !== null || present.epoch !== identity.epoch) return;
      draft.append({ kind: 'disclosed', what: 'enrolment', to: null });
      draft.putMeta({ ...present, pending });
      draft.putOperation(epochRow('waiting', null, draft.time));
    },
  });
  await core.checkpointer.flush();
  core.noteChanged('status');
  core.noteChanged('operations');
}

function questionOf(verdict: BadVerdict): Approval {
  return {
    title: 'Go on with this copy?',
    amount: null,
    party: null,
    lines: [
      WHAT_HAPPENED[verdict],
      'If you go on here, the other copy stops working the next time it meets a provider.',
      'Your receipts and everything this copy has shown stay. What the provider took from the other copy is brought here.',
    ],
    yes: 'Go on with this one',
    grave: true,
  };
}

function expectRefusal(standing: SignedStanding | null, epoch: number): BadVerdict {
  const { verdict } = expectKnown(standing);
  if (verdict === 'good' || (standing?.epoch ?? 0) < epoch) throw new FareboxError('standing/needed');
  return verdict;
}

function expectKnown(standing: SignedStanding | null): SignedStanding {
  if (standing === null) throw new FareboxError('standing/needed');
  return standing;
}
