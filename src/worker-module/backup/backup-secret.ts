// The backup's secret (16 bytes, the recovery words' entropy) as the database keeps it, under the wrapping key: with it a fresh copy is made
// without asking for the words. Called by the backup commands.

import { deriveBackupLocator } from '../../protocol/recovery-words.ts';
import type { ModuleKeys, Surroundings } from '../core.ts';
import { type BackupRow, ROW_VERSION } from '../store/rows.ts';
import { openBytes, type SealPurpose, sealBytes } from '../store/sealing.ts';

const PURPOSE: SealPurpose = ['farebox/backup-secret', 1];

/** The row of a backup that the person has the words for. Times in ms since 1970. */
export async function sealBackupRow(
  { random }: Pick<Surroundings, 'random'>,
  keys: ModuleKeys,
  made: { readonly entropy: Uint8Array; readonly madeTime: number; readonly verifiedTime: number | null },
): Promise<BackupRow> {
  const { entropy, madeTime, verifiedTime } = made;
  const secret = await sealBytes(keys.wrappingKey, PURPOSE, entropy, random);
  const locator = await deriveBackupLocator(entropy);
  return { name: 'backup', version: ROW_VERSION, secret, locator, madeTime, verifiedTime };
}

/** The entropy, 16 bytes; the caller wipes it. @throws FareboxError `store/altered`. */
export function openBackupSecret(row: Pick<BackupRow, 'secret'>, keys: ModuleKeys): Promise<Uint8Array> {
  return openBytes(keys.wrappingKey, PURPOSE, row.secret);
}
