// What a restore or a recovery left behind, as the database keeps it: where the record begins since, and what became of each thing, sealed
// under the record key. Written by backup/, read by receipts/ as well: a receipt of a session from before cannot be made from the record.

import { type CborValue, decodeCbor, encodeCbor } from '../protocol/cbor.ts';
import { FareboxError } from '../protocol/errors.ts';
import {
  decodeProviderId,
  decodeSessionId,
  idBytes,
  type ProviderId,
  type RandomBytes,
  type SessionId,
} from '../protocol/ids.ts';
import type { RestoredThing, RestoreReport } from './commands.ts';
import type { Core } from './core.ts';
import { type RestoreRow, ROW_VERSION } from './store/rows.ts';
import { openBytes, type SealPurpose, sealBytes } from './store/sealing.ts';

/** One session or receipt: what became of it and where it was found, and whose it is (null where nothing readable says). */
export type KeptThing = Pick<RestoredThing, 'kind' | 'outcome' | 'place'> & {
  readonly session: SessionId;
  readonly provider: ProviderId | null;
};

/** A restore or recovery, and what is known of it so far. */
export type Restored = {
  readonly source: RestoreReport['source'];
  readonly time: number;
  /** Counter of the `alarm` entry with which the record begins; what was opened before it has no record here. */
  readonly alarmCounter: number;
  /** Providers that were asked since. */
  readonly asked: readonly ProviderId[];
  /** Currency of the newest answer, for things that nothing here puts a price on; null before. */
  readonly currency: string | null;
  readonly things: readonly KeptThing[];
};

const PURPOSE: SealPurpose = ['farebox/restore', ROW_VERSION];
const SOURCES = ['backup', 'checkpoint'] as const;
const KINDS = ['session', 'receipt'] as const;
const OUTCOMES = ['found', 'not-found', 'used', 'unreachable'] as const;
const PLACES = ['backup', 'checkpoint', 'database', 'provider'] as const;
const SESSION_BYTES = 16;
// Session, kind, outcome, place, and whose it is: place in the list of providers (2 bytes) from 1, 0 for nobody's.
const THING_BYTES = SESSION_BYTES + 5;

/** What the last restore or recovery left behind, or null. @throws FareboxError `store/altered`. */
export async function readRestored(core: Pick<Core, 'store' | 'keys'>): Promise<Restored | null> {
  const row = await core.store.meta('restore');
  return row === null ? null : openRestored(row, core.keys.recordKey);
}

/** The row that keeps it. */
export async function sealRestored(restored: Restored, recordKey: CryptoKey, random: RandomBytes): Promise<RestoreRow> {
  const { things, asked } = restored;
  const providers = [...new Set(things.flatMap(({ provider }) => provider ?? []))];
  const clear = encodeCbor([
    restored.source,
    restored.time,
    restored.alarmCounter,
    asked.map(idBytes),
    restored.currency,
    providers.map(idBytes),
    packThings(things, providers),
  ]);
  const body = await sealBytes(recordKey, PURPOSE, clear, random);
  return { name: 'restore', version: ROW_VERSION, ...body };
}

/** Opens the row. @throws FareboxError `store/altered`. */
export async function openRestored(row: RestoreRow, recordKey: CryptoKey): Promise<Restored> {
  const members = decodeCbor(await openBytes(recordKey, PURPOSE, row));
  const [source, time, alarmCounter, asked, currency, providers, packed]: readonly (CborValue | undefined)[] =
    Array.isArray(members) ? members : [];
  const known = SOURCES.find((name) => name === source);
  if (known === undefined || typeof time !== 'number' || typeof alarmCounter !== 'number') throw altered();
  if (!(currency === null || typeof currency === 'string') || !(packed instanceof Uint8Array)) throw altered();
  const things = unpackThings(packed, readProviders(providers));
  return { source: known, time, alarmCounter, asked: readProviders(asked), currency, things };
}

// Packed rather than CBOR items: there may be forty thousand things.
function packThings(things: readonly KeptThing[], providers: readonly ProviderId[]): Uint8Array {
  const packed = new Uint8Array(things.length * THING_BYTES);
  const view = new DataView(packed.buffer);
  const numbers = new Map(providers.map((provider, at) => [provider, at + 1]));
  for (const [at, thing] of things.entries()) {
    const offset = at * THING_BYTES;
    packed.set(idBytes(thing.session), offset);
    view.setUint8(offset + SESSION_BYTES, KINDS.indexOf(thing.kind));
    view.setUint8(offset + SESSION_BYTES + 1, OUTCOMES.indexOf(thing.outcome));
    view.setUint8(offset + SESSION_BYTES + 2, PLACES.indexOf(thing.place));
    view.setUint16(offset + SESSION_BYTES + 3, thing.provider === null ? 0 : (numbers.get(thing.provider) ?? 0));
  }
  return packed;
}

function unpackThings(packed: Uint8Array, providers: readonly ProviderId[]): readonly KeptThing[] {
  if (packed.length % THING_BYTES !== 0) throw altered();
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  return Array.from({ length: packed.length / THING_BYTES }, (_none, at) => {
    const offset = at * THING_BYTES;
    const number = view.getUint16(offset + SESSION_BYTES + 3);
    return {
      session: decodeSessionId(packed.subarray(offset, offset + SESSION_BYTES), 'store/altered'),
      kind: pick(KINDS, view.getUint8(offset + SESSION_BYTES)),
      outcome: pick(OUTCOMES, view.getUint8(offset + SESSION_BYTES + 1)),
      place: pick(PLACES, view.getUint8(offset + SESSION_BYTES + 2)),
      provider: number === 0 ? null : pick(providers, number - 1),
    };
  });
}

function pick<Value>(values: readonly Value[], at: number): Value {
  const value = values[at];
  if (value === undefined) throw altered();
  return value;
}

function readProviders(value: CborValue | undefined): readonly ProviderId[] {
  if (!Array.isArray(value)) throw altered();
  return value.map((id: CborValue) => decodeProviderId(id, 'store/altered'));
}

function altered(): FareboxError {
  return new FareboxError('store/altered', { row: 'restore' });
}
