// P4, docs/protocol.md §9: closes a session, delivers its receipt with a contact, keeps the answer. The receipt is the same bytes for good
// and the provider answers it with the same, so each step may be cut anywhere and done again.

import { FareboxError } from '../../protocol/errors.ts';
import { type InContact, isRefusedCopy, type RelayParts } from './parts.ts';

/** A session that could not be settled, with why. */
export type SettleFailure = { readonly session: string; readonly error: FareboxError };

/** Settles one session. */
export async function settle(
  { module, provider }: Pick<RelayParts, 'module' | 'provider'>,
  inContact: InContact,
  session: string,
  signal: AbortSignal,
): Promise<void> {
  const { receiptFile } = await module.call('closeSession', { session });
  const sent = Uint8Array.from(receiptFile);
  const { acknowledgement } = await inContact(signal, (contact) =>
    provider.sendReceipt({ ...contact, receiptFile: sent }),
  );
  await module.call('acceptAcknowledgement', { session, acknowledgement });
}

/** Settles every closed session whose receipt was not answered yet. */
export async function settleAll(
  parts: Pick<RelayParts, 'module' | 'provider'>,
  inContact: InContact,
  signal: AbortSignal,
): Promise<readonly SettleFailure[]> {
  const unsettled = (await parts.module.call('receipts', {})).filter((receipt) => receipt.state === 'durable');
  const failures: SettleFailure[] = [];
  // One after another: a person comes back with a handful at most, and the provider counts them per terminal.
  for (const { session } of unsettled) {
    try {
      await settle(parts, inContact, session, signal);
    } catch (thrown) {
      if (!(thrown instanceof FareboxError)) throw thrown;
      failures.push({ session, error: thrown });
      // What refuses this copy refuses it for every receipt: they wait until the person has chosen.
      if (isRefusedCopy(thrown)) break;
    }
  }
  return failures;
}
