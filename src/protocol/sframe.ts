// SFrame (RFC 9605): header, key schedule and the five suites of its §4.5. parts.ts seals every part of a frame with it.
// Counters and keys come in from the caller, who sees to it that one key and counter never meet two plaintexts.

import { type Bytes, concatBytes, u64be, utf8 } from './bytes.ts';
import { FareboxError } from './errors.ts';
import { type CtrHmacContext, ctrHmacOpen, ctrHmacSeal } from './sframe-ctr-hmac.ts';
import { decodeSframeHeader, encodeSframeHeader, type SframeHeader } from './sframe-header.ts';
import type { AesKey, CryptoSuite } from './suite/suite.ts';

/** Suites of RFC 9605 §8.1 by number: hash of the schedule, lengths in bytes. */
export const SFRAME_SUITES = {
  1: { name: 'AES_128_CTR_HMAC_SHA256_80', hash: 'SHA-256', keyBytes: 48, tagBytes: 10, aead: 'ctr-hmac' },
  2: { name: 'AES_128_CTR_HMAC_SHA256_64', hash: 'SHA-256', keyBytes: 48, tagBytes: 8, aead: 'ctr-hmac' },
  3: { name: 'AES_128_CTR_HMAC_SHA256_32', hash: 'SHA-256', keyBytes: 48, tagBytes: 4, aead: 'ctr-hmac' },
  4: { name: 'AES_128_GCM_SHA256_128', hash: 'SHA-256', keyBytes: 16, tagBytes: 16, aead: 'gcm' },
  5: { name: 'AES_256_GCM_SHA512_128', hash: 'SHA-512', keyBytes: 32, tagBytes: 16, aead: 'gcm' },
} as const;

/** Number of a suite. */
export type SframeSuite = keyof typeof SFRAME_SUITES;

const NONCE_LENGTH_BYTES = 12;
const EMPTY = new Uint8Array(0);

type Material = Readonly<
  { salt: Uint8Array } & ({ aead: 'gcm'; aesKey: AesKey } | { aead: 'ctr-hmac'; secret: Uint8Array })
>;

/** Key and salt of one KID (RFC 9605 §4.4.2), ready for any number of counters. */
export type SframeKey = Readonly<{ sframeSuite: SframeSuite; kid: bigint; material: Material }>;

/** Derives key and salt from a base key of any length. */
export async function deriveSframeKey(given: {
  baseKey: Uint8Array;
  kid: bigint | number;
  sframeSuite: SframeSuite;
  suite: CryptoSuite;
}): Promise<SframeKey> {
  const { baseKey, sframeSuite, suite } = given;
  const kid = BigInt(given.kid);
  const { hash, keyBytes, aead } = SFRAME_SUITES[sframeSuite];
  const context = concatBytes(u64be(kid), Uint8Array.of(0, sframeSuite));
  const hkdf = hash === 'SHA-256' ? suite.hkdfSha256 : suite.hkdfSha512;
  const [secret, salt] = await Promise.all([
    hkdf(baseKey, EMPTY, concatBytes(utf8('SFrame 1.0 Secret key '), context), keyBytes),
    hkdf(baseKey, EMPTY, concatBytes(utf8('SFrame 1.0 Secret salt '), context), NONCE_LENGTH_BYTES),
  ]);
  if (aead === 'ctr-hmac') return { sframeSuite, kid, material: { aead, salt, secret } };
  const aesKey = await suite.importAesKey(secret);
  secret.fill(0);
  return { sframeSuite, kid, material: { aead, salt, aesKey } };
}

/** RFC 9605 §4.4.3: the counter, to the salt's length, xor the salt. */
function nonceOf(salt: Uint8Array, counter: bigint): Bytes {
  const nonce = Uint8Array.from(salt);
  const counterBytes = u64be(counter);
  for (let at = 0; at < 8; at += 1) nonce[at + 4] = (nonce[at + 4] ?? 0) ^ (counterBytes[at] ?? 0);
  return nonce;
}

/** RFC 9605 §4.5.1: the secret of suites 1 to 3 is 16 bytes to encrypt and 32 to authenticate. */
function ctrHmacContext(
  sframeSuite: SframeSuite,
  secret: Uint8Array,
  around: Pick<CtrHmacContext, 'nonce' | 'aad' | 'hmac'>,
): CtrHmacContext {
  const { tagBytes } = SFRAME_SUITES[sframeSuite];
  return { encryptionSecret: secret.subarray(0, 16), macSecret: secret.subarray(16), tagBytes, ...around };
}

/** Header, ciphertext, tag. `metadata` is authenticated and not sent. */
export async function sealSframe(given: {
  sframeKey: SframeKey;
  counter: bigint | number;
  metadata: Uint8Array;
  clear: Uint8Array;
  suite: CryptoSuite;
}): Promise<Bytes> {
  const { sframeKey, metadata, clear, suite } = given;
  const { material, sframeSuite, kid } = sframeKey;
  const counter = BigInt(given.counter);
  const header = encodeSframeHeader({ kid, counter });
  const nonce = nonceOf(material.salt, counter);
  const aad = concatBytes(header, metadata);
  const sealed =
    material.aead === 'gcm'
      ? await suite.aesGcmSeal(material.aesKey, nonce, aad, clear)
      : await ctrHmacSeal(ctrHmacContext(sframeSuite, material.secret, { nonce, aad, hmac: suite.hmacSha256 }), clear);
  return concatBytes(header, sealed);
}

/** A whole SFrame message taken apart, nothing copied. Errors: `frame/cut` where it ends before header and tag do. */
export function splitSframe(
  message: Uint8Array,
  sframeSuite: SframeSuite,
): SframeHeader & { readonly headerBytes: Uint8Array; readonly sealed: Uint8Array } {
  const header = decodeSframeHeader(message);
  const sealed = message.subarray(header.lengthBytes);
  const cut = sealed.length < SFRAME_SUITES[sframeSuite].tagBytes;
  if (cut) throw new FareboxError('frame/cut', { sizeBytes: message.length });
  return { kid: header.kid, counter: header.counter, headerBytes: message.subarray(0, header.lengthBytes), sealed };
}

/** Opens a message under the key of its KID. Errors: `frame/cut`, `frame/tampered` (another KID included). */
export async function openSframe(given: {
  sframeKey: SframeKey;
  metadata: Uint8Array;
  message: Uint8Array;
  suite: CryptoSuite;
}): Promise<Bytes> {
  const { sframeKey, metadata, message, suite } = given;
  const { material, sframeSuite } = sframeKey;
  const { kid, counter, headerBytes, sealed } = splitSframe(message, sframeSuite);
  if (kid !== sframeKey.kid) throw new FareboxError('frame/tampered');
  const nonce = nonceOf(material.salt, counter);
  const aad = concatBytes(headerBytes, metadata);
  try {
    if (material.aead === 'gcm') return await suite.aesGcmOpen(material.aesKey, nonce, aad, sealed);
    return await ctrHmacOpen(
      ctrHmacContext(sframeSuite, material.secret, { nonce, aad, hmac: suite.hmacSha256 }),
      sealed,
    );
  } catch (cause) {
    const rejected = cause instanceof FareboxError && cause.code === 'suite/not-authentic';
    throw rejected ? new FareboxError('frame/tampered', undefined, { cause }) : cause;
  }
}
