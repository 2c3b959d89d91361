// Makes backups (docs/protocol.md §15): the first with new words that the person writes down, copies after it without asking, and the proof
// that words and file belong together. Called by commands/. That something leaves is in the record before it leaves.

import { openBackup, sealBackup } from '../../protocol/backup.ts';
import { equalBytes, toHex } from '../../protocol/bytes.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { deriveBackupLocator, makeRecoveryWords } from '../../protocol/recovery-words.ts';
import type { Core } from '../core.ts';
import { expectEnrolled } from '../keys/identity.ts';
import type { CommitDraft } from '../record/draft.ts';
import { expectApproved } from '../settings/approval.ts';
import { type BackupRow, type OperationRow, ROW_VERSION } from '../store/rows.ts';
import { openBackupSecret, sealBackupRow } from './backup-secret.ts';
import { gather } from './gather.ts';
import { askWords, showWords } from './recovery-words.ts';
import { takeSnapshot, wipeKeys } from './snapshot.ts';

/** A sealed backup file, and in hex where the provider keeps its copy. */
export type MadeBackup = { readonly backup: Uint8Array; readonly locator: string };

/**
 * Asks, shows new words, and seals everything under them. Durable before anything is answered: the secret, and that a backup leaves.
 * @throws FareboxError `enrolment/needed`, `lock/bound-keys`, `consent/*`, `backup/too-large`, `store/*`.
 */
export async function makeBackup(core: Core): Promise<MadeBackup> {
  const { keys } = await expectEnrolled(core);
  if (keys.kind === 'bound') throw new FareboxError('lock/bound-keys');
  const earlier = await core.store.meta('backup');
  await expectApproved(core, {
    title: 'Make a backup?',
    amount: null,
    party: null,
    lines: [
      'You are shown twelve words. Whoever has them and the backup has this module: write them down, and show them to nobody.',
      ...(earlier === null ? [] : ['The words you have now open older backups only.']),
    ],
    yes: 'Show the words',
    grave: false,
  });
  const { words, entropy } = makeRecoveryWords(core.random);
  try {
    await showWords(core, words);
    const row = await sealBackupRow(core, core.keys, { entropy, madeTime: core.clock.now(), verifiedTime: null });
    await commitDisclosed(core, row, () => true);
    return await sealCopy(core, row, entropy);
  } finally {
    entropy.fill(0);
  }
}

/** A fresh copy under the words that the person has; null where there are none yet. @throws FareboxError `backup/too-large`, `store/*`. */
export async function copyBackup(core: Core): Promise<MadeBackup | null> {
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
 * Asks for the words and opens the file with them, as a restore would; changes nothing but that the backup counts as verified, durable on return.
 * @throws FareboxError `consent/*`, `enrolment/needed`, `backup/*`: `backup/other-module` for a file of another one, `backup/wrong-words` also for a
 * file under earlier words of this one.
 */
export async function verifyBackup(
  core: Core,
  bytes: Uint8Array,
): Promise<{ readonly sessions: number; readonly receipts: number }> {
  const { moduleId } = await expectEnrolled(core);
  const { entropy, value: opened } = await askWords(core, async (given) => openBackup({ bytes, entropy: given }));
  const { snapshot, madeTime } = opened;
  wipeKeys(snapshot);
  try {
    if (snapshot.module !== moduleId) throw new FareboxError('backup/other-module');
    const { sessions, receipts } = snapshot;
    gather([{ place: 'backup', sessions, receipts, unreadable: [] }]);
    const verifiedTime = core.clock.now();
    const proven = await sealBackupRow(core, core.keys, { entropy, madeTime, verifiedTime });
    await core.committer.commit({ sessions: [], apply: (draft) => keepVerified(draft, proven, verifiedTime) });
    return { sessions: sessions.length, receipts: receipts.length };
  } finally {
    entropy.fill(0);
  }
}

/** Where where the provider keeps its copy, in hex, for the entropy (16 bytes) of somebody's words. */
export async function locatorOf(entropy: Uint8Array): Promise<string> {
  return toHex(await deriveBackupLocator(entropy));
}

/** A module that was brought back from its checkpoint has forgotten that there was a backup: the file and the words show it. */
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

async function sealCopy(core: Core, row: BackupRow, entropy: Uint8Array): Promise<MadeBackup> {
  const snapshot = await takeSnapshot(core, 'all');
  try {
    const { madeTime, locator } = row;
    const backup = await sealBackup({ entropy, snapshot, madeTime, random: core.random });
    await core.checkpointer.flush();
    return { backup, locator: toHex(locator) };
  } finally {
    wipeKeys(snapshot);
  }
}

/** `needs-you`: made, and nobody has shown yet that its words open it. */
function operation(status: 'needs-you' | 'done', changedTime: number): OperationRow {
  return { name: 'backup', version: ROW_VERSION, kind: 'backup', status, code: null, session: null, changedTime };
}
