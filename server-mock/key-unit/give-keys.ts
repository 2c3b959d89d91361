// What a module gets of the key unit over HTTP (docs/protocol.md §23): the transport key of its set, and EXPORTKEY for itself alone. Each is a
// contact (§5): SN is the module that proved itself, never what somebody says.

import { eq } from 'drizzle-orm';
import { fromHex } from '../../src/protocol/bytes.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { makeTransportKey } from '../../src/protocol/key-unit/transport-key.ts';
import { contact } from '../contacts/contact.ts';
import type { ProvenModule } from '../contacts/prove.ts';
import { keySets, keyUnits } from '../db/key-schema.ts';
import type { Queries } from '../db/open.ts';
import type { Provider } from '../provider.ts';
import { exportKeys } from './export-keys.ts';
import { joinOpenSet } from './open-sets.ts';
import type { ExportAnswer, ExportCommand } from './registry.ts';
import { endAgreement } from './renewals.ts';
import type { KeyWrap } from './wrap.ts';

/**
 * Hands a module the transport key of the set it is in, sealed to its certified key; one of no set joins an open set by asking. What was agreed
 * with the module before is over with it.
 * @returns COSE bytes. @throws FareboxError what `contact` throws; `keys/unknown-unit` for a module of no set while none is open, `keys/retired`
 * where its set is, `keys/too-often`.
 */
export async function giveTransportKey(
  provider: Provider,
  wrap: KeyWrap,
  tx: Queries,
  proven: ProvenModule,
): Promise<Uint8Array> {
  const { id } = await contact(provider, tx, proven);
  const [row] = await tx
    .select({ set: keySets, isDue: keyUnits.transportDue })
    .from(keyUnits)
    .innerJoin(keySets, eq(keySets.id, keyUnits.setId))
    .where(eq(keyUnits.unitId, id));
  const joined = row?.set ?? (await joinOpenSet({ ...provider, wrap }, tx, id));
  if (joined === null) throw new FareboxError('keys/unknown-unit');
  const { id: set, wrappedTransportKey, retiredTime } = joined;
  if (retiredTime !== null) throw new FareboxError('keys/retired');
  if (row?.isDue === true) await tx.update(keyUnits).set({ transportDue: false }).where(eq(keyUnits.unitId, id));
  await endAgreement(provider, tx, id);
  const transportKey = await wrap.open({ set, slot: null }, wrappedTransportKey);
  try {
    return await makeTransportKey({
      signer: provider.keys.provider,
      module: proven.certificate,
      transport: { set: fromHex(set), transportKey },
      issuedAt: provider.clock(),
    });
  } finally {
    transportKey.fill(0);
  }
}

/** EXPORTKEY for the module that asks, several keys in one contact; answers in the order of the requests. @throws FareboxError what `contact` throws. */
export async function giveKeys(
  provider: Provider,
  wrap: KeyWrap,
  tx: Queries,
  proven: ProvenModule,
  asked: readonly Omit<ExportCommand, 'unit'>[],
): Promise<readonly ExportAnswer[]> {
  const { id } = await contact(provider, tx, proven);
  const commands = asked.map((command) => ({ ...command, unit: id }));
  return exportKeys({ random: provider.random, clock: provider.clock, wrap }, tx, commands, null);
}
