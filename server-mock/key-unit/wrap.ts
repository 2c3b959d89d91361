// Transport keys and key material at rest (docs/protocol.md §23): AES-256-GCM under the key encryption key, bound to what they are, a random
// nonce in front. Whoever opens one clears it when the command is done.

import { concatBytes, fromBase64Url, utf8 } from '../../src/protocol/bytes.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { encodeKeySlot, type KeySlot } from '../../src/protocol/key-unit/references.ts';
import type { CryptoSuite } from '../../src/protocol/suite/suite.ts';
import { openKeyUnitSecret } from '../keys.ts';
import type { Provider } from '../provider.ts';

const NONCE_BYTES = 12;

/** What is wrapped: the transport key of a set (32 hex digits), or the material of one of its application keys. */
export type WrappedThing = { readonly set: string; readonly slot: KeySlot | null };

/** Seals and opens under the key encryption key, which stays in here. */
export type KeyWrap = {
  /** Nonce ‖ ciphertext and tag: 60 bytes of 32. */
  readonly seal: (thing: WrappedThing, clear: Uint8Array) => Promise<Uint8Array>;
  /** @throws FareboxError `server/internal` where the row or the key encryption key is another. */
  readonly open: (thing: WrappedThing, wrapped: Uint8Array) => Promise<Uint8Array>;
};

/**
 * Opens the key encryption key: the setting where there is one, else the file in the data folder.
 * @throws FareboxError `server/no-permission`, `server/exposed-key`, `server/internal`.
 */
export async function openKeyWrap({
  config,
  suite,
  random,
}: Pick<Provider, 'config' | 'suite' | 'random'>): Promise<KeyWrap> {
  const { keyUnitKey, dataDir } = config;
  const secret = keyUnitKey === undefined ? await openKeyUnitSecret(dataDir) : fromBase64Url(keyUnitKey);
  const wrapping = await importWrapping(suite, secret);
  return Object.freeze({
    seal: async (thing: WrappedThing, clear: Uint8Array) => {
      const nonce = random(NONCE_BYTES);
      return concatBytes(nonce, await suite.aesGcmSeal(wrapping, nonce, boundTo(thing), clear));
    },
    open: async (thing: WrappedThing, wrapped: Uint8Array) => {
      const nonce = wrapped.subarray(0, NONCE_BYTES);
      try {
        return await suite.aesGcmOpen(wrapping, nonce, boundTo(thing), wrapped.subarray(NONCE_BYTES));
      } catch (cause) {
        throw new FareboxError('server/internal', { set: thing.set }, { cause });
      }
    },
  });
}

/** Opens it at the first call that needs it, once; a failure is tried again by the next call. */
export function keyWrapOf(parts: Pick<Provider, 'config' | 'suite' | 'random'>): () => Promise<KeyWrap> {
  let opening: Promise<KeyWrap> | undefined;
  return async () => {
    opening ??= openKeyWrap(parts);
    try {
      return await opening;
    } catch (cause) {
      opening = undefined;
      throw cause;
    }
  };
}

async function importWrapping(suite: CryptoSuite, secret: Uint8Array) {
  try {
    return await suite.importAesKey(secret);
  } finally {
    secret.fill(0);
  }
}

function boundTo({ set, slot }: WrappedThing): Uint8Array {
  if (slot === null) return utf8(`farebox/1 transport key at rest ${set}`);
  return utf8(`farebox/1 application key at rest ${set} ${encodeKeySlot(slot)}`);
}
