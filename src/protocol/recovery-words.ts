// Recovery words (docs/protocol.md §15): twelve words of BIP 39 for 16 bytes of entropy, and the two things made from them:
// the key of a backup, and the place where the provider keeps its copy. The host never learns words or entropy.

import { entropyToMnemonic, mnemonicToEntropy } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import { type Bytes, ownBytes, utf8 } from './bytes.ts';
import { FareboxError } from './errors.ts';
import type { RandomBytes } from './ids.ts';
import { webCryptoSuite } from './suite/webcrypto.ts';

/** How many words there are. */
export const RECOVERY_WORDS = 12;

/** Bytes of the entropy behind them. */
export const RECOVERY_ENTROPY_LENGTH_BYTES = 16;

/** Bytes of a locator. */
export const BACKUP_LOCATOR_LENGTH_BYTES = 16;

const CODE = 'backup/words';
const KEY_INFO = utf8('farebox/1 backup key');
const LOCATOR_INFO = utf8('farebox/1 backup locator');
const NO_SALT = new Uint8Array(0);

/** Draws new words: 16 bytes of `random`, and the words for them. */
export function makeRecoveryWords(random: RandomBytes): {
  readonly words: readonly string[];
  readonly entropy: Uint8Array;
} {
  const entropy = random(RECOVERY_ENTROPY_LENGTH_BYTES);
  return { words: recoveryWordsOf(entropy), entropy };
}

/** The twelve words for 16 bytes of entropy; the same each time. Errors: `module/internal` for another length. */
export function recoveryWordsOf(entropy: Uint8Array): readonly string[] {
  requireEntropy(entropy);
  return entropyToMnemonic(entropy, wordlist).split(' ');
}

/**
 * The 16 bytes behind twelve words as a person types them: white space around a word and upper case do not matter. Errors: `backup/words`, with
 * the `position` (from 1) of the first word that is not on the list, or without it where number or checksum is wrong.
 */
export function decodeRecoveryWords(words: readonly string[]): Uint8Array {
  if (words.length !== RECOVERY_WORDS) throw new FareboxError(CODE, { words: words.length });
  const typed = words.map((word) => word.trim().toLowerCase());
  const unknown = typed.findIndex((word) => !wordlist.includes(word));
  if (unknown >= 0) throw new FareboxError(CODE, { position: unknown + 1 });
  try {
    return mnemonicToEntropy(typed.join(' '), wordlist);
  } catch {
    // The cause would hold the words.
    throw new FareboxError(CODE);
  }
}

/** The key of a backup, from 16 bytes of entropy: AES-256-GCM, not extractable. Errors: `module/internal` for another length. */
export async function deriveBackupKey(entropy: Uint8Array): Promise<CryptoKey> {
  requireEntropy(entropy);
  const keyBytes: Bytes = await webCryptoSuite.hkdfSha256(entropy, NO_SALT, KEY_INFO, 32);
  try {
    return await crypto.subtle.importKey('raw', keyBytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
  } finally {
    keyBytes.fill(0);
  }
}

/** Where the provider keeps its copy: 16 bytes that tell nothing of the words. Errors: `module/internal` for entropy that is not 16 bytes. */
export async function deriveBackupLocator(entropy: Uint8Array): Promise<Uint8Array> {
  requireEntropy(entropy);
  return webCryptoSuite.hkdfSha256(ownBytes(entropy), NO_SALT, LOCATOR_INFO, BACKUP_LOCATOR_LENGTH_BYTES);
}

function requireEntropy(entropy: Uint8Array): void {
  if (entropy.length !== RECOVERY_ENTROPY_LENGTH_BYTES)
    throw new FareboxError('module/internal', { expected: 'entropy of 16 bytes' });
}
