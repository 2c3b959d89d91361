// The one interface to cryptography that both back ends have. Protocol code takes a suite and knows no other way to a
// primitive, save the synchronous SHA-256 and HKDF of @noble/hashes where waiting would cost more than the hash.

import type { Bytes } from '../bytes.ts';

/** An AES key of one suite; it means nothing to another one. */
export type AesKey =
  | { readonly kind: 'webcrypto'; readonly cryptoKey: CryptoKey }
  | { readonly kind: 'noble'; readonly aesSecret: Uint8Array };

/** Primitives. Every rejection by a key is `suite/not-authentic` and tells no more; lengths are `suite/wrong-length`. */
export type CryptoSuite = Readonly<{
  name: 'webcrypto' | 'noble';

  /** Ed25519 (RFC 8032), strict: no small-order or non-canonical points, S below the group order. Lengths 32 and 64; false for any other. */
  verifyEd25519(publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array): Promise<boolean>;

  /** AES key of 16, 24 or 32 bytes; not extractable where the suite has such a thing. Chromium has no 24. Errors: `suite/wrong-length`. */
  importAesKey(aesSecret: Uint8Array): Promise<AesKey>;

  /** AES-GCM with a 12-byte nonce; gives ciphertext and 16-byte tag. Errors: `suite/wrong-length` for any other nonce. */
  aesGcmSeal(aesKey: AesKey, nonce: Uint8Array, aad: Uint8Array, clear: Uint8Array): Promise<Bytes>;

  /** The reverse. Errors: `suite/wrong-length` for a nonce that is not 12 bytes, `suite/not-authentic`. */
  aesGcmOpen(aesKey: AesKey, nonce: Uint8Array, aad: Uint8Array, sealed: Uint8Array): Promise<Bytes>;

  /** HKDF (RFC 5869) over SHA-256, 0 to 8160 bytes. Errors: `suite/wrong-length`. */
  hkdfSha256(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, lengthBytes: number): Promise<Bytes>;

  /** HKDF (RFC 5869) over SHA-512, 0 to 16320 bytes. Errors: `suite/wrong-length`. */
  hkdfSha512(ikm: Uint8Array, salt: Uint8Array, info: Uint8Array, lengthBytes: number): Promise<Bytes>;

  /** HMAC-SHA-256, 32 bytes. */
  hmacSha256(macSecret: Uint8Array, message: Uint8Array): Promise<Bytes>;

  /** X25519 (RFC 7748) of a 32-byte secret and a 32-byte public key. Errors: `suite/weak-key` for an all-zero result, `suite/wrong-length`. */
  x25519(secret: Uint8Array, publicKey: Uint8Array): Promise<Bytes>;
}>;

/** Bytes of an AES-GCM nonce; RFC 9605 and NIST SP 800-38D §8.2 have no reason for another. */
export const NONCE_LENGTH_BYTES = 12;
