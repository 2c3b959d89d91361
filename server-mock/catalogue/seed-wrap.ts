// Wraps programme seeds at rest: AES-256-GCM under the storage key, bound to the programme, a random nonce in front.
// direct-registry.ts seals, programmes.ts opens. A clear seed lives only as long as a grant is being made.

import { concatBytes, utf8 } from '../../src/protocol/bytes.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import type { ProgrammeId, RandomBytes } from '../../src/protocol/ids.ts';
import type { CryptoSuite } from '../../src/protocol/suite/suite.ts';

const NONCE_BYTES = 12;

/** What wrapping needs. `storageKey` is 32 bytes. */
export type SeedWrap = {
  readonly suite: CryptoSuite;
  readonly storageKey: Uint8Array;
};

/** Seals a seed of 32 bytes: nonce (12 bytes) ‖ ciphertext and tag (48 bytes). */
export async function sealSeed(
  { suite, storageKey }: SeedWrap,
  random: RandomBytes,
  programme: ProgrammeId,
  seed: Uint8Array,
): Promise<Uint8Array> {
  const nonce = random(NONCE_BYTES);
  const wrapping = await suite.importAesKey(storageKey);
  return concatBytes(nonce, await suite.aesGcmSeal(wrapping, nonce, boundTo(programme), seed));
}

/** Opens a wrapped seed. @throws FareboxError `server/internal` where the storage key or the row is another. */
export async function openSeed(
  { suite, storageKey }: SeedWrap,
  programme: ProgrammeId,
  wrapped: Uint8Array,
): Promise<Uint8Array> {
  const wrapping = await suite.importAesKey(storageKey);
  try {
    const nonce = wrapped.subarray(0, NONCE_BYTES);
    return await suite.aesGcmOpen(wrapping, nonce, boundTo(programme), wrapped.subarray(NONCE_BYTES));
  } catch (cause) {
    throw new FareboxError('server/internal', { programme }, { cause });
  }
}

function boundTo(programme: ProgrammeId): Uint8Array {
  return utf8(`farebox/1 seed at rest ${programme}`);
}
