// COSE_Sign1 (RFC 9052 §4.2) with Ed25519 (RFC 9864) around a map of claims: the one form in which anything is signed
// here. Every signed object's file goes through it. The unprotected header is empty and the payload never detached, so
// there is nothing beside what is signed.

import { type Bytes, concatBytes, utf8 } from './bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from './cbor.ts';
import type { ClaimsMap } from './claims.ts';
import { FareboxError, type FareboxErrorCode } from './errors.ts';
import { partyIdOf } from './ids.ts';
import type { Signer } from './suite/signer.ts';
import type { CryptoSuite } from './suite/suite.ts';

const ALG_ED25519 = -19;
const HEADER_ALG = 1;
const HEADER_KID = 4;
const HEADER_TYP = 16; // RFC 9596

/** The first byte of tag 18, COSE_Sign1; it stands at the front only, so that the CBOR decoder never meets a tag. */
const TAG_SIGN1 = Uint8Array.of(0xd2);

/** Kinds of signed object: `typ` of the protected header. */
export const COSE_TYPES = {
  enrolment: 'application/farebox-enrolment+cwt',
  certificate: 'application/farebox-certificate+cwt',
  untrustedList: 'application/farebox-untrusted-list+cwt',
  programme: 'application/farebox-programme+cwt',
  challenge: 'application/farebox-challenge+cwt',
  challengeResponse: 'application/farebox-challenge-response+cwt',
  grant: 'application/farebox-grant+cwt',
  receipt: 'application/farebox-receipt+cwt',
  receiptAcknowledgement: 'application/farebox-receipt-acknowledgement+cwt',
  standing: 'application/farebox-standing+cwt',
  contract: 'application/farebox-contract+cwt',
  contractAcceptance: 'application/farebox-contract-acceptance+cwt',
  claim: 'application/farebox-claim+cwt',
  claimAnswer: 'application/farebox-claim-answer+cwt',
  liveUpdate: 'application/farebox-live-update+cwt',
  transportKey: 'application/farebox-transport-key+cwt',
  keyAgreement: 'application/farebox-key-agreement+cwt',
  keyAgreementAcceptance: 'application/farebox-key-agreement-acceptance+cwt',
} as const;

/** One of the kinds. */
export type CoseType = (typeof COSE_TYPES)[keyof typeof COSE_TYPES];

/** A signed object whose signature nobody has looked at. */
export type PeekedCose = Readonly<{ typ: string; kid: string; claims: ClaimsMap }>;

type OpenedCose = PeekedCose & Readonly<{ signedBytes: Bytes; signature: Uint8Array }>;

function isMap(value: CborValue | undefined): value is ClaimsMap {
  return value instanceof Map;
}

function signedBytesOf(protectedHeader: Uint8Array, payload: Uint8Array): Bytes {
  // Sig_structure of RFC 9052 §4.4, external_aad empty.
  return encodeCbor(['Signature1', protectedHeader, new Uint8Array(0), payload]);
}

/** Signs claims. The bytes are the object's one form; its hash names it. */
export async function signCose(object: { signer: Signer; typ: CoseType; claims: ClaimsMap }): Promise<Bytes> {
  const { signer, typ, claims } = object;
  const protectedHeader = encodeCbor(
    new Map<number, CborValue>([
      [HEADER_ALG, ALG_ED25519],
      [HEADER_KID, utf8(signer.kid)],
      [HEADER_TYP, typ],
    ]),
  );
  const payload = encodeCbor(claims);
  const signature = await signer.sign(signedBytesOf(protectedHeader, payload));
  return concatBytes(TAG_SIGN1, encodeCbor([protectedHeader, new Map(), payload, signature]));
}

function openCose(bytes: Uint8Array): OpenedCose {
  const malformed = (expected: string) => new FareboxError('cose/malformed', { expected });
  if (bytes[0] !== TAG_SIGN1[0]) throw malformed('tag 18');
  const parts = decodeCbor(bytes.subarray(1));
  if (!Array.isArray(parts) || parts.length !== 4) throw malformed('four parts');
  const [protectedHeader, unprotected, payload, signature]: readonly CborValue[] = parts;
  if (!isMap(unprotected) || unprotected.size !== 0) throw malformed('an empty unprotected header');
  if (!(protectedHeader instanceof Uint8Array)) throw malformed('a protected header');
  if (!(payload instanceof Uint8Array)) throw malformed('a payload');
  if (!(signature instanceof Uint8Array) || signature.length !== 64) throw malformed('a signature of 64 bytes');
  const header = decodeCbor(protectedHeader);
  if (!isMap(header) || header.size !== 3 || header.get(HEADER_ALG) !== ALG_ED25519) throw malformed('Ed25519');
  const kid = header.get(HEADER_KID);
  const typ = header.get(HEADER_TYP);
  if (!(kid instanceof Uint8Array) || kid.length !== 32) throw malformed('a kid');
  if (typeof typ !== 'string') throw malformed('a typ');
  const claims = decodeCbor(payload);
  if (!isMap(claims)) throw malformed('claims');
  const signedBytes = signedBytesOf(protectedHeader, payload);
  return { typ, kid: String.fromCharCode(...kid), claims, signedBytes, signature };
}

/** Reads without verifying: for finding out whose key is needed, and for people who look at a raw object. Errors: `cbor/*`, `cose/malformed`. */
export function peekCose(bytes: Uint8Array): PeekedCose {
  const { typ, kid, claims } = openCose(bytes);
  return { typ, kid, claims };
}

/** What to verify. `refusedAs`: the codes that stand for `cbor/*`, `cose/malformed`, `cose/wrong-type`, and for `cose/signature`; the detail keeps the first. */
export type CoseToVerify = Readonly<{
  bytes: Uint8Array;
  typ: CoseType;
  /** 32 bytes; the header's kid must be its id. */
  publicKey: Uint8Array;
  suite: CryptoSuite;
  refusedAs?: Readonly<{ malformed: FareboxErrorCode; signature: FareboxErrorCode }>;
}>;

async function verifyOpened({ bytes, typ, publicKey, suite }: CoseToVerify): Promise<ClaimsMap> {
  const opened = openCose(bytes);
  if (opened.typ !== typ) throw new FareboxError('cose/wrong-type', { expected: typ });
  const mine = opened.kid === partyIdOf(publicKey);
  if (!mine || !(await suite.verifyEd25519(publicKey, opened.signature, opened.signedBytes))) {
    throw new FareboxError('cose/signature');
  }
  return opened.claims;
}

/** The claims of an object of this kind, signed by this key. Errors: `cbor/*`, `cose/malformed`, `cose/wrong-type`, `cose/signature`, or those of `refusedAs`. */
export async function verifyCose(object: CoseToVerify): Promise<ClaimsMap> {
  const { refusedAs } = object;
  if (refusedAs === undefined) return verifyOpened(object);
  try {
    return await verifyOpened(object);
  } catch (cause) {
    throw renamed(cause, refusedAs);
  }
}

/** The code of an area in place of `cbor/*`, `cose/*`; what came first stays as detail `reason`. Other errors pass as they are. */
export function renamed(
  cause: unknown,
  as: Readonly<{ malformed: FareboxErrorCode; signature: FareboxErrorCode }>,
): unknown {
  if (!(cause instanceof FareboxError)) return cause;
  if (cause.code === 'cose/signature') return new FareboxError(as.signature, { reason: cause.code }, { cause });
  if (!cause.code.startsWith('cbor/') && !cause.code.startsWith('cose/')) return cause;
  return new FareboxError(as.malformed, { reason: cause.code }, { cause });
}
