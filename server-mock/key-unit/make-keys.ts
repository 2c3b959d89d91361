// Sets and versions of application keys as the key unit makes them (docs/protocol.md §23): a transport key or material is drawn, wrapped at
// once, and cleared. Whoever calls holds the set's row, or makes it in the same transaction.

import { toHex } from '../../src/protocol/bytes.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import {
  KEY_LENGTH_BYTES,
  KEY_SET_LENGTH_BYTES,
  requireKeyPurpose,
} from '../../src/protocol/key-unit/application-key.ts';
import { decodeKeyReference } from '../../src/protocol/key-unit/references.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { applicationKeys, keySets } from '../db/key-schema.ts';
import type { Queries } from '../db/open.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { Provider } from '../provider.ts';
import { type ApplicationRow, newestVersions, noteChange, type SetRow } from './policy.ts';
import type { NewApplication } from './registry.ts';
import type { KeyWrap } from './wrap.ts';

/** What making a key needs. */
export type Maker = Pick<Provider, 'random' | 'clock'> & { readonly wrap: KeyWrap };

/**
 * A new set with a new transport key, null where there is one of this name already. `openSize`: how many modules it takes in by itself.
 * @throws FareboxError `keys/malformed` for what is no name or no size.
 */
export async function makeSet(
  { random, clock, wrap }: Maker,
  tx: Queries,
  name: string,
  openSize: number | null,
): Promise<SetRow | null> {
  decodeKeyReference(name);
  if (openSize !== null && !(Number.isInteger(openSize) && openSize >= 1 && openSize <= SERVER_LIMITS.openSetUnits))
    throw new FareboxError('keys/malformed', { openSize });
  const id = toHex(random(KEY_SET_LENGTH_BYTES));
  const transportKey = random(KEY_LENGTH_BYTES);
  const wrappedTransportKey = await wrap.seal({ set: id, slot: null }, transportKey);
  transportKey.fill(0);
  const row = { id, name, wrappedTransportKey, createdTime: clock(), openSize };
  const [written] = await tx.insert(keySets).values(row).onConflictDoNothing().returning();
  return written ?? null;
}

/** The next version of an application key, with new material. @throws FareboxError `keys/malformed`. */
export async function makeVersion(
  { random, clock, wrap }: Maker,
  tx: Queries,
  setId: string,
  { reference, kind, count: seriesCount }: NewApplication,
): Promise<ApplicationRow> {
  decodeKeyReference(reference);
  requireKeyPurpose({ kind, count: seriesCount });
  const newest = (await newestVersions(tx, setId, [reference])).get(reference);
  const version = 1 + (newest?.version ?? 0);
  if (version > LIMITS.keyVersions) throw new FareboxError('keys/malformed', { version });
  const material = random(KEY_LENGTH_BYTES);
  const wrappedMaterial = await wrap.seal({ set: setId, slot: { reference, version } }, material);
  material.fill(0);
  const times = { createdTime: clock(), retiredTime: null };
  const row = { setId, reference, version, kind, seriesCount, wrappedMaterial, ...times };
  await tx.insert(applicationKeys).values(row);
  await noteChange(tx, setId);
  return row;
}
