// Makes backups (docs/protocol.md §15): the first with new words that the person writes down, and a passkey beside them where one is wanted; copies
// after it without asking; and the proof that file and words, or passkey, belong together. Called by commands/. That something leaves is in the
// record before it leaves.

import { sealBackup } from '../../protocol/backup.ts';
import { equalBytes, toHex } from '../../protocol/bytes.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { makeRecoveryWords } from '../../protocol/recovery-words.ts';
import type { BackupFactor, SealedBackup } from '../commands.ts';
import type { Core } from '../core.ts';
import { expectEnrolled } from '../keys/identity.ts';
import type { CommitDraft } from '../record/draft.ts';
import { type Approval, expectApproved } from '../settings/approval.ts';
import { type BackupRow, type OperationRow, ROW_VERSION } from '../store/rows.ts';
import { openBackupSecret, passkeysOf, sealBackupRow } from './backup-secret.ts';
import { gather } from './gather.ts';
import { wipeProof } from './held-proof.ts';
import { askProof, asPasskey, openWithProof, passkeysOfFile } from './recovery-proof.ts';
import { showWords } from './recovery-words.ts';
import { takeSnapshot, wipeKeys } from './snapshot.ts';
import { takePasskey, wayOf } from './take-passkey.ts';

/**
 * Asks, takes a passkey where `wantsPasskey`, shows new words, and seals everything under them. Durable before anything is answered: the secret, and
 * that a backup leaves.
 * @throws FareboxError `enrolment/needed`, `lock/bound-keys`, `consent/*`, `backup/no-passkey`, `backup/too-large`, `store/*`.
 */
export async function makeBackup(core: Core, wantsPasskey: boolean): Promise<SealedBackup> {
  const { keys, moduleId } = await expectEnrolled(core);
  if (keys.kind === 'bound') throw new FareboxError('lock/bound-keys');
  const earlier = await core.store.meta('backup');
  await expectApproved(core, approvalOf(earlier, wantsPasskey));
  // Before the words: who finds that the authenticator cannot do it has not written any down in vain.
  const passkey = wantsPasskey ? await takePasskey(core, moduleId, earlier) : null;
  const { words, entropy } = makeRecoveryWords(core.random);
  try {
    await showWords(core, words);
    const passkeys = passkey === null ? [] : [await wayOf(passkey, entropy, core.random)];
    const made = { entropy, passkeys, madeTime: core.clock.now(), verifiedTime: null };
    const row = await sealBackupRow(core, core.keys, made);
    await commitDisclosed(core, row, () => true);
    return await sealCopy(core, row, entropy);
  } finally {
    entropy.fill(0);
  }
}

/** A fresh copy under the words and passkeys that the person has; null where there are none yet. @throws FareboxError `backup/too-large`, `store/*`. */
export async function copyBackup(core: Core): Promise<SealedBackup | null> {
  const earlier = await core.store.meta('backup');
  if (earlier === null) return null;
  const entropy = await openBackupSecret(earlier, core.keys);
  try {
    const row = { ...earlier, madeTime: core.clock.now() };
    // Another tab may have given the person new words meanwhile: these would open nothing that is looked for.
    await commitDisclosed(core, row, (now) => now !== null && equalBytes(now.locator, row.locator));
    return await sealCopy(core, row, entropy);
  } finally {
    entropy.fill(0);
  }
}

/**
 * Asks for the words or a passkey and opens the file, as a restore would; changes nothing but that the backup counts as verified, durable on return.
 * @throws FareboxError `consent/*`, `enrolment/needed`, `backup/*`: `backup/other-module` for a file of another one; `backup/wrong-words`, or
 * `backup/wrong-passkey`, also for a file under earlier words of this one.
 */
export async function verifyBackup(
  core: Core,
  bytes: Uint8Array,
): Promise<{ readonly sessions: number; readonly receipts: number; readonly openedBy: BackupFactor }> {
  const { moduleId } = await expectEnrolled(core);
  const { proof, value } = await askProof(core, passkeysOfFile(bytes), async (given) => openWithProof(bytes, given));
  const { entropy, opened } = value;
  const { snapshot, madeTime, passkeys } = opened;
  wipeProof(proof);
  wipeKeys(snapshot);
  try {
    if (snapshot.module !== moduleId) throw new FareboxError('backup/other-module');
    const { sessions, receipts } = snapshot;
    gather([{ place: 'backup', sessions, receipts, unreadable: [] }]);
    const verifiedTime = core.clock.now();
    const proven = await sealBackupRow(core, core.keys, { entropy, passkeys, madeTime, verifiedTime });
    await core.committer.commit({ sessions: [], apply: (draft) => keepVerified(draft, proven, verifiedTime) });
    return { sessions: sessions.length, receipts: receipts.length, openedBy: proof.kind };
  } catch (error) {
    throw proof.kind === 'passkey' ? asPasskey(error) : error;
  } finally {
    entropy.fill(0);
  }
}

function approvalOf(earlier: BackupRow | null, wantsPasskey: boolean): Approval {
  const hadPasskey = (earlier?.passkeys ?? []).length > 0;
  return {
    title: 'Make a backup?',
    amount: null,
    party: null,
    lines: [
      'You are shown twelve words. Whoever has them and the backup has this module: write them down, and show them to nobody.',
      ...(wantsPasskey ? ['A passkey opens it as well. The words always do, also when the passkey is lost.'] : []),
      ...(earlier === null ? [] : ['The words you have now open older backups only.']),
      ...(hadPasskey && !wantsPasskey ? ['So does your passkey: this backup is opened by words alone.'] : []),
    ],
    yes: wantsPasskey ? 'Go on' : 'Show the words',
    grave: false,
  };
}

/** A module that was brought back from its checkpoint has forgotten that there was a backup: the file and its proof show it. */
function keepVerified(draft: CommitDraft, proven: BackupRow, verifiedTime: number): void {
  const kept = draft.meta('backup');
  if (kept !== null && !equalBytes(kept.locator, proven.locator)) throw new FareboxError('backup/wrong-words');
  draft.putMeta(kept === null ? proven : { ...kept, verifiedTime });
  draft.putOperation(operation('done', draft.time));
}

async function commitDisclosed(core: Core, row: BackupRow, stands: (kept: BackupRow | null) => boolean): Promise<void> {
  await core.committer.commit({
    sessions: [],
    apply: (draft) => {
      if (!stands(draft.meta('backup'))) throw new FareboxError('store/conflict');
      draft.putMeta(row);
      draft.append({ kind: 'disclosed', what: 'backup', to: null });
      draft.putOperation(operation(row.verifiedTime === null ? 'needs-you' : 'done', draft.time));
    },
  });
}

async function sealCopy(core: Core, row: BackupRow, entropy: Uint8Array): Promise<SealedBackup> {
  const snapshot = await takeSnapshot(core, 'all');
  try {
    const { madeTime, locator } = row;
    const passkeys = passkeysOf(row);
    const backup = await sealBackup({ entropy, snapshot, madeTime, passkeys, random: core.random });
    await core.checkpointer.flush();
    return { backup, locator: toHex(locator), passkeyLocators: passkeys.map((passkey) => toHex(passkey.locator)) };
  } finally {
    wipeKeys(snapshot);
  }
}

/** `needs-you`: made, and nobody has shown yet that anything opens it. */
function operation(status: 'needs-you' | 'done', changedTime: number): OperationRow {
  return { name: 'backup', version: ROW_VERSION, kind: 'backup', status, code: null, session: null, changedTime };
}
