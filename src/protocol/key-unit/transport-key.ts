// The transport key on its way (docs/protocol.md §23): a provider hands T of a set to one module, sealed to its certified key and signed.
// It comes once, at enrolment in the set; a later one for another set replaces it, and the module then starts with empty slots.

import { type Bytes, utf8 } from '../bytes.ts';
import { encodeCbor } from '../cbor.ts';
import type { VerifiedCertificate } from '../certificate.ts';
import { claimsOf } from '../claims.ts';
import { COSE_TYPES, signCose } from '../cose.ts';
import { FareboxError } from '../errors.ts';
import { HPKE_ENC_LENGTH_BYTES, HPKE_SUITE, openWith, type SealingKeyPair, sealTo } from '../hpke.ts';
import { decodeModuleId, decodeProviderId, type ModuleId, type ProviderId } from '../ids.ts';
import { readSignedBy } from '../signed-by.ts';
import type { Signer } from '../suite/signer.ts';
import type { CryptoSuite } from '../suite/suite.ts';
import { KEY_LENGTH_BYTES, KEY_SET_LENGTH_BYTES } from './application-key.ts';
import type { TransportKey } from './operation-key.ts';

const TYPE = 'farebox/transport-key';
const CODE = 'keys/malformed';
const INFO = utf8('farebox/1 transport key');
const SEALED_LENGTH_BYTES = KEY_LENGTH_BYTES + 16;

function aadOf(provider: string, module: string, set: Uint8Array, issuedSeconds: number): Bytes {
  return encodeCbor([TYPE, 1, provider, module, set, issuedSeconds]);
}

/** Hands T to a module, sealed to the key in its certificate. `issuedAt` in ms. Errors: `certificate/wrong-role`, `suite/weak-key`, `keys/malformed`. */
export async function makeTransportKey(made: {
  signer: Signer;
  module: VerifiedCertificate;
  transport: TransportKey;
  issuedAt: number;
}): Promise<Bytes> {
  const { signer, module, transport, issuedAt } = made;
  if (module.sealingKey === null) throw new FareboxError('certificate/wrong-role', { role: module.role });
  const { set, transportKey } = transport;
  if (set.length !== KEY_SET_LENGTH_BYTES || transportKey.length !== KEY_LENGTH_BYTES) throw new FareboxError(CODE);
  const iat = Math.floor(issuedAt / 1000);
  const aad = aadOf(signer.kid, module.subject, set, iat);
  const { enc, ciphertext } = await sealTo(module.sealingKey, { info: INFO, aad, plaintext: transportKey });
  const claims = claimsOf({
    iss: signer.kid,
    aud: module.subject,
    iat,
    type: TYPE,
    version: 1,
    keySet: set,
    hpkeSuite: HPKE_SUITE,
    hpkeEnc: enc,
    sealedKey: ciphertext,
  });
  return signCose({ signer, typ: COSE_TYPES.transportKey, claims });
}

/** A transport key that was believed and opened. The caller clears T when it is sealed away. */
export type ReceivedTransportKey = TransportKey & Readonly<{ provider: ProviderId; issuedAt: number }>;

/** Believes a certified provider's transport key for this module and opens it. Errors: `keys/malformed` for its form, its signature or another audience, `keys/data` where it does not open. */
export async function openTransportKey(given: {
  bytes: Uint8Array;
  provider: VerifiedCertificate;
  module: ModuleId;
  keyPair: SealingKeyPair;
  suite: CryptoSuite;
}): Promise<ReceivedTransportKey> {
  const { bytes, provider, module, keyPair, suite } = given;
  const kind = { typ: COSE_TYPES.transportKey, type: TYPE, code: CODE } as const;
  const claims = await readSignedBy({ ...kind, bytes, by: provider, role: 'provider', suite });
  const audience = decodeModuleId(claims.text('aud'), CODE);
  const issuedAt = claims.time('iat');
  const set = claims.bytes('keySet', KEY_SET_LENGTH_BYTES);
  const hpkeSuite = claims.raw('hpkeSuite');
  const enc = claims.bytes('hpkeEnc', HPKE_ENC_LENGTH_BYTES);
  const ciphertext = claims.bytes('sealedKey', SEALED_LENGTH_BYTES);
  claims.end();
  if (audience !== module) throw new FareboxError(CODE, { claim: 'aud' });
  if (!Array.isArray(hpkeSuite) || String(hpkeSuite) !== String(HPKE_SUITE))
    throw new FareboxError(CODE, { claim: 'hpkeSuite' });
  const aad = aadOf(provider.subject, module, set, issuedAt / 1000);
  try {
    const transportKey = await openWith(keyPair, { info: INFO, aad, enc, ciphertext });
    return Object.freeze({ provider: decodeProviderId(provider.subject, CODE), set, transportKey, issuedAt });
  } catch (cause) {
    throw new FareboxError('keys/data', undefined, { cause });
  }
}
