// Sealing to a module's public key: HPKE base mode (RFC 9180) with DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM.
// The provider seals grants, the module opens them with a private key that WebCrypto will not show.

import { AEAD_AES_256_GCM, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from 'hpke';
import { type Bytes, ownBytes } from './bytes.ts';
import { FareboxError } from './errors.ts';

/** Ids of KEM, KDF and AEAD (RFC 9180 §7) as they stand in a grant, so that another suite can follow. */
export const HPKE_SUITE = [0x0020, 0x0001, 0x0002] as const;

/** Bytes of an encapsulated key of this suite. */
export const HPKE_ENC_LENGTH_BYTES = 32;

/** What goes into the schedule and what is authenticated beside the plaintext. */
export type HpkeContext = Readonly<{ info: Uint8Array; aad: Uint8Array }>;

/** An X25519 key pair of which the private half may be non-extractable (usage `deriveBits`). */
export type SealingKeyPair = Readonly<{
  privateKey: CryptoKey;
  /** 32 bytes. Given beside it, because a non-extractable key does not tell its public half in every browser. */
  publicKey: Uint8Array;
}>;

const cipherSuite = /* @__PURE__ */ new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_AES_256_GCM);

/** Seals to a 32-byte X25519 key under a fresh ephemeral key. Errors: `suite/weak-key` for a public key that HPKE refuses. */
export async function sealTo(
  publicKey: Uint8Array,
  sealed: HpkeContext & { plaintext: Uint8Array },
): Promise<{ enc: Bytes; ciphertext: Bytes }> {
  const { info, aad, plaintext } = sealed;
  try {
    const recipient = await cipherSuite.DeserializePublicKey(ownBytes(publicKey));
    const { encapsulatedSecret, ciphertext } = await cipherSuite.Seal(recipient, plaintext, { info, aad });
    return { enc: ownBytes(encapsulatedSecret), ciphertext: ownBytes(ciphertext) };
  } catch (cause) {
    throw new FareboxError('suite/weak-key', undefined, { cause });
  }
}

/** Opens what was sealed to this key. Errors: `suite/not-authentic`, whatever did not fit. */
export async function openWith(
  keyPair: SealingKeyPair,
  sealed: HpkeContext & { enc: Uint8Array; ciphertext: Uint8Array },
): Promise<Bytes> {
  const { info, aad, enc, ciphertext } = sealed;
  try {
    const publicKey = await cipherSuite.DeserializePublicKey(ownBytes(keyPair.publicKey));
    const recipient = { privateKey: keyPair.privateKey, publicKey };
    return ownBytes(await cipherSuite.Open(recipient, enc, ciphertext, { info, aad }));
  } catch (cause) {
    throw new FareboxError('suite/not-authentic', undefined, { cause });
  }
}

/** A new key pair whose private half cannot be exported; it can be kept in IndexedDB. */
export async function makeSealingKeyPair(): Promise<SealingKeyPair> {
  const { privateKey, publicKey } = await cipherSuite.GenerateKeyPair(false);
  return { privateKey, publicKey: await cipherSuite.SerializePublicKey(publicKey) };
}
