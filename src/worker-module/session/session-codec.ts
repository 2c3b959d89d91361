// Sessions as rows: seals what moves, opens it again. Called by the committer and by the readers of session/.
// Terms and progress are under the record key and outlive the session; tree and leaves are under the session's own key, which lies under
// the wrapping key and goes with the session.

import type { Bytes } from '../../protocol/bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../../protocol/cbor.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { RandomBytes, SessionId } from '../../protocol/ids.ts';
import type { ModuleKeys } from '../core.ts';
import { ROW_VERSION, type SealedBytes, type SessionRow } from '../store/rows.ts';
import { importSealingKey, openBytes, type SealPurpose, sealBytes } from '../store/sealing.ts';
import type { Members } from './members.ts';
import { decodeProgress, encodeProgress } from './progress-codec.ts';
import { decodeSecrets, encodeSecrets } from './secrets-codec.ts';
import type { LoadedSession, SecretsKey, SessionProgress, SessionTerms } from './session-state.ts';
import { decodeTerms, encodeTerms } from './terms-codec.ts';

/** The keys that rows of sessions are under. */
export type SessionKeys = Pick<ModuleKeys, 'recordKey' | 'wrappingKey'>;

/** Terms as clear CBOR bytes, for what seals them. */
export function encodeTermsBytes(terms: SessionTerms): Bytes {
  return encodeCbor(encodeTerms(terms));
}

/** Reads them back. @throws FareboxError `store/altered`. */
export function decodeTermsBytes(bytes: Uint8Array): SessionTerms {
  return decodeTerms(expectMembers(decodeSealed(bytes)));
}

/** Progress as clear CBOR bytes, for what seals it. */
export function encodeProgressBytes(progress: SessionProgress): Bytes {
  return encodeCbor(encodeProgress(progress));
}

/** Reads it back. @throws FareboxError `store/altered`. */
export function decodeProgressBytes(bytes: Uint8Array): SessionProgress {
  return decodeProgress(expectMembers(decodeSealed(bytes)));
}

/** Seals the terms of a new session. */
export function sealTerms(
  session: SessionId,
  terms: SessionTerms,
  recordKey: CryptoKey,
  random: RandomBytes,
): Promise<SealedBytes> {
  return sealBytes(recordKey, purposeOf('terms', session), encodeTermsBytes(terms), random);
}

/** Takes over the key of a new session's secrets (32 bytes, which are wiped): for use, and sealed for its row. */
export async function sealSecretsKey(
  session: SessionId,
  secretsKeyBytes: Bytes,
  wrappingKey: CryptoKey,
  random: RandomBytes,
): Promise<SecretsKey> {
  const kept = await sealBytes(wrappingKey, purposeOf('secrets-key', session), secretsKeyBytes, random);
  const sealingKey = await importSealingKey(secretsKeyBytes);
  secretsKeyBytes.fill(0);
  return { sealingKey, kept };
}

/** The row of a session: two sealing operations, whatever the number of frames. */
export async function sealSession(loaded: LoadedSession, keys: SessionKeys, random: RandomBytes): Promise<SessionRow> {
  const { session, secrets, secretsKey } = loaded;
  const { recordKey } = keys;
  const progress = encodeProgressBytes(loaded.progress);
  const [sealedProgress, sealedSecrets] = await Promise.all([
    sealBytes(recordKey, purposeOf('progress', session), progress, random),
    secrets &&
      secretsKey &&
      sealBytes(secretsKey.sealingKey, purposeOf('secrets', session), encodeSecrets(secrets), random),
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
    secretsKey: secretsKey?.kept ?? null,
  };
}

/** Opens a row. @throws FareboxError `store/altered`. */
export async function openSessionRow(row: SessionRow, keys: SessionKeys): Promise<LoadedSession> {
  const { session } = row;
  const { recordKey } = keys;
  const [terms, progress, secretsKey] = await Promise.all([
    openBytes(recordKey, purposeOf('terms', session), row.terms),
    openBytes(recordKey, purposeOf('progress', session), row.progress),
    row.secretsKey && openSecretsKey(session, row.secretsKey, keys.wrappingKey),
  ]);
  const secrets =
    row.secrets && secretsKey && (await openBytes(secretsKey.sealingKey, purposeOf('secrets', session), row.secrets));
  const decodedTerms = decodeTermsBytes(terms);
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
    progress: decodeProgressBytes(progress),
    secrets: secrets && decodeSecrets(secrets, decodedTerms),
    secretsKey,
  };
}

async function openSecretsKey(session: SessionId, kept: SealedBytes, wrappingKey: CryptoKey): Promise<SecretsKey> {
  const bytes = await openBytes(wrappingKey, purposeOf('secrets-key', session), kept);
  const sealingKey = await importSealingKey(bytes);
  bytes.fill(0);
  return { sealingKey, kept };
}

/** Seals the leaves of frames counted in one commit. */
export function sealHeld(
  session: SessionId,
  pageCounter: number,
  leaves: readonly (readonly [number, Uint8Array])[],
  secretsKey: SecretsKey,
  random: RandomBytes,
): Promise<SealedBytes> {
  const clear = encodeCbor(new Map(leaves.map(([frame, leaf]) => [frame, leaf])));
  return sealBytes(secretsKey.sealingKey, heldPurpose(session, pageCounter), clear, random);
}

/** The leaf (32 bytes) of one frame in a held row. @throws FareboxError `store/altered`. */
export async function openHeldLeaf(
  row: SealedBytes & { readonly session: SessionId; readonly pageCounter: number },
  frame: number,
  secretsKey: SecretsKey,
): Promise<Uint8Array> {
  const clear = await openBytes(secretsKey.sealingKey, heldPurpose(row.session, row.pageCounter), row);
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

/** What is sealed for itself was written by this module: bytes that are no CBOR were altered. */
function decodeSealed(bytes: Uint8Array): CborValue {
  try {
    return decodeCbor(bytes);
  } catch (cause) {
    throw new FareboxError('store/altered', { row: 'session' }, { cause });
  }
}

function expectMembers(value: CborValue): Members {
  if (!(value instanceof Map)) throw altered('session');
  return value;
}

function altered(row: string): FareboxError {
  return new FareboxError('store/altered', { row });
}
