// The golden database of version 1, in a browser's database and in memory. For the tests of its migration.

import { deriveModuleKeys, makeRootKey } from '../../keys/root.ts';
import { randomBytes } from '../../testing/provider-side.ts';
import type { CheckpointSlots } from '../checkpoint.ts';
import { openIndexedDbStore } from '../indexed-db.ts';
import type { RecordStore } from '../record-store.ts';
import type { Version1Database } from '../version-1/rows.ts';
import { type Golden, goldenSlots, readGolden } from './golden.ts';
import { buildVersion1, closing, openRaw, writeRaw } from './raw-database.ts';

/** The golden database, as a browser holds it and as the adapter reads it. */
export type Golden1 = {
  readonly golden: Golden;
  readonly database: Version1Database;
  readonly slotBytes: readonly [Uint8Array | null, Uint8Array | null];
};

/** Writes the golden database into the browser's (which must have none) and reads it back. */
export async function loadGolden1(): Promise<Golden1> {
  const golden = await readGolden('version-1');
  await writeGolden1(golden);
  const store = await openIndexedDbStore();
  const database = await store.version1();
  store.close();
  if (database === null) throw new Error('the golden database is not of version 1');
  return { golden, database, slotBytes: goldenSlots(golden) };
}

/** Slots in memory. */
export function slotsOf(bytes: readonly [Uint8Array | null, Uint8Array | null]): CheckpointSlots {
  const slots = [...bytes];
  return {
    read: async () => [slots[0] ?? null, slots[1] ?? null],
    write: async (slot, content) => {
      slots[slot] = content;
    },
    remove: async () => void slots.fill(null),
  };
}

/** What migrating takes. */
export function migrationOf(store: RecordStore, slotBytes: Golden1['slotBytes']) {
  return { store, slots: slotsOf(slotBytes), random: randomBytes, makeRootKey, deriveModuleKeys };
}

async function writeGolden1(golden: Golden): Promise<void> {
  const raw = await openRaw(1, buildVersion1);
  const one = (name: string) => {
    const row = golden.value(`database.${name}`);
    return row === null ? [] : [row];
  };
  await writeRaw(raw, 'meta', [...one('header'), ...one('recordKey'), ...one('identity')]);
  for (const name of ['pages', 'sessions', 'held', 'receipts']) {
    await writeRaw(raw, name, golden.list(`database.${name}`));
  }
  await closing(raw);
}
