// Takes the agency's certificate in: a renewal for the epoch that this module is in, or the one that begins its pending epoch. Called by
// commands/. The moment of commit is the moment at which the module is the new device: before it is the old one, whole.

import { equalBytes } from '../../protocol/bytes.ts';
import { type VerifiedCertificate, verifyCertificate } from '../../protocol/certificate.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { ModuleId } from '../../protocol/ids.ts';
import type { Core } from '../core.ts';
import type { CommitDraft } from '../record/draft.ts';
import { type IdentityRow, type OperationRow, ROW_VERSION } from '../store/rows.ts';

/**
 * Checks and keeps a certificate; durable on return, the checkpoint included. One of the pending epoch begins it: identity, `epoch` entry
 * and the end of the operation are one commit.
 * @throws FareboxError `certificate/*`, `enrolment/needed`, `enrolment/other-key` for other keys, another device or another epoch.
 */
export async function commitCertificate(core: Core, certificate: Uint8Array): Promise<ModuleId> {
  const { agencyKey, suite } = core;
  const now = core.clock.now();
  const verified = await verifyCertificate({ bytes: certificate, agencyKey, role: 'module', now, suite });
  const moduleId = await core.committer.commit({
    sessions: [],
    apply: (draft) => {
      const identity = draft.meta('identity');
      if (identity === null) throw new FareboxError('enrolment/needed');
      if (!hasKeysOf(identity, verified)) throw otherKey(verified);
      if (isOfLife(identity, verified)) renew(draft, identity, certificate);
      else if (identity.pending !== null && isOfLife(identity.pending, verified)) begin(draft, identity, certificate);
      else throw otherKey(verified);
      return identity.moduleId;
    },
  });
  await core.checkpointer.flush();
  core.noteChanged('status');
  core.noteChanged('operations');
  return moduleId;
}

function renew(draft: CommitDraft, identity: IdentityRow, certificate: Uint8Array): void {
  if (identity.certificate === null) draft.putOperation(doneRow('enrolment', draft.time));
  draft.putMeta({ ...identity, certificate });
}

function begin(draft: CommitDraft, identity: IdentityRow, certificate: Uint8Array): void {
  const { pending } = identity;
  if (pending === null) throw new FareboxError('module/internal', { expected: 'a pending epoch' });
  draft.append({ kind: 'epoch', device: pending.device, epoch: pending.epoch });
  draft.putMeta({ ...identity, ...pending, certificate, pending: null });
  draft.putOperation(doneRow('epoch', draft.time));
}

function doneRow(kind: 'enrolment' | 'epoch', changedTime: number): OperationRow {
  return { name: kind, version: ROW_VERSION, kind, status: 'done', code: null, session: null, changedTime };
}

function hasKeysOf(identity: IdentityRow, { publicKey, sealingKey }: VerifiedCertificate): boolean {
  const hasSealingKey = sealingKey !== null && equalBytes(sealingKey, identity.openingPublicKey);
  return hasSealingKey && equalBytes(publicKey, identity.signingPublicKey);
}

function isOfLife(
  life: { readonly device: Uint8Array; readonly epoch: number },
  verified: VerifiedCertificate,
): boolean {
  return verified.epoch === life.epoch && equalBytes(verified.device, life.device);
}

function otherKey({ subject, epoch }: VerifiedCertificate): FareboxError {
  return new FareboxError('enrolment/other-key', { subject, epoch });
}
