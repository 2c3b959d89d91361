// The slots of application keys (docs/protocol.md §23, SD-3, SD-5): what a module keeps of its set, of the requests it has made, and of the
// keys that came. Values only: each step takes one state and gives the next, or throws and leaves the one there was. Whoever stores it
// commits a state as a whole, before anything that follows from it leaves the module. Nothing here shows a key.

import { equalBytes, toHex } from '../../protocol/bytes.ts';
import type { AgreedSeries } from '../../protocol/derived-keys/agreement.ts';
import { maskSeriesKey } from '../../protocol/derived-keys/pin.ts';
import type { SelectionRule } from '../../protocol/derived-keys/rules.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { ContentHash, ModuleId, RandomBytes } from '../../protocol/ids.ts';
import { type ApplicationKey, checkValueOf, type KeyKind } from '../../protocol/key-unit/application-key.ts';
import { type ExportedKey, importKey, KEY_RANDOM_LENGTH_BYTES } from '../../protocol/key-unit/export-key.ts';
import { decodeKeyReference, type KeySlot } from '../../protocol/key-unit/references.ts';
import type { ReceivedTransportKey } from '../../protocol/key-unit/transport-key.ts';
import type { KeyEventView, KeySlotView } from '../commands.ts';
import { MODULE_LIMITS } from '../limits.ts';

/** A request that was made and has not been answered. `random`: R, 16 bytes. */
export type KeyRequest = { readonly random: Uint8Array; readonly reference: string; readonly drawnTime: number };

/** A slot that is filled. */
export type KeySlotState = {
  readonly reference: string;
  readonly version: number;
  readonly kind: KeyKind;
  /** Series numbers of a `series`, else 0. */
  readonly count: number;
  /** TA, 32 bytes, in the clear: a state is sealed wherever it is kept. Where `masked` it is a series key XOR the mask of its PIN. */
  readonly applicationKey: Uint8Array;
  readonly masked: boolean;
  readonly importedTime: number;
};

/** What the module accepted, in one epoch. Times in ms. */
export type AcceptedAgreement = {
  readonly number: number;
  readonly rule: SelectionRule;
  readonly master: KeySlot;
  readonly series: readonly AgreedSeries[];
  readonly issuedAt: number;
  readonly acceptedTime: number;
  /** The epoch that the module was in: in another one the agreement is over (docs/protocol.md §24). */
  readonly epoch: number;
  readonly agreementHash: ContentHash;
};

/** What happened, as it is kept and shown. */
export type KeyEvent = KeyEventView;

/** All of it, of one provider. */
export type KeySlots = {
  /** Who gave T, which set, T (32 bytes), and when it was signed, ms. */
  readonly transport: ReceivedTransportKey;
  /** Oldest first. */
  readonly requests: readonly KeyRequest[];
  /** By reference, ascending. */
  readonly slots: readonly KeySlotState[];
  readonly agreement: AcceptedAgreement | null;
  /** Number of the newest agreement that was ever met, 0 before the first; it never goes down. */
  readonly newest: number;
  /** Contacts counted under the present agreement. */
  readonly count: number;
  /** Newest last, at most MODULE_LIMITS.keyEvents. */
  readonly history: readonly KeyEvent[];
};

/** IMPORTKEY with the R that it answers, 16 bytes. */
export type ImportCommand = ExportedKey & { readonly random: Uint8Array };

/** The state with one more thing that happened. */
export function withEvent(
  state: KeySlots,
  event: Pick<KeyEvent, 'time' | 'what'> & Partial<Pick<KeyEvent, 'reference' | 'version' | 'number'>>,
): KeySlots {
  const noted = { reference: null, version: null, number: null, ...event };
  return { ...state, history: [...state.history, noted].slice(-MODULE_LIMITS.keyEvents) };
}

/**
 * Takes T of a set, which was opened and believed; there is one state for each provider. The same T again keeps what is there; another one
 * begins with empty slots and no agreement. One that was not signed after the present one, or was not signed just now, is an old one, come late.
 * Errors: `keys/replayed`.
 */
export function takeTransportKey(before: KeySlots | null, transport: ReceivedTransportKey, now: number): KeySlots {
  const joined = { time: now, what: 'joined' } as const;
  const empty = { transport, requests: [], slots: [], agreement: null, count: 0 };
  if (before !== null && isSameTransport(before.transport, transport)) return before;
  const isOld = now - transport.issuedAt > MODULE_LIMITS.transportKeyAgeMs;
  if (isOld || (before !== null && transport.issuedAt <= before.transport.issuedAt)) {
    throw new FareboxError('keys/replayed');
  }
  if (before === null) return withEvent({ ...empty, newest: 0, history: [] }, joined);
  return withEvent({ ...before, ...empty }, joined);
}

function isSameTransport(held: ReceivedTransportKey, given: ReceivedTransportKey): boolean {
  if (held.provider !== given.provider) throw new FareboxError('module/internal', { expected: 'the same provider' });
  return equalBytes(held.set, given.set) && equalBytes(held.transportKey, given.transportKey);
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
 * IMPORTKEY, in the order of §23: the request first, then what `importKey` checks, then the PIN. The state that comes back has the key in its
 * slot and R spent; the one that went in is as it was. `mask` (32 bytes): of the PIN that chooses this key (§24), or null where none does.
 * Errors: `keys/replayed`, `keys/malformed` (also for a mask over what is no series), `keys/certificate`, `keys/unknown-slot`,
 * `keys/old-reference`, `keys/data`, `keys/signature`; `keys/pin` for a key without the mask that it must have; `keys/unknown-unit` for a
 * module in no set.
 */
export function importIntoSlot(
  before: KeySlots | null,
  given: {
    readonly module: ModuleId;
    readonly command: ImportCommand;
    readonly mask: Uint8Array | null;
    readonly now: number;
  },
): { readonly after: KeySlots; readonly imported: KeySlotView } {
  const { module, command, mask, now } = given;
  if (before === null) throw new FareboxError('keys/unknown-unit');
  const request = before.requests.find((asked) => isAlive(asked, now) && equalBytes(asked.random, command.random));
  if (request === undefined) throw new FareboxError('keys/replayed');
  const { reference } = request;
  const held = before.slots.find((slot) => slot.reference === reference);
  const exchange = { transport: before.transport, unit: module, random: request.random };
  const opened = importKey(exchange, { exported: command, reference, heldVersion: held?.version ?? 0 });
  try {
    requireMask(before, reference, { mask, kind: opened.kind });
    const others = before.slots.filter((slot) => slot !== held);
    if (others.length >= MODULE_LIMITS.keySlots) throw new FareboxError('keys/unknown-slot', { reference });
    const filled = { ...filledBy(opened, mask), reference, version: opened.slot.version, importedTime: now };
    const slots = [...others, filled].sort((left, right) => (left.reference < right.reference ? -1 : 1));
    const requests = before.requests.filter((asked) => asked !== request);
    const replacing = held === undefined ? 'imported' : 'replaced';
    const what = mask === null ? replacing : 'pin';
    const after = withEvent({ ...before, requests, slots }, { time: now, what, reference, version: filled.version });
    return { after, imported: viewSlot(filled) };
  } finally {
    opened.applicationKey.fill(0);
  }
}

function filledBy(opened: ApplicationKey, mask: Uint8Array | null) {
  const { kind, count, applicationKey } = opened;
  // A copy either way: what was opened is overwritten behind it.
  const kept = mask === null ? Uint8Array.from(applicationKey) : maskSeriesKey(applicationKey, mask);
  return { kind, count, applicationKey: kept, masked: mask !== null };
}

/** A key that a PIN chooses is never kept without its mask, and no other one under any. */
function requireMask(
  { slots, agreement }: KeySlots,
  reference: string,
  { mask, kind }: { readonly mask: Uint8Array | null; readonly kind: KeyKind },
): void {
  const agreed = agreement?.series.find(({ slot }) => slot.reference === reference);
  const isMasked = slots.some((slot) => slot.reference === reference && slot.masked);
  if (mask === null && (isMasked || agreed?.pin === true)) throw new FareboxError('keys/pin', { reference });
  if (mask !== null && kind !== 'series') throw new FareboxError('keys/malformed', { expected: 'series', kind });
  if (mask !== null && agreed?.pin === false) throw new FareboxError('keys/unknown-slot', { reference });
}

/** The slots as they are shown, by reference. */
export function listKeySlots(state: KeySlots): readonly KeySlotView[] {
  return state.slots.map(viewSlot);
}

function viewSlot({ reference, version, kind, applicationKey, masked, importedTime }: KeySlotState): KeySlotView {
  const checkValue = masked ? null : toHex(checkValueOf(applicationKey));
  return Object.freeze({ reference, version, kind, checkValue, pin: masked, importedTime });
}
