// The golden database of version 2, in a browser's database and in memory. For the tests of whatever reads it.

import { STORE_NAMES } from '../database.ts';
import { openIndexedDbStore } from '../indexed-db.ts';
import { expectMeta, expectRow } from '../row-shapes.ts';
import { withoutSum } from '../row-sum.ts';
import type { MetaName } from '../rows.ts';
import { memberOf } from '../shape.ts';
import { type Golden, readGolden } from './golden.ts';
import { type MemoryRows, makeMemoryRows } from './memory-store.ts';
import { putRaw } from './raw-database.ts';

const META_NAMES: readonly MetaName[] = [
  ...(['header', 'vault', 'identity', 'settings', 'backup', 'standing', 'restore', 'keys'] as const),
];

/** Writes the golden rows, as they are, into the browser's database, which must have none. */
export async function writeGolden2(golden: Golden): Promise<void> {
  (await openIndexedDbStore()).close();
  for (const name of STORE_NAMES) await putRaw(name, ...golden.list(`database.${name}`));
}

/** The same rows in memory. */
export function goldenRows2(golden: Golden): MemoryRows {
  const rows = makeMemoryRows();
  const list = (name: string) => golden.list(`database.${name}`).map(withoutSum);
  for (const row of list('meta')) {
    const name = META_NAMES.find((known) => known === memberOf(row, 'name'));
    if (name === undefined) throw new Error('a row that nobody knows');
    Object.assign(rows.meta, { [name]: expectMeta(name, row) });
  }
  for (const row of list('pages').map((page) => expectRow('pages', page))) rows.pages.set(row.firstCounter, row);
  for (const row of list('sessions').map((one) => expectRow('sessions', one))) rows.sessions.set(row.session, row);
  for (const row of list('held').map((one) => expectRow('held', one))) {
    rows.held.set(`${row.session}/${row.pageCounter}`, row);
  }
  for (const row of list('receipts').map((one) => expectRow('receipts', one))) rows.receipts.set(row.session, row);
  for (const row of list('operations').map((one) => expectRow('operations', one))) rows.operations.set(row.name, row);
  return rows;
}

/** The golden file. */
export function readGolden2(): Promise<Golden> {
  return readGolden('version-2');
}
