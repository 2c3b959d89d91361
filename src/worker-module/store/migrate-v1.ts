// The data step from version 1 to 2. Called at open, under the record lock, before anything else is read. Everything that version 1 sealed with
// keys of its own is sealed anew under keys made from a root key, and written in ONE commit: cut anywhere, the old database is whole and the
// next start does it again. Nothing is moved over that does not open and fit: the chain is checked entry by entry on the way.

import { equalBytes } from '../../protocol/bytes.ts';
import { type CborKey, type CborValue, decodeCbor, encodeCbor } from '../../protocol/cbor.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { RandomBytes, SessionId } from '../../protocol/ids.ts';
import type { ModuleKeys } from '../core.ts';
import { type CheckpointReading, type CheckpointSlots, readCheckpoint } from './checkpoint.ts';
import { nextGeneration } from './generation.ts';
import type { RecordStore, StoreCommit } from './record-store.ts';
import { expectMeta, expectRow } from './row-shapes.ts';
import {
  type HeldRow,
  type IdentityRow,
  type PageRow,
  type ReceiptRow,
  ROW_VERSION,
  type SealedBytes,
  type SessionRow,
  type VaultRow,
} from './rows.ts';
import { importSealingKey, openBytes, type SealPurpose, sealBytes } from './sealing.ts';
import { sessionOperation } from './session-operation.ts';
import { openCheckpoint1 } from './version-1/checkpoint.ts';
import { openRecord1, type ShownFrames } from './version-1/open-record.ts';
import {
  type HeldRow1,
  type IdentityRow1,
  type ReceiptRow1,
  type SessionRow1,
  VERSION_1,
  type Version1Database,
} from './version-1/rows.ts';

/** What the migration needs. The two makers of keys are those of keys/root.ts: this folder knows no keys but those it is given. */
export type Migration = {
  readonly store: RecordStore;
  readonly slots: CheckpointSlots;
  readonly random: RandomBytes;
  /** A new root key, 32 bytes. */
  readonly makeRootKey: (random: RandomBytes) => Uint8Array;
  readonly deriveModuleKeys: (rootKey: Uint8Array) => Promise<ModuleKeys>;
};

/** Secrets keys and page resealings in flight at once: bounds the memory, and keeps the threads of WebCrypto busy. */
const BATCH = 256;
const SECRETS_KEY_BYTES = 32;
const DEVICE_BYTES = 16;

/**
 * Brings a database of version 1 to version 2; durable on return. False, and nothing done, where there is nothing of version 1.
 * @throws FareboxError `store/altered` where a row does not open or the chain is broken, `store/wiped` where the checkpoint says that more was
 * written or that this database was migrated before; nothing is written then.
 */
export async function migrateVersion1(migration: Migration): Promise<boolean> {
  const { store, slots } = migration;
  const earlier = await store.version1();
  if (earlier === null) return false;
  const reading = await readCheckpoint(slots);
  const rootKey = migration.makeRootKey(migration.random);
  try {
    const commit = await makeCommit(earlier, reading, rootKey, migration);
    if ((await store.commit(commit)) === 'moved') throw new FareboxError('store/conflict');
  } finally {
    rootKey.fill(0);
  }
  return true;
}

async function makeCommit(
  earlier: Version1Database,
  reading: CheckpointReading,
  rootKey: Uint8Array,
  migration: Migration,
): Promise<StoreCommit> {
  const { random } = migration;
  const { header, recordKey } = earlier;
  if (recordKey === null) throw new FareboxError('store/altered', { row: 'record-key' });
  const record = await openRecord1(earlier, recordKey.sealingKey);
  await judgeCheckpoint(reading, header.counter, recordKey.sealingKey, record.headAt);
  const keys = await migration.deriveModuleKeys(rootKey);
  const sessions = await inBatches(earlier.sessions, (row) =>
    moveSession(row, { recordKey: recordKey.sealingKey, keys, random, shown: record.shown.get(row.session) ?? null }),
  );
  const secretsKeys = new Map(sessions.map(({ row, secretsKeys }) => [row.session, secretsKeys]));
  const vault: VaultRow = {
    ...{ name: 'vault', version: ROW_VERSION },
    slots: [{ kind: 'device', rootKey }],
  };
  return {
    expectedRevision: header.revision,
    reset: true,
    header: expectMeta('header', {
      ...{ name: 'header', version: ROW_VERSION, revision: nextGeneration(header.revision, random) },
      ...{ counter: header.counter, head: header.head },
    }),
    meta: earlier.identity === null ? [vault] : [vault, moveIdentity(earlier.identity)],
    removedMeta: [],
    pages: await inBatches(record.pages, async ({ page, clear }): Promise<PageRow> => {
      const { firstCounter, count, previousHead } = page;
      const purpose: SealPurpose = ['farebox/page', ROW_VERSION, firstCounter, count, previousHead];
      const body = await sealBytes(keys.recordKey, purpose, clear, random);
      return expectRow('pages', { firstCounter, count, previousHead, version: ROW_VERSION, ...body });
    }),
    sessions: sessions.map(({ row }) => row),
    held: (await inBatches(earlier.held, (row) => moveHeld(row, secretsKeys.get(row.session) ?? null, random))).flatMap(
      (row) => row ?? [],
    ),
    releasedSessions: [],
    receipts: earlier.receipts.map(moveReceipt),
    operations: sessions.map(({ row, changedTime }) => sessionOperation(row.session, row.state, changedTime)),
  };
}

/** A slot of version 2 beside rows of version 1: they were wound back to before their own migration. */
async function judgeCheckpoint(
  reading: CheckpointReading,
  counter: number,
  recordKey: CryptoKey,
  headAt: (counter: number) => Uint8Array | null,
): Promise<void> {
  if (reading.state !== 'found') return;
  const { newest } = reading;
  if (newest.version !== VERSION_1 || newest.counter > counter) throw new FareboxError('store/wiped');
  const head = await openCheckpoint1(newest, recordKey);
  if (!equalBytes(head, headAt(newest.counter) ?? new Uint8Array())) throw new FareboxError('store/wiped');
}

function moveIdentity(row: IdentityRow1): IdentityRow {
  const { moduleId, signingPublicKey, openingPublicKey, enrolmentRequest, certificate, signingKey, openingKey } = row;
  return expectMeta('identity', {
    ...{ name: 'identity', version: ROW_VERSION, moduleId, signingPublicKey, openingPublicKey },
    ...{ enrolmentRequest, certificate, pending: null },
    ...{ device: new Uint8Array(DEVICE_BYTES), epoch: 0, keys: { kind: 'bound', signingKey, openingKey } },
  });
}

/** A session's secrets key before and after. */
type SecretsKeys = { readonly earlier: CryptoKey; readonly present: CryptoKey };
type MovedSession = {
  readonly row: SessionRow;
  readonly secretsKeys: SecretsKeys | null;
  readonly changedTime: number;
};

async function moveSession(
  row: SessionRow1,
  by: {
    readonly recordKey: CryptoKey;
    readonly keys: ModuleKeys;
    readonly random: RandomBytes;
    readonly shown: ShownFrames | null;
  },
): Promise<MovedSession> {
  const { session } = row;
  const { random, recordKey } = by;
  const reseal = async (part: string, sealed: SealedBytes, from: CryptoKey, to: CryptoKey, change = same) => {
    const clear = await openBytes(from, sessionPurpose(VERSION_1, part, session), sealed);
    return sealBytes(to, sessionPurpose(ROW_VERSION, part, session), change(clear), random);
  };
  const secretsKeyBytes = random(SECRETS_KEY_BYTES);
  const secretsKeys = row.secretsKey && {
    earlier: row.secretsKey,
    present: await importSealingKey(secretsKeyBytes),
  };
  const purpose = sessionPurpose(ROW_VERSION, 'secrets-key', session);
  const [terms, progress, secrets, secretsKey] = await Promise.all([
    reseal('terms', row.terms, recordKey, by.keys.recordKey),
    reseal('progress', row.progress, recordKey, by.keys.recordKey, (clear) => completeProgress(clear, by.shown)),
    secretsKeys && row.secrets && reseal('secrets', row.secrets, secretsKeys.earlier, secretsKeys.present),
    secretsKeys && sealBytes(by.keys.wrappingKey, purpose, secretsKeyBytes, random),
  ]);
  secretsKeyBytes.fill(0);
  const moved = expectRow('sessions', { ...row, version: ROW_VERSION, terms, progress, secrets, secretsKey });
  return { row: moved, secretsKeys, changedTime: by.shown?.lastTime ?? row.openedTime };
}

/** Version 1 kept no sums of what was shown: a receipt took them from the record, as this does. */
function completeProgress(clear: Uint8Array, shown: ShownFrames | null): Uint8Array {
  const members = decodeCbor(clear);
  if (!(members instanceof Map)) throw new FareboxError('store/altered', { row: 'sessions' });
  const frames = shown?.count ?? 0;
  if (members.get('count') !== frames) throw new FareboxError('store/altered', { row: 'sessions' });
  return encodeCbor(
    new Map<CborKey, CborValue>([
      ...members,
      ['rungs', shown?.rungs ?? new Map()],
      ['firstTime', shown?.firstTime ?? 0],
      ['lastTime', shown?.lastTime ?? 0],
    ]),
  );
}

/** Null for leaves of a session that has ended: they cannot be opened any more, and were to be erased. */
async function moveHeld(row: HeldRow1, keys: SecretsKeys | null, random: RandomBytes): Promise<HeldRow | null> {
  if (keys === null) return null;
  const purposeOf = (version: number): SealPurpose => ['farebox/held', version, row.session, row.pageCounter];
  const clear = await openBytes(keys.earlier, purposeOf(VERSION_1), row);
  const body = await sealBytes(keys.present, purposeOf(ROW_VERSION), clear, random);
  return expectRow('held', { ...row, version: ROW_VERSION, ...body });
}

function moveReceipt(row: ReceiptRow1): ReceiptRow {
  return expectRow('receipts', { ...row, version: ROW_VERSION });
}

function sessionPurpose(version: number, part: string, session: SessionId): SealPurpose {
  return ['farebox/session', version, part, session];
}

function same(clear: Uint8Array): Uint8Array {
  return clear;
}

async function inBatches<Item, Made>(
  items: readonly Item[],
  make: (item: Item) => Promise<Made>,
): Promise<readonly Made[]> {
  const made: Made[] = [];
  for (let at = 0; at < items.length; at += BATCH) {
    made.push(...(await Promise.all(items.slice(at, at + BATCH).map(make))));
  }
  return made;
}
