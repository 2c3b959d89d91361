// The key unit's tables (docs/protocol.md §23). No column holds a key in the clear. Migrations are made from this file and schema.ts.

import { index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { bytes, time } from './columns.ts';

/** Sets of the key unit (docs/protocol.md §23). `wrappedTransportKey` is opened only for a command. */
export const keySets = pgTable('key_sets', {
  /** 32 hex digits. */
  id: text('id').primaryKey(),
  name: text('name').notNull().unique(),
  wrappedTransportKey: bytes('wrapped_transport_key').notNull(),
  createdTime: time('created_time').notNull(),
  /** No key of a retired set is given out any more. */
  retiredTime: time('retired_time'),
});

/** Which unit is in which set: one at most. A unit may be named before it has enrolled. */
export const keyUnits = pgTable(
  'key_units',
  {
    unitId: text('unit_id').primaryKey(),
    setId: text('set_id')
      .notNull()
      .references(() => keySets.id),
    addedTime: time('added_time').notNull(),
  },
  (table) => [index('key_units_set').on(table.setId)],
);

/** Application keys of the sets, each version with its own material. */
export const applicationKeys = pgTable(
  'application_keys',
  {
    setId: text('set_id')
      .notNull()
      .references(() => keySets.id),
    reference: text('reference').notNull(),
    version: integer('version').notNull(),
    kind: text('kind', { enum: ['key', 'master', 'series'] }).notNull(),
    /** Series numbers of a `series`, 0 of the others. */
    seriesCount: integer('series_count').notNull(),
    wrappedMaterial: bytes('wrapped_material').notNull(),
    createdTime: time('created_time').notNull(),
    retiredTime: time('retired_time'),
  },
  (table) => [primaryKey({ columns: [table.setId, table.reference, table.version] })],
);

/** The newest export of each key to each unit, and how many there were. */
export const keyExports = pgTable(
  'key_exports',
  {
    unitId: text('unit_id').notNull(),
    setId: text('set_id')
      .notNull()
      .references(() => keySets.id),
    reference: text('reference').notNull(),
    version: integer('version').notNull(),
    exports: integer('exports').notNull(),
    lastTime: time('last_time').notNull(),
  },
  (table) => [primaryKey({ columns: [table.unitId, table.reference] }), index('key_exports_set').on(table.setId)],
);
