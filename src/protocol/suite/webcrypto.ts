// The suite over WebCrypto: does the volume in page, worker and server. AES keys are not extractable once imported.

import { concatBytes, fromHex, isAllZero, ownBytes } from '../bytes.ts';
import { FareboxError } from '../errors.ts';
import { requireHkdfLength, requireLength, requireNonce } from './lengths.ts';
import { isWeakEd25519Point } from './small-order.ts';
import type { AesKey, CryptoSuite } from './suite.ts';

// RFC 8410 §7: everything of a PKCS #8 X25519 key that stands before its 32 secret bytes. WebCrypto takes no raw one.
const X25519_PKCS8_PREFIX = fromHex('302e020100300506032b656e04220420');

function cryptoKeyOf(aesKey: AesKey): CryptoKey {
  if (aesKey.kind !== 'webcrypto') throw new FareboxError('module/internal', { expected: 'a key of this suite' });
  return aesKey.cryptoKey;
}

async function hkdf(
  hash: 'SHA-256' | 'SHA-512',
  ikm: Uint8Array,
  salt: Uint8Array,
  info: Uint8Array,
  lengthBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  requireHkdfLength(hash, lengthBytes);
  // Engines differ on a request for no bits at all.
  if (lengthBytes === 0) return new Uint8Array(0);
  const cryptoKey = await crypto.subtle.importKey('raw', ownBytes(ikm), 'HKDF', false, ['deriveBits']);
  const algorithm = { name: 'HKDF', hash, salt: ownBytes(salt), info: ownBytes(info) };
  return new Uint8Array(await crypto.subtle.deriveBits(algorithm, cryptoKey, 8 * lengthBytes));
}

/** Every primitive from `crypto.subtle`. */
export const webCryptoSuite: CryptoSuite = Object.freeze({
  name: 'webcrypto',

  async verifyEd25519(publicKey, signature, message) {
    if (publicKey.length !== 32 || signature.length !== 64) return false;
    if (isWeakEd25519Point(publicKey)) return false;
    try {
      const cryptoKey = await crypto.subtle.importKey('raw', ownBytes(publicKey), 'Ed25519', false, ['verify']);
      return await crypto.subtle.verify('Ed25519', cryptoKey, ownBytes(signature), ownBytes(message));
    } catch (cause) {
      // A key that is no point on the curve: some engines say so when it is imported, others answer false.
      if (cause instanceof DOMException) return false;
      throw cause;
    }
  },

  async importAesKey(aesSecret) {
    requireLength(aesSecret, [16, 24, 32], 'AES key');
    const usages: KeyUsage[] = ['encrypt', 'decrypt'];
    return {
      kind: 'webcrypto',
      cryptoKey: await crypto.subtle.importKey('raw', ownBytes(aesSecret), 'AES-GCM', false, usages),
    };
  },

  async aesGcmSeal(aesKey, nonce, aad, clear) {
    requireNonce(nonce);
    const algorithm = { name: 'AES-GCM', iv: ownBytes(nonce), additionalData: ownBytes(aad) };
    return new Uint8Array(await crypto.subtle.encrypt(algorithm, cryptoKeyOf(aesKey), ownBytes(clear)));
  },

  async aesGcmOpen(aesKey, nonce, aad, sealed) {
    requireNonce(nonce);
    const cryptoKey = cryptoKeyOf(aesKey);
    const algorithm = { name: 'AES-GCM', iv: ownBytes(nonce), additionalData: ownBytes(aad) };
    try {
      return new Uint8Array(await crypto.subtle.decrypt(algorithm, cryptoKey, ownBytes(sealed)));
    } catch (cause) {
      if (cause instanceof DOMException) throw new FareboxError('suite/not-authentic', undefined, { cause });
      throw cause;
    }
  },

  hkdfSha256: (ikm, salt, info, lengthBytes) => hkdf('SHA-256', ikm, salt, info, lengthBytes),
  hkdfSha512: (ikm, salt, info, lengthBytes) => hkdf('SHA-512', ikm, salt, info, lengthBytes),

  async hmacSha256(macSecret, message) {
    const algorithm = { name: 'HMAC', hash: 'SHA-256' };
    const cryptoKey = await crypto.subtle.importKey('raw', ownBytes(macSecret), algorithm, false, ['sign']);
    return new Uint8Array(await crypto.subtle.sign('HMAC', cryptoKey, ownBytes(message)));
  },

  async x25519(secret, publicKey) {
    requireLength(secret, [32], 'X25519 secret');
    requireLength(publicKey, [32], 'X25519 public key');
    const pkcs8 = concatBytes(X25519_PKCS8_PREFIX, secret);
    try {
      const mine = await crypto.subtle.importKey('pkcs8', pkcs8, 'X25519', false, ['deriveBits']);
      const theirs = await crypto.subtle.importKey('raw', ownBytes(publicKey), 'X25519', false, []);
      const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: 'X25519', public: theirs }, mine, 256));
      if (isAllZero(shared)) throw new FareboxError('suite/weak-key');
      return shared;
    } catch (cause) {
      // WebCrypto refuses an all-zero result itself, with an OperationError.
      if (cause instanceof DOMException) throw new FareboxError('suite/weak-key', undefined, { cause });
      throw cause;
    } finally {
      pkcs8.fill(0);
    }
  },
});
