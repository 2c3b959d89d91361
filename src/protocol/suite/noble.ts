// The suite over @noble/*: oracle of the other one in tests, and what works where WebCrypto does not. Slower by far for
// bulk; its secrets are plain bytes, so never the choice of a module that has WebCrypto.

import { gcm } from '@noble/ciphers/aes.js';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import { hkdf } from '@noble/hashes/hkdf.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256, sha512 } from '@noble/hashes/sha2.js';
import { isAllZero, ownBytes } from '../bytes.ts';
import { FareboxError } from '../errors.ts';
import { requireHkdfLength, requireLength, requireNonce } from './lengths.ts';
import type { AesKey, CryptoSuite } from './suite.ts';

function secretOf(aesKey: AesKey): Uint8Array {
  if (aesKey.kind !== 'noble') throw new FareboxError('module/internal', { expected: 'a key of this suite' });
  return aesKey.aesSecret;
}

/** Every primitive from @noble/*. */
export const nobleSuite: CryptoSuite = Object.freeze({
  name: 'noble',

  async verifyEd25519(publicKey, signature, message) {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  },

  async importAesKey(aesSecret) {
    requireLength(aesSecret, [16, 24, 32], 'AES key');
    return { kind: 'noble', aesSecret: Uint8Array.from(aesSecret) };
  },

  async aesGcmSeal(aesKey, nonce, aad, clear) {
    requireNonce(nonce);
    return ownBytes(gcm(secretOf(aesKey), nonce, aad).encrypt(clear));
  },

  async aesGcmOpen(aesKey, nonce, aad, sealed) {
    requireNonce(nonce);
    const cipher = gcm(secretOf(aesKey), nonce, aad);
    try {
      return ownBytes(cipher.decrypt(sealed));
    } catch (cause) {
      throw new FareboxError('suite/not-authentic', undefined, { cause });
    }
  },

  async hkdfSha256(ikm, salt, info, lengthBytes) {
    requireHkdfLength('SHA-256', lengthBytes);
    return hkdf(sha256, ikm, salt, info, lengthBytes);
  },

  async hkdfSha512(ikm, salt, info, lengthBytes) {
    requireHkdfLength('SHA-512', lengthBytes);
    return hkdf(sha512, ikm, salt, info, lengthBytes);
  },

  async hmacSha256(macSecret, message) {
    return hmac(sha256, macSecret, message);
  },

  async x25519(secret, publicKey) {
    requireLength(secret, [32], 'X25519 secret');
    requireLength(publicKey, [32], 'X25519 public key');
    let shared: Uint8Array<ArrayBuffer>;
    try {
      shared = x25519.getSharedSecret(secret, publicKey);
    } catch (cause) {
      throw new FareboxError('suite/weak-key', undefined, { cause });
    }
    if (isAllZero(shared)) throw new FareboxError('suite/weak-key');
    return shared;
  },
});
