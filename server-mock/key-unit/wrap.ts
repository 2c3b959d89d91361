// Transport keys, key material and client information blocks at rest (docs/protocol.md §23, §24): AES-256-GCM under the key encryption key, bound to what they are, a random
// nonce in front. Whoever opens one clears it when the command is done.

import { concatBytes, fromBase64Url, utf8 } from '../../src/protocol/bytes.ts';
import { blindHead, deriveTokenKey, tokenOf } from '../../src/protocol/derived-keys/sign-in.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import type { ModuleId } from '../../src/protocol/ids.ts';
import { encodeKeySlot, type KeySlot } from '../../src/protocol/key-unit/references.ts';
import type { CryptoSuite } from '../../src/protocol/suite/suite.ts';
import { openKeyUnitSecret } from '../keys.ts';
import type { Provider } from '../provider.ts';

const NONCE_BYTES = 12;

/** What is wrapped: the transport key of a set (32 hex digits) or the material of one of its application keys; or the keys of a module's client information block under an agreement; or a module's card. */
export type WrappedThing =
  | { readonly set: string; readonly slot: KeySlot | null }
  | { readonly set: string; readonly module: ModuleId; readonly agreement: number }
  | { readonly card: ModuleId };

/** Seals and opens under the key encryption key, which stays in here. */
export type KeyWrap = {
  /** Nonce ‖ ciphertext ‖ tag: 28 bytes more than the clear ones. */
  readonly seal: (thing: WrappedThing, clear: Uint8Array) => Promise<Uint8Array>;
  /** @throws FareboxError `server/internal` where the row or the key encryption key is another. */
  readonly open: (thing: WrappedThing, wrapped: Uint8Array) => Promise<Uint8Array>;
  /** The token of a ticket (§24), 32 bytes. */
  readonly tokenOf: (ticket: Uint8Array) => Uint8Array;
  /** What a ticket says of a head (32 bytes), so that nobody learns a head from a ticket. */
  readonly blindHead: (head: Uint8Array) => Uint8Array;
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
  const tokenKey = deriveTokenKey(secret);
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
        throw new FareboxError('server/internal', { thing: Object.values(thing).join(' ') }, { cause });
      }
    },
    tokenOf: (ticket: Uint8Array) => tokenOf(tokenKey, ticket),
    blindHead: (head: Uint8Array) => blindHead(tokenKey, head),
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

function boundTo(thing: WrappedThing): Uint8Array {
  if ('card' in thing) return utf8(`farebox/1 card at rest ${thing.card}`);
  const { set } = thing;
  if ('module' in thing) return utf8(`farebox/1 client block at rest ${set} ${thing.module} ${thing.agreement}`);
  const { slot } = thing;
  if (slot === null) return utf8(`farebox/1 transport key at rest ${set}`);
  return utf8(`farebox/1 application key at rest ${set} ${encodeKeySlot(slot)}`);
}
