// Backup files (`.farebox-backup`, docs/protocol.md §15): a snapshot, padded and sealed under the recovery words, and beside them passkeys that
// lead to the same words. The person keeps one, the provider another that it cannot read. Who holds file and words, or file and passkey, has the
// module: only its own surface asks for either.

import { type BackupSlot, decodeBackupSlots, encodeBackupSlots } from './backup-passkey.ts';
import { type Bytes, ownBytes } from './bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import { renamed } from './cose.ts';
import { FareboxError } from './errors.ts';
import type { RandomBytes } from './ids.ts';
import { LIMITS } from './limits.ts';
import { padded, unpadded } from './padme.ts';
import { BACKUP_LOCATOR_LENGTH_BYTES, deriveBackupKey } from './recovery-words.ts';
import { decodeSnapshot, encodeSnapshot, type Snapshot } from './snapshot.ts';
import { NONCE_LENGTH_BYTES } from './suite/suite.ts';

const TYPE = 'farebox/backup';
const VERSION = 2;
/** Without passkeys; read, not made any more. */
const WORDS_ONLY_VERSION = 1;
const CODE = 'backup/malformed';
const TAG_LENGTH_BYTES = 16;

/** A passkey that opens a backup: its slot in the file, and where the provider keeps its copy for it (16 bytes). */
export type PasskeyWay = Readonly<{ slot: BackupSlot; locator: Uint8Array }>;

/** A backup that was opened. */
export type OpenedBackup = Readonly<{
  snapshot: Snapshot;
  /** Milliseconds since 1970, by the clock of the module that made it. */
  madeTime: number;
  /** The passkeys that open it as well. */
  passkeys: readonly PasskeyWay[];
}>;

/**
 * Seals a snapshot under 16 bytes of entropy, the recovery words'; another nonce each time. `madeTime` in ms since 1970; `passkeys`, at most
 * `LIMITS.backupPasskeys`, hold the same entropy. Errors: `backup/too-large` beyond `LIMITS.backupSizeBytes`, `lock/bound-keys` for a snapshot
 * without keys.
 */
export async function sealBackup(made: {
  entropy: Uint8Array;
  snapshot: Snapshot;
  madeTime: number;
  passkeys: readonly PasskeyWay[];
  random: RandomBytes;
}): Promise<Bytes> {
  const { entropy, snapshot, madeTime, passkeys, random } = made;
  if (snapshot.signingKey.length === 0) throw new FareboxError('lock/bound-keys');
  const slots = encodeBackupSlots(passkeys.map(({ slot }) => slot));
  const encoded = encodeSnapshot(snapshot);
  const clear = encodeCbor([encoded, passkeys.map(({ locator }) => locator)]);
  const paddedClear = padded(clear);
  try {
    const nonce = ownBytes(random(NONCE_LENGTH_BYTES));
    const additionalData = encodeCbor([TYPE, VERSION, madeTime, slots]);
    const algorithm = { name: 'AES-GCM', iv: nonce, additionalData };
    const key = await deriveBackupKey(entropy);
    const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, key, paddedClear));
    const file = encodeCbor([TYPE, VERSION, madeTime, slots, nonce, sealed]);
    if (file.length > LIMITS.backupSizeBytes) throw new FareboxError('backup/too-large', { sizeBytes: file.length });
    return file;
  } finally {
    encoded.fill(0);
    clear.fill(0);
    paddedClear.fill(0);
  }
}

/**
 * Opens a backup file with 16 bytes of entropy. Errors: `backup/malformed`, `backup/newer-version`, and `backup/wrong-words` where the words do not
 * open it, or anything in the file was altered, a slot included: these cannot be told apart.
 */
export async function openBackup(given: { bytes: Uint8Array; entropy: Uint8Array }): Promise<OpenedBackup> {
  const { version, madeTime, slots, nonce, sealed } = readFile(given.bytes);
  const bound = version === WORDS_ONLY_VERSION ? [] : [encodeBackupSlots(slots)];
  const additionalData = encodeCbor([TYPE, version, madeTime, ...bound]);
  const algorithm = { name: 'AES-GCM', iv: ownBytes(nonce), additionalData };
  const key = await deriveBackupKey(given.entropy);
  let paddedClear: Uint8Array;
  try {
    paddedClear = new Uint8Array(await crypto.subtle.decrypt(algorithm, key, ownBytes(sealed)));
  } catch (cause) {
    if (cause instanceof DOMException) throw new FareboxError('backup/wrong-words', undefined, { cause });
    throw cause;
  }
  const clear = unpadded(paddedClear);
  if (version === WORDS_ONLY_VERSION) return { snapshot: decodeSnapshot(clear), madeTime, passkeys: [] };
  return { ...readClear(clear, slots), madeTime };
}

/** The slots of a backup file, of which nothing is believed yet; none for a file of version 1. Errors: as `openBackup` before it opens anything. */
export function readBackupSlots(bytes: Uint8Array): readonly BackupSlot[] {
  return readFile(bytes).slots;
}

/** What was sealed: the snapshot, and a locator for each slot, in their order. */
function readClear(clear: Uint8Array, slots: readonly BackupSlot[]): Pick<OpenedBackup, 'snapshot' | 'passkeys'> {
  const sealed = readObject(clear);
  if (!Array.isArray(sealed) || sealed.length !== 2) throw malformed('sealed');
  const [snapshot, locators]: readonly CborValue[] = sealed;
  if (!(snapshot instanceof Uint8Array)) throw malformed('snapshot');
  if (!Array.isArray(locators) || locators.length !== slots.length) throw malformed('locators');
  const passkeys = slots.map((slot, at) => {
    const locator: CborValue | undefined = locators[at];
    if (!(locator instanceof Uint8Array) || locator.length !== BACKUP_LOCATOR_LENGTH_BYTES) throw malformed('locators');
    return { slot, locator };
  });
  return { snapshot: decodeSnapshot(snapshot), passkeys };
}

type BackupFile = {
  readonly version: number;
  readonly madeTime: number;
  readonly slots: readonly BackupSlot[];
  readonly nonce: Uint8Array;
  readonly sealed: Uint8Array;
};

function readFile(bytes: Uint8Array): BackupFile {
  const file = readObject(bytes);
  if (!Array.isArray(file)) throw malformed('type');
  const [type, version, madeTime, ...rest]: readonly CborValue[] = file;
  if (type !== TYPE) throw malformed('type');
  if (typeof version !== 'number' || version < WORDS_ONLY_VERSION) throw malformed('version');
  if (version > VERSION) throw new FareboxError('backup/newer-version');
  if (typeof madeTime !== 'number' || madeTime < 0) throw malformed('madeTime');
  const [passkeys, nonce, sealed] = version === WORDS_ONLY_VERSION ? [[], ...rest] : rest;
  if (file.length !== (version === WORDS_ONLY_VERSION ? 5 : 6)) throw malformed('length');
  const slots = decodeBackupSlots(passkeys);
  if (slots === null) throw malformed('passkeySlots');
  if (!(nonce instanceof Uint8Array) || nonce.length !== NONCE_LENGTH_BYTES) throw malformed('nonce');
  if (!(sealed instanceof Uint8Array) || sealed.length < LIMITS.backupPaddedSizeBytes + TAG_LENGTH_BYTES)
    throw malformed('sealed');
  return { version, madeTime, slots, nonce, sealed };
}

function readObject(bytes: Uint8Array): CborValue {
  try {
    return decodeCbor(bytes, { sizeBytes: LIMITS.backupSizeBytes });
  } catch (cause) {
    throw renamed(cause, { malformed: CODE, signature: CODE });
  }
}

function malformed(member: string): FareboxError {
  return new FareboxError(CODE, { member });
}
