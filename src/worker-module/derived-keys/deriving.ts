// Derived keys in the module (docs/protocol.md §24, MC-1, MC-2): which keys of a holder an agreement names, which series number is selected
// in each set, and the tags. A DK is in memory for one use and overwritten behind it; so is whatever was copied to make it.

import { answerToken, deriveDerivedKey } from '../../protocol/derived-keys/dea.ts';
import { drawIndex, indexOfCount, indexOfDay, liveIndexes, requireLive } from '../../protocol/derived-keys/rules.ts';
import { deriveSeriesNumber } from '../../protocol/derived-keys/series.ts';
import type { SignInTag } from '../../protocol/derived-keys/sign-in.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { RandomBytes } from '../../protocol/ids.ts';
import { encodeKeySlot, type KeySlot } from '../../protocol/key-unit/references.ts';
import type { AcceptedAgreement, KeySlotState, KeySlots } from '../keys/key-slots.ts';
import { agreementInForce } from '../keys/key-slots-agreement.ts';

/** A series key and the index that is selected in its set. Masked by a PIN until `unmask` of pin.ts. */
export type SelectedSeries = {
  readonly reference: string;
  readonly index: number;
  /** 32 bytes. */
  readonly seriesKey: Uint8Array;
};

/** Copies of what tags are made of; whoever has them overwrites them (`wipeDerivingKeys`). */
export type DerivingKeys = {
  /** Number of the agreement. */
  readonly agreement: number;
  /** True where the index goes with the tag. */
  readonly tellsIndex: boolean;
  /** MK, 32 bytes. */
  readonly masterKey: Uint8Array;
  /** By reference, ascending. */
  readonly series: readonly SelectedSeries[];
};

/** What selects an index: the provider's, the time in ms, the number of the contact, randomness. */
export type Selecting = {
  readonly index: number | null;
  readonly now: number;
  readonly count: number;
  readonly random: RandomBytes;
};

/** The agreement of this number, in force in this epoch. @throws FareboxError `keys/retired` where there is another one or none. */
export function expectAgreement(holder: KeySlots, epoch: number, number: number): AcceptedAgreement {
  const agreement = agreementInForce(holder, epoch);
  if (agreement?.number !== number) throw new FareboxError('keys/retired', { number });
  return agreement;
}

/**
 * Copies MK and the series keys that the agreement names: those that a PIN chooses (of them the ones that have a PIN by now), or those that none
 * does (all of them), with the index of each.
 * @throws FareboxError `keys/retired` where a slot has another version by now or a set has no index left, `keys/pin` where no PIN was chosen yet,
 * `keys/unknown-slot` where every set is chosen by a PIN, `keys/refused` for an index that is none.
 */
export function copyDerivingKeys(
  holder: KeySlots,
  agreement: AcceptedAgreement,
  wanted: { readonly byPin: boolean; readonly selecting: Selecting },
): DerivingKeys {
  const { byPin, selecting } = wanted;
  const named = agreement.series.filter(({ pin }) => pin === byPin);
  const held = named.flatMap(({ slot, retired }) => {
    const state = heldIn(holder, slot);
    if (state === null && !byPin) throw new FareboxError('keys/retired', { slot: encodeKeySlot(slot) });
    return state === null || state.masked !== byPin ? [] : [{ state, retired }];
  });
  if (held.length === 0) throw new FareboxError(byPin ? 'keys/pin' : 'keys/unknown-slot');
  const selected = held.map(({ state, retired }) => ({
    state,
    index: selectIndex(agreement, state, retired, selecting),
  }));
  const master = heldIn(holder, agreement.master);
  if (master === null) throw new FareboxError('keys/retired', { slot: encodeKeySlot(agreement.master) });
  return {
    agreement: agreement.number,
    tellsIndex: agreement.rule === 'client',
    masterKey: Uint8Array.from(master.applicationKey),
    series: selected
      .map(({ state, index }) => ({
        ...{ reference: state.reference, index },
        seriesKey: Uint8Array.from(state.applicationKey),
      }))
      .sort((left, right) => (left.reference < right.reference ? -1 : 1)),
  };
}

/** The slot, where it is filled in this version. */
function heldIn({ slots }: KeySlots, { reference, version }: KeySlot): KeySlotState | null {
  return slots.find((slot) => slot.reference === reference && slot.version === version) ?? null;
}

function selectIndex(
  { rule }: AcceptedAgreement,
  { count }: KeySlotState,
  retired: readonly number[],
  { index, now, count: contact, random }: Selecting,
): number {
  const live = liveIndexes(count, retired);
  switch (rule) {
    case 'client':
      return drawIndex(live, random);
    case 'server':
      return requireLive(live, index);
    case 'date':
      return indexOfDay(live, now);
    case 'counter':
      return indexOfCount(live, contact);
  }
}

/** Overwrites them. */
export function wipeDerivingKeys({ masterKey, series }: DerivingKeys): void {
  masterKey.fill(0);
  for (const { seriesKey } of series) seriesKey.fill(0);
}

/** DEA1 for one set; the DK is overwritten when `use` has returned. */
export function withDerivedKey<Result>(
  { agreement, masterKey }: DerivingKeys,
  { seriesKey, index }: SelectedSeries,
  use: (derivedKey: Uint8Array) => Result,
): Result {
  const seriesNumber = deriveSeriesNumber(seriesKey, index);
  const derivedKey = deriveDerivedKey(masterKey, agreement, seriesNumber);
  seriesNumber.fill(0);
  try {
    return use(derivedKey);
  } finally {
    derivedKey.fill(0);
  }
}

/** The tag of each set over the token (32 bytes) and this context: the same work, whatever is right. */
export function tagsOf(keys: DerivingKeys, token: Uint8Array, context: Uint8Array): readonly SignInTag[] {
  return keys.series.map((series) => ({
    reference: series.reference,
    index: keys.tellsIndex ? series.index : null,
    tag: withDerivedKey(keys, series, (derivedKey) => answerToken(derivedKey, token, context)),
  }));
}
