// Which life of a module something belongs to (docs/protocol.md §14): the device and the epoch, always both. Read and
// written by every object that carries them. A module made before there were epochs has epoch 0 and a device of zeros.

import { type Bytes, equalBytes, isAllZero } from './bytes.ts';
import type { CborValue } from './cbor.ts';
import type { ClaimsReader } from './claims.ts';
import { FareboxError, type FareboxErrorCode } from './errors.ts';
import { LIMITS } from './limits.ts';

/** Bytes of a device. */
export const DEVICE_LENGTH_BYTES = 16;

/** One life of a module: an epoch and the device that it belongs to. */
export type Life = Readonly<{
  /** 16 random bytes, drawn at install and at each restore; zeros in epoch 0. */
  device: Uint8Array;
  /** From 1 to `LIMITS.epochs`; 0 for a module that was made before there were epochs, and for a provider. */
  epoch: number;
}>;

/** The device of epoch 0: 16 zero bytes, made anew at each call. */
export function noDevice(): Bytes {
  return new Uint8Array(DEVICE_LENGTH_BYTES);
}

/** True where both are the same device in the same epoch. */
export function sameLife(left: Life, right: Life): boolean {
  return left.epoch === right.epoch && equalBytes(left.device, right.device);
}

/** True where device and epoch fit together: 16 bytes, and zeros in epoch 0 and in no other. */
export function isLife({ device, epoch }: Life): boolean {
  const counted = Number.isInteger(epoch) && epoch >= 0 && epoch <= LIMITS.epochs;
  return counted && device.length === DEVICE_LENGTH_BYTES && isAllZero(device) === (epoch === 0);
}

/** The claims of a life, before it is signed. Errors: `module/internal` where device and epoch do not fit together. */
export function lifeClaims(life: Life): Readonly<{ device: CborValue; epoch: CborValue }> {
  if (!isLife(life)) throw new FareboxError('module/internal', { expected: 'a device of 16 bytes and its epoch' });
  return { device: life.device, epoch: life.epoch };
}

/** Takes device and epoch from claims that must have them; `firstEpoch` is the lowest that may stand there. Throws `code`. */
export function readLife(claims: ClaimsReader, code: FareboxErrorCode, firstEpoch: 0 | 1): Life {
  const life = { device: claims.bytes('device', DEVICE_LENGTH_BYTES), epoch: claims.count('epoch', LIMITS.epochs) };
  if (life.epoch < firstEpoch) throw new FareboxError(code, { claim: 'epoch' });
  if (!isLife(life)) throw new FareboxError(code, { claim: 'device' });
  return life;
}
