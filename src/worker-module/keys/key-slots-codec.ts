// The state of one provider's key slots as CBOR and back, for the inside of a seal: it has keys in the clear. Put into the one row by
// keyring-codec.ts. What does not read is altered.

import { type Bytes, ownBytes } from '../../protocol/bytes.ts';
import type { CborKey, CborValue } from '../../protocol/cbor.ts';
import type { AgreedSeries } from '../../protocol/derived-keys/agreement.ts';
import { decodeSelectionRule } from '../../protocol/derived-keys/rules.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { decodeProviderId, idBytes } from '../../protocol/ids.ts';
import { KEY_KINDS, KEY_LENGTH_BYTES, KEY_SET_LENGTH_BYTES } from '../../protocol/key-unit/application-key.ts';
import { KEY_RANDOM_LENGTH_BYTES } from '../../protocol/key-unit/export-key.ts';
import { decodeKeyReference, decodeKeySlot, encodeKeySlot } from '../../protocol/key-unit/references.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { type MembersReader, readMembers } from '../../protocol/members.ts';
import type { AcceptedAgreement, KeyEvent, KeyRequest, KeySlotState, KeySlots } from './key-slots.ts';

const CODE = 'store/altered';
const EVENTS: readonly KeyEvent['what'][] = ['joined', 'imported', 'replaced', 'agreed', 'pin'];

/** The state as a value to encode; it holds the state's own key bytes, not copies. */
export function encodeKeySlots(state: KeySlots): CborValue {
  const { transport, requests, slots, agreement, newest, count, history } = state;
  const { provider, set, transportKey, issuedAt } = transport;
  return mapOf({
    provider: idBytes(provider),
    set,
    transportKey,
    issuedAt,
    requests: requests.map(({ random, reference, drawnTime }) => mapOf({ random, reference, drawnTime })),
    slots: slots.map((slot) => mapOf({ ...slot })),
    agreement: agreement === null ? null : encodeAgreement(agreement),
    newest,
    count,
    history: history.map((event) => mapOf({ ...event })),
  });
}

function encodeAgreement(agreement: AcceptedAgreement): CborValue {
  const { master, series, agreementHash } = agreement;
  return mapOf({
    ...agreement,
    master: encodeKeySlot(master),
    series: series.map(({ slot, retired, pin }): CborValue => [encodeKeySlot(slot), packIndexes(retired), pin]),
    agreementHash: idBytes(agreementHash),
  });
}

function mapOf(members: Readonly<Record<string, CborValue>>): ReadonlyMap<CborKey, CborValue> {
  return new Map(Object.entries(members));
}

/** Reads it back; byte strings are copies. Errors: `store/altered`. */
export function decodeKeySlots(value: CborValue): KeySlots {
  const members = readMembers(value, CODE);
  const agreement = members.raw('agreement');
  const state = {
    transport: {
      provider: decodeProviderId(members.raw('provider'), CODE),
      set: bytesOf(members, 'set', KEY_SET_LENGTH_BYTES),
      transportKey: bytesOf(members, 'transportKey', KEY_LENGTH_BYTES),
      issuedAt: members.integer('issuedAt', 0, LIMITS.latestTimeMs),
    },
    requests: listOf(members, 'requests').map(decodeRequest),
    slots: listOf(members, 'slots').map(decodeSlot),
    agreement: agreement === null ? null : decodeAgreement(agreement),
    newest: members.integer('newest', 0, LIMITS.agreements),
    count: members.integer('count', 0, Number.MAX_SAFE_INTEGER),
    history: listOf(members, 'history').map(decodeEvent),
  };
  members.end();
  return state;
}

/** Bytes of this length, copied. Errors: `store/altered`. */
export function bytesOf(members: MembersReader, name: string, lengthBytes: number): Bytes {
  return ownBytes(Uint8Array.from(members.bytes(name, lengthBytes, lengthBytes)));
}

/** A list. Errors: `store/altered`. */
export function listOf(members: MembersReader, name: string): readonly CborValue[] {
  const list = members.raw(name);
  if (!Array.isArray(list)) throw new FareboxError(CODE, { member: name });
  return list;
}

function flagOf(members: MembersReader, name: string): boolean {
  const flag = members.raw(name);
  if (typeof flag !== 'boolean') throw new FareboxError(CODE, { member: name });
  return flag;
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
    masked: flagOf(members, 'masked'),
    importedTime: members.integer('importedTime', 0, LIMITS.latestTimeMs),
  };
  members.end();
  return slot;
}

function decodeAgreement(value: CborValue): AcceptedAgreement {
  const members = readMembers(value, CODE);
  const agreement = {
    number: members.integer('number', 1, LIMITS.agreements),
    rule: decodeSelectionRule(members.raw('rule'), CODE),
    master: decodeKeySlot(members.raw('master'), CODE),
    series: listOf(members, 'series').map(decodeSeries),
    issuedAt: members.integer('issuedAt', 0, LIMITS.latestTimeMs),
    acceptedTime: members.integer('acceptedTime', 0, LIMITS.latestTimeMs),
    epoch: members.integer('epoch', 0, LIMITS.epochs),
    agreementHash: members.hash('agreementHash'),
  };
  members.end();
  return agreement;
}

function decodeSeries(line: CborValue): AgreedSeries {
  const [slot, retired, pin]: readonly (CborValue | undefined)[] = Array.isArray(line) ? line : [];
  if (!(retired instanceof Uint8Array) || typeof pin !== 'boolean') throw new FareboxError(CODE, { member: 'series' });
  return { slot: decodeKeySlot(slot, CODE), retired: unpackIndexes(retired), pin };
}

// Packed, two bytes each, rather than CBOR items: there may be thousands in each of eight sets.
function packIndexes(indexes: readonly number[]): Bytes {
  const packed = new Uint8Array(2 * indexes.length);
  const view = new DataView(packed.buffer);
  for (const [at, index] of indexes.entries()) view.setUint16(2 * at, index);
  return packed;
}

function unpackIndexes(packed: Uint8Array): readonly number[] {
  if (packed.length % 2 !== 0) throw new FareboxError(CODE, { member: 'series' });
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  return Array.from({ length: packed.length / 2 }, (_none, at) => view.getUint16(2 * at));
}

function decodeEvent(value: CborValue): KeyEvent {
  const members = readMembers(value, CODE);
  const what = EVENTS.find((known) => known === members.raw('what'));
  if (what === undefined) throw new FareboxError(CODE, { member: 'what' });
  const orNull = <T>(name: string, read: () => T): T | null => (members.raw(name) === null ? null : read());
  const event = {
    time: members.integer('time', 0, LIMITS.latestTimeMs),
    what,
    reference: orNull('reference', () => decodeKeyReference(members.raw('reference'), CODE)),
    version: orNull('version', () => members.integer('version', 1, LIMITS.keyVersions)),
    number: orNull('number', () => members.integer('number', 1, LIMITS.agreements)),
  };
  members.end();
  return event;
}
