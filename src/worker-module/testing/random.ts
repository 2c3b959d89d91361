// Randomness for tests: the machine's own. Here by itself, so that what stands for a person need not know a provider.

/** Random bytes of the machine. */
export function randomBytes(lengthBytes: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(lengthBytes));
}
