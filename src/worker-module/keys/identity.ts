// The module's own keys: made once, by WebCrypto, and kept as sealed PKCS #8 under the wrapping key; enrolled with the agency. Called by
// commands/, receipts/ and standing/. In use they are keys that no script can read; the clear PKCS #8 leaves only for a sealed snapshot.

import { type Bytes, isAllZero, ownBytes, toHex } from '../../protocol/bytes.ts';
import { decodeCbor, encodeCbor } from '../../protocol/cbor.ts';
import { ENROLMENT_NONCE_LENGTH_BYTES, makeEnrolmentRequest } from '../../protocol/enrolment.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { decodeModuleId, partyIdOf, type RandomBytes } from '../../protocol/ids.ts';
import { type Signer, signerFromCryptoKey } from '../../protocol/suite/signer.ts';
import type { Core, ModuleKeys } from '../core.ts';
import { type IdentityKeys, type IdentityRow, ROW_VERSION } from '../store/rows.ts';
import { openBytes, type SealPurpose, sealBytes } from '../store/sealing.ts';

/** A module that the agency has certified. */
export type EnrolledIdentity = IdentityRow & { readonly certificate: Uint8Array };

/** Both private keys, PKCS #8. */
export type PrivateKeys = { readonly signingKey: Uint8Array; readonly openingKey: Uint8Array };

/** Both private keys for use: the signer of the module, and the X25519 key that opens grants. */
export type KeysInUse = { readonly signer: Signer; readonly openingKey: CryptoKey };

/** A life of the module: the device (16 bytes) it is on, and which epoch it is in. */
export type DeviceEpoch = { readonly device: Uint8Array; readonly epoch: number };

type KeysCore = Pick<Core, 'keys'>;
type MakingCore = Pick<Core, 'keys' | 'random' | 'clock'>;

const DEVICE_LENGTH_BYTES = 16;
const PURPOSE: SealPurpose = ['farebox/identity-keys', 1];

/** 16 random bytes, not all zero: zeros stand for a module of version 1. */
export function makeDevice(random: RandomBytes): Bytes {
  const device = ownBytes(random(DEVICE_LENGTH_BYTES));
  return isAllZero(device) ? makeDevice(random) : device;
}

/**
 * The enrolment request (COSE bytes): that of the pending epoch where there is one, else the module's own, made and stored with new keys
 * when there are none. The same bytes until a certificate is accepted for it.
 */
export async function commitEnrolmentRequest(core: Core): Promise<Uint8Array> {
  const stored = await core.store.meta('identity');
  if (stored !== null) return requestOf(stored);
  const made = await makeIdentity(core, { device: makeDevice(core.random), epoch: 1 });
  const kept = await core.committer.commit({
    sessions: [],
    apply: (draft) => {
      // Another tab may have been faster: its keys are the module's, these are dropped.
      const earlier = draft.meta('identity');
      if (earlier !== null) return earlier;
      draft.putMeta(made);
      draft.append({ kind: 'disclosed', what: 'enrolment', to: null });
      draft.putOperation({
        ...{ name: 'enrolment', version: ROW_VERSION, kind: 'enrolment', status: 'waiting' },
        ...{ code: null, session: null, changedTime: draft.time },
      });
      return made;
    },
  });
  await core.checkpointer.flush();
  return requestOf(kept);
}

/** The identity of an enrolled module. @throws FareboxError `enrolment/needed`. */
export async function expectEnrolled(core: Core): Promise<EnrolledIdentity> {
  const identity = await core.store.meta('identity');
  if (identity === null || identity.certificate === null) throw new FareboxError('enrolment/needed');
  return { ...identity, certificate: identity.certificate };
}

/** A new identity with new keys, sealed; not stored yet. */
export async function makeIdentity(core: MakingCore, life: DeviceEpoch): Promise<IdentityRow> {
  const signing = await makePair('Ed25519', ['sign', 'verify']);
  const opening = await makePair('X25519', ['deriveBits']);
  const pkcs8: PrivateKeys = {
    signingKey: await exportBytes('pkcs8', signing.privateKey),
    openingKey: await exportBytes('pkcs8', opening.privateKey),
  };
  const keys = await sealIdentityKeys(core.keys.wrappingKey, pkcs8, core.random);
  wipe(pkcs8);
  const signingPublicKey = await exportBytes('raw', signing.publicKey);
  const openingPublicKey = await exportBytes('raw', opening.publicKey);
  const identity = {
    name: 'identity',
    version: ROW_VERSION,
    moduleId: decodeModuleId(partyIdOf(signingPublicKey), 'module/internal'),
    ...life,
    signingPublicKey,
    openingPublicKey,
    keys,
    certificate: null,
    pending: null,
  } as const;
  const enrolmentRequest = await makeEpochRequest(core, identity, life);
  return { ...identity, enrolmentRequest };
}

/** The signed enrolment request of this module for a device and an epoch. The caller keeps it before it is sent. */
export async function makeEpochRequest(
  core: MakingCore,
  identity: Pick<IdentityRow, 'keys' | 'signingPublicKey' | 'openingPublicKey'>,
  life: DeviceEpoch,
): Promise<Uint8Array> {
  const { signer } = await openIdentityKeys(core, identity);
  return makeEnrolmentRequest({
    signer,
    sealingKey: identity.openingPublicKey,
    nonce: core.random(ENROLMENT_NONCE_LENGTH_BYTES),
    issuedAt: core.clock.now(),
    device: life.device,
    epoch: life.epoch,
  });
}

/** Seals both private keys (PKCS #8) for a row. */
export async function sealIdentityKeys(
  wrappingKey: CryptoKey,
  pkcs8: PrivateKeys,
  random: RandomBytes,
): Promise<IdentityKeys> {
  const clear = encodeCbor([pkcs8.signingKey, pkcs8.openingKey]);
  const body = await sealBytes(wrappingKey, PURPOSE, clear, random);
  clear.fill(0);
  return { kind: 'sealed', ...body };
}

// Keys in use live as long as the core's keys: a module that locks drops both together.
const inUse = new WeakMap<ModuleKeys, { readonly nonce: string; readonly opened: Promise<KeysInUse> }>();

/** The module's keys for use, not extractable; opened once for each core. @throws FareboxError `store/altered`. */
export async function openIdentityKeys(
  core: KeysCore,
  identity: Pick<IdentityRow, 'keys' | 'signingPublicKey'>,
): Promise<KeysInUse> {
  const { keys, signingPublicKey } = identity;
  if (keys.kind === 'bound') {
    return { signer: signerFromCryptoKey(keys.signingKey, signingPublicKey), openingKey: keys.openingKey };
  }
  const nonce = toHex(keys.nonce);
  const known = inUse.get(core.keys);
  if (known?.nonce === nonce) return known.opened;
  const opened = importForUse(core, keys, signingPublicKey);
  inUse.set(core.keys, { nonce, opened });
  // What failed is not kept: the next call says why again.
  opened.catch(() => inUse.delete(core.keys));
  return opened;
}

/**
 * Both private keys in the clear, PKCS #8, for a snapshot that is sealed at once; the caller wipes them.
 * @throws FareboxError `lock/bound-keys` for keys of version 1, `store/altered`.
 */
export async function exportIdentityKeys(core: KeysCore, identity: Pick<IdentityRow, 'keys'>): Promise<PrivateKeys> {
  const { keys } = identity;
  if (keys.kind === 'bound') throw new FareboxError('lock/bound-keys');
  const clear = await openBytes(core.keys.wrappingKey, PURPOSE, keys);
  const pair = decodeCbor(clear);
  const [signingKey, openingKey] = Array.isArray(pair) && pair.length === 2 ? pair : [];
  if (!(signingKey instanceof Uint8Array) || !(openingKey instanceof Uint8Array)) {
    throw new FareboxError('store/altered', { row: 'identity' });
  }
  const pkcs8 = { signingKey: Uint8Array.from(signingKey), openingKey: Uint8Array.from(openingKey) };
  clear.fill(0);
  return pkcs8;
}

async function importForUse(core: KeysCore, keys: IdentityKeys, signingPublicKey: Uint8Array): Promise<KeysInUse> {
  const pkcs8 = await exportIdentityKeys(core, { keys });
  try {
    const [signingKey, openingKey] = await Promise.all([
      crypto.subtle.importKey('pkcs8', ownBytes(pkcs8.signingKey), 'Ed25519', false, ['sign']),
      crypto.subtle.importKey('pkcs8', ownBytes(pkcs8.openingKey), 'X25519', false, ['deriveBits']),
    ]);
    return { signer: signerFromCryptoKey(signingKey, signingPublicKey), openingKey };
  } catch (cause) {
    throw new FareboxError('store/altered', { row: 'identity' }, { cause });
  } finally {
    wipe(pkcs8);
  }
}

function requestOf(identity: IdentityRow): Uint8Array {
  return identity.pending?.enrolmentRequest ?? identity.enrolmentRequest;
}

async function makePair(algorithm: 'Ed25519' | 'X25519', usages: readonly KeyUsage[]): Promise<CryptoKeyPair> {
  const pair = await crypto.subtle.generateKey(algorithm, true, [...usages]);
  if (!('privateKey' in pair)) throw new FareboxError('browser/unsupported', { missing: algorithm });
  return pair;
}

async function exportBytes(format: 'pkcs8' | 'raw', key: CryptoKey): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.exportKey(format, key));
}

function wipe(pkcs8: PrivateKeys): void {
  pkcs8.signingKey.fill(0);
  pkcs8.openingKey.fill(0);
}
