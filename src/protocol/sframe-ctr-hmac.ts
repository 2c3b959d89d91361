// AES-CTR with HMAC-SHA-256 (RFC 9605 §4.5.1), encrypt-then-MAC: suites 1 to 3 of SFrame. Farebox seals with suite 5;
// these are here so that the RFC and its vectors are covered whole. Called by sframe.ts only.

import { ctr } from '@noble/ciphers/aes.js';
import { type Bytes, concatBytes, equalBytes, ownBytes, u64be } from './bytes.ts';
import { FareboxError } from './errors.ts';
import type { CryptoSuite } from './suite/suite.ts';

/** One message's keys and what surrounds it. */
export type CtrHmacContext = Readonly<{
  /** 16 or 32 bytes, AES. */
  encryptionSecret: Uint8Array;
  macSecret: Uint8Array;
  /** HMAC over the suite's hash. */
  hmac: CryptoSuite['hmacSha256'];
  /** 12 bytes. */
  nonce: Uint8Array;
  aad: Uint8Array;
  /** How much of the MAC is kept. */
  tagBytes: number;
}>;

async function tagOf(context: CtrHmacContext, ciphertext: Uint8Array): Promise<Uint8Array> {
  const { macSecret, hmac, nonce, aad, tagBytes } = context;
  const lengths = concatBytes(u64be(aad.length), u64be(ciphertext.length), u64be(tagBytes));
  const mac = await hmac(macSecret, concatBytes(lengths, nonce, aad, ciphertext));
  return mac.subarray(0, tagBytes);
}

/** Encryption is its own reverse in counter mode; the block counter starts at 0 behind the nonce. */
function applyCtr({ encryptionSecret, nonce }: CtrHmacContext, bytes: Uint8Array): Uint8Array {
  return ctr(encryptionSecret, concatBytes(nonce, new Uint8Array(4))).encrypt(bytes);
}

/** Ciphertext and tag. */
export async function ctrHmacSeal(context: CtrHmacContext, clear: Uint8Array): Promise<Bytes> {
  const ciphertext = applyCtr(context, clear);
  return concatBytes(ciphertext, await tagOf(context, ciphertext));
}

/** The clear bytes. Errors: `suite/not-authentic`. */
export async function ctrHmacOpen(context: CtrHmacContext, sealed: Uint8Array): Promise<Bytes> {
  const ciphertext = sealed.subarray(0, sealed.length - context.tagBytes);
  if (!equalBytes(await tagOf(context, ciphertext), sealed.subarray(ciphertext.length))) {
    throw new FareboxError('suite/not-authentic');
  }
  return ownBytes(applyCtr(context, ciphertext));
}
