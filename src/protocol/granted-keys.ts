// The sealed inside of a grant: CBOR `[session key, nodes, preview key]`; of version 1, without the last. Called by grant.ts only, on bytes that only the provider and
// the module ever see in the clear.

import type { Bytes } from './bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import { FareboxError } from './errors.ts';
import type { SequenceNode } from './sequence/sequence.ts';

const CODE = 'grant/malformed';
const SECRET_LENGTH_BYTES = 32;

/** What a grant gives to the module. */
export type GrantedKeys = Readonly<{
  /** Stays in the module; 32 bytes. */
  sessionKey: Uint8Array;
  /** Yield the granted frame keys. */
  nodes: readonly SequenceNode[];
  /** Opens the programme's previews, 32 bytes; null in a grant of version 1, which has none. */
  previewKey: Uint8Array | null;
}>;

/** The plaintext to seal; the caller clears it. */
export function encodeGrantedKeys({ sessionKey, nodes, previewKey }: GrantedKeys): Bytes {
  if (sessionKey.length !== SECRET_LENGTH_BYTES) throw new FareboxError('suite/wrong-length', { what: 'session key' });
  const listed = nodes.map(({ level, index, secret }) => [level, index, secret]);
  if (previewKey === null) return encodeCbor([sessionKey, listed]);
  if (previewKey.length !== SECRET_LENGTH_BYTES) throw new FareboxError('suite/wrong-length', { what: 'preview key' });
  return encodeCbor([sessionKey, listed, previewKey]);
}

function readNode(value: CborValue): SequenceNode {
  const [level, index, secret]: readonly CborValue[] = Array.isArray(value) && value.length === 3 ? value : [];
  if (typeof level !== 'number' || typeof index !== 'number' || !(secret instanceof Uint8Array)) {
    throw new FareboxError(CODE, { expected: 'node' });
  }
  return { level, index, secret };
}

function isSecret(value: CborValue | undefined): value is Uint8Array {
  return value instanceof Uint8Array && value.length === SECRET_LENGTH_BYTES;
}

/**
 * Reads the opened plaintext of a grant of `version` 1 or 2; whether the nodes are a proper set is for the sequence function
 * to say. Errors: `cbor/*`, `grant/malformed`.
 */
export function decodeGrantedKeys(plaintext: Uint8Array, version: number): GrantedKeys {
  const value = decodeCbor(plaintext);
  const members = version === 1 ? 2 : 3;
  const [sessionKey, nodes, previewKey]: readonly CborValue[] =
    Array.isArray(value) && value.length === members ? value : [];
  if (!isSecret(sessionKey) || !Array.isArray(nodes)) {
    throw new FareboxError(CODE, { expected: 'session key and nodes' });
  }
  if (members === 2) return { sessionKey, nodes: nodes.map(readNode), previewKey: null };
  if (!isSecret(previewKey)) throw new FareboxError(CODE, { expected: 'preview key' });
  return { sessionKey, nodes: nodes.map(readNode), previewKey };
}
