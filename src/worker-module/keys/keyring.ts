// The downloaded keys of all providers as the module keeps them: one row, sealed under the wrapping key, changed in one commit with what the
// record says of the change, or not at all. Called by the duties of this folder. Keys are in the clear between opening and sealing, and are
// overwritten behind it. They are in no backup and in no checkpoint: a module that was brought back downloads them again.

import { FareboxError } from '../../protocol/errors.ts';
import type { ModuleId } from '../../protocol/ids.ts';
import type { KeySetView } from '../commands.ts';
import type { Core } from '../core.ts';
import { type InTurn, makeInTurn } from '../in-turn.ts';
import { MODULE_LIMITS } from '../limits.ts';
import type { CommitDraft, NewEntry, RecordPlace } from '../record/draft.ts';
import { type KeysRow, ROW_VERSION } from '../store/rows.ts';
import { openBytes, type SealPurpose, sealBytes } from '../store/sealing.ts';
import type { KeySlots } from './key-slots.ts';
import { viewHolder } from './key-slots-view.ts';
import { decodeKeyring, encodeKeyring } from './keyring-codec.ts';

/** Everything that is kept of keys. */
export type Keyring = {
  /** 32 random bytes of this module: what PINs are masked with beside themselves (docs/protocol.md §24). */
  readonly pinSecret: Uint8Array;
  /** When PINs were tried in the last day, ms, oldest first. */
  readonly triedTimes: readonly number[];
  /** One for each provider, by its id, ascending; at most MODULE_LIMITS.keyHolders. */
  readonly holders: readonly KeySlots[];
};

/** The life of the module that a change was made in, as it is in the same commit. */
export type KeyedLife = {
  readonly moduleId: ModuleId;
  readonly device: Uint8Array;
  readonly epoch: number;
  /** COSE bytes of the agency's certificate. */
  readonly certificate: Uint8Array;
};

/** What a change makes of the keyring. `entries` go into the record in the same commit. */
export type KeyChange<T> = {
  readonly after: Keyring;
  readonly entries?: readonly NewEntry[];
  /** Must hold no array of `before` or `after`: those are overwritten. */
  readonly answer: T;
};

/** A change that is durable: its answer, the life it was made in, and where the record stands with its entries. */
export type KeyChanged<T> = KeyedLife & { readonly answer: T; readonly place: RecordPlace };

type KeyCore = Pick<Core, 'store' | 'keys' | 'committer' | 'random' | 'clock'>;

const PURPOSE: SealPurpose = ['farebox/keys', ROW_VERSION];
const PIN_SECRET_LENGTH_BYTES = 32;

/** The keyring, in the clear; the caller overwrites it (`wipeKeyring`). An empty one where nothing is kept. @throws FareboxError `keys/altered`, `store/*`. */
export async function readKeyring(core: Pick<Core, 'store' | 'keys' | 'random'>): Promise<Keyring> {
  const row = await core.store.meta('keys');
  if (row === null) return { pinSecret: core.random(PIN_SECRET_LENGTH_BYTES), triedTimes: [], holders: [] };
  try {
    const plaintext = await openBytes(core.keys.wrappingKey, PURPOSE, row);
    try {
      return decodeKeyring(plaintext);
    } finally {
      plaintext.fill(0);
    }
  } catch (cause) {
    // Nothing else stands on this row: the module goes on without it, and it alone is put right (`setAsideKeyring`).
    throw cause instanceof FareboxError && cause.code === 'store/altered'
      ? new FareboxError('keys/altered', undefined, { cause })
      : cause;
  }
}

/** True where the row does not open or does not read; the rest of the store may be as it was. @throws FareboxError `store/*`. */
export async function isKeyringAltered(core: Pick<Core, 'store' | 'keys' | 'random'>): Promise<boolean> {
  try {
    wipeKeyring(await readKeyring(core));
    return false;
  } catch (error) {
    if (error instanceof FareboxError && error.code === 'keys/altered') return true;
    throw error;
  }
}

/**
 * Takes an altered row away and says so in the record, in one commit, durable on return; a row that opens stays as it is. What goes with it: every
 * downloaded key and PIN, every request that was under way, and what was agreed. @throws FareboxError `store/*`.
 */
export function setAsideKeyring(core: KeyCore): Promise<void> {
  return turnsOf(core.committer)(async () => {
    let isAltered = false;
    await core.committer.commit({
      sessions: [],
      prepare: async () => {
        isAltered = await isKeyringAltered(core);
      },
      apply: (draft) => {
        if (!isAltered) return;
        draft.append({ kind: 'alarm', code: 'keys/altered' });
        draft.removeMeta('keys');
      },
    });
  });
}

/**
 * Changes the keyring: one commit, durable on return, or nothing at all. Changes of one tab take turns; where another tab was faster, `change`
 * is asked again with what won, so that it does nothing but make the next state. It may wait, under the record's lock, for no person and for
 * nothing slow. Both states are overwritten when it is done, whatever came of it: what the answer needs of their bytes, it copies (`copyHolder`).
 * @throws FareboxError what `change` throws, `enrolment/needed` for a module that is not enrolled or whose epoch is pending, `store/*`.
 */
export function changeKeyring<T>(
  core: KeyCore,
  change: (before: Keyring, now: number) => Promise<KeyChange<T>>,
): Promise<KeyChanged<T>> {
  return turnsOf(core.committer)(async () => {
    let made: { readonly change: KeyChange<T>; readonly row: KeysRow | null } | null = null;
    return core.committer.commit({
      sessions: [],
      prepare: async () => {
        made = null;
        made = await makeChange(core, change);
      },
      apply: (draft) => {
        if (made === null) throw new FareboxError('module/internal', { expected: 'a prepared change' });
        return applyChange(draft, made.change, made.row);
      },
    });
  });
}

async function makeChange<T>(
  core: KeyCore,
  change: (before: Keyring, now: number) => Promise<KeyChange<T>>,
): Promise<{ readonly change: KeyChange<T>; readonly row: KeysRow | null }> {
  const before = await readKeyring(core);
  let after: Keyring | null = null;
  try {
    const changed = await change(before, core.clock.now());
    after = changed.after;
    return { change: changed, row: after === before ? null : await sealKeyring(core, after) };
  } finally {
    wipeKeyring(before);
    if (after !== null) wipeKeyring(after);
  }
}

function applyChange<T>(draft: CommitDraft, { answer, entries }: KeyChange<T>, row: KeysRow | null): KeyChanged<T> {
  const identity = draft.meta('identity');
  if (identity === null || identity.certificate === null || identity.pending !== null) {
    throw new FareboxError('enrolment/needed');
  }
  for (const entry of entries ?? []) draft.append(entry);
  if (row !== null) draft.putMeta(row);
  const { moduleId, device, epoch, certificate } = identity;
  return { answer, place: draft.place(), moduleId, device, epoch, certificate };
}

async function sealKeyring({ keys, random }: KeyCore, keyring: Keyring): Promise<KeysRow> {
  const plaintext = encodeKeyring(keyring);
  try {
    const body = await sealBytes(keys.wrappingKey, PURPOSE, plaintext, random);
    return { name: 'keys', version: ROW_VERSION, ...body };
  } finally {
    plaintext.fill(0);
  }
}

// Two changes in one batch would both be made of the state before it, and the later would undo the earlier.
const turns = new WeakMap<Core['committer'], InTurn>();

function turnsOf(committer: Core['committer']): InTurn {
  const known = turns.get(committer) ?? makeInTurn();
  turns.set(committer, known);
  return known;
}

/** What is kept of a provider (id in hex). @throws FareboxError `keys/unknown-unit` where it has taken this module into no set. */
export function holderOf({ holders }: Keyring, provider: string): KeySlots {
  const found = holders.find((holder) => holder.transport.provider === provider);
  if (found === undefined) throw new FareboxError('keys/unknown-unit');
  return found;
}

/** The keyring with this holder in place of the one of the same provider, or beside the others. @throws FareboxError `keys/unknown-slot` for one provider too many. */
export function withHolder(keyring: Keyring, holder: KeySlots): Keyring {
  const { provider } = holder.transport;
  const others = keyring.holders.filter(({ transport }) => transport.provider !== provider);
  if (others.length >= MODULE_LIMITS.keyHolders) throw new FareboxError('keys/unknown-slot', { provider });
  const holders = [...others, holder].sort((left, right) =>
    left.transport.provider < right.transport.provider ? -1 : 1,
  );
  return { ...keyring, holders };
}

/** A holder with key bytes of its own, for an answer; whoever has it overwrites it (`wipeHolder`). */
export function copyHolder(holder: KeySlots): KeySlots {
  const { transport, slots } = holder;
  return {
    ...holder,
    transport: { ...transport, transportKey: Uint8Array.from(transport.transportKey) },
    slots: slots.map((slot) => ({ ...slot, applicationKey: Uint8Array.from(slot.applicationKey) })),
  };
}

/** Overwrites the keys of a holder. */
export function wipeHolder({ transport, slots }: KeySlots): void {
  transport.transportKey.fill(0);
  for (const { applicationKey } of slots) applicationKey.fill(0);
}

/** Overwrites every key of a keyring, and its PIN secret. */
export function wipeKeyring({ pinSecret, holders }: Keyring): void {
  pinSecret.fill(0);
  for (const holder of holders) wipeHolder(holder);
}

/** The keys as they are shown, by provider. @throws FareboxError `keys/altered`. */
export async function listKeys(core: Pick<Core, 'store' | 'keys' | 'random'>): Promise<readonly KeySetView[]> {
  const identity = await core.store.meta('identity');
  const keyring = await readKeyring(core);
  try {
    const epoch = identity === null || identity.pending !== null ? null : identity.epoch;
    return keyring.holders.map((holder) => viewHolder(holder, epoch));
  } finally {
    wipeKeyring(keyring);
  }
}
