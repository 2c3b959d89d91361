// Enrolment requests (docs/protocol.md §3): a new module asks the agency for a certificate and proves, by signing with
// the key itself, that it holds it. The sealing key is claimed under that signature; HPKE shows its possession later,
// when the first grant opens.

import type { Bytes } from './bytes.ts';
import { claimsOf, readClaims } from './claims.ts';
import { COSE_TYPES, peekCose, renamed, signCose, verifyCose } from './cose.ts';
import { confirmationOf, coseKey, decodeConfirmation, decodeCoseKey } from './cose-key.ts';
import { FareboxError } from './errors.ts';
import { decodeModuleId, type ModuleId, partyIdOf } from './ids.ts';
import { lifeClaims, noDevice, readLife } from './life.ts';
import type { Signer } from './suite/signer.ts';
import type { CryptoSuite } from './suite/suite.ts';

const TYPE = 'farebox/enrolment';
const CODE = 'enrolment/malformed';
const REFUSED_AS = { malformed: CODE, signature: CODE } as const;
/** What is read; version 1 had no device and no epoch, and is not written any more. */
const VERSIONS = [1, 2] as const;

/** Bytes of the request's nonce. */
export const ENROLMENT_NONCE_LENGTH_BYTES = 16;

/** What a module asks to have certified. */
export type EnrolmentRequest = Readonly<{
  module: ModuleId;
  /** 32 bytes, Ed25519. */
  publicKey: Uint8Array;
  /** 32 bytes, X25519. */
  sealingKey: Uint8Array;
  /** 16 bytes, drawn once, so that asking again is the same request. */
  nonce: Uint8Array;
  /** 16 bytes; zeros in a request of version 1. */
  device: Uint8Array;
  /** From 1; 0 in a request of version 1. */
  epoch: number;
  /** Milliseconds since 1970, whole seconds. */
  issuedAt: number;
}>;

/**
 * Signs a request with the module's own key. `issuedAt` in ms; `nonce` and `device` 16 bytes, `epoch` from 1; to be kept with the request.
 * Errors: `module/internal` where device and epoch do not fit.
 */
export async function makeEnrolmentRequest(request: {
  signer: Signer;
  sealingKey: Uint8Array;
  nonce: Uint8Array;
  issuedAt: number;
  device: Uint8Array;
  epoch: number;
}): Promise<Bytes> {
  const { signer, sealingKey, nonce, issuedAt, device, epoch } = request;
  if (epoch === 0) throw new FareboxError('module/internal', { expected: 'an epoch from 1' });
  const claims = claimsOf({
    iat: Math.floor(issuedAt / 1000),
    cnf: confirmationOf(signer.publicKey),
    type: TYPE,
    version: 2,
    sealingKey: coseKey('X25519', sealingKey),
    nonce,
    ...lifeClaims({ device, epoch }),
  });
  return signCose({ signer, typ: COSE_TYPES.enrolment, claims });
}

/** Believes a request that is signed by the very key it names. Errors: `enrolment/malformed`. */
export async function verifyEnrolmentRequest(request: {
  bytes: Uint8Array;
  suite: CryptoSuite;
}): Promise<EnrolmentRequest> {
  const { bytes, suite } = request;
  const publicKey = keyNamedIn(bytes);
  const signed = await verifyCose({ bytes, typ: COSE_TYPES.enrolment, publicKey, suite, refusedAs: REFUSED_AS });
  const claims = readClaims(signed, { type: TYPE, code: CODE, versions: VERSIONS });
  claims.raw('cnf');
  const verified = {
    module: decodeModuleId(partyIdOf(publicKey), CODE),
    publicKey,
    sealingKey: decodeCoseKey(claims.raw('sealingKey'), 'X25519', CODE),
    nonce: claims.bytes('nonce', ENROLMENT_NONCE_LENGTH_BYTES),
    ...(claims.version === 1 ? { device: noDevice(), epoch: 0 } : readLife(claims, CODE, 1)),
    issuedAt: claims.time('iat'),
  };
  claims.end();
  return Object.freeze(verified);
}

function keyNamedIn(bytes: Uint8Array): Uint8Array {
  try {
    const claims = readClaims(peekCose(bytes).claims, { type: TYPE, code: CODE, versions: VERSIONS });
    return decodeConfirmation(claims.raw('cnf'), CODE);
  } catch (cause) {
    throw renamed(cause, REFUSED_AS);
  }
}
