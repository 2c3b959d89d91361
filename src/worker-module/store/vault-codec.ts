// The vault's slots outside the database: as CBOR in a checkpoint, and as what they must look like wherever they are read. Called by
// checkpoint.ts and row-shapes.ts. It opens nothing: keys/vault.ts does.

import type { CborValue } from '../../protocol/cbor.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { MODULE_LIMITS } from '../limits.ts';
import type { VaultSlot } from './rows.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
/** A root key sealed with AES-256-GCM. */
const SEALED_BYTES = KEY_BYTES + 16;
const SALT_BYTES = 16;
/** Least cost of scrypt that a slot may have; the most is in MODULE_LIMITS, so that a slot cannot make the module hang. */
const LEAST_COST = { costLog2: 14, blockSize: 1, parallelism: 1 } as const;

/** One factor each, and none twice but passkeys; nobody has more authenticators than this. */
const MOST_SLOTS = 16;

/** The slots as one CBOR array of arrays, each beginning with its kind. */
export function encodeVault(slots: readonly VaultSlot[]): CborValue {
  return slots.map(encodeSlot);
}

function encodeSlot(slot: VaultSlot): CborValue {
  switch (slot.kind) {
    case 'device':
      return [slot.kind, slot.rootKey];
    case 'passkey':
      return [slot.kind, slot.credentialId, slot.prfSalt, slot.nonce, slot.sealed];
    case 'passphrase':
      return [slot.kind, slot.salt, slot.costLog2, slot.blockSize, slot.parallelism, slot.nonce, slot.sealed];
  }
}

/** Reads them back. @throws FareboxError `store/altered`. */
export function decodeVault(value: CborValue): readonly VaultSlot[] {
  if (!Array.isArray(value) || value.length > MOST_SLOTS) throw new FareboxError('store/altered', { row: 'vault' });
  return value.map((fields: CborValue) => {
    const slot = Array.isArray(fields) ? readSlot(fields) : null;
    if (!isVaultSlot(slot)) throw new FareboxError('store/altered', { row: 'vault' });
    return slot;
  });
}

/** True for a value that is a slot, in shape and bounds. */
export function isVaultSlot(value: unknown): value is VaultSlot {
  if (typeof value !== 'object' || value === null) return false;
  const member = (name: string): unknown => Reflect.get(value, name);
  const isSealed = isBytes(member('nonce'), NONCE_BYTES) && isBytes(member('sealed'), SEALED_BYTES);
  switch (member('kind')) {
    case 'device':
      return isBytes(member('rootKey'), KEY_BYTES);
    case 'passkey':
      return isSealed && isBytes(member('credentialId')) && isBytes(member('prfSalt'), KEY_BYTES);
    case 'passphrase':
      return (
        isSealed &&
        isBytes(member('salt'), SALT_BYTES) &&
        isWithin(member('costLog2'), 'costLog2') &&
        isWithin(member('blockSize'), 'blockSize') &&
        isWithin(member('parallelism'), 'parallelism')
      );
    default:
      return false;
  }
}

function readSlot(fields: readonly CborValue[]): unknown {
  const [kind, ...rest] = fields;
  if (kind === 'device' && rest.length === 1) {
    const [rootKey] = rest;
    return { kind, rootKey };
  }
  if (kind === 'passkey' && rest.length === 4) {
    const [credentialId, prfSalt, nonce, sealed] = rest;
    return { kind, credentialId, prfSalt, nonce, sealed };
  }
  if (kind === 'passphrase' && rest.length === 6) {
    const [salt, costLog2, blockSize, parallelism, nonce, sealed] = rest;
    return { kind, salt, costLog2, blockSize, parallelism, nonce, sealed };
  }
  return null;
}

/** Of exactly this length; without one, of any that a credential id may have. */
function isBytes(value: unknown, lengthBytes?: number): boolean {
  if (!(value instanceof Uint8Array)) return false;
  if (lengthBytes !== undefined) return value.length === lengthBytes;
  return value.length > 0 && value.length <= LIMITS.credentialIdBytes;
}

function isWithin(value: unknown, cost: keyof typeof LEAST_COST): boolean {
  const most = MODULE_LIMITS.passphraseCost[cost];
  return typeof value === 'number' && Number.isInteger(value) && value >= LEAST_COST[cost] && value <= most;
}
