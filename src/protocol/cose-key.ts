// COSE_Key (RFC 9052 §7) of Curve25519 keys, alone and inside `cnf` (RFC 8747). Public keys only.

import type { CborValue } from './cbor.ts';
import { FareboxError, type FareboxErrorCode } from './errors.ts';

const KTY = 1;
const KTY_OKP = 1;
const CRV = -1;
const X = -2;
const CNF_COSE_KEY = 1;

/** Curves by their COSE number (RFC 9053 §7.1). */
export const COSE_CURVES = { X25519: 4, Ed25519: 6 } as const;

/** A public key of 32 bytes as COSE_Key. */
export function coseKey(curve: keyof typeof COSE_CURVES, publicKey: Uint8Array): CborValue {
  return new Map<number, CborValue>([
    [KTY, KTY_OKP],
    [CRV, COSE_CURVES[curve]],
    [X, publicKey],
  ]);
}

/** The 32 bytes of a COSE_Key of this curve. Throws `code`. */
export function decodeCoseKey(value: CborValue, curve: keyof typeof COSE_CURVES, code: FareboxErrorCode): Uint8Array {
  const publicKey = value instanceof Map && value.size === 3 ? value.get(X) : undefined;
  if (
    !(value instanceof Map) ||
    value.get(KTY) !== KTY_OKP ||
    value.get(CRV) !== COSE_CURVES[curve] ||
    !(publicKey instanceof Uint8Array) ||
    publicKey.length !== 32
  ) {
    throw new FareboxError(code, { expected: `COSE_Key ${curve}` });
  }
  return publicKey;
}

/** The value of `cnf`: an Ed25519 key. */
export function confirmationOf(publicKey: Uint8Array): CborValue {
  return new Map<number, CborValue>([[CNF_COSE_KEY, coseKey('Ed25519', publicKey)]]);
}

/** The Ed25519 key in a `cnf`, 32 bytes. Throws `code`. */
export function decodeConfirmation(value: CborValue, code: FareboxErrorCode): Uint8Array {
  const inner = value instanceof Map && value.size === 1 ? value.get(CNF_COSE_KEY) : undefined;
  if (inner === undefined) throw new FareboxError(code, { expected: 'cnf' });
  return decodeCoseKey(inner, 'Ed25519', code);
}
