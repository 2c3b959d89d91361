// EXPORTKEY and IMPORTKEY (docs/protocol.md §23, SD-2 to SD-4): ALGO2, SAS and CAS over one application key for one unit. The key unit
// seals, the unit opens; whether a random is fresh, and where a key is kept, their stores know. Nothing here awaits while a T1 lives.

import { gcm } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, concatBytes, equalBytes, ownBytes } from '../bytes.ts';
import { encodeCbor } from '../cbor.ts';
import { FareboxError } from '../errors.ts';
import { idBytes, type ModuleId } from '../ids.ts';
import { NONCE_LENGTH_BYTES } from '../suite/suite.ts';
import {
  type ApplicationKey,
  decodeApplicationKey,
  encodeApplicationKey,
  KEY_LENGTH_BYTES,
} from './application-key.ts';
import { type TransportKey, withOperationKeys } from './operation-key.ts';
import { decodeKeySlot, encodeKeySlot, type KeySlot } from './references.ts';

/** Bytes of R. */
export const KEY_RANDOM_LENGTH_BYTES = 16;
/** Bytes of data: nonce, kind, count and TA encrypted, tag. */
export const SEALED_KEY_LENGTH_BYTES = NONCE_LENGTH_BYTES + 3 + KEY_LENGTH_BYTES + 16;
/** Bytes of SAS and of CAS. */
export const KEY_MAC_LENGTH_BYTES = 32;

/** The answer of EXPORTKEY, which is the command IMPORTKEY. */
export type ExportedKey = Readonly<{
  /** The document's data, `SEALED_KEY_LENGTH_BYTES`. */
  sealedKey: Uint8Array;
  /** REF2 as text. */
  slot: string;
  /** SAS, 32 bytes. */
  signature: Uint8Array;
  /** CAS, 32 bytes. */
  certificate: Uint8Array;
}>;

/** Between whom and for which request. `random`: R, 16 bytes. */
export type KeyExchange = Readonly<{ transport: TransportKey; unit: ModuleId; random: Uint8Array }>;

function boundTo(
  what: string,
  { transport, unit, random }: KeyExchange,
  slot: string,
): (string | number | Uint8Array)[] {
  return [`farebox/${what}`, 1, transport.set, idBytes(unit), random, slot];
}

function signKey(key: Uint8Array, exchange: KeyExchange, slot: string, nonce: Uint8Array, plain: Uint8Array): Bytes {
  const signed = encodeCbor([...boundTo('key-signature', exchange, slot), nonce, plain]);
  try {
    return hmac(sha256, key, signed);
  } finally {
    signed.fill(0);
  }
}

function certify(key: Uint8Array, exchange: KeyExchange, exported: Omit<ExportedKey, 'certificate'>): Bytes {
  const { slot, sealedKey, signature } = exported;
  return hmac(sha256, key, encodeCbor([...boundTo('key-certificate', exchange, slot), sealedKey, signature]));
}

/**
 * For the key unit: seals a diversified application key for one unit and one request. `nonce`: 12 random bytes, so that two exports never
 * look alike, whatever R the unit sends. The caller clears the application key. Errors: `keys/malformed` for other lengths.
 */
export function exportKey(
  exchange: KeyExchange,
  made: { slot: KeySlot; application: ApplicationKey; nonce: Uint8Array },
): ExportedKey {
  const { transport, unit, random } = exchange;
  const { application, nonce } = made;
  if (random.length !== KEY_RANDOM_LENGTH_BYTES || nonce.length !== NONCE_LENGTH_BYTES)
    throw new FareboxError('keys/malformed', { expected: 'R of 16 bytes and a nonce of 12' });
  const slot = encodeKeySlot(made.slot);
  const plain = encodeApplicationKey(application);
  try {
    return withOperationKeys(transport, unit, (keys) => {
      const aad = encodeCbor(boundTo('application-key', exchange, slot));
      const sealed = gcm(keys('ALGO2', random), nonce, aad).encrypt(plain);
      const sealedKey = concatBytes(nonce, sealed);
      const signature = signKey(keys('SAS', random), exchange, slot, nonce, plain);
      const certificate = certify(keys('CAS', random), exchange, { sealedKey, slot, signature });
      return Object.freeze({ sealedKey, slot, signature, certificate });
    });
  } finally {
    plain.fill(0);
  }
}

/**
 * For the unit: opens an answer to its own request, in this order: form (`keys/malformed`), CAS (`keys/certificate`), REF2 against what was
 * asked for (`keys/unknown-slot`) and what is held (`keys/old-reference` under `heldVersion`, 0 where the slot is empty), decryption
 * (`keys/data`), SAS (`keys/signature`). Before it, the caller sees that R is its own and unspent; after it, it stores and spends R in one.
 */
export function importKey(
  exchange: KeyExchange,
  given: { exported: ExportedKey; reference: string; heldVersion: number },
): ApplicationKey & Readonly<{ slot: KeySlot }> {
  const { exported, reference, heldVersion } = given;
  const { sealedKey, signature, certificate } = exported;
  const lengths = [exchange.random.length, sealedKey.length, signature.length, certificate.length];
  const expected = [KEY_RANDOM_LENGTH_BYTES, SEALED_KEY_LENGTH_BYTES, KEY_MAC_LENGTH_BYTES, KEY_MAC_LENGTH_BYTES];
  if (lengths.some((length, at) => length !== expected[at])) throw new FareboxError('keys/malformed');
  const slot = decodeKeySlot(exported.slot);
  return withOperationKeys(exchange.transport, exchange.unit, (keys) => {
    const certified = certify(keys('CAS', exchange.random), exchange, exported);
    if (!equalBytes(certified, certificate)) throw new FareboxError('keys/certificate');
    if (slot.reference !== reference) throw new FareboxError('keys/unknown-slot', { reference: slot.reference });
    if (slot.version < heldVersion) throw new FareboxError('keys/old-reference', { version: slot.version });
    const nonce = sealedKey.subarray(0, NONCE_LENGTH_BYTES);
    const plain = decrypt(keys('ALGO2', exchange.random), nonce, exchange, exported);
    try {
      const signed = signKey(keys('SAS', exchange.random), exchange, exported.slot, nonce, plain);
      if (!equalBytes(signed, signature)) throw new FareboxError('keys/signature');
      return Object.freeze({ ...decodeApplicationKey(plain), slot });
    } finally {
      plain.fill(0);
    }
  });
}

function decrypt(key: Uint8Array, nonce: Uint8Array, exchange: KeyExchange, exported: ExportedKey): Bytes {
  const aad = encodeCbor(boundTo('application-key', exchange, exported.slot));
  try {
    return ownBytes(gcm(key, nonce, aad).decrypt(exported.sealedKey.subarray(NONCE_LENGTH_BYTES)));
  } catch (cause) {
    throw new FareboxError('keys/data', undefined, { cause });
  }
}
