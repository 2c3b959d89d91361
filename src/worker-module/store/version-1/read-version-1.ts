// Reads a whole database of version 1, once in its life. Called by the adapter for migrate-v1.ts. Whatever has not the shape that version 1
// wrote is `store/altered`: nothing is moved over that was not understood.

import { FareboxError } from '../../../protocol/errors.ts';
import { type Database, STORE_NAMES } from '../database.ts';
import {
  everyOf,
  fits,
  hasLength,
  isBytes,
  isCryptoKey,
  isId,
  isSealed,
  isText,
  isTime,
  isWhole,
  memberOf,
  oneOf,
  orNull,
  SEALED,
  type Shape,
} from '../shape.ts';
import {
  type HeaderRow1,
  type HeldRow1,
  type IdentityRow1,
  type PageRow1,
  type ReceiptRow1,
  type RecordKeyRow1,
  type SessionRow1,
  VERSION_1,
  type Version1Database,
} from './rows.ts';

const version = oneOf(VERSION_1);

const HEADER: Shape<HeaderRow1> = {
  ...{ name: oneOf('header'), version, revision: isWhole, counter: isWhole, head: hasLength(32) },
};
const RECORD_KEY: Shape<RecordKeyRow1> = { name: oneOf('record-key'), version, sealingKey: isCryptoKey };
const IDENTITY: Shape<IdentityRow1> = {
  ...{ name: oneOf('identity'), version, moduleId: isId, signingKey: isCryptoKey, signingPublicKey: hasLength(32) },
  ...{ openingKey: isCryptoKey, openingPublicKey: hasLength(32), enrolmentRequest: isBytes },
  certificate: orNull(isBytes),
};
const PAGE: Shape<PageRow1> = {
  ...{ firstCounter: isWhole, version, count: isWhole, previousHead: hasLength(32) },
  ...SEALED,
};
const SESSION: Shape<SessionRow1> = {
  ...{ session: isId, version, state: oneOf('open', 'closing', 'closed', 'accepted'), openedTime: isTime },
  ...{ openedCounter: isWhole, programme: isBytes, grant: isBytes, providerCertificate: isBytes },
  ...{ terms: isSealed, progress: isSealed, secrets: orNull(isSealed), secretsKey: orNull(isCryptoKey) },
};
const HELD: Shape<HeldRow1> = {
  ...{ session: isId, pageCounter: isWhole, version, frameNames: everyOf(isText) },
  ...SEALED,
};
const RECEIPT: Shape<ReceiptRow1> = {
  ...{ session: isId, version, closedTime: isTime, receipt: isBytes, certificate: isBytes },
  acknowledgement: orNull(isBytes),
};

/** Everything, in one reading transaction; null where nothing of version 1 is stored. @throws FareboxError `store/altered`. */
export async function readVersion1(database: Database): Promise<Version1Database | null> {
  const transaction = database.transaction(STORE_NAMES, 'readonly');
  const meta = transaction.objectStore('meta');
  const header = await meta.get('header');
  if (memberOf(header, 'version') !== VERSION_1) return null;
  const [recordKey, identity, pages, sessions, held, receipts] = await Promise.all([
    meta.get('record-key'),
    meta.get('identity'),
    transaction.objectStore('pages').getAll(),
    transaction.objectStore('sessions').getAll(),
    transaction.objectStore('held').getAll(),
    transaction.objectStore('receipts').getAll(),
  ]);
  return {
    header: expect('header', header, HEADER),
    recordKey: recordKey === undefined ? null : expect('record-key', recordKey, RECORD_KEY),
    identity: identity === undefined ? null : expect('identity', identity, IDENTITY),
    pages: pages.map((row) => expect('pages', row, PAGE)),
    sessions: sessions.map((row) => expect('sessions', row, SESSION)),
    held: held.map((row) => expect('held', row, HELD)),
    receipts: receipts.map((row) => expect('receipts', row, RECEIPT)),
  };
}

function expect<Row>(kind: string, row: unknown, shape: Shape<Row>): Row {
  if (!fits(row, shape)) throw new FareboxError('store/altered', { row: kind });
  return row;
}
