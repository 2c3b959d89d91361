// The sealed inside of a grant: CBOR `[session key, nodes]`. Called by grant.ts only, on bytes that only the provider and
// the module ever see in the clear.

import type { Bytes } from './bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import { FareboxError } from './errors.ts';
import type { SequenceNode } from './sequence/sequence.ts';

const CODE = 'grant/malformed';
const SECRET_LENGTH_BYTES = 32;

/** What a grant gives to the module: a session key that stays there (32 bytes), and nodes that yield the granted keys. */
export type GrantedKeys = Readonly<{ sessionKey: Uint8Array; nodes: readonly SequenceNode[] }>;

/** The plaintext to seal; the caller clears it. */
export function encodeGrantedKeys({ sessionKey, nodes }: GrantedKeys): Bytes {
  if (sessionKey.length !== SECRET_LENGTH_BYTES) throw new FareboxError('suite/wrong-length', { what: 'session key' });
  return encodeCbor([sessionKey, nodes.map(({ level, index, secret }) => [level, index, secret])]);
}

function readNode(value: CborValue): SequenceNode {
  const [level, index, secret]: readonly CborValue[] = Array.isArray(value) && value.length === 3 ? value : [];
  if (typeof level !== 'number' || typeof index !== 'number' || !(secret instanceof Uint8Array)) {
    throw new FareboxError(CODE, { expected: 'node' });
  }
  return { level, index, secret };
}

/** Reads an opened plaintext; whether the nodes are a proper set is for the sequence function to say. Errors: `cbor/*`, `grant/malformed`. */
export function decodeGrantedKeys(plaintext: Uint8Array): GrantedKeys {
  const value = decodeCbor(plaintext);
  const [sessionKey, nodes]: readonly CborValue[] = Array.isArray(value) && value.length === 2 ? value : [];
  if (!(sessionKey instanceof Uint8Array) || sessionKey.length !== SECRET_LENGTH_BYTES || !Array.isArray(nodes)) {
    throw new FareboxError(CODE, { expected: 'session key and nodes' });
  }
  return { sessionKey, nodes: nodes.map(readNode) };
}
