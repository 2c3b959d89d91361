// Sealed backups that modules keep with the provider (docs/protocol.md §15): one newest copy under a locator, which only the
// module that began it may replace. Whoever knows a locator may have the bytes, and nobody here can open them.

import { desc, eq, inArray } from 'drizzle-orm';
import { FareboxError } from '../../src/protocol/errors.ts';
import type { ModuleId } from '../../src/protocol/ids.ts';
import { contact } from '../contacts/contact.ts';
import type { ProvenModule } from '../contacts/prove.ts';
import type { Queries } from '../db/open.ts';
import { backups } from '../db/schema.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { Provider } from '../provider.ts';

/** The bytes of a backup as they came over HTTP, base64url. @throws FareboxError `request/malformed`, `backup/too-large`. */
export function decodeBackup(text: string): Uint8Array {
  // Megabytes: the runtime's own decoder, which skips what it does not know, so the text has to come out again.
  const bytes = Buffer.from(text, 'base64url');
  if (bytes.toString('base64url') !== text) throw new FareboxError('request/malformed', { expected: 'base64url' });
  if (bytes.length > SERVER_LIMITS.backupSizeBytes)
    throw new FareboxError('backup/too-large', { sizeBytes: bytes.length });
  return bytes;
}

/**
 * Keeps a backup in place of the one under the same locator.
 * @throws FareboxError what `contact` throws; `backup/other-module` where another module began this locator.
 */
export async function keepBackup(
  provider: Provider,
  tx: Queries,
  proven: ProvenModule,
  given: { readonly locator: string; readonly backup: Uint8Array },
): Promise<void> {
  const { id: moduleId } = await contact(provider, tx, proven);
  const kept = { backup: given.backup, keptTime: provider.clock() };
  const written = await tx
    .insert(backups)
    .values({ locator: given.locator, moduleId, ...kept })
    .onConflictDoUpdate({ target: backups.locator, set: kept, setWhere: eq(backups.moduleId, moduleId) })
    .returning({ locator: backups.locator });
  if (written.length === 0) throw new FareboxError('backup/other-module');
  await dropSurplus(tx, moduleId, given.locator);
}

/** Each new set of words is another locator, and each passkey one: the ones whose copy is oldest go. The contact has the module's row locked. */
async function dropSurplus(tx: Queries, module: ModuleId, written: string): Promise<void> {
  const rows = await tx
    .select({ locator: backups.locator })
    .from(backups)
    .where(eq(backups.moduleId, module))
    .orderBy(desc(backups.keptTime));
  const others = rows.map(({ locator }) => locator).filter((locator) => locator !== written);
  const surplus = others.slice(SERVER_LIMITS.backupsPerModule - 1);
  if (surplus.length > 0) await tx.delete(backups).where(inArray(backups.locator, surplus));
}

/** The newest backup under a locator. @throws FareboxError `backup/unknown`. */
export async function findBackup(queries: Queries, locator: string): Promise<Uint8Array> {
  const [found] = await queries.select({ backup: backups.backup }).from(backups).where(eq(backups.locator, locator));
  if (found === undefined) throw new FareboxError('backup/unknown');
  return found.backup;
}
