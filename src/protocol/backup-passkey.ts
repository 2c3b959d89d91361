// A passkey beside the recovery words (docs/protocol.md §15): what is made of an authenticator's PRF output for a backup, and the slot of a
// backup file that holds the words' entropy under it. Pure but for WebCrypto; who asks the authenticator is the module's window. The output
// itself is wiped here as soon as it was used.

import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, equalBytes, ownBytes, utf8 } from './bytes.ts';
import { type CborValue, encodeCbor } from './cbor.ts';
import { FareboxError } from './errors.ts';
import type { RandomBytes } from './ids.ts';
import { LIMITS } from './limits.ts';
import { BACKUP_LOCATOR_LENGTH_BYTES, RECOVERY_ENTROPY_LENGTH_BYTES } from './recovery-words.ts';
import { NONCE_LENGTH_BYTES } from './suite/suite.ts';
import { webCryptoSuite } from './suite/webcrypto.ts';

/** Bytes of a PRF output. */
export const PRF_OUTPUT_LENGTH_BYTES = 32;

/**
 * What every authenticator is asked for where a backup is meant, 32 bytes. Fixed, so that a passkey alone is enough: a random one would have to be
 * found first. It need not be secret or fresh, for the output is a function of a secret that each credential has of its own.
 */
export const BACKUP_PRF_SALT: Uint8Array = sha256(utf8('farebox/1 backup passkey salt'));

const KEY_INFO = utf8('farebox/1 backup passkey key');
const LOCATOR_INFO = utf8('farebox/1 backup passkey locator');
const NO_SALT = new Uint8Array(0);
const SLOT_LABEL = 'farebox/backup-slot';
const SLOT_VERSION = 2;
const WRAPPED_LENGTH_BYTES = RECOVERY_ENTROPY_LENGTH_BYTES + 16;

/** What a passkey gives for backups. */
export type BackupPasskey = Readonly<{
  /** 1 to 1023 bytes: the credential's id. */
  credentialId: Uint8Array;
  /** AES-256-GCM, not extractable: opens the slots of this credential. */
  slotKey: CryptoKey;
  /** 16 bytes: where the provider keeps its copy for this passkey, whatever the words are. */
  locator: Uint8Array;
}>;

/** One passkey's way into a backup file. */
export type BackupSlot = Readonly<{
  credentialId: Uint8Array;
  /** 12 bytes. */
  nonce: Uint8Array;
  /** 32 bytes: the words' entropy (16) under the passkey's slot key, and its tag. */
  wrapped: Uint8Array;
}>;

/** Key and locator of a passkey, from its PRF output for `BACKUP_PRF_SALT` (32 bytes, wiped). Errors: `module/internal` for another length. */
export async function deriveBackupPasskey(given: {
  credentialId: Uint8Array;
  prfOutput: Uint8Array;
}): Promise<BackupPasskey> {
  const { credentialId, prfOutput } = given;
  if (prfOutput.length !== PRF_OUTPUT_LENGTH_BYTES)
    throw new FareboxError('module/internal', { expected: 'PRF output' });
  const secret = Uint8Array.from(prfOutput);
  prfOutput.fill(0);
  try {
    const keyBytes = await webCryptoSuite.hkdfSha256(secret, NO_SALT, KEY_INFO, 32);
    const locator = await webCryptoSuite.hkdfSha256(secret, NO_SALT, LOCATOR_INFO, BACKUP_LOCATOR_LENGTH_BYTES);
    const slotKey = await crypto.subtle.importKey('raw', keyBytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
    keyBytes.fill(0);
    return { credentialId: Uint8Array.from(credentialId), slotKey, locator };
  } finally {
    secret.fill(0);
  }
}

/** Puts 16 bytes of entropy under a passkey; another nonce each time. */
export async function sealBackupSlot(
  passkey: BackupPasskey,
  entropy: Uint8Array,
  random: RandomBytes,
): Promise<BackupSlot> {
  const nonce = ownBytes(random(NONCE_LENGTH_BYTES));
  const { credentialId, slotKey } = passkey;
  const sealed = await crypto.subtle.encrypt(algorithmOf(credentialId, nonce), slotKey, ownBytes(entropy));
  return { credentialId: Uint8Array.from(credentialId), nonce, wrapped: new Uint8Array(sealed) };
}

/**
 * The entropy (16 bytes; the caller wipes it) out of the slots of a file. Errors: `backup/wrong-passkey` where no slot is this passkey's, or the
 * slot was altered: the two cannot be told apart.
 */
export async function openBackupSlots(slots: readonly BackupSlot[], passkey: BackupPasskey): Promise<Uint8Array> {
  for (const { credentialId, nonce, wrapped } of slots) {
    if (!equalBytes(credentialId, passkey.credentialId)) continue;
    const algorithm = algorithmOf(credentialId, ownBytes(nonce));
    try {
      return new Uint8Array(await crypto.subtle.decrypt(algorithm, passkey.slotKey, ownBytes(wrapped)));
    } catch (cause) {
      // Somebody may have put a slot of the same name before the real one: the next is tried.
      if (!(cause instanceof DOMException)) throw cause;
    }
  }
  throw new FareboxError('backup/wrong-passkey');
}

/** The slots as they stand in a file, and in what it authenticates. */
export function encodeBackupSlots(slots: readonly BackupSlot[]): CborValue {
  return slots.map(({ credentialId, nonce, wrapped }) => [credentialId, nonce, wrapped]);
}

/** Reads the slots of a file; null where they are none, more than `LIMITS.backupPasskeys`, or one has another form. */
export function decodeBackupSlots(value: CborValue | undefined): readonly BackupSlot[] | null {
  if (!Array.isArray(value) || value.length > LIMITS.backupPasskeys) return null;
  const slots: BackupSlot[] = [];
  for (const fields of value as readonly CborValue[]) {
    if (!Array.isArray(fields) || fields.length !== 3) return null;
    const [credentialId, nonce, wrapped]: readonly CborValue[] = fields;
    if (!isBytes(credentialId, 1, LIMITS.credentialIdBytes)) return null;
    if (!isBytes(nonce, NONCE_LENGTH_BYTES) || !isBytes(wrapped, WRAPPED_LENGTH_BYTES)) return null;
    slots.push({ credentialId, nonce, wrapped });
  }
  return slots;
}

function isBytes(value: CborValue | undefined, least: number, most = least): value is Uint8Array {
  return value instanceof Uint8Array && value.length >= least && value.length <= most;
}

function algorithmOf(credentialId: Uint8Array, nonce: Bytes): AesGcmParams {
  return { name: 'AES-GCM', iv: nonce, additionalData: encodeCbor([SLOT_LABEL, SLOT_VERSION, credentialId]) };
}
