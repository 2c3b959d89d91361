// Takes a passkey beside the words of a new backup: one that is this module's already, or a new one. Called when a backup is made. The surface asks
// the authenticator in the way in which a browser will that knows nothing of this module, so that what works now works then.

import type { PasskeyWay } from '../../protocol/backup.ts';
import {
  BACKUP_PRF_SALT,
  type BackupPasskey,
  deriveBackupPasskey,
  sealBackupSlot,
} from '../../protocol/backup-passkey.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { ModuleId, RandomBytes } from '../../protocol/ids.ts';
import type { Core } from '../core.ts';
import type { BackupRow } from '../store/rows.ts';
import { notGiven } from './recovery-words.ts';

const USER_ID_BYTES = 16;

/** Asks for it. @throws FareboxError `backup/no-passkey` where there is none with PRF to be had, `consent/*`. */
export async function takePasskey(core: Core, moduleId: ModuleId, earlier: BackupRow | null): Promise<BackupPasskey> {
  const vault = await core.store.meta('vault');
  const locking = (vault?.slots ?? []).flatMap((slot) => (slot.kind === 'passkey' ? [slot.credentialId] : []));
  const answer = await core.ask({
    kind: 'backup-passkey',
    // Those of this module alone: the provider keeps a passkey's copy for the module that left the first one.
    known: [...locking, ...(earlier?.passkeys ?? []).map(({ credentialId }) => credentialId)],
    userName: `Farebox backup ${moduleId.slice(0, 8)}`,
    // Another user each time: an authenticator replaces the passkey of a user that it knows, and that one may open another backup.
    userId: core.random(USER_ID_BYTES),
    prfSalt: BACKUP_PRF_SALT,
  });
  if (answer.kind === 'unavailable') throw new FareboxError('backup/no-passkey');
  if (answer.kind !== 'passkey') throw notGiven(answer);
  return deriveBackupPasskey(answer);
}

/** The passkey's way into a backup with this entropy (16 bytes). */
export async function wayOf(passkey: BackupPasskey, entropy: Uint8Array, random: RandomBytes): Promise<PasskeyWay> {
  return { slot: await sealBackupSlot(passkey, entropy, random), locator: passkey.locator };
}
