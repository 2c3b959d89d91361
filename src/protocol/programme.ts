// Programmes (docs/protocol.md §4): what a provider offers, at which price a frame, under which sequence function, signed.
// The grant names a programme by the hash of these bytes, so price and terms of a session cannot change under it.

import type { Bytes } from './bytes.ts';
import type { CborValue } from './cbor.ts';
import type { VerifiedCertificate } from './certificate.ts';
import { type ClaimsReader, claimsOf } from './claims.ts';
import { type ContractTerms, decodeContractTerms, encodeContractTerms } from './contract-terms.ts';
import { COSE_TYPES, renamed, signCose } from './cose.ts';
import { FareboxError, type FareboxErrorCode } from './errors.ts';
import {
  type ContentHash,
  decodeContentHash,
  decodeProgrammeId,
  decodeProviderId,
  hashObject,
  idBytes,
  type ProgrammeId,
  type ProviderId,
} from './ids.ts';
import { isTitle } from './language.ts';
import { LIMITS } from './limits.ts';
import { decodeLiveTerms, encodeLiveTerms, type LiveTerms } from './live-terms.ts';
import { decodeManifest, isBoardManifest, isLiveManifest, type Manifest } from './manifest.ts';
import { decodeOfflineTerm } from './offline-term.ts';
import { OUTPUT_MODES, type OutputMode } from './output-modes.ts';
import type { SequenceName } from './sequence/sequence.ts';
import { readSignedBy } from './signed-by.ts';
import type { Signer } from './suite/signer.ts';
import type { CryptoSuite } from './suite/suite.ts';

export { hashObject } from './ids.ts';
export { OUTPUT_MODES, type OutputMode } from './output-modes.ts';

const TYPE = 'farebox/programme';
/** The claim `board`: the version of its strokes. */
const BOARD_FORM = 1;
const CODE = 'programme/malformed';
const REFUSED_AS = { malformed: CODE, signature: CODE } as const;
const VERIFIED: unique symbol = Symbol('verified programme');

/** Whether a frame can be opened again without being counted: never; until the session is closed; until a moment, ms since 1970. */
export type ReplayPolicy = 'none' | 'session' | Readonly<{ untilMs: number }>;

/** What a provider offers. */
export type Programme = Readonly<{
  programme: ProgrammeId;
  title: string;
  frameCount: number;
  frameDurationMs: number;
  sequence: SequenceName;
  currency: string;
  /** Price of one frame in ten-thousandths of the currency's unit. */
  priceMinor: bigint;
  modes: readonly OutputMode[];
  replay: ReplayPolicy;
  /** Hash of the manifest. */
  manifest: ContentHash;
  /** What the provider promises of its delivery (docs/protocol.md §17); null or left out where it promises nothing. */
  contract?: ContractTerms | null;
  /** Of a live programme (docs/protocol.md §20); null or left out for one that is whole. */
  live?: LiveTerms | null;
  /** For how long it may be kept and watched with no line (docs/protocol.md §21), ms; null or left out where it may not. */
  offlineMs?: number | null;
  /** True for a whiteboard, whose frames are strokes with times of their own (docs/protocol.md §22). */
  board?: boolean;
}>;

/** A programme whose signature holds under a certified provider's key; it cannot be made otherwise. */
export type VerifiedProgramme = Omit<Programme, 'contract' | 'live' | 'offlineMs' | 'board'> &
  Readonly<{
    provider: ProviderId;
    contract: ContractTerms | null;
    live: LiveTerms | null;
    offlineMs: number | null;
    board: boolean;
    /** Milliseconds since 1970, whole seconds. */
    issuedAt: number;
    /** SHA-256 of the signed bytes. */
    programmeHash: ContentHash;
    [VERIFIED]: true;
  }>;

/** The claim `replay` of a policy. */
export function encodeReplay(replay: ReplayPolicy): CborValue {
  return typeof replay === 'string' ? replay : replay.untilMs;
}

/** Reads the claim `replay`. Throws `code`. */
export function decodeReplay(value: CborValue, code: FareboxErrorCode): ReplayPolicy {
  if (value === 'none' || value === 'session') return value;
  if (typeof value === 'number' && value > 0) return { untilMs: value };
  throw new FareboxError(code, { claim: 'replay' });
}

/** Reads the claim `sequence`. Errors: `sequence/unknown`. */
export function decodeSequenceName(name: string): SequenceName {
  if (name === 'tree' || name === 'hkdf') return name;
  throw new FareboxError('sequence/unknown', { name });
}

function readTitle(value: CborValue): string {
  if (!isTitle(value, 1, LIMITS.titleLength)) throw new FareboxError(CODE, { claim: 'title' });
  return value;
}

function decodeModes(value: CborValue): readonly OutputMode[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > 8) throw new FareboxError(CODE, { claim: 'modes' });
  const names = new Set<string>();
  for (const name of value) {
    if (typeof name !== 'string' || names.has(name)) throw new FareboxError(CODE, { claim: 'modes' });
    names.add(name);
  }
  // Names that this version does not know are left out: a programme may offer more than an older terminal can use.
  return OUTPUT_MODES.filter((mode) => names.has(mode));
}

/** Signs a programme. `issuedAt` in ms. */
export async function signProgramme(made: { signer: Signer; programme: Programme; issuedAt: number }): Promise<Bytes> {
  const { signer, programme, issuedAt } = made;
  const contract = programme.contract ?? null;
  const live = programme.live ?? null;
  const offlineMs = programme.offlineMs ?? null;
  const claims = claimsOf({
    iss: signer.kid,
    iat: Math.floor(issuedAt / 1000),
    type: TYPE,
    // A terminal that knows neither contracts nor live programmes nor those to be kept reads what is none of them.
    version: contract === null && live === null && offlineMs === null ? 1 : 2,
    programme: idBytes(programme.programme),
    title: programme.title,
    frameCount: programme.frameCount,
    frameDurationMs: programme.frameDurationMs,
    sequence: programme.sequence,
    currency: programme.currency,
    priceMinor: programme.priceMinor,
    modes: programme.modes,
    replay: encodeReplay(programme.replay),
    manifest: idBytes(programme.manifest),
    contract: contract === null ? undefined : encodeContractTerms(contract),
    live: live === null ? undefined : encodeLiveTerms(live),
    offline: offlineMs ?? undefined,
    board: programme.board === true ? BOARD_FORM : undefined,
  });
  return signCose({ signer, typ: COSE_TYPES.programme, claims });
}

/** Believes a programme of this certified provider. Errors: `programme/malformed`, `sequence/unknown`. */
export async function verifyProgramme(given: {
  bytes: Uint8Array;
  certificate: VerifiedCertificate;
  suite: CryptoSuite;
}): Promise<VerifiedProgramme> {
  const { bytes, certificate, suite } = given;
  const kind = { typ: COSE_TYPES.programme, type: TYPE, code: CODE, versions: [1, 2] } as const;
  const claims = await readSignedBy({ ...kind, bytes, by: certificate, role: 'provider', suite });
  const provider = decodeProviderId(certificate.subject, CODE);
  const frameDurationMs = claims.count('frameDurationMs', LIMITS.frameDurationMaxMs);
  const frameCount = claims.count('frameCount', LIMITS.cborItems);
  if (frameDurationMs < LIMITS.frameDurationMinMs) throw new FareboxError(CODE, { claim: 'frameDurationMs' });
  if (frameCount === 0) throw new FareboxError(CODE, { claim: 'frameCount' });
  const programme = {
    programme: decodeProgrammeId(claims.bytes('programme', 16), CODE),
    title: readTitle(claims.raw('title')),
    frameCount,
    frameDurationMs,
    sequence: decodeSequenceName(claims.text('sequence')),
    currency: claims.currency('currency'),
    priceMinor: claims.minor('priceMinor'),
    modes: decodeModes(claims.raw('modes')),
    replay: decodeReplay(claims.raw('replay'), CODE),
    manifest: decodeContentHash(claims.bytes('manifest', 32), CODE),
    contract: claims.version > 1 && claims.has('contract') ? decodeContractTerms(claims.raw('contract'), CODE) : null,
    live: claims.version > 1 && claims.has('live') ? decodeLiveTerms(claims.raw('live'), frameCount, CODE) : null,
    offlineMs: claims.version > 1 && claims.has('offline') ? decodeOfflineTerm(claims.raw('offline'), CODE) : null,
  };
  // What is not out yet cannot be kept.
  if (programme.live !== null && programme.offlineMs !== null) throw new FareboxError(CODE, { claim: 'offline' });
  const board = claims.version > 1 && claims.has('board');
  if (board) checkBoard(claims, programme);
  const issuedAt = claims.time('iat');
  claims.end();
  return Object.freeze({
    ...programme,
    board,
    provider,
    issuedAt,
    programmeHash: hashObject(bytes),
    [VERIFIED]: true as const,
  });
}

/** A board is live, and its strokes are drawn by the module: no other way out may have them. */
function checkBoard(
  claims: ClaimsReader,
  { live, modes, frameCount }: Pick<Programme, 'live' | 'modes' | 'frameCount'>,
): void {
  const isBoard = claims.count('board') === BOARD_FORM && live !== null && modes.join() === 'display';
  if (!isBoard || frameCount > LIMITS.boardStrokes) throw new FareboxError(CODE, { claim: 'board' });
}

/** Reads the manifest that a programme names. Errors: `programme/other-manifest` for any other bytes or another programme's numbers, `programme/malformed`. */
export function verifyManifest(given: { bytes: Uint8Array; programme: VerifiedProgramme }): Manifest {
  const { bytes, programme } = given;
  if (hashObject(bytes) !== programme.manifest) throw new FareboxError('programme/other-manifest');
  let manifest: Manifest;
  try {
    manifest = decodeManifest(bytes);
  } catch (cause) {
    throw renamed(cause, REFUSED_AS);
  }
  if (
    manifest.programme !== programme.programme ||
    manifest.frameCount !== programme.frameCount ||
    manifest.frameDurationMs !== programme.frameDurationMs ||
    isLiveManifest(manifest) !== (programme.live !== null) ||
    isBoardManifest(manifest) !== programme.board
  ) {
    throw new FareboxError('programme/other-manifest');
  }
  return manifest;
}
