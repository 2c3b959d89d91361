// The backup's secret (16 bytes, the recovery words' entropy) as the database keeps it, under the wrapping key: with it a fresh copy is made
// without asking for the words, under the same passkeys. Called by the backup commands.

import type { PasskeyWay } from '../../protocol/backup.ts';
import { deriveBackupLocator } from '../../protocol/recovery-words.ts';
import type { ModuleKeys, Surroundings } from '../core.ts';
import { type BackupPasskeyRow, type BackupRow, ROW_VERSION } from '../store/rows.ts';
import { openBytes, type SealPurpose, sealBytes } from '../store/sealing.ts';

const PURPOSE: SealPurpose = ['farebox/backup-secret', 1];

/** The row of a backup that the person has the words for. Times in ms since 1970. */
export async function sealBackupRow(
  { random }: Pick<Surroundings, 'random'>,
  keys: ModuleKeys,
  made: {
    readonly entropy: Uint8Array;
    readonly passkeys: readonly PasskeyWay[];
    readonly madeTime: number;
    readonly verifiedTime: number | null;
  },
): Promise<BackupRow> {
  const { entropy, madeTime, verifiedTime } = made;
  const passkeys: readonly BackupPasskeyRow[] = made.passkeys.map(({ slot, locator: at }) => ({
    ...slot,
    locator: at,
  }));
  const secret = await sealBytes(keys.wrappingKey, PURPOSE, entropy, random);
  const locator = await deriveBackupLocator(entropy);
  return { name: 'backup', version: ROW_VERSION, secret, locator, passkeys, madeTime, verifiedTime };
}

/** The passkeys of a backup, as they go into its next copy. */
export function passkeysOf({ passkeys = [] }: Pick<BackupRow, 'passkeys'>): readonly PasskeyWay[] {
  return passkeys.map(({ locator, ...slot }) => ({ slot, locator }));
}

/** The entropy, 16 bytes; the caller wipes it. @throws FareboxError `store/altered`. */
export function openBackupSecret(row: Pick<BackupRow, 'secret'>, keys: ModuleKeys): Promise<Uint8Array> {
  return openBytes(keys.wrappingKey, PURPOSE, row.secret);
}
