// Signers: who can sign in Ed25519 without showing the secret. The module's is a non-extractable CryptoKey. The form over
// a plain secret is in secret-signer.ts, apart, so that a bundle with WebCrypto alone carries no curve arithmetic.

import { type Bytes, ownBytes } from '../bytes.ts';
import { FareboxError } from '../errors.ts';
import { partyIdOf } from '../ids.ts';

/** Something that signs with one Ed25519 key. */
export type Signer = Readonly<{
  /** 32 bytes. */
  publicKey: Uint8Array;
  /** The party's id as text, which goes into the protected header. */
  kid: string;
  /** A 64-byte signature (RFC 8032). */
  sign(message: Uint8Array): Promise<Bytes>;
}>;

function requirePublicKey(publicKey: Uint8Array): void {
  if (publicKey.length !== 32) throw new FareboxError('suite/wrong-length', { what: 'Ed25519 public key' });
}

/** A signer over a WebCrypto Ed25519 private key, which may be non-extractable. `publicKey`: its 32 raw bytes. Errors: `suite/wrong-length`. */
export function signerFromCryptoKey(privateKey: CryptoKey, publicKey: Uint8Array): Signer {
  requirePublicKey(publicKey);
  return Object.freeze({
    publicKey,
    kid: partyIdOf(publicKey),
    sign: async (message) => new Uint8Array(await crypto.subtle.sign('Ed25519', privateKey, ownBytes(message))),
  });
}
