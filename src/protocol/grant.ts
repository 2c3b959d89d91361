// P2, grant (docs/protocol.md §6): the provider lets one module open some frames of one programme in one session. Signed
// whole, the keys in it sealed to the module; the host that carries it learns nothing but its terms.

import { type Bytes, utf8 } from './bytes.ts';
import { type CborValue, encodeCbor } from './cbor.ts';
import type { VerifiedCertificate } from './certificate.ts';
import { CLAIMS, type ClaimsMap, type ClaimsReader, claimsOf, readClaims } from './claims.ts';
import { COSE_TYPES, renamed, signCose, verifyCose } from './cose.ts';
import { FareboxError } from './errors.ts';
import { decodeGrantedKeys, encodeGrantedKeys, type GrantedKeys } from './granted-keys.ts';
import { HPKE_ENC_LENGTH_BYTES, HPKE_SUITE, openWith, type SealingKeyPair, sealTo } from './hpke.ts';
import {
  type ContentHash,
  decodeContentHash,
  decodeModuleId,
  decodeProgrammeId,
  decodeProviderId,
  decodeSessionId,
  hashObject,
  idBytes,
  type ModuleId,
  type ProgrammeId,
  type ProviderId,
  type SessionId,
} from './ids.ts';
import { LIMITS } from './limits.ts';
import { derivePreviewKey } from './previews.ts';
import {
  decodeReplay,
  encodeReplay,
  OUTPUT_MODES,
  type OutputMode,
  type ReplayPolicy,
  type VerifiedProgramme,
} from './programme.ts';
import { countFrames, equalRanges, type FrameRange } from './ranges.ts';
import { grantLogistic } from './sequence/logistic.ts';
import {
  decodeSessionSequenceName,
  type SequenceNode,
  type SessionSequenceName,
  sequenceFunction,
  sessionSequence,
} from './sequence/sequence.ts';
import type { Signer } from './suite/signer.ts';
import type { CryptoSuite } from './suite/suite.ts';

const TYPE = 'farebox/grant';
const CODE = 'grant/malformed';
const REFUSED_AS = { malformed: CODE, signature: CODE } as const;
const GRANT_INFO = utf8('farebox/1 grant');
const VERIFIED: unique symbol = Symbol('verified grant');

/** The terms of a grant, open to everyone who sees it. */
export type GrantTerms = Readonly<{
  session: SessionId;
  programme: ProgrammeId;
  programmeHash: ContentHash;
  mode: OutputMode;
  replay: ReplayPolicy;
  sequence: SessionSequenceName;
  ranges: readonly FrameRange[];
  currency: string;
  /** Price of one frame. Money in ten-thousandths of the currency's unit. */
  priceMinor: bigint;
  /** Frames granted × price: what this session can cost at most. */
  reservedMinor: bigint;
  /** What is left to spend after this reservation. */
  creditMinor: bigint;
  /** Milliseconds since 1970, whole seconds. */
  issuedAt: number;
  /** Milliseconds since 1970, whole seconds: the first moment at which it no longer holds. */
  expires: number;
  /** The contract that was made with it (docs/protocol.md §17), or null. */
  contractHash: ContentHash | null;
  /** Whether it is for watching with no line (docs/protocol.md §21). */
  offline: boolean;
}>;

/** A grant that was believed; it cannot be made otherwise. Its keys are still sealed. */
export type VerifiedGrant = GrantTerms &
  Readonly<{
    provider: ProviderId;
    module: ModuleId;
    /** 1 or 2; the older has no key to the previews. */
    version: number;
    /** SHA-256 of the signed bytes. */
    grantHash: ContentHash;
    sealedKeys: Readonly<{ enc: Uint8Array; ciphertext: Uint8Array; aad: Uint8Array }>;
    [VERIFIED]: true;
  }>;

/** What a provider grants. Times in ms. */
export type GrantToMake = Readonly<{
  signer: Signer;
  /** To whom; its sealing key is used. */
  module: VerifiedCertificate;
  programme: VerifiedProgramme;
  session: SessionId;
  mode: OutputMode;
  ranges: readonly FrameRange[];
  creditMinor: bigint;
  issuedAt: number;
  expires: number;
  /** 32 random bytes that stay in the module. */
  sessionKey: Uint8Array;
  /** The programme's seed, 32 bytes; only the nodes over `ranges` leave. */
  seed: Uint8Array;
  /** Hash of the contract that goes with it, where there is one. */
  contractHash?: ContentHash | null;
  /** For watching with no line; such a grant has no contract. */
  offline?: boolean;
  /** 32 random bytes of this session alone, where the function `logistic` was asked for; else the programme's own function is used. */
  logisticSecret?: Uint8Array | null;
}>;

function aadOf(claims: ClaimsMap): Bytes {
  const open = new Map(claims);
  open.delete(CLAIMS.sealedGrant);
  open.delete(CLAIMS.hpkeEnc);
  return encodeCbor(open);
}

/** Signs a grant whose keys are sealed to the module. Replay policy, price and function are the programme's. Errors: `certificate/wrong-role`, `sequence/*`, `suite/weak-key`. */
export async function makeGrant(grant: GrantToMake): Promise<Bytes> {
  const { signer, module, programme, ranges, issuedAt, expires, sessionKey, seed } = grant;
  if (module.sealingKey === null) throw new FareboxError('certificate/wrong-role', { role: module.role });
  const terms = claimsOf({
    iss: signer.kid,
    aud: module.subject,
    exp: Math.floor(expires / 1000),
    iat: Math.floor(issuedAt / 1000),
    type: TYPE,
    version: 2,
    session: idBytes(grant.session),
    programme: idBytes(programme.programme),
    programmeHash: idBytes(programme.programmeHash),
    mode: grant.mode,
    replay: encodeReplay(programme.replay),
    sequence: grant.logisticSecret ? 'logistic' : programme.sequence,
    ranges,
    currency: programme.currency,
    priceMinor: programme.priceMinor,
    reservedMinor: BigInt(countFrames(ranges)) * programme.priceMinor,
    creditMinor: grant.creditMinor,
    hpkeSuite: HPKE_SUITE,
    contractHash: grant.contractHash ? idBytes(grant.contractHash) : undefined,
    offline: grant.offline === true ? true : undefined,
  });
  const nodes = nodesOf(grant);
  const previewKey = derivePreviewKey(seed, programme.programme);
  const plaintext = encodeGrantedKeys({ sessionKey, nodes, previewKey });
  const { enc, ciphertext } = await sealTo(module.sealingKey, { info: GRANT_INFO, aad: aadOf(terms), plaintext });
  plaintext.fill(0);
  previewKey.fill(0);
  for (const node of nodes) node.secret.fill(0);
  const claims = new Map([...terms, ...claimsOf({ hpkeEnc: enc, sealedGrant: ciphertext })]);
  return signCose({ signer, typ: COSE_TYPES.grant, claims });
}

/** What is granted over the ranges: of the programme's function, or its leaves under the session's own masks. */
function nodesOf({ programme, seed, ranges, logisticSecret }: GrantToMake): readonly SequenceNode[] {
  const sequence = sequenceFunction(programme.sequence);
  if (!logisticSecret) return sequence.grant(seed, ranges);
  return grantLogistic({ keyAt: (frame) => sequence.keyAt(seed, frame), ranges, functionSecret: logisticSecret });
}

/** A grant and what it has to fit. `now` in ms; a session already over is read with `now` = a moment within it. */
export type GrantToVerify = Readonly<{
  bytes: Uint8Array;
  provider: VerifiedCertificate;
  /** Whose grant it must be. */
  module: string;
  programme: VerifiedProgramme;
  now: number;
  suite: CryptoSuite;
}>;

/**
 * Believes a grant or throws, in this order: `grant/malformed` (signature and form), `grant/other-module`, `grant/expired`,
 * `grant/other-programme`, `grant/mode`, `grant/offline`, `grant/price`, `grant/suite`, `grant/coverage` (frames beyond the programme).
 */
export async function verifyGrant(given: GrantToVerify): Promise<VerifiedGrant> {
  const { bytes, provider, module, programme, now, suite } = given;
  const publicKey = provider.publicKey;
  const signed = await verifyCose({ bytes, typ: COSE_TYPES.grant, publicKey, suite, refusedAs: REFUSED_AS });
  const claims = readClaims(signed, { type: TYPE, code: CODE, versions: [1, 2] });
  const issuer = decodeProviderId(claims.text('iss'), CODE);
  if (provider.role !== 'provider' || issuer !== provider.subject) throw new FareboxError(CODE, { claim: 'iss' });
  const audience = decodeModuleId(claims.text('aud'), CODE);
  const ranges = claims.ranges('ranges');
  const named = claims.text('mode');
  const hpkeSuite = claims.raw('hpkeSuite');
  const unmoded = {
    session: decodeSessionId(claims.bytes('session', 16), CODE),
    programme: decodeProgrammeId(claims.bytes('programme', 16), CODE),
    programmeHash: decodeContentHash(claims.bytes('programmeHash', 32), CODE),
    replay: decodeReplay(claims.raw('replay'), CODE),
    sequence: decodeSessionSequenceName(claims.text('sequence'), 'sequence/unknown'),
    ranges,
    currency: claims.currency('currency'),
    priceMinor: claims.minor('priceMinor'),
    reservedMinor: claims.minor('reservedMinor'),
    creditMinor: claims.minor('creditMinor'),
    issuedAt: claims.time('iat'),
    expires: claims.time('exp'),
    contractHash: contractHashIn(claims),
    offline: isOffline(claims),
  };
  const sealedKeys = {
    enc: claims.bytes('hpkeEnc', HPKE_ENC_LENGTH_BYTES),
    ciphertext: claims.bytesUpTo('sealedGrant', LIMITS.cborSizeBytes),
    aad: aadOf(signed),
  };
  claims.end();
  if (audience !== module) throw new FareboxError('grant/other-module', { module: audience });
  if (now >= unmoded.expires) throw new FareboxError('grant/expired', { expires: unmoded.expires });
  const mode = OUTPUT_MODES.find((known) => known === named);
  if (
    unmoded.programmeHash !== programme.programmeHash ||
    unmoded.programme !== programme.programme ||
    (unmoded.sequence !== 'logistic' && unmoded.sequence !== programme.sequence) ||
    encodeReplay(unmoded.replay) !== encodeReplay(programme.replay)
  ) {
    throw new FareboxError('grant/other-programme', { programme: unmoded.programme });
  }
  if (mode === undefined || !programme.modes.includes(mode)) throw new FareboxError('grant/mode', { mode: named });
  if (unmoded.offline && !isOfferedOffline(programme, unmoded, mode)) {
    throw new FareboxError('grant/offline', { programme: unmoded.programme });
  }
  if (!hasPriceOf(programme, unmoded)) throw new FareboxError('grant/price', { programme: unmoded.programme });
  if (!isOurSuite(hpkeSuite)) throw new FareboxError('grant/suite');
  if (ranges.length === 0 || (ranges.at(-1)?.[1] ?? 0) > programme.frameCount) throw new FareboxError('grant/coverage');
  const grantHash = hashObject(bytes);
  return Object.freeze({
    ...unmoded,
    mode,
    provider: issuer,
    module: audience,
    version: claims.version,
    grantHash,
    sealedKeys,
    [VERIFIED]: true as const,
  });
}

/** Only a grant of version 2 says it, and what is not offline says nothing. */
function isOffline(claims: ClaimsReader): boolean {
  if (claims.version === 1 || !claims.has('offline')) return false;
  if (claims.raw('offline') !== true) throw new FareboxError(CODE, { claim: 'offline' });
  return true;
}

/** The programme offers it, for as long; it is for the display, and nobody promises a delivery of what the person has. */
function isOfferedOffline(
  { offlineMs }: VerifiedProgramme,
  { issuedAt, expires, contractHash }: Pick<GrantTerms, 'issuedAt' | 'expires' | 'contractHash'>,
  mode: OutputMode,
): boolean {
  return offlineMs !== null && mode === 'display' && contractHash === null && expires - issuedAt <= offlineMs;
}

/** Only a grant of version 2 may name a contract. */
function contractHashIn(claims: ClaimsReader): ContentHash | null {
  const isNamed = claims.version > 1 && claims.has('contractHash');
  return isNamed ? decodeContentHash(claims.bytes('contractHash', 32), CODE) : null;
}

function hasPriceOf(
  programme: VerifiedProgramme,
  terms: Pick<GrantTerms, 'currency' | 'priceMinor' | 'reservedMinor' | 'ranges'>,
): boolean {
  const { currency, priceMinor, reservedMinor, ranges } = terms;
  const agreed = currency === programme.currency && priceMinor === programme.priceMinor;
  return agreed && reservedMinor === BigInt(countFrames(ranges)) * priceMinor;
}

function isOurSuite(value: CborValue): boolean {
  return Array.isArray(value) && value.length === HPKE_SUITE.length && HPKE_SUITE.every((id, at) => value[at] === id);
}

/**
 * Opens the keys of a grant with the module's sealing key, and sees that they are for exactly the frames it names.
 * Errors: `grant/sealed`, `grant/malformed`, `grant/coverage`. The caller clears the secrets when it has restored them.
 */
export async function openGrant(grant: VerifiedGrant, keyPair: SealingKeyPair): Promise<GrantedKeys> {
  let plaintext: Bytes;
  try {
    plaintext = await openWith(keyPair, { info: GRANT_INFO, ...grant.sealedKeys });
  } catch (cause) {
    throw new FareboxError('grant/sealed', undefined, { cause });
  }
  try {
    const granted = decodeGrantedKeys(plaintext, grant.version);
    if (!coversExactly(grant, granted)) throw new FareboxError('grant/coverage');
    return granted;
  } catch (cause) {
    throw renamed(cause, REFUSED_AS);
  } finally {
    plaintext.fill(0);
  }
}

function coversExactly(grant: VerifiedGrant, { nodes }: GrantedKeys): boolean {
  try {
    return equalRanges(sessionSequence(grant.sequence).covered(nodes), grant.ranges);
  } catch (cause) {
    if (cause instanceof FareboxError && cause.code === 'sequence/malformed') return false;
    throw cause;
  }
}
