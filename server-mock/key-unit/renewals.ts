// Agreements that a module has ended itself (docs/protocol.md §23, §24): whoever asks for a transport key says that what was agreed does not serve any
// more, because the keys were lost or the counts ran apart. So many a day, since each costs a signature and a number.

import { and, desc, eq, gt } from 'drizzle-orm';
import { FareboxError } from '../../src/protocol/errors.ts';
import type { ModuleId } from '../../src/protocol/ids.ts';
import { clientBlocks, keyRenewals } from '../db/key-schema.ts';
import type { Queries } from '../db/open.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { Provider } from '../provider.ts';

/**
 * Ends the newest agreement of a module whose row the caller's transaction has locked; where there is none, or it is over so already, nothing is
 * changed and nothing counted. @throws FareboxError `keys/too-often`, with the time (ms since 1970) from which it may be asked again.
 */
export async function endAgreement(provider: Pick<Provider, 'clock'>, tx: Queries, module: ModuleId): Promise<void> {
  const [ended] = await tx
    .update(clientBlocks)
    .set({ renewalDue: true, acceptedTime: null, certificateHash: null })
    .where(and(eq(clientBlocks.moduleId, module), eq(clientBlocks.renewalDue, false)))
    .returning({ number: clientBlocks.number });
  if (ended === undefined) return;
  const now = provider.clock();
  const { keyRenewals: most, keyRenewalKeptMs: keptMs } = SERVER_LIMITS;
  const asked = await tx
    .select({ time: keyRenewals.askedTime })
    .from(keyRenewals)
    .where(and(eq(keyRenewals.moduleId, module), gt(keyRenewals.askedTime, now - keptMs)))
    .orderBy(desc(keyRenewals.askedTime))
    .limit(most);
  const oldest = asked[most - 1];
  // Thrown, so that the transaction takes back what was ended: the agreement goes on.
  if (oldest !== undefined) throw new FareboxError('keys/too-often', { untilTime: oldest.time + keptMs });
  await tx.insert(keyRenewals).values({ moduleId: module, askedTime: now });
}
