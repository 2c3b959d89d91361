// Backup files (`.farebox-backup`, docs/protocol.md §15): a snapshot, padded and sealed under the recovery words. The person
// keeps one, the provider another that it cannot read. Who holds file and words has the module: only its own surface asks for both.

import { type Bytes, ownBytes } from './bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import { renamed } from './cose.ts';
import { FareboxError } from './errors.ts';
import type { RandomBytes } from './ids.ts';
import { LIMITS } from './limits.ts';
import { padded, unpadded } from './padme.ts';
import { deriveBackupKey } from './recovery-words.ts';
import { decodeSnapshot, encodeSnapshot, type Snapshot } from './snapshot.ts';
import { NONCE_LENGTH_BYTES } from './suite/suite.ts';

const TYPE = 'farebox/backup';
const VERSION = 1;
const CODE = 'backup/malformed';
const TAG_LENGTH_BYTES = 16;

/** A backup that was opened. */
export type OpenedBackup = Readonly<{
  snapshot: Snapshot;
  /** Milliseconds since 1970, by the clock of the module that made it. */
  madeTime: number;
}>;

/**
 * Seals a snapshot under 16 bytes of entropy, the recovery words'; another nonce each time. `madeTime` in ms since 1970.
 * Errors: `backup/too-large` beyond `LIMITS.backupSizeBytes`, `lock/bound-keys` for a snapshot without keys.
 */
export async function sealBackup(made: {
  entropy: Uint8Array;
  snapshot: Snapshot;
  madeTime: number;
  random: RandomBytes;
}): Promise<Bytes> {
  const { entropy, snapshot, madeTime, random } = made;
  if (snapshot.signingKey.length === 0) throw new FareboxError('lock/bound-keys');
  const clear = encodeSnapshot(snapshot);
  const paddedClear = padded(clear);
  try {
    const nonce = ownBytes(random(NONCE_LENGTH_BYTES));
    const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: additionalData(madeTime) };
    const key = await deriveBackupKey(entropy);
    const sealed = new Uint8Array(await crypto.subtle.encrypt(algorithm, key, paddedClear));
    const file = encodeCbor([TYPE, VERSION, madeTime, nonce, sealed]);
    if (file.length > LIMITS.backupSizeBytes) throw new FareboxError('backup/too-large', { sizeBytes: file.length });
    return file;
  } finally {
    clear.fill(0);
    paddedClear.fill(0);
  }
}

/**
 * Opens a backup file with 16 bytes of entropy. Errors: `backup/malformed`, `backup/newer-version`, and `backup/wrong-words` where the words do not
 * open it, or the file was altered: the two cannot be told apart.
 */
export async function openBackup(given: { bytes: Uint8Array; entropy: Uint8Array }): Promise<OpenedBackup> {
  const { madeTime, nonce, sealed } = readFile(given.bytes);
  const algorithm = { name: 'AES-GCM', iv: ownBytes(nonce), additionalData: additionalData(madeTime) };
  const key = await deriveBackupKey(given.entropy);
  let clear: Uint8Array;
  try {
    clear = new Uint8Array(await crypto.subtle.decrypt(algorithm, key, ownBytes(sealed)));
  } catch (cause) {
    if (cause instanceof DOMException) throw new FareboxError('backup/wrong-words', undefined, { cause });
    throw cause;
  }
  return { snapshot: decodeSnapshot(unpadded(clear)), madeTime };
}

function additionalData(madeTime: number): Bytes {
  return encodeCbor([TYPE, VERSION, madeTime]);
}

function readFile(bytes: Uint8Array): { readonly madeTime: number; nonce: Uint8Array; sealed: Uint8Array } {
  const malformed = (member: string) => new FareboxError(CODE, { member });
  const file = readObject(bytes);
  if (!Array.isArray(file)) throw malformed('type');
  const [type, version, madeTime, nonce, sealed]: readonly CborValue[] = file;
  if (type !== TYPE) throw malformed('type');
  if (typeof version !== 'number' || version < VERSION) throw malformed('version');
  if (version > VERSION) throw new FareboxError('backup/newer-version');
  if (file.length !== 5) throw malformed('length');
  if (typeof madeTime !== 'number' || madeTime < 0) throw malformed('madeTime');
  if (!(nonce instanceof Uint8Array) || nonce.length !== NONCE_LENGTH_BYTES) throw malformed('nonce');
  if (!(sealed instanceof Uint8Array) || sealed.length < LIMITS.backupPaddedSizeBytes + TAG_LENGTH_BYTES)
    throw malformed('sealed');
  return { madeTime, nonce, sealed };
}

function readObject(bytes: Uint8Array): CborValue {
  try {
    return decodeCbor(bytes, { sizeBytes: LIMITS.backupSizeBytes });
  } catch (cause) {
    throw renamed(cause, { malformed: CODE, signature: CODE });
  }
}
