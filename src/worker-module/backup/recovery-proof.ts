// What a person shows to have a backup opened: its words, or a passkey that leads to them. Asked for on the module's own surface, where the person
// chooses; called by the backup commands. Words, entropy and what a passkey gives never reach the host, and no error carries any.

import { type OpenedBackup, openBackup, readBackupSlots } from '../../protocol/backup.ts';
import {
  BACKUP_PRF_SALT,
  type BackupPasskey,
  deriveBackupPasskey,
  openBackupSlots,
} from '../../protocol/backup-passkey.ts';
import { toHex } from '../../protocol/bytes.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { decodeRecoveryWords, deriveBackupLocator } from '../../protocol/recovery-words.ts';
import type { Surroundings } from '../core.ts';
import type { SurfaceAnswer, SurfaceQuestion } from '../frame-messages.ts';
import { BACKUP_LIMITS } from './backup-limits.ts';
import { notGiven } from './recovery-words.ts';

/** What the person gave. `entropy`: 16 bytes. */
export type RecoveryProof =
  | { readonly kind: 'words'; readonly entropy: Uint8Array }
  | { readonly kind: 'passkey'; readonly passkey: BackupPasskey };

/** A proof, and what came of its first use. */
export type Proven<Value> = { readonly proof: RecoveryProof; readonly value: Value };

/** A backup that was opened, and the 16 bytes behind its words, which the caller wipes. */
export type OpenedWith = { readonly opened: OpenedBackup; readonly entropy: Uint8Array };

/** The passkeys that may stand in the words' place; null where none can. */
type Offered = Extract<SurfaceQuestion, { kind: 'ask-words' }>['passkeys'];

/** Any passkey that the authenticator finds by itself: for whoever has no file at hand. */
export const ANY_PASSKEY: Offered = { prfSalt: BACKUP_PRF_SALT, credentialIds: [] };

/** The passkeys of a file. What it names is not believed: a passkey opens a slot that was sealed under it, and nothing else. */
export function passkeysOfFile(bytes: Uint8Array): Offered {
  const credentialIds = readBackupSlots(bytes).map(({ credentialId }) => credentialId);
  return credentialIds.length === 0 ? null : { prfSalt: BACKUP_PRF_SALT, credentialIds };
}

/**
 * Asks until `use` takes what was given. A few times: a slip is no reason to begin again.
 * @throws FareboxError `consent/*`; `backup/words`, `backup/wrong-words`, `backup/wrong-passkey` after the last try; and what else `use` throws.
 */
export async function askProof<Value>(
  { ask }: Pick<Surroundings, 'ask'>,
  passkeys: Offered,
  use: (proof: RecoveryProof) => Promise<Value>,
): Promise<Proven<Value>> {
  let wrong: 'words' | 'passkey' | null = null;
  for (let tries = 1; ; tries += 1) {
    const answer = await ask({ kind: 'ask-words', wrong, passkeys });
    try {
      const proof = await proofOf(answer);
      return { proof, value: await use(proof) };
    } catch (error) {
      const slip = error instanceof FareboxError ? SLIPS.get(error.code) : undefined;
      if (slip === undefined || tries >= BACKUP_LIMITS.proofTries) throw error;
      wrong = slip;
    }
  }
}

/** Where the provider keeps its copy for whoever has this, in hex. */
export async function locatorOf(proof: RecoveryProof): Promise<string> {
  return toHex(proof.kind === 'words' ? await deriveBackupLocator(proof.entropy) : proof.passkey.locator);
}

/** Opens a file. @throws FareboxError `backup/malformed`, `backup/newer-version`, `backup/wrong-words` or `backup/wrong-passkey`. */
export async function openWithProof(bytes: Uint8Array, proof: RecoveryProof): Promise<OpenedWith> {
  const isPasskey = proof.kind === 'passkey';
  const entropy = isPasskey
    ? await openBackupSlots(readBackupSlots(bytes), proof.passkey)
    : Uint8Array.from(proof.entropy);
  try {
    return { opened: await openBackup({ bytes, entropy }), entropy };
  } catch (error) {
    entropy.fill(0);
    throw isPasskey ? asPasskey(error) : error;
  }
}

/** The words behind a slot that do not open the file: to whoever gave no words, it is the passkey that does not. */
export function asPasskey(error: unknown): unknown {
  const isWrong = error instanceof FareboxError && error.code === 'backup/wrong-words';
  return isWrong ? new FareboxError('backup/wrong-passkey', undefined, { cause: error }) : error;
}

const SLIPS: ReadonlyMap<string, 'words' | 'passkey'> = new Map([
  ['backup/words', 'words'],
  ['backup/wrong-words', 'words'],
  ['backup/wrong-passkey', 'passkey'],
]);

async function proofOf(answer: SurfaceAnswer): Promise<RecoveryProof> {
  if (answer.kind === 'words') return { kind: 'words', entropy: decodeRecoveryWords(answer.words) };
  if (answer.kind === 'passkey') return { kind: 'passkey', passkey: await deriveBackupPasskey(answer) };
  throw notGiven(answer);
}
