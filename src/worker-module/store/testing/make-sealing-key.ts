// A key for tests that seal something and care for nothing else.

/** A new AES-256-GCM key that no script can read. */
export function makeSealingKey(): Promise<CryptoKey> {
  return crypto.subtle.generateKey({ name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}
