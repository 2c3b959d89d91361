// The vault (docs/protocol.md §16): the ways to the root key. Seals it for a factor, opens it with one, says how it is locked. Pure but for
// WebCrypto; who asks the person, and what is written, is in lock/. Secrets that pass through are wiped here as soon as they were used.

import { scryptAsync } from '@noble/hashes/scrypt.js';
import { type Bytes, equalBytes, ownBytes, utf8 } from '../../protocol/bytes.ts';
import { encodeCbor } from '../../protocol/cbor.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { RandomBytes } from '../../protocol/ids.ts';
import type { LockFactor } from '../commands.ts';
import type { PassphraseCost } from '../core.ts';
import { MODULE_LIMITS } from '../limits.ts';
import type { VaultSlot } from '../store/rows.ts';
import { openBytes, type SealPurpose, sealBytes } from '../store/sealing.ts';
import { encodeVault } from '../store/vault-codec.ts';
import { ROOT_KEY_LENGTH_BYTES } from './root.ts';

/** A slot of each kind. */
export type DeviceSlot = Extract<VaultSlot, { kind: 'device' }>;
export type PasskeySlot = Extract<VaultSlot, { kind: 'passkey' }>;
export type PassphraseSlot = Extract<VaultSlot, { kind: 'passphrase' }>;

const VERSION = 1;
const PASSPHRASE_SALT_BYTES = 16;

/** The slot of a module without a lock: the root key (32 bytes) itself, copied. */
export function makeDeviceSlot(rootKey: Uint8Array): DeviceSlot {
  return { kind: 'device', rootKey: Uint8Array.from(rootKey) };
}

/** Seals the root key under a passphrase. Takes about a second, in slices, so that the worker goes on answering. */
export async function sealPassphraseSlot(
  rootKey: Uint8Array,
  passphrase: string,
  cost: PassphraseCost,
  random: RandomBytes,
): Promise<PassphraseSlot> {
  const salt = ownBytes(random(PASSPHRASE_SALT_BYTES));
  const slotKey = await derivePassphraseKey(passphrase, salt, cost);
  return { kind: 'passphrase', salt, ...cost, ...(await sealBytes(slotKey, purposeOf('passphrase'), rootKey, random)) };
}

/** The root key. @throws FareboxError `lock/wrong` where it is another passphrase, `store/altered` where the slot's cost is none of ours. */
export async function openPassphraseSlot(slot: PassphraseSlot, passphrase: string): Promise<Bytes> {
  const slotKey = await derivePassphraseKey(passphrase, slot.salt, slot);
  return openSlot(slotKey, slot);
}

/** Seals the root key under an authenticator's PRF output (32 bytes, wiped) for `prfSalt` (32 bytes). */
export async function sealPasskeySlot(
  rootKey: Uint8Array,
  made: { readonly credentialId: Uint8Array; readonly prfSalt: Uint8Array; readonly prfOutput: Uint8Array },
  random: RandomBytes,
): Promise<PasskeySlot> {
  const { credentialId, prfSalt, prfOutput } = made;
  const slotKey = await derivePasskeyKey(prfOutput);
  const body = await sealBytes(slotKey, purposeOf('passkey'), rootKey, random);
  return { kind: 'passkey', credentialId: Uint8Array.from(credentialId), prfSalt: Uint8Array.from(prfSalt), ...body };
}

/** The root key; the PRF output is wiped. @throws FareboxError `lock/wrong` where it is another authenticator's. */
export async function openPasskeySlot(slot: PasskeySlot, prfOutput: Uint8Array): Promise<Bytes> {
  return openSlot(await derivePasskeyKey(prfOutput), slot);
}

/** The root key of a module without a lock, copied; null where there is a lock. */
export function openDeviceSlot(vault: readonly VaultSlot[]): Bytes | null {
  const slot = vault.find((candidate) => candidate.kind === 'device');
  return slot === undefined ? null : Uint8Array.from(slot.rootKey);
}

/** The factors that open a locked vault, each once; none for a module without a lock. */
export function factorsOf(vault: readonly VaultSlot[]): readonly LockFactor[] {
  return [...new Set(vault.flatMap(({ kind }) => (kind === 'device' ? [] : [kind])))];
}

/** True where both vaults are the same bytes. */
export function equalVaults(left: readonly VaultSlot[], right: readonly VaultSlot[]): boolean {
  return equalBytes(encodeCbor(encodeVault(left)), encodeCbor(encodeVault(right)));
}

async function openSlot(slotKey: CryptoKey, slot: PasskeySlot | PassphraseSlot): Promise<Bytes> {
  let rootKey: Bytes;
  try {
    rootKey = await openBytes(slotKey, purposeOf(slot.kind), slot);
  } catch (cause) {
    // A wrong factor and an altered slot look the same from here; the person can do the same about both.
    throw new FareboxError('lock/wrong', undefined, { cause });
  }
  if (rootKey.length !== ROOT_KEY_LENGTH_BYTES) throw new FareboxError('store/altered', { row: 'vault' });
  return rootKey;
}

async function derivePassphraseKey(passphrase: string, salt: Uint8Array, cost: PassphraseCost): Promise<CryptoKey> {
  const { costLog2, blockSize, parallelism } = cost;
  const limits = MODULE_LIMITS.passphraseCost;
  // A slot that was altered must not make the worker ask for all the memory there is.
  if (costLog2 > limits.costLog2 || blockSize > limits.blockSize || parallelism > limits.parallelism) {
    throw new FareboxError('store/altered', { row: 'vault' });
  }
  // One spelling: keyboards compose letters differently.
  const typed = utf8(passphrase.normalize('NFKC'));
  const secret = await scryptAsync(typed, salt, {
    ...{ N: 2 ** costLog2, r: blockSize, p: parallelism, dkLen: 32 },
    asyncTick: MODULE_LIMITS.passphraseSliceMs,
  });
  typed.fill(0);
  return importSlotKey(secret);
}

async function derivePasskeyKey(prfOutput: Uint8Array): Promise<CryptoKey> {
  const root = await crypto.subtle.importKey('raw', ownBytes(prfOutput), 'HKDF', false, ['deriveKey']);
  prfOutput.fill(0);
  const parameters = { name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: utf8('farebox/1 passkey slot') };
  return crypto.subtle.deriveKey(parameters, root, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

async function importSlotKey(secret: Uint8Array): Promise<CryptoKey> {
  const slotKey = await crypto.subtle.importKey('raw', ownBytes(secret), 'AES-GCM', false, ['encrypt', 'decrypt']);
  secret.fill(0);
  return slotKey;
}

function purposeOf(kind: LockFactor): SealPurpose {
  return ['farebox/vault', VERSION, kind];
}
