// The key unit's tables (docs/protocol.md §23, §24). No column holds a key, a PIN or a card in the clear. Migrations are made from this file
// and schema.ts.

import { bigint, boolean, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { SELECTION_RULES } from '../../src/protocol/derived-keys/rules.ts';
import { bytes, epoch, time } from './columns.ts';

/** Sets of the key unit (docs/protocol.md §23). `wrappedTransportKey` is opened only for a command. */
export const keySets = pgTable('key_sets', {
  /** 32 hex digits. */
  id: text('id').primaryKey(),
  name: text('name').notNull().unique(),
  wrappedTransportKey: bytes('wrapped_transport_key').notNull(),
  createdTime: time('created_time').notNull(),
  /** No key of a retired set is given out any more. */
  retiredTime: time('retired_time'),
  /** How many modules of no set it takes in by itself; null: none. */
  openSize: integer('open_size'),
  /** Policy of §24: both null until it is set. `masterReference` is REF1. */
  rule: text('rule', { enum: SELECTION_RULES }),
  masterReference: text('master_reference'),
  /** Goes up with every change that may change what is wanted of its units, in the transaction of that change. */
  changes: integer('changes').notNull().default(0),
});

/** Policy of §24: the series that an agreement of this set names. */
export const keyPolicySeries = pgTable(
  'key_policy_series',
  {
    setId: text('set_id')
      .notNull()
      .references(() => keySets.id),
    reference: text('reference').notNull(),
    /** Whether a PIN chooses it. */
    pin: boolean('pin').notNull(),
  },
  (table) => [primaryKey({ columns: [table.setId, table.reference] })],
);

/** Which unit is in which set: one at most. A unit may be named before it has enrolled. */
export const keyUnits = pgTable(
  'key_units',
  {
    unitId: text('unit_id').primaryKey(),
    setId: text('set_id')
      .notNull()
      .references(() => keySets.id),
    addedTime: time('added_time').notNull(),
    /** Its own rule in place of the set's. */
    rule: text('rule', { enum: SELECTION_RULES }),
    /** As of the set, for changes that are this unit's alone. */
    changes: integer('changes').notNull().default(0),
    /** It came out of a retired set and has not asked for the transport key of this one: what its slots say is of the old set. */
    transportDue: boolean('transport_due').notNull().default(false),
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

/** Derived keys that are over (§24): indexes of one version of a series, for the whole set (`unitId` empty) or for one unit. */
export const keyRetiredIndexes = pgTable(
  'key_retired_indexes',
  {
    setId: text('set_id')
      .notNull()
      .references(() => keySets.id),
    reference: text('reference').notNull(),
    version: integer('version').notNull(),
    unitId: text('unit_id').notNull(),
    index: integer('index').notNull(),
    retiredTime: time('retired_time').notNull(),
  },
  (table) => [primaryKey({ columns: [table.setId, table.reference, table.version, table.unitId, table.index] })],
);

/** Application keys that are over for one unit, and for no other of its set. */
export const keyUnitRetirements = pgTable(
  'key_unit_retirements',
  {
    unitId: text('unit_id').notNull(),
    reference: text('reference').notNull(),
    version: integer('version').notNull(),
    retiredTime: time('retired_time').notNull(),
  },
  (table) => [primaryKey({ columns: [table.unitId, table.reference, table.version] })],
);

/** Client information blocks (§24): the newest agreement with each module. */
export const clientBlocks = pgTable(
  'client_blocks',
  {
    moduleId: text('module_id').primaryKey(),
    setId: text('set_id')
      .notNull()
      .references(() => keySets.id),
    /** At most 2³² − 1. */
    number: bigint('number', { mode: 'number' }).notNull(),
    /** COSE bytes as they were given, and their hash. */
    agreement: bytes('agreement').notNull(),
    agreementHash: text('agreement_hash').notNull(),
    /** What was agreed, in the one way in which it is written: compared with what is wanted. */
    content: text('content').notNull(),
    /** The module's master key and series keys, in the order of `content`, wrapped. */
    wrappedKeys: bytes('wrapped_keys').notNull(),
    /** `changes` of set and unit when `content` was last found to be what is wanted. */
    setChanges: integer('set_changes').notNull(),
    unitChanges: integer('unit_changes').notNull(),
    /** Of the module when it was made. */
    epoch: epoch('epoch').notNull(),
    acceptedTime: time('accepted_time'),
    /** SHA-256 of the COSE bytes of the certificate that signed the acceptance, 64 hex digits. */
    certificateHash: text('certificate_hash'),
    /** The last count of the rule `counter` that fitted under this number. */
    count: bigint('count', { mode: 'number' }).notNull().default(0),
    /** The module has asked for its transport key since: this number is over for it, whatever is wanted. */
    renewalDue: boolean('renewal_due').notNull().default(false),
  },
  (table) => [index('client_blocks_set').on(table.setId)],
);

/** Wrong PINs of a module (§24), kept for a day. */
export const wrongPins = pgTable(
  'wrong_pins',
  { moduleId: text('module_id').notNull(), triedTime: time('tried_time').notNull() },
  (table) => [index('wrong_pins_module').on(table.moduleId, table.triedTime)],
);

/** Agreements that a module has had ended by asking for its transport key (§23), kept for a day. */
export const keyRenewals = pgTable(
  'key_renewals',
  { moduleId: text('module_id').notNull(), askedTime: time('asked_time').notNull() },
  (table) => [index('key_renewals_module').on(table.moduleId, table.askedTime)],
);

/** Cards that came by fig. 3 (§24): number and expiry are wrapped, the last four digits and the expiry shown. */
export const cards = pgTable('cards', {
  moduleId: text('module_id').primaryKey(),
  wrapped: bytes('wrapped').notNull(),
  last4: text('last4').notNull(),
  /** `YYYY-MM`. */
  expiry: text('expiry').notNull(),
  addedTime: time('added_time').notNull(),
});
