// The root key and the three keys made from it (docs/protocol.md §16). The root key exists in the clear for as long as it takes to derive
// them, or to write it into a vault; whoever holds it wipes it.

import { type Bytes, ownBytes, utf8 } from '../../protocol/bytes.ts';
import type { RandomBytes } from '../../protocol/ids.ts';
import type { ModuleKeys } from '../core.ts';

/** Bytes of a root key. */
export const ROOT_KEY_LENGTH_BYTES = 32;

/** A new root key, 32 random bytes. */
export function makeRootKey(random: RandomBytes): Bytes {
  return ownBytes(random(ROOT_KEY_LENGTH_BYTES));
}

/** The keys of the module whose root key (32 bytes) this is. None of them can be exported, nor leads to another. */
export async function deriveModuleKeys(rootKey: Uint8Array): Promise<ModuleKeys> {
  // The salt is empty because the root key is uniform and has no other use.
  const root = await crypto.subtle.importKey('raw', ownBytes(rootKey), 'HKDF', false, ['deriveKey']);
  const derive = (label: string): Promise<CryptoKey> => {
    const parameters = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8(label) };
    return crypto.subtle.deriveKey(parameters, root, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  };
  const [recordKey, wrappingKey, checkpointKey] = await Promise.all([
    derive('farebox/1 record key'),
    derive('farebox/1 wrapping key'),
    derive('farebox/1 checkpoint key'),
  ]);
  return { recordKey, wrappingKey, checkpointKey };
}
