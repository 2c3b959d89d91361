// The keyring as CBOR and back, for the inside of the seal of its one row. A row that does not read is an altered one.

import type { Bytes } from '../../protocol/bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../../protocol/cbor.ts';
import { DERIVING_KEY_LENGTH_BYTES } from '../../protocol/derived-keys/kdf.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { readMembers } from '../../protocol/members.ts';
import { bytesOf, decodeKeySlots, encodeKeySlots, listOf } from './key-slots-codec.ts';
import type { Keyring } from './keyring.ts';

const CODE = 'store/altered';
const VERSION = 1;

/** The plaintext to seal; the caller clears it. */
export function encodeKeyring({ pinSecret, triedTimes, holders }: Keyring): Bytes {
  return encodeCbor(
    new Map<string, CborValue>([
      ['version', VERSION],
      ['pinSecret', pinSecret],
      ['triedTimes', triedTimes],
      ['holders', holders.map(encodeKeySlots)],
    ]),
  );
}

/** Reads it back; byte strings are copies. Errors: `store/altered`, `store/newer-version` for one that a newer build wrote. */
export function decodeKeyring(plaintext: Uint8Array): Keyring {
  const members = readMembers(decodeState(plaintext), CODE);
  if (members.integer('version', 1, Number.MAX_SAFE_INTEGER) !== VERSION) throw new FareboxError('store/newer-version');
  const keyring = {
    pinSecret: bytesOf(members, 'pinSecret', DERIVING_KEY_LENGTH_BYTES),
    triedTimes: listOf(members, 'triedTimes').map(decodeTime),
    holders: listOf(members, 'holders').map(decodeKeySlots),
  };
  members.end();
  return keyring;
}

function decodeState(plaintext: Uint8Array): CborValue {
  try {
    return decodeCbor(plaintext);
  } catch (cause) {
    throw new FareboxError(CODE, undefined, { cause });
  }
}

function decodeTime(time: CborValue): number {
  if (typeof time !== 'number' || !(time >= 0 && time <= LIMITS.latestTimeMs)) throw new FareboxError(CODE);
  return time;
}
