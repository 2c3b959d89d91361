// Contracts (docs/protocol.md §17): the provider signs what it promises of one session, beside the grant that names it; the
// module signs that it takes it, before anything plays. Who broke it, claim.ts and claim-answer.ts are about.

import type { Bytes } from './bytes.ts';
import type { VerifiedCertificate } from './certificate.ts';
import { claimsOf, readClaims } from './claims.ts';
import { type ContractTerms, decodeContractTerms, encodeContractTerms } from './contract-terms.ts';
import { COSE_TYPES, signCose, verifyCose } from './cose.ts';
import { DELIVERY_ID_LENGTH_BYTES } from './delivery-id.ts';
import { FareboxError } from './errors.ts';
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
import type { Signer } from './suite/signer.ts';
import type { CryptoSuite } from './suite/suite.ts';

const TYPE = 'farebox/contract';
const CODE = 'contract/malformed';
const REFUSED_AS = { malformed: CODE, signature: CODE } as const;
const ACCEPTANCE_TYPE = 'farebox/contract-acceptance';
const ACCEPTANCE_CODE = 'contract/acceptance';
const ACCEPTANCE_REFUSED_AS = { malformed: ACCEPTANCE_CODE, signature: ACCEPTANCE_CODE } as const;
const VERIFIED: unique symbol = Symbol('verified contract');

/** What a provider promises of one session. */
export type Contract = Readonly<{
  module: ModuleId;
  session: SessionId;
  programme: ProgrammeId;
  programmeHash: ContentHash;
  currency: string;
  /** Price of one frame in ten-thousandths of the currency's unit; refunds are shares of it. */
  priceMinor: bigint;
  terms: ContractTerms;
  /** Under which the terminal asks for this session's content, and the provider keeps its record of delivery: 16 bytes. */
  deliveryId: Uint8Array;
  /** Milliseconds since 1970, whole seconds. */
  issuedAt: number;
}>;

/** A contract that was believed; it cannot be made otherwise. */
export type VerifiedContract = Contract &
  Readonly<{
    provider: ProviderId;
    /** SHA-256 of the signed bytes. */
    contractHash: ContentHash;
    [VERIFIED]: true;
  }>;

/** Signs a contract with the provider's key. Errors: `module/internal` where the delivery id has not 16 bytes. */
export async function makeContract(made: { signer: Signer; contract: Contract }): Promise<Bytes> {
  const { signer, contract } = made;
  if (contract.deliveryId.length !== DELIVERY_ID_LENGTH_BYTES)
    throw new FareboxError('module/internal', { expected: 'a delivery id of 16 bytes' });
  const claims = claimsOf({
    iss: signer.kid,
    aud: contract.module,
    iat: Math.floor(contract.issuedAt / 1000),
    type: TYPE,
    version: 1,
    session: idBytes(contract.session),
    programme: idBytes(contract.programme),
    programmeHash: idBytes(contract.programmeHash),
    currency: contract.currency,
    priceMinor: contract.priceMinor,
    contract: encodeContractTerms(contract.terms),
    deliveryId: contract.deliveryId,
  });
  return signCose({ signer, typ: COSE_TYPES.contract, claims });
}

/** Believes the signature and form of a contract of this certified provider. Errors: `contract/malformed`. */
export async function verifyContract(given: {
  bytes: Uint8Array;
  provider: VerifiedCertificate;
  suite: CryptoSuite;
}): Promise<VerifiedContract> {
  const { bytes, provider, suite } = given;
  const publicKey = provider.publicKey;
  const signed = await verifyCose({ bytes, typ: COSE_TYPES.contract, publicKey, suite, refusedAs: REFUSED_AS });
  const claims = readClaims(signed, { type: TYPE, code: CODE });
  const issuer = decodeProviderId(claims.text('iss'), CODE);
  if (provider.role !== 'provider' || issuer !== provider.subject) throw new FareboxError(CODE, { claim: 'iss' });
  const contract: Contract = {
    module: decodeModuleId(claims.text('aud'), CODE),
    session: decodeSessionId(claims.bytes('session', 16), CODE),
    programme: decodeProgrammeId(claims.bytes('programme', 16), CODE),
    programmeHash: decodeContentHash(claims.bytes('programmeHash', 32), CODE),
    currency: claims.currency('currency'),
    priceMinor: claims.minor('priceMinor'),
    terms: decodeContractTerms(claims.raw('contract'), CODE),
    deliveryId: claims.bytes('deliveryId', DELIVERY_ID_LENGTH_BYTES),
    issuedAt: claims.time('iat'),
  };
  claims.end();
  return Object.freeze({ ...contract, provider: issuer, contractHash: hashObject(bytes), [VERIFIED]: true as const });
}

/** What a module signs when it takes a contract. */
export type ContractAcceptance = Readonly<{
  provider: ProviderId;
  session: SessionId;
  contractHash: ContentHash;
  /** Milliseconds since 1970, whole seconds. */
  issuedAt: number;
}>;

/** Signs that this module takes a contract. */
export async function makeContractAcceptance(made: { signer: Signer; acceptance: ContractAcceptance }): Promise<Bytes> {
  const { signer, acceptance } = made;
  const claims = claimsOf({
    iss: signer.kid,
    aud: acceptance.provider,
    iat: Math.floor(acceptance.issuedAt / 1000),
    type: ACCEPTANCE_TYPE,
    version: 1,
    session: idBytes(acceptance.session),
    contractHash: idBytes(acceptance.contractHash),
  });
  return signCose({ signer, typ: COSE_TYPES.contractAcceptance, claims });
}

/** Believes that this certified module took this contract. Errors: `contract/acceptance`. */
export async function verifyContractAcceptance(given: {
  bytes: Uint8Array;
  module: VerifiedCertificate;
  contract: VerifiedContract;
  suite: CryptoSuite;
}): Promise<ContractAcceptance> {
  const { bytes, module, contract, suite } = given;
  const { publicKey } = module;
  const typ = COSE_TYPES.contractAcceptance;
  const signed = await verifyCose({ bytes, typ, publicKey, suite, refusedAs: ACCEPTANCE_REFUSED_AS });
  const claims = readClaims(signed, { type: ACCEPTANCE_TYPE, code: ACCEPTANCE_CODE });
  const refuse = (claim: string) => new FareboxError(ACCEPTANCE_CODE, { claim });
  if (module.role !== 'module' || claims.text('iss') !== module.subject) throw refuse('iss');
  const acceptance: ContractAcceptance = {
    provider: decodeProviderId(claims.text('aud'), ACCEPTANCE_CODE),
    session: decodeSessionId(claims.bytes('session', 16), ACCEPTANCE_CODE),
    contractHash: decodeContentHash(claims.bytes('contractHash', 32), ACCEPTANCE_CODE),
    issuedAt: claims.time('iat'),
  };
  claims.end();
  if (contract.module !== module.subject) throw refuse('iss');
  if (acceptance.provider !== contract.provider) throw refuse('aud');
  if (acceptance.session !== contract.session) throw refuse('session');
  if (acceptance.contractHash !== contract.contractHash) throw refuse('contractHash');
  return Object.freeze(acceptance);
}
