// The initialisation exchange (docs/protocol.md §24, MC-3, MC-6): provider and module agree on master key, series sets, rule and what is
// retired, both signed. Agreements are numbered; who has met a higher number refuses a lower one for good.

import type { Bytes } from '../bytes.ts';
import type { CborValue } from '../cbor.ts';
import type { VerifiedCertificate } from '../certificate.ts';
import { claimsOf } from '../claims.ts';
import { COSE_TYPES, signCose } from '../cose.ts';
import { FareboxError } from '../errors.ts';
import { type ContentHash, decodeContentHash, decodeModuleId, hashObject, idBytes, type ModuleId } from '../ids.ts';
import { decodeKeySlot, encodeKeySlot, type KeySlot } from '../key-unit/references.ts';
import { LIMITS } from '../limits.ts';
import { readSignedBy } from '../signed-by.ts';
import type { Signer } from '../suite/signer.ts';
import type { CryptoSuite } from '../suite/suite.ts';
import { decodeSelectionRule, type SelectionRule } from './rules.ts';

const TYPE = 'farebox/key-agreement';
const ACCEPTANCE_TYPE = 'farebox/key-agreement-acceptance';
const CODE = 'keys/malformed';

/** One series set: whose it is, which indexes of it are over, ascending, and whether a PIN chooses it. */
export type AgreedSeries = Readonly<{ slot: KeySlot; retired: readonly number[]; pin: boolean }>;

/** What both sides use from now on. `issuedAt` in ms, whole seconds. */
export type KeyAgreement = Readonly<{
  module: ModuleId;
  /** From 1; every DK is bound to it. */
  number: number;
  rule: SelectionRule;
  master: KeySlot;
  /** 1 to `LIMITS.seriesSets`, of distinct references: one for each application that a PIN can choose. */
  series: readonly AgreedSeries[];
  issuedAt: number;
}>;

/** An agreement that was believed. */
export type SignedKeyAgreement = KeyAgreement & Readonly<{ agreementHash: ContentHash }>;

function requireAgreement({ number, series }: Pick<KeyAgreement, 'number' | 'series'>): void {
  const counted = Number.isInteger(number) && number >= 1 && number <= LIMITS.agreements;
  const references = new Set(series.map(({ slot }) => slot.reference));
  const named = series.length >= 1 && series.length <= LIMITS.seriesSets && references.size === series.length;
  const ascending = series.every(({ retired }) =>
    retired.every(
      (index, at) => Number.isInteger(index) && index > (retired[at - 1] ?? -1) && index < LIMITS.seriesNumbers,
    ),
  );
  if (!counted || !named || !ascending) throw new FareboxError(CODE, { expected: 'an agreement' });
}

/** For the provider. Errors: `keys/malformed` where its members do not fit together. */
export async function makeKeyAgreement(made: { signer: Signer; agreement: KeyAgreement }): Promise<Bytes> {
  const { signer, agreement } = made;
  requireAgreement(agreement);
  const claims = claimsOf({
    iss: signer.kid,
    aud: agreement.module,
    iat: Math.floor(agreement.issuedAt / 1000),
    type: TYPE,
    version: 1,
    number: agreement.number,
    rule: agreement.rule,
    master: encodeKeySlot(agreement.master),
    series: agreement.series.map(({ slot, retired, pin }): CborValue => [encodeKeySlot(slot), retired, pin]),
  });
  return signCose({ signer, typ: COSE_TYPES.keyAgreement, claims });
}

/** For the module. `newest`: the number of the newest agreement it has met, 0 before the first. Errors: `keys/malformed`; `keys/retired` for one with a lower number. */
export async function verifyKeyAgreement(given: {
  bytes: Uint8Array;
  provider: VerifiedCertificate;
  module: ModuleId;
  newest: number;
  suite: CryptoSuite;
}): Promise<SignedKeyAgreement> {
  const { bytes, provider, module, newest, suite } = given;
  const kind = { typ: COSE_TYPES.keyAgreement, type: TYPE, code: CODE } as const;
  const claims = await readSignedBy({ ...kind, bytes, by: provider, role: 'provider', suite });
  const agreement = {
    module: decodeModuleId(claims.text('aud'), CODE),
    number: claims.count('number', LIMITS.agreements),
    rule: decodeSelectionRule(claims.raw('rule')),
    master: decodeKeySlot(claims.raw('master')),
    series: decodeSeries(claims.raw('series')),
    issuedAt: claims.time('iat'),
  };
  claims.end();
  requireAgreement(agreement);
  if (agreement.module !== module) throw new FareboxError(CODE, { claim: 'aud' });
  if (agreement.number < newest) throw new FareboxError('keys/retired', { number: agreement.number });
  return Object.freeze({ ...agreement, agreementHash: hashObject(bytes) });
}

function decodeSeries(listed: CborValue): readonly AgreedSeries[] {
  const refuse = () => new FareboxError(CODE, { claim: 'series' });
  if (!Array.isArray(listed)) throw refuse();
  return listed.map((line: CborValue) => {
    if (!Array.isArray(line) || line.length !== 3) throw refuse();
    const [slot, retired, pin]: readonly CborValue[] = line;
    if (!Array.isArray(retired) || typeof pin !== 'boolean') throw refuse();
    const indexes = retired.map((index: CborValue) => {
      if (typeof index !== 'number') throw refuse();
      return index;
    });
    return { slot: decodeKeySlot(slot), retired: indexes, pin };
  });
}

/** For the module: its own signature under an agreement that it believed and has stored. `now` in ms. */
export async function acceptKeyAgreement(made: {
  signer: Signer;
  provider: VerifiedCertificate;
  agreement: SignedKeyAgreement;
  now: number;
}): Promise<Bytes> {
  const { signer, provider, agreement, now } = made;
  const claims = claimsOf({
    iss: signer.kid,
    aud: provider.subject,
    iat: Math.floor(now / 1000),
    type: ACCEPTANCE_TYPE,
    version: 1,
    agreementHash: idBytes(agreement.agreementHash),
  });
  return signCose({ signer, typ: COSE_TYPES.keyAgreementAcceptance, claims });
}

/** For the provider: whether the module accepted exactly this agreement. Errors: `keys/malformed`; `keys/retired` where it accepted another one. */
export async function verifyKeyAcceptance(given: {
  bytes: Uint8Array;
  module: VerifiedCertificate;
  provider: string;
  agreementHash: ContentHash;
  suite: CryptoSuite;
}): Promise<void> {
  const { bytes, module, provider, agreementHash, suite } = given;
  const kind = { typ: COSE_TYPES.keyAgreementAcceptance, type: ACCEPTANCE_TYPE, code: CODE } as const;
  const claims = await readSignedBy({ ...kind, bytes, by: module, role: 'module', suite });
  const audience = claims.text('aud');
  claims.time('iat');
  const accepted = decodeContentHash(claims.bytes('agreementHash', 32), CODE);
  claims.end();
  if (audience !== provider) throw new FareboxError(CODE, { claim: 'aud' });
  if (accepted !== agreementHash) throw new FareboxError('keys/retired', { claim: 'agreementHash' });
}
