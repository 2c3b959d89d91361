// Sealing of what the module itself stores: AES-256-GCM under keys that cannot be extracted, with fresh random nonces.
// Called by record/, session/ and store/. Bytes that do not open were altered: `store/altered`, and no more is said.

import { type Bytes, ownBytes, utf8 } from '../../protocol/bytes.ts';
import { type CborValue, encodeCbor } from '../../protocol/cbor.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { RandomBytes } from '../../protocol/ids.ts';
import type { SealedBytes } from './rows.ts';

/** What sealed bytes are for; authenticated, so that a row cannot stand in another's place. */
export type SealPurpose = readonly [label: string, ...place: readonly CborValue[]];

const NONCE_BYTES = 12;
const SECRETS_KEY_BYTES = 32;
const SECRETS_KEY_LABEL = 'farebox/1 session secrets';

/** AES-256-GCM for sealing, from 32 bytes; no script can read it again. */
export function importSealingKey(keyBytes: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', ownBytes(keyBytes), 'AES-GCM', false, ['encrypt', 'decrypt']);
}

/**
 * The 32 bytes of the key that seals a session's tree state and held leaves, from its session key (32 bytes). HKDF-SHA256 with its own label;
 * the salt is empty because the input is uniform and used once.
 */
export async function deriveSecretsKeyBytes(sessionKey: Uint8Array): Promise<Bytes> {
  const root = await crypto.subtle.importKey('raw', ownBytes(sessionKey), 'HKDF', false, ['deriveBits']);
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8(SECRETS_KEY_LABEL) };
  return new Uint8Array(await crypto.subtle.deriveBits(parameters, root, 8 * SECRETS_KEY_BYTES));
}

/** Seals `clear` for `purpose`. */
export async function sealBytes(
  sealingKey: CryptoKey,
  purpose: SealPurpose,
  clear: Uint8Array,
  random: RandomBytes,
): Promise<SealedBytes> {
  const nonce = ownBytes(random(NONCE_BYTES));
  const sealed = await crypto.subtle.encrypt(parametersOf(nonce, purpose), sealingKey, ownBytes(clear));
  return { nonce, sealed: new Uint8Array(sealed) };
}

/** Opens what `sealBytes` made for the same purpose. @throws FareboxError `store/altered`. */
export async function openBytes(sealingKey: CryptoKey, purpose: SealPurpose, row: SealedBytes): Promise<Bytes> {
  try {
    const parameters = parametersOf(ownBytes(row.nonce), purpose);
    return new Uint8Array(await crypto.subtle.decrypt(parameters, sealingKey, ownBytes(row.sealed)));
  } catch (cause) {
    throw new FareboxError('store/altered', { row: purpose[0] }, { cause });
  }
}

function parametersOf(nonce: Bytes, purpose: SealPurpose): AesGcmParams {
  return { name: 'AES-GCM', iv: nonce, additionalData: encodeCbor([...purpose]) };
}
