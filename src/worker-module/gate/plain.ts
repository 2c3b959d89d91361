// Plain values: what may cross the module's ports in either direction. Called by the gate, by the commands' decoders and by the event port.
// Must never run an accessor: only own properties that hold a value count.

import { FareboxError } from '../../protocol/errors.ts';

/** Deepest result of any command: a list of views with lists of ranges. */
const PLAIN_DEPTH = 6;

/** True for an object literal (or what structured clone makes of one): no class, no array, no exotic object. */
export function isPlainObject(candidate: unknown): candidate is object {
  if (typeof candidate !== 'object' || candidate === null) return false;
  const prototype: unknown = Object.getPrototypeOf(candidate);
  return prototype === Object.prototype || prototype === null;
}

/** The value of an own property that is not an accessor; undefined otherwise. */
export function ownValue(holder: object, name: string): unknown {
  return Object.getOwnPropertyDescriptor(holder, name)?.value;
}

/**
 * Refuses everything that must not leave: keys, buffers, ports, frames of video, functions, classes. What may: text, numbers, booleans,
 * null, Uint8Array, and arrays and object literals of these.
 * @throws FareboxError `module/internal`, which stops the message.
 */
export function assertPlain(value: unknown, depth = 0): void {
  if (value === null || typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return;
  if (depth < PLAIN_DEPTH && typeof value === 'object') {
    if (Object.getPrototypeOf(value) === Uint8Array.prototype) return;
    if (Array.isArray(value) || isPlainObject(value)) {
      for (const inner of Object.values(value)) assertPlain(inner, depth + 1);
      return;
    }
  }
  throw new FareboxError('module/internal', { refused: 'outward value' });
}
