// Snapshots of this module: everything for a backup, what is not settled for a checkpoint. Called by the backup commands, and by the
// checkpointer while a programme plays. Reads only; the private keys in what it gives exist in the clear until it is sealed.

import { concatBytes } from '../../protocol/bytes.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { type ContentHash, hashObject } from '../../protocol/ids.ts';
import { encodeSnapshot, type Snapshot, type SnapshotReceipt, type SnapshotSession } from '../../protocol/snapshot.ts';
import type { Core } from '../core.ts';
import { exportIdentityKeys } from '../keys/identity.ts';
import { encodeProgressBytes, encodeTermsBytes, openSessionRow } from '../session/session-codec.ts';
import { settingsOf } from '../settings/settings.ts';
import { generationOf } from '../store/generation.ts';
import type { HeaderRow, IdentityRow, ReceiptRow, SessionRow } from '../store/rows.ts';
import { ifHolds } from './if-holds.ts';
import { inBatches } from './in-batches.ts';
import { type Papers, readAtRest, type SnapshotScope, type Waiting, waitingIn } from './papers.ts';
import { isOfAgency, makeReceiptVerifier, snapshotReceipt } from './verify-receipt.ts';

/** What a snapshot is read from. */
export type SnapshotCore = Pick<Core, 'store' | 'keys' | 'agencyKey' | 'suite'>;

/**
 * The module as one commit left it. `signingKey` and `openingKey` are empty for keys that no script can read.
 * @throws FareboxError `enrolment/needed` before there are keys, `store/wiped`, `store/altered`, `store/conflict` where the store never rests.
 */
export async function takeSnapshot(core: SnapshotCore, scope: SnapshotScope): Promise<Snapshot> {
  const { identity, header, papers } = await readAtRest(core.store, scope);
  if (identity === null) throw new FareboxError('enrolment/needed');
  return assemble(core, identity, header, papers);
}

/**
 * What a checkpointer writes: how many entries it stands for, and the clear bytes of the unsettled snapshot; none while the module has no
 * keys. Made once for each core. @throws FareboxError `store/replaced` once another store has taken this one's place: its checkpoint
 * must not be sealed under the keys of the old one. Else as `takeSnapshot`.
 */
export function makeCheckpointContent(
  core: SnapshotCore,
): () => Promise<{ readonly counter: number; readonly bytes: Uint8Array }> {
  let generation: number | null = null;
  let waiting: Waiting = new Map();
  const expectSameStore = (revision: number | null) => {
    if (revision === null) throw new FareboxError('store/wiped');
    generation ??= generationOf(revision);
    if (generation !== generationOf(revision)) throw new FareboxError('store/replaced');
  };
  return async () => {
    // Before everything is read, and of what was read.
    expectSameStore(await core.store.revision());
    const { identity, header, papers } = await readAtRest(core.store, 'unsettled', waiting);
    expectSameStore(header.revision);
    if (identity === null) return { counter: header.counter, bytes: new Uint8Array() };
    const snapshot = await assemble(core, identity, header, papers);
    const bytes = encodeSnapshot(snapshot);
    wipeKeys(snapshot);
    waiting = waitingIn(snapshot, papers.steady);
    return { counter: header.counter, bytes };
  };
}

/** Overwrites the private keys of a snapshot that has been sealed. */
export function wipeKeys({ signingKey, openingKey }: Pick<Snapshot, 'signingKey' | 'openingKey'>): void {
  signingKey.fill(0);
  openingKey.fill(0);
}

async function assemble(
  core: SnapshotCore,
  identity: IdentityRow,
  header: HeaderRow,
  papers: Papers,
): Promise<Snapshot> {
  const settings = settingsOf(await core.store.meta('settings'));
  const sessions = await inBatches(papers.sessions, (row) => snapshotSession(row, core.keys));
  const receipts = await believedReceipts(core, identity, papers.receipts, sessions);
  const privateKeys =
    identity.keys.kind === 'bound'
      ? { signingKey: new Uint8Array(), openingKey: new Uint8Array() }
      : await exportIdentityKeys(core, identity);
  return {
    module: identity.moduleId,
    ...privateKeys,
    signingPublicKey: identity.signingPublicKey,
    openingPublicKey: identity.openingPublicKey,
    device: identity.device,
    epoch: identity.epoch,
    // The newest request that may have left: a restore has to take an epoch after it, granted or not.
    enrolmentRequest: identity.pending?.enrolmentRequest ?? identity.enrolmentRequest,
    certificate: identity.certificate,
    counter: header.counter,
    head: header.head,
    settings: { idleLockMs: settings.idleLockMs, allowanceMinor: settings.allowanceMinor },
    sessions: [...sessions, ...papers.kept.map(({ session }) => session)],
    receipts: [...receipts, ...papers.kept.flatMap(({ receipt }) => receipt ?? [])],
  };
}

// Receipts whose signatures were checked: a checkpoint is made a few times a second, and a signature costs more than all the rest of it.
const believed = new WeakMap<Core['keys'], Set<ContentHash>>();

/** What is stored in the clear is believed by its signatures, so that nothing altered takes the place of a good copy. @throws FareboxError `store/altered`. */
async function believedReceipts(
  core: SnapshotCore,
  identity: IdentityRow,
  rows: readonly ReceiptRow[],
  sessions: readonly SnapshotSession[],
): Promise<readonly SnapshotReceipt[]> {
  const known = believed.get(core.keys) ?? new Set();
  believed.set(core.keys, known);
  const unknown = rows.filter((row) => !known.has(nameOf(row)));
  if (unknown.length > 0 && identity.certificate !== null && !(await isOfAgency(core, identity.certificate))) {
    return rows.map(snapshotReceipt);
  }
  const owners = new Map(sessions.map((session) => [session.session, session]));
  const verify = makeReceiptVerifier(core, identity.moduleId);
  return inBatches(rows, async (row) => {
    const name = nameOf(row);
    if (known.has(name)) return snapshotReceipt(row);
    const receipt = await ifHolds(() => verify(row, owners.get(row.session) ?? null));
    if (receipt === null || (receipt.acknowledgement === null) !== (row.acknowledgement === null)) {
      throw new FareboxError('store/altered', { row: 'receipt' });
    }
    known.add(name);
    return receipt;
  });
}

function nameOf({ receipt, certificate, acknowledgement }: ReceiptRow): ContentHash {
  return hashObject(concatBytes(receipt, certificate, acknowledgement ?? new Uint8Array()));
}

/**
 * A session row as a snapshot has it. Terms and progress are under seals that name the session; the signed objects in the clear beside them must be
 * those that the terms were read from. Tree and leaves are not even opened. @throws FareboxError `store/altered`.
 */
export async function snapshotSession(row: SessionRow, keys: Core['keys']): Promise<SnapshotSession> {
  const { terms, progress } = await openSessionRow({ ...row, secrets: null, secretsKey: null }, keys);
  if (hashObject(row.grant) !== terms.grantHash || hashObject(row.programme) !== terms.programmeHash) {
    throw new FareboxError('store/altered', { row: 'session' });
  }
  return {
    session: row.session,
    state: row.state,
    openedTime: row.openedTime,
    openedCounter: row.openedCounter,
    programme: row.programme,
    grant: row.grant,
    providerCertificate: row.providerCertificate,
    terms: encodeTermsBytes(terms),
    progress: encodeProgressBytes(progress),
  };
}
