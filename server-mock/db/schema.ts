// The provider's tables. Money is bigint minor units (ten-thousandths of the currency's unit), times are milliseconds
// since 1970, protocol objects are kept as the exact bytes that were signed. Migrations are made from this file:
// `npx drizzle-kit generate --config server-mock/db/drizzle.config.ts`.

import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, jsonb, pgTable, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import type { OutputMode } from '../../src/protocol/programme.ts';
import type { FrameRange } from '../../src/protocol/ranges.ts';
import { bytes, counter, epoch, minor, time } from './columns.ts';

/** Programmes on sale. `wrappedSeed` is opened only to make a grant. */
export const programmes = pgTable('programmes', {
  id: text('id').primaryKey(),
  title: text('title').notNull(),
  programmeBytes: bytes('programme_bytes').notNull(),
  programmeHash: text('programme_hash').notNull(),
  manifestHash: text('manifest_hash').notNull(),
  posterHash: text('poster_hash').notNull(),
  sequence: text('sequence', { enum: ['tree', 'hkdf'] }).notNull(),
  wrappedSeed: bytes('wrapped_seed').notNull(),
  frameCount: integer('frame_count').notNull(),
  frameDurationMs: integer('frame_duration_ms').notNull(),
  durationMs: bigint('duration_ms', { mode: 'number' }).notNull(),
  currency: text('currency').notNull(),
  priceMinor: integer('price_minor').notNull(),
  rungs: jsonb('rungs').$type<string[]>().notNull(),
  /** Ways out of the module; what was published before there were others is for the display alone. */
  modes: jsonb('modes').$type<OutputMode[]>().notNull().default(['display']),
  /** For how long it may be kept and watched with no line, ms; null where it may not. */
  offlineMs: bigint('offline_ms', { mode: 'number' }),
  publishedTime: time('published_time').notNull(),
});

/** Which content files a programme needs; a file no programme needs is deleted with the last one. */
export const programmeFiles = pgTable(
  'programme_files',
  {
    programmeId: text('programme_id')
      .notNull()
      .references(() => programmes.id, { onDelete: 'cascade' }),
    hash: text('hash').notNull(),
    sizeBytes: bigint('size_bytes', { mode: 'number' }).notNull(),
    /** The last frame of a live programme that needs it, see live/clear-windows.ts; null for what the programme needs to its end. */
    frame: integer('frame'),
  },
  (table) => [
    primaryKey({ columns: [table.programmeId, table.hash] }),
    index('programme_files_hash').on(table.hash),
    index('programme_files_frame').on(table.programmeId, table.frame),
  ],
);

/** Live programmes: how far each one is. `reservedTo`: frames that somebody may have sealed already, so that no key ever meets two plaintexts. */
export const liveProgrammes = pgTable('live_programmes', {
  programmeId: text('programme_id')
    .primaryKey()
    .references(() => programmes.id, { onDelete: 'cascade' }),
  startTime: time('start_time').notNull(),
  windowFrames: integer('window_frames').notNull(),
  reservedTo: integer('reserved_to').notNull().default(0),
  /** Frames that are out. */
  edge: integer('edge').notNull().default(0),
  /** Number of the update that comes next. */
  nextNumber: integer('next_number').notNull().default(0),
  ended: boolean('ended').notNull().default(false),
});

/** Every live update as it was signed. */
export const liveUpdates = pgTable(
  'live_updates',
  {
    programmeId: text('programme_id')
      .notNull()
      .references(() => programmes.id, { onDelete: 'cascade' }),
    number: integer('number').notNull(),
    update: bytes('live_update').notNull(),
  },
  (table) => [primaryKey({ columns: [table.programmeId, table.number] })],
);

/** Strokes of boards as they were accepted, before they are published: their clear bytes sealed under the storage key, see publisher/board/. */
export const boardStrokes = pgTable(
  'board_strokes',
  {
    programmeId: text('programme_id')
      .notNull()
      .references(() => programmes.id, { onDelete: 'cascade' }),
    number: integer('number').notNull(),
    strokeHash: text('stroke_hash').notNull(),
    wrappedStroke: bytes('wrapped_stroke').notNull(),
    /** Milliseconds since the board's start. */
    beganMs: bigint('began_ms', { mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.programmeId, table.number] })],
);

/** Enrolled modules with their newest certificate, their present epoch, and where their record stood when last met in it. */
export const modules = pgTable('modules', {
  id: text('id').primaryKey(),
  publicKey: bytes('public_key').notNull(),
  sealingKey: bytes('sealing_key').notNull(),
  certificate: bytes('certificate').notNull(),
  certificateExpires: time('certificate_expires').notNull(),
  enrolledTime: time('enrolled_time').notNull(),
  epoch: epoch('epoch').notNull(),
  /** 16 bytes; zeros in epoch 0. */
  device: bytes('device').notNull(),
  /** When the present epoch began: older ones are over since. */
  epochTime: time('epoch_time').notNull(),
  /** Highest counter that any accepted contact of the present epoch has shown, and the head beside it; 0 and zeros before the first. */
  lastCounter: counter('last_counter').notNull(),
  lastHead: bytes('last_head').notNull(),
  /** COSE bytes of the response that showed them: one half of the proof, should another copy show another head there. */
  lastContact: bytes('last_contact'),
  /** When any contact was last accepted. */
  lastContactTime: time('last_contact_time'),
});

/** Epochs that are over, as they were left. */
export const pastEpochs = pgTable(
  'past_epochs',
  {
    moduleId: text('module_id')
      .notNull()
      .references(() => modules.id),
    epoch: epoch('epoch').notNull(),
    device: bytes('device').notNull(),
    beganTime: time('began_time').notNull(),
    endedTime: time('ended_time').notNull(),
    lastCounter: counter('last_counter').notNull(),
    lastHead: bytes('last_head').notNull(),
  },
  (table) => [primaryKey({ columns: [table.moduleId, table.epoch] })],
);

/**
 * What shows that a module has a copy: signed bytes that were refused, and what was expected in their place. Written in a
 * transaction of its own; bounded for each module (limits.ts).
 */
export const alarms = pgTable(
  'alarms',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    moduleId: text('module_id')
      .notNull()
      .references(() => modules.id),
    /** Epoch of the signed bytes. */
    epoch: epoch('epoch').notNull(),
    kind: text('kind', { enum: ['regress', 'fork', 'superseded'] }).notNull(),
    source: text('source', { enum: ['contact', 'receipt'] }).notNull(),
    /** COSE bytes of the response or receipt that was refused, their SHA-256 in hex, and the certificate beside them. */
    evidence: bytes('evidence').notNull(),
    evidenceHash: text('evidence_hash').notNull(),
    certificate: bytes('certificate').notNull(),
    shownCounter: counter('shown_counter').notNull(),
    shownHead: bytes('shown_head').notNull(),
    /** Null where the epoch alone decided, and where only a counter was expected. */
    expectedCounter: counter('expected_counter'),
    expectedHead: bytes('expected_head'),
    /** COSE bytes by which the same key had shown the expected head, where they are still known. */
    expectedEvidence: bytes('expected_evidence'),
    time: time('time').notNull(),
  },
  (table) => [unique('alarms_once').on(table.moduleId, table.evidenceHash)],
);

/** Sealed backups that modules keep here; nobody here can open one. */
export const backups = pgTable(
  'backups',
  {
    /** 32 hex digits, made from the recovery words or from a passkey. */
    locator: text('locator').primaryKey(),
    moduleId: text('module_id')
      .notNull()
      .references(() => modules.id),
    backup: bytes('backup').notNull(),
    keptTime: time('kept_time').notNull(),
  },
  (table) => [index('backups_module').on(table.moduleId)],
);

/** Subjects no longer trusted, modules and providers alike. */
export const untrustedIds = pgTable('untrusted_ids', {
  id: text('id').primaryKey(),
  addedTime: time('added_time').notNull(),
});

/** Challenges this provider issued, and what it then expected of whom; one is used at most once. */
export const challenges = pgTable(
  'challenges',
  {
    challenge: text('challenge').primaryKey(),
    /** Who asked, as they said; null where nobody was named. */
    moduleId: text('module_id'),
    /** The module's present epoch when it was issued; null where it was not known. */
    epoch: epoch('epoch'),
    /** Where the module's record stood when last met in that epoch; 0 and zeros where it was not met. */
    expectedCounter: counter('expected_counter').notNull(),
    expectedHead: bytes('expected_head').notNull(),
    issuedTime: time('issued_time').notNull(),
    expiresTime: time('expires_time').notNull(),
    usedTime: time('used_time'),
  },
  (table) => [index('challenges_expires').on(table.expiresTime)],
);

/** Grants given. `granted` until the receipt is accepted, then `settled`. */
export const sessions = pgTable(
  'sessions',
  {
    id: text('id').primaryKey(),
    moduleId: text('module_id')
      .notNull()
      .references(() => modules.id),
    programmeId: text('programme_id').notNull(),
    grantHash: text('grant_hash').notNull(),
    ranges: jsonb('ranges').$type<FrameRange[]>().notNull(),
    currency: text('currency').notNull(),
    priceMinor: integer('price_minor').notNull(),
    reservedMinor: minor('reserved_minor').notNull(),
    /** Epoch in which the module asked, and the counter of its record then: a receipt of that epoch can only show a higher one. */
    epoch: epoch('epoch').notNull(),
    openedCounter: counter('opened_counter').notNull(),
    createdTime: time('created_time').notNull(),
    expiresTime: time('expires_time').notNull(),
    state: text('state', { enum: ['granted', 'settled'] }).notNull(),
    /** COSE bytes of the contract that was made with the grant (docs/protocol.md §17), and the id under which its content is asked for: 32 hex digits. */
    contract: bytes('contract'),
    deliveryId: text('delivery_id').unique(),
  },
  (table) => [
    index('sessions_module').on(table.moduleId),
    index('sessions_programme').on(table.programmeId, table.createdTime),
  ],
);

/** Accepted receipts, one a session, with the exact answer each was given. */
export const receipts = pgTable(
  'receipts',
  {
    receiptHash: text('receipt_hash').primaryKey(),
    sessionId: text('session_id')
      .notNull()
      .unique()
      .references(() => sessions.id),
    moduleId: text('module_id')
      .notNull()
      .references(() => modules.id),
    receiptFile: bytes('receipt_file').notNull(),
    acknowledgement: bytes('acknowledgement').notNull(),
    sequenceNumber: bigint('sequence_number', { mode: 'bigint' }).notNull().unique(),
    frameCount: integer('frame_count').notNull(),
    amountMinor: minor('amount_minor').notNull(),
    epoch: epoch('epoch').notNull(),
    counter: counter('counter').notNull(),
    head: bytes('head').notNull(),
    acceptedTime: time('accepted_time').notNull(),
  },
  // Not unique: two copies of an epoch that is over may have ended two sessions at one place. receipts.ts judges by its name, `record/fork`.
  (table) => [index('receipts_module_epoch_counter').on(table.moduleId, table.epoch, table.counter)],
);

/** What was given out to whom: one request for a content file under a session's delivery id, or under one that no session has yet. */
export const deliveries = pgTable(
  'deliveries',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    deliveryId: text('delivery_id').notNull(),
    hash: text('hash').notNull(),
    status: integer('status').notNull(),
    askedBytes: bigint('asked_bytes', { mode: 'number' }).notNull(),
    sentBytes: bigint('sent_bytes', { mode: 'number' }).notNull(),
    startedTime: time('started_time').notNull(),
    ownMs: bigint('own_ms', { mode: 'number' }).notNull(),
    elapsedMs: bigint('elapsed_ms', { mode: 'number' }).notNull(),
    brokenOff: boolean('broken_off').notNull(),
  },
  (table) => [
    index('deliveries_delivery_hash').on(table.deliveryId, table.hash),
    index('deliveries_started').on(table.startedTime),
  ],
);

/** Answered claims, one a session, with the exact answer each was given. */
export const claims = pgTable(
  'claims',
  {
    claimHash: text('claim_hash').primaryKey(),
    sessionId: text('session_id')
      .notNull()
      .unique()
      .references(() => sessions.id),
    moduleId: text('module_id')
      .notNull()
      .references(() => modules.id),
    claim: bytes('claim').notNull(),
    answer: bytes('answer').notNull(),
    verdict: text('verdict', { enum: ['paid', 'part', 'refused'] }).notNull(),
    currency: text('currency').notNull(),
    amountMinor: minor('amount_minor').notNull(),
    answeredTime: time('answered_time').notNull(),
  },
  (table) => [index('claims_answered').on(table.answeredTime)],
);

/** Numbers this provider counts on by one, whichever process asks. */
export const numberSeries = pgTable('number_series', {
  name: text('name').primaryKey(),
  lastNumber: bigint('last_number', { mode: 'bigint' }).notNull(),
});

/** Ledger accounts. Only the account that issues credit may be below zero: it is what the provider has given away. */
export const accounts = pgTable(
  'accounts',
  {
    id: text('id').primaryKey(),
    currency: text('currency').notNull(),
    balanceMinor: minor('balance_minor').notNull(),
    mayBeNegative: boolean('may_be_negative').notNull(),
  },
  (table) => [check('accounts_not_below_zero', sql`${table.balanceMinor} >= 0 or ${table.mayBeNegative}`)],
);

/** Ledger lines: each moves one amount from one account to another, so every sum over accounts is zero. */
export const transfers = pgTable(
  'transfers',
  {
    id: bigint('id', { mode: 'bigint' }).primaryKey().generatedAlwaysAsIdentity(),
    kind: text('kind', { enum: ['starting-credit', 'reserve', 'settle', 'release', 'refund'] }).notNull(),
    /** Module or session the line is about; a kind happens to a reference once. */
    reference: text('reference').notNull(),
    fromAccount: text('from_account')
      .notNull()
      .references(() => accounts.id),
    toAccount: text('to_account')
      .notNull()
      .references(() => accounts.id),
    currency: text('currency').notNull(),
    amountMinor: minor('amount_minor').notNull(),
    time: time('time').notNull(),
  },
  (table) => [
    unique('transfers_once').on(table.kind, table.reference),
    check('transfers_positive', sql`${table.amountMinor} > 0`),
    check('transfers_two_accounts', sql`${table.fromAccount} <> ${table.toAccount}`),
  ],
);

/** Exact answers by operation: written in the transaction of the effect, kept for good. */
export const idempotentAnswers = pgTable('idempotent_answers', {
  /** SHA-256 of route and key. */
  operation: text('operation').primaryKey(),
  route: text('route').notNull(),
  bodyHash: text('body_hash').notNull(),
  answer: text('answer').notNull(),
  time: time('time').notNull(),
});

/** Counts of requests by client and window of time, shared by all processes. */
export const rateWindows = pgTable(
  'rate_windows',
  {
    client: text('client').notNull(),
    bucket: text('bucket').notNull(),
    windowStart: time('window_start').notNull(),
    requests: integer('requests').notNull(),
  },
  (table) => [primaryKey({ columns: [table.client, table.bucket] })],
);

/** The agency's certificate for this provider, made anew when half its life is over. */
export const providerCertificates = pgTable('provider_certificates', {
  providerId: text('provider_id').primaryKey(),
  certificate: bytes('certificate').notNull(),
  expiresTime: time('expires_time').notNull(),
});
