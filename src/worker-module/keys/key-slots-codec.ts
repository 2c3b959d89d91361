// A state of the key slots as CBOR and back, for the inside of a seal: it has keys in the clear. A row that does not read is an altered one.

import { type Bytes, ownBytes } from '../../protocol/bytes.ts';
import { type CborKey, type CborValue, decodeCbor, encodeCbor } from '../../protocol/cbor.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { decodeProviderId, idBytes } from '../../protocol/ids.ts';
import { KEY_KINDS, KEY_LENGTH_BYTES, KEY_SET_LENGTH_BYTES } from '../../protocol/key-unit/application-key.ts';
import { KEY_RANDOM_LENGTH_BYTES } from '../../protocol/key-unit/export-key.ts';
import { decodeKeyReference } from '../../protocol/key-unit/references.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { type MembersReader, readMembers } from '../../protocol/members.ts';
import type { KeyRequest, KeySlotState, KeySlots } from './key-slots.ts';

const CODE = 'store/altered';
const VERSION = 1;

/** The plaintext to seal; the caller clears it. */
export function encodeKeySlots({ transport, requests, slots }: KeySlots): Bytes {
  const { provider, set, transportKey, issuedAt } = transport;
  return encodeCbor(
    mapOf({
      version: VERSION,
      provider: idBytes(provider),
      set,
      transportKey,
      issuedAt,
      requests: requests.map(({ random, reference, drawnTime }) => mapOf({ random, reference, drawnTime })),
      slots: slots.map((slot) => mapOf({ ...slot })),
    }),
  );
}

function mapOf(members: Readonly<Record<string, CborValue>>): ReadonlyMap<CborKey, CborValue> {
  return new Map(Object.entries(members));
}

/** Reads it back; byte strings are copies. Errors: `store/altered`, `store/newer-version` for one that a newer build wrote. */
export function decodeKeySlots(plaintext: Uint8Array): KeySlots {
  const members = readMembers(decodeState(plaintext), CODE);
  if (members.integer('version', 1, Number.MAX_SAFE_INTEGER) !== VERSION) throw new FareboxError('store/newer-version');
  const state = {
    transport: {
      provider: decodeProviderId(members.raw('provider'), CODE),
      set: bytesOf(members, 'set', KEY_SET_LENGTH_BYTES),
      transportKey: bytesOf(members, 'transportKey', KEY_LENGTH_BYTES),
      issuedAt: members.integer('issuedAt', 0, LIMITS.latestTimeMs),
    },
    requests: listOf(members, 'requests').map(decodeRequest),
    slots: listOf(members, 'slots').map(decodeSlot),
  };
  members.end();
  return state;
}

function decodeState(plaintext: Uint8Array): CborValue {
  try {
    return decodeCbor(plaintext);
  } catch (cause) {
    throw new FareboxError(CODE, undefined, { cause });
  }
}

function bytesOf(members: MembersReader, name: string, lengthBytes: number): Bytes {
  return ownBytes(Uint8Array.from(members.bytes(name, lengthBytes, lengthBytes)));
}

function listOf(members: MembersReader, name: string): readonly CborValue[] {
  const list = members.raw(name);
  if (!Array.isArray(list)) throw new FareboxError(CODE, { member: name });
  return list;
}

function decodeRequest(value: CborValue): KeyRequest {
  const members = readMembers(value, CODE);
  const request = {
    random: bytesOf(members, 'random', KEY_RANDOM_LENGTH_BYTES),
    reference: decodeKeyReference(members.raw('reference'), CODE),
    drawnTime: members.integer('drawnTime', 0, LIMITS.latestTimeMs),
  };
  members.end();
  return request;
}

function decodeSlot(value: CborValue): KeySlotState {
  const members = readMembers(value, CODE);
  const kind = KEY_KINDS.find((known) => known === members.raw('kind'));
  if (kind === undefined) throw new FareboxError(CODE, { member: 'kind' });
  const slot = {
    reference: decodeKeyReference(members.raw('reference'), CODE),
    version: members.integer('version', 1, LIMITS.keyVersions),
    kind,
    count: members.integer('count', 0, LIMITS.seriesNumbers),
    applicationKey: bytesOf(members, 'applicationKey', KEY_LENGTH_BYTES),
    importedTime: members.integer('importedTime', 0, LIMITS.latestTimeMs),
  };
  members.end();
  return slot;
}
