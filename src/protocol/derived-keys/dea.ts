// DEA1 and the three uses of DEA2 (docs/protocol.md §24; figs 1 to 3): a derived key of master key and series number, and what it is good
// for. Both sides run the same; a derived key is never kept or sent, and whoever derived it clears it.

import { cmac, gcm } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, concatBytes, equalBytes, ownBytes } from '../bytes.ts';
import { FareboxError } from '../errors.ts';
import { LIMITS } from '../limits.ts';
import { NONCE_LENGTH_BYTES } from '../suite/suite.ts';
import { deriveByCmac, type KdfLabel, u32be } from './kdf.ts';
import { SERIES_NUMBER_LENGTH_BYTES } from './series.ts';

/** Bytes of a token of fig. 2. */
export const TOKEN_LENGTH_BYTES = 32;
/** Bytes of the answer to one. */
export const TAG_LENGTH_BYTES = 16;

const NO_CONTEXT = new Uint8Array(0);

/**
 * DEA1: DK = KDF(MK, `DEA1`, agreement number as 4 bytes ‖ SSN), 32 bytes. `masterKey`: 32 bytes; `seriesNumber`: 16. Every new agreement
 * changes every DK. Errors: `keys/malformed`.
 */
export function deriveDerivedKey(masterKey: Uint8Array, agreement: number, seriesNumber: Uint8Array): Bytes {
  if (seriesNumber.length !== SERIES_NUMBER_LENGTH_BYTES) throw new FareboxError('keys/malformed', { expected: 'SSN' });
  return deriveByCmac(masterKey, 'DEA1', concatBytes(u32be(agreement), seriesNumber), 32);
}

function withKeyOf<Result>(derivedKey: Uint8Array, label: KdfLabel, work: (key: Bytes) => Result): Result {
  const key = deriveByCmac(derivedKey, label, NO_CONTEXT, 32);
  try {
    return work(key);
  } finally {
    key.fill(0);
  }
}

/** Fig. 2, step 212: AES-256-CMAC over token (32 bytes) ‖ context, 16 bytes. `context` is what both sides know of the contact. Errors: `keys/malformed`. */
export function answerToken(derivedKey: Uint8Array, token: Uint8Array, context: Uint8Array): Bytes {
  if (token.length !== TOKEN_LENGTH_BYTES) throw new FareboxError('keys/malformed', { expected: 'token' });
  return withKeyOf(derivedKey, 'DEA2 authenticate', (key) => ownBytes(cmac(concatBytes(token, context), key)));
}

/** Fig. 2, step 220: whether the tag is the token's under this key; the same time for each tag of 16 bytes. */
export function isAnswerTo(given: {
  derivedKey: Uint8Array;
  token: Uint8Array;
  context: Uint8Array;
  tag: Uint8Array;
}): boolean {
  const { derivedKey, token, context, tag } = given;
  return equalBytes(answerToken(derivedKey, token, context), tag);
}

/** Fig. 3, step 306: EN1 = nonce (12 random bytes) ‖ AES-256-GCM of the confidential number, at most 1 024 bytes. `context` is authenticated. Errors: `keys/malformed`. */
export function concealNumber(
  derivedKey: Uint8Array,
  concealed: { nonce: Uint8Array; context: Uint8Array; confidential: Uint8Array },
): Bytes {
  const { nonce, context, confidential } = concealed;
  if (nonce.length !== NONCE_LENGTH_BYTES || confidential.length > LIMITS.confidentialSizeBytes)
    throw new FareboxError('keys/malformed', { sizeBytes: confidential.length });
  return withKeyOf(derivedKey, 'DEA2 conceal', (key) =>
    concatBytes(nonce, gcm(key, nonce, context).encrypt(confidential)),
  );
}

/** Fig. 3, step 312: the confidential number. Errors: `keys/refused`, whatever does not fit: which it was helps only who guesses. */
export function revealNumber(derivedKey: Uint8Array, concealed: Uint8Array, context: Uint8Array): Bytes {
  const isBounded = concealed.length <= NONCE_LENGTH_BYTES + LIMITS.confidentialSizeBytes + TAG_LENGTH_BYTES;
  const nonce = concealed.subarray(0, NONCE_LENGTH_BYTES);
  if (!isBounded || concealed.length < NONCE_LENGTH_BYTES + TAG_LENGTH_BYTES) throw new FareboxError('keys/refused');
  return withKeyOf(derivedKey, 'DEA2 conceal', (key) => {
    try {
      return ownBytes(gcm(key, nonce, context).decrypt(concealed.subarray(NONCE_LENGTH_BYTES)));
    } catch (cause) {
      throw new FareboxError('keys/refused', undefined, { cause });
    }
  });
}

/** The document's electronic signature (MC-6): HMAC-SHA256 of a message, 32 bytes. Both sides can make it, so it proves nothing to a third. */
export function signMessage(derivedKey: Uint8Array, message: Uint8Array): Bytes {
  return withKeyOf(derivedKey, 'DEA2 sign', (key) => ownBytes(hmac(sha256, key, message)));
}
