// Signed objects with one thing changed: for tests that each rejection has its code. An object changed before it is
// signed is what a dishonest party could send; one changed after it is what a dishonest way could deliver.

import { type CborKey, type CborValue, decodeCbor, encodeCbor } from '../cbor.ts';
import { CLAIMS, type ClaimName } from '../claims.ts';
import { type CoseType, peekCose, signCose } from '../cose.ts';
import type { Signer } from '../suite/signer.ts';

/** One claim set, or taken out where the value is undefined. */
export type Change = readonly [ClaimName | number, CborValue | undefined];

/** Signs the claims of `bytes` anew with one of them changed, or more where one alone would not fit. */
export async function resigned(
  bytes: Uint8Array,
  by: { readonly signer: Signer; readonly typ: CoseType },
  ...changes: readonly Change[]
): Promise<Uint8Array> {
  const claims = new Map(peekCose(bytes).claims);
  for (const [name, value] of changes) {
    const number = typeof name === 'number' ? name : CLAIMS[name];
    if (value === undefined) claims.delete(number);
    else claims.set(number, value);
  }
  return signCose({ ...by, claims });
}

/** A copy with one bit of the byte `fromEnd` places before the end turned over. */
export function bitFlipped(bytes: Uint8Array, fromEnd = 1): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = copy.length - fromEnd;
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

/** A copy of a CBOR map with one member set, or taken out where the value is undefined. */
export function withMember(bytes: Uint8Array, name: CborKey, value: CborValue | undefined): Uint8Array {
  const decoded = decodeCbor(bytes);
  const members = new Map<CborKey, CborValue>(decoded instanceof Map ? decoded : []);
  if (value === undefined) members.delete(name);
  else members.set(name, value);
  return encodeCbor(members);
}
