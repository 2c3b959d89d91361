// What a module has agreed with one provider (docs/protocol.md §24, MC-2, MC-6): which agreement it may take, and whether the one it has is
// in force. Values only, as key-slots.ts: one state in, the next one out, or thrown and nothing.

import type { AgreedSeries, SignedKeyAgreement } from '../../protocol/derived-keys/agreement.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { KeyKind } from '../../protocol/key-unit/application-key.ts';
import { encodeKeySlot, type KeySlot } from '../../protocol/key-unit/references.ts';
import { type AcceptedAgreement, type KeySlotState, type KeySlots, withEvent } from './key-slots.ts';

/**
 * Takes an agreement that was believed, in this epoch; the same one again changes nothing. The count of the rule `counter` begins anew with it.
 * Keys that it names have to be here in that version; those that a PIN chooses may come later. A slot whose PIN is not as agreed is emptied:
 * a key is not kept without the mask that it must have, nor under one that nobody asks for.
 * Errors: `keys/retired` for a lower number than was met, for another agreement of the same number, for one of an epoch that is over, and for one
 * that was signed before the transport key: a module that has lost its slots has lost the number with them. `keys/unknown-slot`.
 */
export function takeAgreement(
  before: KeySlots,
  given: { readonly agreement: SignedKeyAgreement; readonly epoch: number; readonly now: number },
): KeySlots {
  const { agreement, epoch, now } = given;
  const { number, rule, master, series, issuedAt, agreementHash } = agreement;
  const held = before.agreement;
  if (number === before.newest && held?.agreementHash === agreementHash && held.epoch === epoch) return before;
  if (number <= before.newest || issuedAt < before.transport.issuedAt)
    throw new FareboxError('keys/retired', { number });
  requireSlot(before.slots, master, 'master');
  for (const { slot, pin } of series) if (!pin) requireSlot(before.slots, slot, 'series');
  const accepted = { number, rule, master, series, issuedAt, acceptedTime: now, epoch, agreementHash };
  const slots = before.slots.filter((slot) => isMaskedAs(series, slot));
  const after = { ...before, slots, agreement: accepted, newest: number, count: 0 };
  return withEvent(after, { time: now, what: 'agreed', number });
}

function requireSlot(slots: readonly KeySlotState[], { reference, version }: KeySlot, kind: KeyKind): void {
  const held = slots.find((slot) => slot.reference === reference);
  if (held?.version !== version || held.kind !== kind) {
    throw new FareboxError('keys/unknown-slot', { slot: encodeKeySlot({ reference, version }) });
  }
}

function isMaskedAs(series: readonly AgreedSeries[], { reference, masked }: KeySlotState): boolean {
  const agreed = series.find(({ slot }) => slot.reference === reference);
  return agreed === undefined || agreed.pin === masked;
}

/** The agreement, where it is of the epoch that the module is in; null where there is none or it is over. */
export function agreementInForce({ agreement }: KeySlots, epoch: number): AcceptedAgreement | null {
  return agreement?.epoch === epoch ? agreement : null;
}
