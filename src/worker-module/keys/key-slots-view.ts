// The keys of one provider as the screens see them. Called by keyring.ts and by the commands; built field by field, with no byte of a key
// beyond the check value.

import { toHex } from '../../protocol/bytes.ts';
import { checkValueOf } from '../../protocol/key-unit/application-key.ts';
import type { KeySetView } from '../commands.ts';
import { type AcceptedAgreement, type KeySlots, listKeySlots } from './key-slots.ts';
import { agreementInForce } from './key-slots-agreement.ts';

/** As it is in this epoch; null while none is certified, when no agreement holds. */
export function viewHolder(holder: KeySlots, epoch: number | null): KeySetView {
  const { transport, count, history } = holder;
  const agreed = epoch === null ? null : agreementInForce(holder, epoch);
  return Object.freeze({
    provider: transport.provider,
    set: toHex(transport.set),
    transportCheckValue: toHex(checkValueOf(transport.transportKey)),
    agreement: agreed === null ? null : viewAgreement(agreed),
    count,
    slots: listKeySlots(holder),
    history: history.map((event) => ({ ...event })),
  });
}

function viewAgreement({ number, rule, series }: AcceptedAgreement): NonNullable<KeySetView['agreement']> {
  const pins = series.flatMap(({ slot: { reference, version }, pin }) => (pin ? [{ reference, version }] : []));
  return { number, rule, pins: pins.sort((left, right) => (left.reference < right.reference ? -1 : 1)) };
}
