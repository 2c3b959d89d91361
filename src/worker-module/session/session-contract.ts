// The contract of a session (docs/protocol.md §17) as the module keeps it with the session's terms: what was promised, both signatures, and
// which video parts of the programme are below the promised one. Checked and taken by open-session.ts and accept-papers.ts.

import type { CborKey, CborValue } from '../../protocol/cbor.ts';
import type { VerifiedCertificate } from '../../protocol/certificate.ts';
import { type VerifiedContract, verifyContract } from '../../protocol/contract.ts';
import { misfitOfContract } from '../../protocol/contract-fit.ts';
import { type ContractTerms, decodeContractTerms, encodeContractTerms } from '../../protocol/contract-terms.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { VerifiedGrant } from '../../protocol/grant.ts';
import { type ContentHash, decodeContentHash } from '../../protocol/ids.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import type { VerifiedProgramme } from '../../protocol/programme.ts';
import type { CryptoSuite } from '../../protocol/suite/suite.ts';
import { altered } from './members.ts';

/** A contract that both have signed. */
export type SessionContract = {
  readonly contractHash: ContentHash;
  /** COSE bytes of the provider's contract and of the module's word on it. */
  readonly contract: Uint8Array;
  readonly acceptance: Uint8Array;
  readonly promised: ContractTerms;
  /** 16 bytes: under which the host asks for content, so that the provider's record of delivery can be found. */
  readonly deliveryId: Uint8Array;
  /** Labels of the video parts below `promised.leastRung`. */
  readonly lowRungs: readonly string[];
};

/**
 * The contract that goes with a grant, or null where neither offer nor grant speaks of one.
 * @throws FareboxError `contract/malformed`, `contract/missing`, `contract/other-terms`.
 */
export async function verifyOffered(given: {
  readonly contract: Uint8Array | null;
  readonly provider: VerifiedCertificate;
  readonly grant: VerifiedGrant;
  readonly programme: VerifiedProgramme;
  readonly suite: CryptoSuite;
}): Promise<VerifiedContract | null> {
  const { contract: bytes, provider, grant, programme, suite } = given;
  const contract = bytes === null ? null : await verifyContract({ bytes, provider, suite });
  const misfit = misfitOfContract(contract, grant, programme.contract);
  if (misfit !== null) throw new FareboxError(misfit, { session: grant.session });
  return contract;
}

/** Labels of the video parts with fewer bits than this one; none where it is not named, and none where the programme has no such part. */
export function lowRungsOf(manifest: Manifest, leastRung: string): readonly string[] {
  const videos = manifest.parts.filter((part) => part.kind === 'video');
  const least = videos.find(({ label }) => label === leastRung);
  return least === undefined ? [] : videos.filter(({ bitrate }) => bitrate < least.bitrate).map(({ label }) => label);
}

/** The member `contract` of terms; null is left out, so that terms without one are what they were. */
export function encodeSessionContract(kept: SessionContract): CborValue {
  return new Map<CborKey, CborValue>([...Object.entries({ ...kept, promised: encodeContractTerms(kept.promised) })]);
}

/** Reads it back. @throws FareboxError `store/altered`. */
export function decodeSessionContract(value: CborValue | undefined): SessionContract | null {
  if (value === undefined) return null;
  if (!(value instanceof Map)) throw altered('contract');
  const bytes = (name: string): Uint8Array => {
    const member = value.get(name);
    if (!(member instanceof Uint8Array)) throw altered(name);
    return member;
  };
  const lowRungs = value.get('lowRungs');
  if (!Array.isArray(lowRungs)) throw altered('lowRungs');
  return {
    contractHash: decodeContentHash(value.get('contractHash'), 'store/altered'),
    contract: bytes('contract'),
    acceptance: bytes('acceptance'),
    promised: decodeContractTerms(value.get('promised') ?? null, 'store/altered'),
    deliveryId: bytes('deliveryId'),
    lowRungs: lowRungs.map((label: unknown) => {
      if (typeof label !== 'string') throw altered('lowRungs');
      return label;
    }),
  };
}
