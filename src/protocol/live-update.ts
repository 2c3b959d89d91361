// Live updates (docs/protocol.md §20): signed news that a live programme has more frames, each bound to the one before. Made by
// the publisher, carried by any cache, judged by live-line.ts. One says nothing of a programme that its reader does not know.

import type { Bytes } from './bytes.ts';
import type { CborKey, CborValue } from './cbor.ts';
import type { VerifiedCertificate } from './certificate.ts';
import { CLAIMS, type ClaimsMap, claimsOf, readClaims } from './claims.ts';
import { COSE_TYPES, peekCose, renamed, signCose, verifyCose } from './cose.ts';
import { FareboxError } from './errors.ts';
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
import { isLabel } from './label.ts';
import { LIMITS } from './limits.ts';
import { decodeLiveTerms, type LiveTerms } from './live-terms.ts';
import { COMMITMENT_LENGTH_BYTES } from './manifest.ts';
import { decodeSegment, encodeSegment, type Segment } from './manifest-parts.ts';
import type { Signer } from './suite/signer.ts';
import type { CryptoSuite } from './suite/suite.ts';

const TYPE = 'farebox/live-update';
const CODE = 'live/malformed';
const REFUSED_AS = { malformed: CODE, signature: CODE } as const;
const VERIFIED: unique symbol = Symbol('verified live update');

/** What stands for the update before the first: 32 zero bytes. */
export const NO_UPDATE: ContentHash = decodeContentHash('0'.repeat(64));

/** News of a live programme. */
export type LiveUpdate = Readonly<{
  programme: ProgrammeId;
  /** 0, 1, 2 …: no number is given twice. */
  number: number;
  /** Hash of the update before this one; `NO_UPDATE` for the first. */
  previous: ContentHash;
  /** Frames that it adds: `from` up to and without `to`. None where it only says that the programme has ended. */
  from: number;
  to: number;
  /** Label of every part → one for each added frame; null where that part has nothing in it. */
  segments: ReadonlyMap<string, readonly (Segment | null)[]>;
  /** Commitments to the keys of the added frames, 32 bytes each. */
  commitments: Uint8Array;
  /** True in the last one: `to` is the number of frames for good. */
  ended: boolean;
  /** Of a board (docs/protocol.md §22): when each added stroke began, ms since `startTime`, ascending. Left out for anything else. */
  began?: readonly number[];
}>;

/** An update as read: its name, who says that it made it, and when (ms since 1970, whole seconds). */
export type ReadLiveUpdate = LiveUpdate &
  Readonly<{ provider: ProviderId; issuedAt: number; updateHash: ContentHash; bytes: Uint8Array }>;

/** An update whose signature holds under a certified provider's key; it cannot be made otherwise. */
export type VerifiedLiveUpdate = ReadLiveUpdate & Readonly<{ [VERIFIED]: true }>;

/** Signs an update. `issuedAt` in ms. */
export async function signLiveUpdate(made: { signer: Signer; update: LiveUpdate; issuedAt: number }): Promise<Bytes> {
  const { signer, update, issuedAt } = made;
  const listed = [...update.segments].map(([label, segments]) => [label, segments.map(encodeSegment)] as const);
  const claims = claimsOf({
    iss: signer.kid,
    iat: Math.floor(issuedAt / 1000),
    type: TYPE,
    version: 1,
    programme: idBytes(update.programme),
    number: update.number,
    previous: idBytes(update.previous),
    from: update.from,
    to: update.to,
    segments: new Map<CborKey, CborValue>(listed),
    commitments: update.commitments,
    ended: update.ended,
    began: update.began,
  });
  return signCose({ signer, typ: COSE_TYPES.liveUpdate, claims });
}

/** Believes an update of this certified provider. Errors: `live/malformed`. */
export async function verifyLiveUpdate(given: {
  bytes: Uint8Array;
  certificate: VerifiedCertificate;
  suite: CryptoSuite;
}): Promise<VerifiedLiveUpdate> {
  const { bytes, certificate, suite } = given;
  const publicKey = certificate.publicKey;
  const claims = await verifyCose({ bytes, typ: COSE_TYPES.liveUpdate, publicKey, suite, refusedAs: REFUSED_AS });
  const update = readUpdate(claims, bytes);
  if (certificate.role !== 'provider' || update.provider !== certificate.subject) {
    throw new FareboxError(CODE, { claim: 'iss' });
  }
  return Object.freeze({ ...update, [VERIFIED]: true as const });
}

/** Reads an update without believing it: for who only fetches what it names, and leaves its signature to the module. Errors: `live/malformed`. */
export function readLiveUpdate(bytes: Uint8Array): ReadLiveUpdate {
  try {
    const { typ, claims } = peekCose(bytes);
    if (typ !== COSE_TYPES.liveUpdate) throw new FareboxError(CODE, { expected: TYPE });
    return Object.freeze(readUpdate(claims, bytes));
  } catch (cause) {
    throw renamed(cause, REFUSED_AS);
  }
}

/** The terms of a live programme, from its signed bytes but unbelieved, for who only has to know where to ask; null for one that is whole, and for what is no programme: the module refuses that. */
export function peekLiveTerms(programme: Uint8Array): LiveTerms | null {
  try {
    const { claims } = peekCose(programme);
    const live = claims.get(CLAIMS.live);
    const frameCount = claims.get(CLAIMS.frameCount);
    if (live === undefined || typeof frameCount !== 'number') return null;
    return decodeLiveTerms(live, frameCount, CODE);
  } catch (cause) {
    if (cause instanceof FareboxError) return null;
    throw cause;
  }
}

function readUpdate(signed: ClaimsMap, bytes: Uint8Array): ReadLiveUpdate {
  if (bytes.length > LIMITS.liveUpdateSizeBytes) throw new FareboxError(CODE, { sizeBytes: bytes.length });
  const claims = readClaims(signed, { type: TYPE, code: CODE });
  const number = claims.count('number', LIMITS.liveFrames);
  const from = claims.count('from', LIMITS.liveFrames);
  const to = claims.count('to', LIMITS.liveFrames);
  const ended = claims.raw('ended');
  if (typeof ended !== 'boolean') throw new FareboxError(CODE, { claim: 'ended' });
  const frames = to - from;
  if (frames > LIMITS.liveUpdateFrames || frames < (ended ? 0 : 1)) throw new FareboxError(CODE, { claim: 'to' });
  // Every update before this one has added a frame at least.
  if (number > from) throw new FareboxError(CODE, { claim: 'number' });
  const previous = decodeContentHash(claims.bytes('previous', 32), CODE);
  if ((number === 0) !== (previous === NO_UPDATE)) throw new FareboxError(CODE, { claim: 'previous' });
  if (number === 0 && from !== 0) throw new FareboxError(CODE, { claim: 'from' });
  const update = {
    ...{ number, previous, from, to, ended },
    programme: decodeProgrammeId(claims.bytes('programme', 16), CODE),
    segments: readSegments(claims.raw('segments'), frames),
    commitments: claims.bytes('commitments', frames * COMMITMENT_LENGTH_BYTES),
    provider: decodeProviderId(claims.text('iss'), CODE),
    issuedAt: claims.time('iat'),
  };
  const began = claims.has('began') ? { began: readBegan(claims.raw('began'), frames) } : {};
  claims.end();
  return { ...update, ...began, updateHash: hashObject(bytes), bytes };
}

function readBegan(value: CborValue, frames: number): readonly number[] {
  const refuse = (): never => {
    throw new FareboxError(CODE, { claim: 'began' });
  };
  if (!Array.isArray(value) || value.length !== frames) return refuse();
  let leastMs = 0;
  return value.map((beganMs: CborValue) => {
    if (typeof beganMs !== 'number' || beganMs < leastMs || beganMs > LIMITS.programmeMs) return refuse();
    leastMs = beganMs + 1;
    return beganMs;
  });
}

function readSegments(value: CborValue, frames: number): LiveUpdate['segments'] {
  const refuse = (): never => {
    throw new FareboxError(CODE, { claim: 'segments' });
  };
  if (!(value instanceof Map) || value.size < 1 || value.size > LIMITS.parts) return refuse();
  const segments = new Map<string, readonly (Segment | null)[]>();
  for (const [label, listed] of value) {
    if (!isLabel(label) || !Array.isArray(listed) || listed.length !== frames) return refuse();
    segments.set(
      label,
      listed.map((segment: CborValue) => decodeSegment(segment, CODE)),
    );
  }
  return segments;
}
