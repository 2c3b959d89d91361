// The slots of application keys (docs/protocol.md §23, SD-3, SD-5): what a module keeps of its set, of the requests it has made, and of the
// keys that came. Values only: each step takes one state and gives the next, or throws and leaves the one there was. Whoever stores it
// commits a state as a whole, before anything that follows from it leaves the module. Nothing here shows a key.

import { equalBytes, toHex } from '../../protocol/bytes.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { ModuleId, RandomBytes } from '../../protocol/ids.ts';
import { checkValueOf, type KeyKind } from '../../protocol/key-unit/application-key.ts';
import { type ExportedKey, importKey, KEY_RANDOM_LENGTH_BYTES } from '../../protocol/key-unit/export-key.ts';
import { decodeKeyReference } from '../../protocol/key-unit/references.ts';
import type { ReceivedTransportKey } from '../../protocol/key-unit/transport-key.ts';
import { MODULE_LIMITS } from '../limits.ts';

/** A request that was made and has not been answered. `random`: R, 16 bytes. */
export type KeyRequest = { readonly random: Uint8Array; readonly reference: string; readonly drawnTime: number };

/** A slot that is filled. `applicationKey`: TA, 32 bytes, in the clear: a state is sealed wherever it is kept. */
export type KeySlotState = {
  readonly reference: string;
  readonly version: number;
  readonly kind: KeyKind;
  readonly count: number;
  readonly applicationKey: Uint8Array;
  readonly importedTime: number;
};

/** All of it. */
export type KeySlots = {
  /** Who gave T, which set, T (32 bytes), and when it was signed, ms. */
  readonly transport: ReceivedTransportKey;
  /** Oldest first. */
  readonly requests: readonly KeyRequest[];
  /** By reference, ascending. */
  readonly slots: readonly KeySlotState[];
};

/** A slot as it is shown: by reference and check value. */
export type KeySlotView = {
  readonly reference: string;
  readonly version: number;
  readonly kind: KeyKind;
  /** 6 hex digits. */
  readonly checkValue: string;
  readonly importedTime: number;
};

/** IMPORTKEY with the R that it answers, 16 bytes. */
export type ImportCommand = ExportedKey & { readonly random: Uint8Array };

/**
 * Takes T of a set, which was opened and believed; there is one state for each provider. The same T again keeps what is there; another one
 * begins with empty slots. One that was not signed after the present one is an old one, come late. Errors: `keys/replayed`.
 */
export function takeTransportKey(before: KeySlots | null, transport: ReceivedTransportKey): KeySlots {
  if (before === null) return { transport, requests: [], slots: [] };
  const { provider, set, transportKey, issuedAt } = before.transport;
  if (provider !== transport.provider) throw new FareboxError('module/internal', { expected: 'the same provider' });
  if (equalBytes(set, transport.set) && equalBytes(transportKey, transport.transportKey)) return before;
  if (transport.issuedAt <= issuedAt) throw new FareboxError('keys/replayed');
  return { transport, requests: [], slots: [] };
}

/**
 * Draws R for a key of this reference. The state has to be durable before R leaves the module. Older than a day, or beyond the bound, requests
 * are spent unanswered, the oldest first. Errors: `keys/malformed` for a reference that is none, `keys/unknown-unit` for a module in no set.
 */
export function drawKeyRequest(
  before: KeySlots | null,
  drawn: { readonly reference: string; readonly random: RandomBytes; readonly now: number },
): { readonly after: KeySlots; readonly request: KeyRequest } {
  if (before === null) throw new FareboxError('keys/unknown-unit');
  const reference = decodeKeyReference(drawn.reference);
  const request = { random: drawn.random(KEY_RANDOM_LENGTH_BYTES), reference, drawnTime: drawn.now };
  const kept = before.requests.filter((asked) => isAlive(asked, drawn.now)).slice(1 - MODULE_LIMITS.keyRequests);
  return { after: { ...before, requests: [...kept, request] }, request };
}

function isAlive({ drawnTime }: KeyRequest, now: number): boolean {
  return now - drawnTime < MODULE_LIMITS.keyRequestLifeMs;
}

/**
 * IMPORTKEY, in the order of §23: the request first, then what `importKey` checks. The state that comes back has the key in its slot and R
 * spent; the one that went in is as it was. Errors: `keys/replayed`, `keys/malformed`, `keys/certificate`, `keys/unknown-slot`,
 * `keys/old-reference`, `keys/data`, `keys/signature`; `keys/unknown-unit` for a module in no set.
 */
export function importIntoSlot(
  before: KeySlots | null,
  given: { readonly module: ModuleId; readonly command: ImportCommand; readonly now: number },
): { readonly after: KeySlots; readonly imported: KeySlotView } {
  const { module, command, now } = given;
  if (before === null) throw new FareboxError('keys/unknown-unit');
  const request = before.requests.find((asked) => isAlive(asked, now) && equalBytes(asked.random, command.random));
  if (request === undefined) throw new FareboxError('keys/replayed');
  const { reference } = request;
  const heldVersion = before.slots.find((slot) => slot.reference === reference)?.version ?? 0;
  const exchange = { transport: before.transport, unit: module, random: request.random };
  const opened = importKey(exchange, { exported: command, reference, heldVersion });
  const { kind, count, applicationKey, slot } = opened;
  const filled = { reference, version: slot.version, kind, count, applicationKey, importedTime: now };
  const others = before.slots.filter((held) => held.reference !== reference);
  if (others.length >= MODULE_LIMITS.keySlots) throw new FareboxError('keys/unknown-slot', { reference });
  const slots = [...others, filled].sort((left, right) => (left.reference < right.reference ? -1 : 1));
  const requests = before.requests.filter((asked) => asked !== request);
  return { after: { ...before, requests, slots }, imported: viewOf(filled) };
}

/** The slots as they are shown, by reference. */
export function listKeySlots(state: KeySlots | null): readonly KeySlotView[] {
  return (state?.slots ?? []).map(viewOf);
}

function viewOf({ reference, version, kind, applicationKey, importedTime }: KeySlotState): KeySlotView {
  return Object.freeze({ reference, version, kind, checkValue: toHex(checkValueOf(applicationKey)), importedTime });
}
