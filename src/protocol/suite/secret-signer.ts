// A signer over 32 secret bytes, for the provider's key files, scripts and tests. Never for a module: its keys must not
// be bytes that code can read.

import { ed25519 } from '@noble/curves/ed25519.js';
import { FareboxError } from '../errors.ts';
import { partyIdOf } from '../ids.ts';
import type { Signer } from './signer.ts';

/** A signer from an Ed25519 seed of 32 bytes (RFC 8032 §5.1.5), copied. Errors: `suite/wrong-length`. */
export function signerFromSecret(secret: Uint8Array): Signer {
  if (secret.length !== 32) throw new FareboxError('suite/wrong-length', { what: 'Ed25519 secret' });
  const kept = Uint8Array.from(secret);
  const publicKey = ed25519.getPublicKey(kept);
  return Object.freeze({ publicKey, kid: partyIdOf(publicKey), sign: async (message) => ed25519.sign(message, kept) });
}
