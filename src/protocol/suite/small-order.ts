// Ed25519 public keys that WebCrypto engines accept and strict verification (RFC 8032 §5.1.7 as noble reads it) refuses:
// points of small order, under which one signature fits many messages, and encodings with y ≥ p. Used by webcrypto.ts only.
// What stays different between the suites: keys with a part of small order, which no honest signer makes, are verified
// with the cofactor by noble and without it by OpenSSL and BoringSSL.

import { equalBytes, fromHex } from '../bytes.ts';

// y of the eight points of small order, sign bit cleared: orders 1, 2, 4, 8, 8.
const SMALL_ORDER_Y: readonly Uint8Array[] = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
].map(fromHex);

/** True for a 32-byte public key that is of small order or not written canonically (y ≥ 2^255 − 19). Public values only. */
export function isWeakEd25519Point(publicKey: Uint8Array): boolean {
  const y = Uint8Array.from(publicKey);
  y[31] = (y[31] ?? 0) & 0x7f;
  const beyondPrime = y[31] === 0x7f && y.subarray(1, 31).every((byte) => byte === 0xff) && (y[0] ?? 0) >= 0xed;
  return beyondPrime || SMALL_ORDER_Y.some((point) => equalBytes(point, y));
}
