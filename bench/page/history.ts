// A long life for a module, as a backup: real keys, and for each session a real grant and a real receipt, signed by whoever signs them in
// life. Used by the restore's measurement. Nothing in it is shown, so every session closed with frames that nobody watched here.
import { issueCertificate, verifyCertificate } from '../../src/protocol/certificate.ts';
import { ENROLMENT_NONCE_LENGTH_BYTES, makeEnrolmentRequest } from '../../src/protocol/enrolment.ts';
import { makeGrant } from '../../src/protocol/grant.ts';
import { decodeModuleId, decodeProviderId, hashObject, makeSessionId, partyIdOf } from '../../src/protocol/ids.ts';
import { DEVICE_LENGTH_BYTES } from '../../src/protocol/life.ts';
import { verifyProgramme } from '../../src/protocol/programme.ts';
import { makeReceipt } from '../../src/protocol/receipt.ts';
import type { Snapshot, SnapshotReceipt, SnapshotSession } from '../../src/protocol/snapshot.ts';
import { type Signer, signerFromCryptoKey } from '../../src/protocol/suite/signer.ts';
import { webCryptoSuite as suite } from '../../src/protocol/suite/webcrypto.ts';
import { encodeProgressBytes, encodeTermsBytes } from '../../src/worker-module/session/session-codec.ts';
import { PART_LABEL, synthesiseProgramme } from './synthetic-provider.ts';

const YEAR_MS = 365 * 24 * 3_600_000;
const FRAMES = 30;
const EPOCH = 1;

/** What was made: the snapshot, and the agency's key (32 bytes, Ed25519) under which it all holds. */
export type History = { readonly snapshot: Snapshot; readonly agencyKey: Uint8Array };

type KeyPair = { readonly signer: Signer; readonly pkcs8: Uint8Array };

/** A module with so many sessions that have ended, and their receipts. */
export async function makeHistory(sessions: number): Promise<History> {
  const now = Date.now();
  const [agency, provider, module] = await Promise.all([makeSigning(), makeSigning(), makeSigning()]);
  const opening = await crypto.subtle.generateKey('X25519', true, ['deriveBits']);
  if (!('privateKey' in opening)) throw new Error('no X25519 here');
  const openingPublicKey = new Uint8Array(await crypto.subtle.exportKey('raw', opening.publicKey));
  const device = random(DEVICE_LENGTH_BYTES);
  const certify = { signer: agency.signer, issuedAt: now, expires: now + YEAR_MS };
  const subjectKey = module.signer.publicKey;
  const [certificate, providerCertificate] = await Promise.all([
    issueCertificate({ ...certify, role: 'module', subjectKey, sealingKey: openingPublicKey, device, epoch: EPOCH }),
    issueCertificate({ ...certify, role: 'provider', subjectKey: provider.signer.publicKey }),
  ]);
  const trust = { agencyKey: agency.signer.publicKey, now, suite };
  const verifiedModule = await verifyCertificate({ bytes: certificate, role: 'module', ...trust });
  const verifiedProvider = await verifyCertificate({ bytes: providerCertificate, role: 'provider', ...trust });
  const programmeBytes = await synthesiseProgramme(provider.signer, FRAMES, now);
  const programme = await verifyProgramme({ bytes: programmeBytes, certificate: verifiedProvider, suite });

  const kept: SnapshotSession[] = [];
  const receipts: SnapshotReceipt[] = [];
  let counter = 0;
  for (let at = 0; at < sessions; at += 1) {
    const session = makeSessionId(random);
    const grant = await makeGrant({
      signer: provider.signer,
      module: verifiedModule,
      programme,
      session,
      mode: 'display',
      ranges: [[0, FRAMES]],
      creditMinor: 0n,
      issuedAt: now,
      expires: now + YEAR_MS,
      sessionKey: random(32),
      seed: random(32),
    });
    const openedCounter = counter + 1;
    counter += 2 * FRAMES + 3;
    const terms = {
      provider: decodeProviderId(provider.signer.kid),
      programme: programme.programme,
      programmeHash: hashObject(programmeBytes),
      manifestHash: programme.manifest,
      grantHash: hashObject(grant),
      title: programme.title,
      currency: programme.currency,
      priceMinor: programme.priceMinor,
      creditMinor: 0n,
      expires: now + YEAR_MS,
      frameCount: FRAMES,
      frameDurationMs: programme.frameDurationMs,
      granted: [[0, FRAMES]],
      replay: programme.replay,
      sequence: programme.sequence,
      mode: 'display',
      contract: null,
      live: null,
      offline: false,
    } as const;
    const shown = { firstTime: now, lastTime: now + FRAMES, rungs: new Map([[PART_LABEL, FRAMES]]) };
    const receipt = await makeReceipt({
      signer: module.signer,
      receipt: {
        ...shown,
        provider: terms.provider,
        programme: terms.programme,
        programmeHash: terms.programmeHash,
        grantHash: terms.grantHash,
        currency: terms.currency,
        session,
        device,
        epoch: EPOCH,
        frames: [[0, FRAMES]],
        count: FRAMES,
        onTime: FRAMES,
        late: 0,
        failed: 0,
        withheld: 0,
        amountMinor: BigInt(FRAMES) * terms.priceMinor,
        counter: counter - 1,
        head: random(32),
        issuedAt: now + FRAMES,
      },
    });
    const progress = {
      ...shown,
      decrypted: terms.granted,
      late: [],
      low: [],
      stalls: new Map(),
      claim: null,
      claimAnswer: null,
      claimOutcome: null,
      contradiction: null,
      failures: new Map(),
      reservations: new Map(),
      count: FRAMES,
      lastCounter: counter,
      mark: 0,
      positionMs: 0,
    };
    const signed = { programme: programmeBytes, grant, providerCertificate };
    const packed = { terms: encodeTermsBytes(terms), progress: encodeProgressBytes(progress) };
    kept.push({ session, state: 'closed', openedTime: now + at, openedCounter, ...signed, ...packed });
    receipts.push({ session, closedTime: now + at, receipt, certificate, acknowledgement: null });
  }
  const nonce = random(ENROLMENT_NONCE_LENGTH_BYTES);
  const asked = { sealingKey: openingPublicKey, nonce, issuedAt: now, device, epoch: EPOCH };
  return {
    agencyKey: trust.agencyKey,
    snapshot: {
      module: decodeModuleId(partyIdOf(module.signer.publicKey)),
      signingKey: module.pkcs8,
      openingKey: new Uint8Array(await crypto.subtle.exportKey('pkcs8', opening.privateKey)),
      signingPublicKey: module.signer.publicKey,
      openingPublicKey,
      device,
      epoch: EPOCH,
      enrolmentRequest: await makeEnrolmentRequest({ signer: module.signer, ...asked }),
      certificate,
      counter,
      head: random(32),
      settings: { idleLockMs: null, allowanceMinor: 50_000 },
      sessions: kept,
      receipts,
    },
  };
}

async function makeSigning(): Promise<KeyPair> {
  const pair = await crypto.subtle.generateKey('Ed25519', true, ['sign', 'verify']);
  if (!('privateKey' in pair)) throw new Error('no Ed25519 here');
  const publicKey = new Uint8Array(await crypto.subtle.exportKey('raw', pair.publicKey));
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey('pkcs8', pair.privateKey));
  return { signer: signerFromCryptoKey(pair.privateKey, publicKey), pkcs8 };
}

function random(lengthBytes: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(lengthBytes));
}
