// The agency's untrusted list (docs/protocol.md §3): parties whose certificates no longer count, signed and dated.

import type { Bytes } from './bytes.ts';
import { claimsOf, readClaims } from './claims.ts';
import { COSE_TYPES, signCose, verifyCose } from './cose.ts';
import { FareboxError } from './errors.ts';
import { partyIdOf } from './ids.ts';
import { LIMITS } from './limits.ts';
import type { Signer } from './suite/signer.ts';
import type { CryptoSuite } from './suite/suite.ts';

const TYPE = 'farebox/untrusted-list';
const CODE = 'certificate/malformed';
const PARTY_ID = /^[0-9a-f]{32}$/;

/** Ids of modules and providers that are not trusted any more, as of `issuedAt` (ms since 1970). */
export type UntrustedList = Readonly<{ ids: ReadonlySet<string>; issuedAt: number }>;

/** Signs the list; ids are sorted and repeated ones dropped. `issuedAt` in ms. */
export async function issueUntrustedList(list: {
  signer: Signer;
  ids: Iterable<string>;
  issuedAt: number;
}): Promise<Bytes> {
  const { signer, ids, issuedAt } = list;
  const claims = claimsOf({
    iss: signer.kid,
    iat: Math.floor(issuedAt / 1000),
    type: TYPE,
    version: 1,
    ids: [...new Set(ids)].sort(),
  });
  return signCose({ signer, typ: COSE_TYPES.untrustedList, claims });
}

/** Reads the list under the agency's key (32 bytes). Errors: `certificate/foreign`, `certificate/malformed`. */
export async function verifyUntrustedList(list: {
  bytes: Uint8Array;
  agencyKey: Uint8Array;
  suite: CryptoSuite;
}): Promise<UntrustedList> {
  const { bytes, agencyKey, suite } = list;
  const refusedAs = { malformed: CODE, signature: 'certificate/foreign' } as const;
  const signed = await verifyCose({ bytes, typ: COSE_TYPES.untrustedList, publicKey: agencyKey, suite, refusedAs });
  const claims = readClaims(signed, { type: TYPE, code: CODE });
  if (claims.text('iss') !== partyIdOf(agencyKey)) throw new FareboxError(CODE, { claim: 'iss' });
  const issuedAt = claims.time('iat');
  const listed = claims.raw('ids');
  claims.end();
  const refuse = () => new FareboxError(CODE, { claim: 'ids' });
  if (!Array.isArray(listed) || listed.length > LIMITS.untrustedIds) throw refuse();
  const ids = new Set<string>();
  let previous = '';
  for (const id of listed) {
    // Sorted and without repeats, so that one set has one list.
    if (typeof id !== 'string' || !PARTY_ID.test(id) || id <= previous) throw refuse();
    ids.add(id);
    previous = id;
  }
  return { ids, issuedAt };
}
