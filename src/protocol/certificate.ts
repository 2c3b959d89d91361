// Certificates (docs/protocol.md §3): the agency says which Ed25519 key is a module's or a provider's until when.
// Issued by the agency, verified by everyone before anything signed under the key is believed.

import type { Bytes } from './bytes.ts';
import { claimsOf, readClaims } from './claims.ts';
import { COSE_TYPES, signCose, verifyCose } from './cose.ts';
import { confirmationOf, coseKey, decodeConfirmation, decodeCoseKey } from './cose-key.ts';
import { FareboxError } from './errors.ts';
import { type AgencyId, decodeAgencyId, partyIdOf } from './ids.ts';
import { isLife, type Life, lifeClaims, noDevice, readLife } from './life.ts';
import { LIMITS } from './limits.ts';
import type { Signer } from './suite/signer.ts';
import type { CryptoSuite } from './suite/suite.ts';

const TYPE = 'farebox/certificate';
/** Version 2 has a device and an epoch, and is for modules; version 1 is a provider's, or an old module's. */
const VERSIONS = [1, 2] as const;
const REFUSED_AS = { malformed: 'certificate/malformed', signature: 'certificate/foreign' } as const;
const VERIFIED: unique symbol = Symbol('verified certificate');

/** What a certified key may do. */
export type CertificateRole = 'module' | 'provider';

/** What a certificate says, once `verifyCertificate` has believed it; it cannot be made otherwise. */
export type VerifiedCertificate = Readonly<{
  /** The holder's id: 32 hex digits. */
  subject: string;
  /** The holder's Ed25519 key, 32 bytes. */
  publicKey: Uint8Array;
  /** A module's X25519 key, 32 bytes; null for a provider. */
  sealingKey: Uint8Array | null;
  role: CertificateRole;
  agency: AgencyId;
  /** A module's device, 16 bytes; zeros for a provider and for a module of version 1. */
  device: Uint8Array;
  /** A module's epoch, from 1; 0 for a provider and for a module of version 1. */
  epoch: number;
  /** Milliseconds since 1970, whole seconds. */
  issuedAt: number;
  /** Milliseconds since 1970, whole seconds: the first moment at which it no longer holds. */
  expires: number;
  [VERIFIED]: true;
}>;

/**
 * What the agency certifies. A module needs `sealingKey`, `device` and `epoch`, a provider has none of them. Epoch 0 with a device of zeros is
 * for a module that was made before there were epochs, and gives a certificate of version 1. Times in ms, cut to seconds.
 */
export type CertificateToIssue = Readonly<{
  /** The agency's. */
  signer: Signer;
  role: CertificateRole;
  /** 32 bytes, Ed25519. */
  subjectKey: Uint8Array;
  /** 32 bytes, X25519. */
  sealingKey?: Uint8Array;
  /** 16 bytes. */
  device?: Uint8Array;
  /** From 1 to `LIMITS.epochs`, or 0, see above. */
  epoch?: number;
  issuedAt: number;
  expires: number;
}>;

/** Signs a certificate. Errors: `certificate/malformed` where role, sealing key, device and epoch do not fit. */
export async function issueCertificate(certificate: CertificateToIssue): Promise<Bytes> {
  const { signer, role, subjectKey, sealingKey, issuedAt, expires } = certificate;
  if ((role === 'module') !== (sealingKey !== undefined))
    throw new FareboxError('certificate/malformed', { claim: 'sealingKey' });
  const life = lifeToCertify(certificate);
  const claims = claimsOf({
    iss: signer.kid,
    sub: partyIdOf(subjectKey),
    exp: Math.floor(expires / 1000),
    iat: Math.floor(issuedAt / 1000),
    cnf: confirmationOf(subjectKey),
    type: TYPE,
    version: life === null ? 1 : 2,
    role,
    sealingKey: sealingKey === undefined ? undefined : coseKey('X25519', sealingKey),
    ...(life === null ? {} : lifeClaims(life)),
  });
  return signCose({ signer, typ: COSE_TYPES.certificate, claims });
}

/** Device and epoch of a certificate of version 2, null where version 1 says all there is. */
function lifeToCertify({ role, device, epoch }: CertificateToIssue): Life | null {
  const malformed = () => new FareboxError('certificate/malformed', { claim: 'epoch' });
  if (role === 'provider') {
    if (device !== undefined || epoch !== undefined) throw malformed();
    return null;
  }
  if (device === undefined || epoch === undefined || !isLife({ device, epoch })) throw malformed();
  return epoch === 0 ? null : { device, epoch };
}

/** A certificate and how far to believe it. `now` in ms; `untrusted`: the ids on the agency's list. */
export type CertificateToVerify = Readonly<{
  bytes: Uint8Array;
  /** 32 bytes, Ed25519. */
  agencyKey: Uint8Array;
  role: CertificateRole;
  now: number;
  untrusted?: ReadonlySet<string>;
  suite: CryptoSuite;
}>;

/**
 * Believes a certificate or throws: signature by the agency (`certificate/foreign`), form (`certificate/malformed`), role
 * (`certificate/wrong-role`), time (`certificate/not-yet-valid`, `certificate/expired`), list (`certificate/untrusted`), in this order.
 */
export async function verifyCertificate(certificate: CertificateToVerify): Promise<VerifiedCertificate> {
  const { bytes, agencyKey, role, now, untrusted, suite } = certificate;
  const code = REFUSED_AS.malformed;
  const typ = COSE_TYPES.certificate;
  const claims = readClaims(await verifyCose({ bytes, typ, publicKey: agencyKey, suite, refusedAs: REFUSED_AS }), {
    type: TYPE,
    code,
    versions: VERSIONS,
  });
  const agency = decodeAgencyId(claims.text('iss'), code);
  if (agency !== partyIdOf(agencyKey)) throw new FareboxError(code, { claim: 'iss' });
  const publicKey = decodeConfirmation(claims.raw('cnf'), code);
  const subject = claims.text('sub');
  if (subject !== partyIdOf(publicKey)) throw new FareboxError(code, { claim: 'sub' });
  const certified = claims.text('role');
  if (certified !== 'module' && certified !== 'provider') throw new FareboxError(code, { claim: 'role' });
  if (certified === 'provider' && claims.version !== 1) throw new FareboxError(code, { claim: 'version' });
  const sealingKey = certified === 'module' ? decodeCoseKey(claims.raw('sealingKey'), 'X25519', code) : null;
  const { device, epoch } = claims.version === 1 ? { device: noDevice(), epoch: 0 } : readLife(claims, code, 1);
  const issuedAt = claims.time('iat');
  const expires = claims.time('exp');
  claims.end();
  if (certified !== role) throw new FareboxError('certificate/wrong-role', { role: certified });
  if (issuedAt > now + LIMITS.clockToleranceMs) throw new FareboxError('certificate/not-yet-valid', { issuedAt });
  if (now >= expires) throw new FareboxError('certificate/expired', { expires });
  if (untrusted?.has(subject)) throw new FareboxError('certificate/untrusted', { subject });
  const said = { subject, publicKey, sealingKey, role, agency, device, epoch, issuedAt, expires };
  return Object.freeze({ ...said, [VERIFIED]: true as const });
}
