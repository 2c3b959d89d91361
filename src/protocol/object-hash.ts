// Names that are made of what they name: of an object's bytes, of a party's key. Used wherever something is checked against its name.

import { sha256 } from '@noble/hashes/sha2.js';
import { toHex } from './bytes.ts';
import { type ContentHash, decodeContentHash } from './id-forms.ts';

/** Id of the party that holds this Ed25519 public key (32 bytes): the first 16 bytes of its SHA-256 in hex (docs/protocol.md §1). */
export function partyIdOf(publicKey: Uint8Array): string {
  return toHex(sha256(publicKey).subarray(0, 16));
}

/** SHA-256 of an object's exact bytes: the name of a content file, a programme, a grant, a receipt. */
export function hashObject(bytes: Uint8Array): ContentHash {
  return decodeContentHash(sha256(bytes), 'module/internal');
}
