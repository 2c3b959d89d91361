// Sessions as rows: seals what moves, opens it again. Called by the committer and by the readers of session/.
// Terms and progress are under the record key and outlive the session; tree and leaves are under the session's own key, which goes with it.

import { type CborValue, decodeCbor, encodeCbor } from '../../protocol/cbor.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { RandomBytes, SessionId } from '../../protocol/ids.ts';
import { ROW_VERSION, type SealedBytes, type SessionRow } from '../store/rows.ts';
import { openBytes, type SealPurpose, sealBytes } from '../store/sealing.ts';
import type { Members } from './members.ts';
import { decodeProgress, encodeProgress } from './progress-codec.ts';
import { decodeSecrets, encodeSecrets } from './secrets-codec.ts';
import type { LoadedSession, SessionTerms } from './session-state.ts';
import { decodeTerms, encodeTerms } from './terms-codec.ts';

/** Seals the terms of a new session. */
export function sealTerms(
  session: SessionId,
  terms: SessionTerms,
  recordKey: CryptoKey,
  random: RandomBytes,
): Promise<SealedBytes> {
  return sealBytes(recordKey, purposeOf('terms', session), encodeCbor(encodeTerms(terms)), random);
}

/** The row of a session: two sealing operations, whatever the number of frames. */
export async function sealSession(
  loaded: LoadedSession,
  recordKey: CryptoKey,
  random: RandomBytes,
): Promise<SessionRow> {
  const { session, secrets, secretsKey } = loaded;
  const progress = encodeCbor(encodeProgress(loaded.progress));
  const [sealedProgress, sealedSecrets] = await Promise.all([
    sealBytes(recordKey, purposeOf('progress', session), progress, random),
    secrets && secretsKey && sealBytes(secretsKey, purposeOf('secrets', session), encodeSecrets(secrets), random),
  ]);
  return {
    session,
    version: ROW_VERSION,
    state: loaded.state,
    openedTime: loaded.openedTime,
    openedCounter: loaded.openedCounter,
    programme: loaded.programme,
    grant: loaded.grant,
    providerCertificate: loaded.providerCertificate,
    terms: loaded.sealedTerms,
    progress: sealedProgress,
    secrets: sealedSecrets,
    secretsKey,
  };
}

/** Opens a row. @throws FareboxError `store/altered`. */
export async function openSessionRow(row: SessionRow, recordKey: CryptoKey): Promise<LoadedSession> {
  const { session } = row;
  const [terms, progress, secrets] = await Promise.all([
    openBytes(recordKey, purposeOf('terms', session), row.terms),
    openBytes(recordKey, purposeOf('progress', session), row.progress),
    row.secrets && row.secretsKey && openBytes(row.secretsKey, purposeOf('secrets', session), row.secrets),
  ]);
  const decodedTerms = decodeTerms(expectMembers(decodeCbor(terms)));
  return {
    session,
    terms: decodedTerms,
    openedTime: row.openedTime,
    openedCounter: row.openedCounter,
    programme: row.programme,
    grant: row.grant,
    providerCertificate: row.providerCertificate,
    sealedTerms: row.terms,
    state: row.state,
    progress: decodeProgress(expectMembers(decodeCbor(progress))),
    secrets: secrets && decodeSecrets(secrets, decodedTerms),
    secretsKey: row.secretsKey,
  };
}

/** Seals the leaves of frames counted in one commit. */
export function sealHeld(
  session: SessionId,
  pageCounter: number,
  leaves: readonly (readonly [number, Uint8Array])[],
  secretsKey: CryptoKey,
  random: RandomBytes,
): Promise<SealedBytes> {
  const clear = encodeCbor(new Map(leaves.map(([frame, leaf]) => [frame, leaf])));
  return sealBytes(secretsKey, heldPurpose(session, pageCounter), clear, random);
}

/** The leaf (32 bytes) of one frame in a held row. @throws FareboxError `store/altered`. */
export async function openHeldLeaf(
  row: SealedBytes & { readonly session: SessionId; readonly pageCounter: number },
  frame: number,
  secretsKey: CryptoKey,
): Promise<Uint8Array> {
  const clear = await openBytes(secretsKey, heldPurpose(row.session, row.pageCounter), row);
  const leaf = expectMembers(decodeCbor(clear)).get(frame);
  if (!(leaf instanceof Uint8Array)) throw altered('held');
  return leaf;
}

function purposeOf(part: string, session: SessionId): SealPurpose {
  return ['farebox/session', ROW_VERSION, part, session];
}

function heldPurpose(session: SessionId, pageCounter: number): SealPurpose {
  return ['farebox/held', ROW_VERSION, session, pageCounter];
}

function expectMembers(value: CborValue): Members {
  if (!(value instanceof Map)) throw altered('session');
  return value;
}

function altered(row: string): FareboxError {
  return new FareboxError('store/altered', { row });
}
