// What is read from the database is foreign: a person with developer tools, a bad disk or another build may have written it. Every row is held
// against the shape of its kind here before anyone believes it. What is inside a seal is checked where it is opened.

import { FareboxError, isErrorCode } from '../../protocol/errors.ts';
import {
  type HeldRow,
  type MetaName,
  type MetaRow,
  type OperationRow,
  type PageRow,
  type ReceiptRow,
  ROW_VERSION,
  type SessionRow,
} from './rows.ts';
import {
  type Check,
  everyOf,
  fits,
  hasLength,
  isBytes,
  isCryptoKey,
  isFlag,
  isId,
  isSealed,
  isText,
  isTime,
  isWhole,
  memberOf,
  oneOf,
  orAbsent,
  orNull,
  SEALED,
  type Shape,
  shaped,
} from './shape.ts';
import { isVaultSlot } from './vault-codec.ts';
import { VERSION_1 } from './version-1/rows.ts';

const isVersion: Check = (value) => value === ROW_VERSION;

const isIdentityKeys: Check = (value) =>
  shaped({ kind: oneOf('sealed'), ...SEALED })(value) ||
  shaped({ kind: oneOf('bound'), signingKey: isCryptoKey, openingKey: isCryptoKey })(value);

const isBackupPasskey: Check = (value) =>
  shaped({ credentialId: isBytes, nonce: hasLength(12), wrapped: hasLength(32), locator: hasLength(16) })(value);

const META: { readonly [Name in MetaName]: Shape<Extract<MetaRow, { name: Name }>> } = {
  header: {
    ...{ name: oneOf('header'), version: isVersion, revision: isWhole, counter: isWhole, head: hasLength(32) },
  },
  vault: { name: oneOf('vault'), version: isVersion, slots: everyOf(isVaultSlot) },
  identity: {
    ...{ name: oneOf('identity'), version: isVersion, moduleId: isId, device: hasLength(16), epoch: isWhole },
    ...{ signingPublicKey: hasLength(32), openingPublicKey: hasLength(32), keys: isIdentityKeys },
    ...{ enrolmentRequest: isBytes, certificate: orNull(isBytes) },
    pending: orNull(shaped({ device: hasLength(16), epoch: isWhole, enrolmentRequest: isBytes })),
  },
  settings: {
    ...{ name: oneOf('settings'), version: isVersion, idleLockMs: orNull(isWhole), allowanceMinor: isWhole },
    persistent: isFlag,
  },
  backup: {
    ...{ name: oneOf('backup'), version: isVersion, secret: isSealed, locator: hasLength(16), madeTime: isTime },
    passkeys: orAbsent(everyOf(isBackupPasskey)),
    verifiedTime: orNull(isTime),
  },
  standing: {
    ...{ name: oneOf('standing'), version: isVersion, standing: isBytes, providerCertificate: isBytes },
    acceptedTime: isTime,
  },
  restore: { name: oneOf('restore'), version: isVersion, ...SEALED },
  keys: { name: oneOf('keys'), version: isVersion, ...SEALED },
};

const PAGE: Shape<PageRow> = {
  ...{ firstCounter: isWhole, version: isVersion, count: isWhole, previousHead: hasLength(32) },
  ...SEALED,
};

const SESSION: Shape<SessionRow> = {
  ...{ session: isId, version: isVersion, state: oneOf('open', 'closing', 'closed', 'accepted', 'refused') },
  ...{ openedTime: isTime, openedCounter: isWhole, programme: isBytes, grant: isBytes, providerCertificate: isBytes },
  ...{ terms: isSealed, progress: isSealed, secrets: orNull(isSealed), secretsKey: orNull(isSealed) },
};

const HELD: Shape<HeldRow> = {
  ...{ session: isId, pageCounter: isWhole, version: isVersion, frameNames: everyOf(isText) },
  ...SEALED,
};

const RECEIPT: Shape<ReceiptRow> = {
  ...{ session: isId, version: isVersion, closedTime: isTime, receipt: isBytes, certificate: isBytes },
  acknowledgement: orNull(isBytes),
};

const OPERATION: Shape<OperationRow> = {
  ...{ name: isText, version: isVersion, kind: oneOf('session', 'enrolment', 'epoch', 'backup', 'restore') },
  status: oneOf('working', 'waiting', 'needs-you', 'done', 'failed'),
  ...{ code: orNull(isErrorCode), session: orNull(isId), changedTime: isTime },
};

/** Rows by the object store they lie in. */
export type RowOf = {
  readonly pages: PageRow;
  readonly sessions: SessionRow;
  readonly held: HeldRow;
  readonly receipts: ReceiptRow;
  readonly operations: OperationRow;
};

const SHAPES: { readonly [Kind in keyof RowOf]: Shape<RowOf[Kind]> } = {
  pages: PAGE,
  sessions: SESSION,
  held: HELD,
  receipts: RECEIPT,
  operations: OPERATION,
};

/**
 * A row of an object store as what it is.
 * @throws FareboxError `store/newer-version`, `store/refused` {reason: 'not-migrated'} for a row of version 1, `store/altered` for anything else.
 */
export function expectRow<Kind extends keyof RowOf>(kind: Kind, row: unknown): RowOf[Kind] {
  const shape: Shape<RowOf[Kind]> = SHAPES[kind];
  expectVersion(kind, row);
  if (!fits(row, shape)) throw new FareboxError('store/altered', { row: kind });
  return row;
}

/** The row of this name, as `expectRow`. */
export function expectMeta<Name extends MetaName>(name: Name, row: unknown): Extract<MetaRow, { name: Name }> {
  const shape: Shape<Extract<MetaRow, { name: Name }>> = META[name];
  expectVersion(name, row);
  if (!fits(row, shape)) throw new FareboxError('store/altered', { row: name });
  return row;
}

/** The revision of a stored header of any version up to this one; null where there is none, or none that can be read. */
export function readRevision(row: unknown): number | null {
  const revision = memberOf(row, 'revision');
  return isRevision(revision) ? revision : null;
}

function isRevision(value: unknown): value is number {
  return isWhole(value);
}

/** @throws FareboxError `store/newer-version`, `store/refused` {reason: 'not-migrated'}, `store/altered` for no version at all. */
export function expectVersion(kind: string, row: unknown): void {
  const version = memberOf(row, 'version');
  if (version === ROW_VERSION) return;
  if (version === VERSION_1) throw new FareboxError('store/refused', { reason: 'not-migrated' });
  const isNewer = typeof version === 'number' && Number.isSafeInteger(version) && version > ROW_VERSION;
  throw isNewer
    ? new FareboxError('store/newer-version', { version })
    : new FareboxError('store/altered', { row: kind });
}
