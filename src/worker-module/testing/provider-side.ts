// The provider's side of a world for tests: an agency, a certified provider, and one programme of real sealed frames. Everything is signed
// and sealed in earnest, so that a test alters one member of a real object and nothing else.

import { makeAcknowledgement } from '../../protocol/acknowledgement.ts';
import { utf8 } from '../../protocol/bytes.ts';
import { issueCertificate, type VerifiedCertificate, verifyCertificate } from '../../protocol/certificate.ts';
import { verifyEnrolmentRequest } from '../../protocol/enrolment.ts';
import { type GrantToMake, makeGrant } from '../../protocol/grant.ts';
import { decodeModuleId, hashObject, makeProgrammeId, makeSessionId, type SessionId } from '../../protocol/ids.ts';
import { encodeManifest, type Manifest } from '../../protocol/manifest.ts';
import { commitFrameKey, sealPart } from '../../protocol/parts.ts';
import { type Programme, signProgramme, type VerifiedProgramme, verifyProgramme } from '../../protocol/programme.ts';
import type { FrameRange } from '../../protocol/ranges.ts';
import { verifyReceipt } from '../../protocol/receipt.ts';
import { decodeReceiptFile } from '../../protocol/receipt-file.ts';
import { sequenceFunction } from '../../protocol/sequence/sequence.ts';
import { signerFromSecret } from '../../protocol/suite/secret-signer.ts';
import type { Signer } from '../../protocol/suite/signer.ts';
import { webCryptoSuite } from '../../protocol/suite/webcrypto.ts';
import type { SealedPart } from '../commands.ts';
import { makeProviderLedger, type ProviderLedger } from './provider-ledger.ts';
import { randomBytes } from './random.ts';
import { START_TIME } from './test-clock.ts';

export { randomBytes } from './random.ts';
export { START_TIME } from './test-clock.ts';
/** Frames of the test programme, and their length in ms. */
export const FRAME_COUNT = 40;
export const FRAME_DURATION_MS = 2_000;
export const VIDEO_LABEL = 'video/360p';
export const SOUND_LABEL = 'audio/main';

const YEAR_MS = 365 * 24 * 3_600_000;
const suite = webCryptoSuite;

/** The provider as tests use it. */
export type ProviderSide = {
  readonly agencyKey: Uint8Array;
  readonly agencySigner: Signer;
  readonly providerSigner: Signer;
  readonly providerCertificate: Uint8Array;
  readonly programme: VerifiedProgramme;
  readonly programmeBytes: Uint8Array;
  readonly manifest: Manifest;
  readonly manifestBytes: Uint8Array;
  readonly seed: Uint8Array;
  /** The clear bytes that frame `frame` must give. */
  clearOf(frame: number, label: string): Uint8Array;
  /** The sealed parts of a frame, new buffers each time. */
  partsOf(frame: number): readonly SealedPart[];
  /** The provider's memory of modules: epochs, contacts, receipts, backups, as the real one answers them. */
  readonly ledger: ProviderLedger;
  /** Certifies the module that asks, in the epoch that it asks for. @throws FareboxError `module/superseded`. */
  enrol(request: Uint8Array): Promise<Uint8Array>;
  /** A grant to the holder of this certificate; `altered` replaces members before it is signed. */
  grant(certificate: Uint8Array, ranges?: readonly FrameRange[], altered?: Partial<GrantToMake>): Promise<MadeGrant>;
  /** The signed answer to a receipt file; `sequenceNumber` 1 and the provider's signature unless told. */
  acknowledge(receiptFile: Uint8Array, sequenceNumber?: number, signer?: Signer): Promise<Uint8Array>;
};

/** A grant and the session it makes. */
export type MadeGrant = { readonly session: SessionId; readonly grant: Uint8Array };

/** Makes a provider with one programme. `bytesPerPart` pads the clear parts, for measurements. */
export async function makeProviderSide(
  terms: Partial<Pick<Programme, 'replay' | 'sequence'>> = {},
  sizes: { readonly bytesPerPart?: number } = {},
): Promise<ProviderSide> {
  const agencySigner = signerFromSecret(randomBytes(32));
  const providerSigner = signerFromSecret(randomBytes(32));
  const agencyKey = agencySigner.publicKey;
  const times = { issuedAt: START_TIME, expires: START_TIME + YEAR_MS };
  const subjectKey = providerSigner.publicKey;
  const providerCertificate = await issueCertificate({ signer: agencySigner, role: 'provider', subjectKey, ...times });
  const verify = (bytes: Uint8Array, role: 'module' | 'provider'): Promise<VerifiedCertificate> =>
    verifyCertificate({ bytes, agencyKey, role, now: START_TIME, suite });

  const seed = randomBytes(32);
  const sequence = terms.sequence ?? 'tree';
  const id = makeProgrammeId(randomBytes);
  const clearOf = (frame: number, label: string) => {
    const text = utf8(`clear ${label} ${frame}`);
    const clear = new Uint8Array(Math.max(text.length, sizes.bytesPerPart ?? 0));
    clear.set(text);
    return clear;
  };
  const sealed = new Map<string, Uint8Array<ArrayBuffer>>();
  const commitments = new Uint8Array(32 * FRAME_COUNT);
  for (let frame = 0; frame < FRAME_COUNT; frame += 1) {
    const frameKey = sequenceFunction(sequence).keyAt(seed, frame);
    commitments.set(commitFrameKey(id, frame, frameKey), 32 * frame);
    for (const label of [VIDEO_LABEL, SOUND_LABEL]) {
      const place = { frameKey, programme: id, label, frame };
      sealed.set(`${label} ${frame}`, await sealPart({ ...place, clear: clearOf(frame, label), suite }));
    }
  }
  const sealedOf = (frame: number, label: string): Uint8Array<ArrayBuffer> => {
    const bytes = sealed.get(`${label} ${frame}`);
    if (bytes === undefined) throw new RangeError(`no part ${label} ${frame}`);
    return bytes;
  };
  const segmentsOf = (label: string) =>
    Array.from({ length: FRAME_COUNT }, (_none, frame) => {
      const bytes = sealedOf(frame, label);
      return { hash: hashObject(bytes), sizeBytes: bytes.length };
    });
  const init = utf8('init');
  const manifest: Manifest = {
    programme: id,
    frameCount: FRAME_COUNT,
    frameDurationMs: FRAME_DURATION_MS,
    durationMs: FRAME_COUNT * FRAME_DURATION_MS,
    parts: [
      {
        ...{ kind: 'video', label: VIDEO_LABEL, codec: 'avc1.64001f', bitrate: 800_000, init },
        ...{ segments: segmentsOf(VIDEO_LABEL), width: 640, height: 360, pictureRate: 30_000 },
      },
      {
        ...{ kind: 'audio', label: SOUND_LABEL, codec: 'mp4a.40.2', bitrate: 128_000, init },
        ...{ segments: segmentsOf(SOUND_LABEL), channels: 2, sampleRate: 48_000 },
      },
    ],
    commitments,
    poster: hashObject(utf8('poster')),
    playlists: new Map(),
  };
  const manifestBytes = encodeManifest(manifest);
  const programmeBytes = await signProgramme({
    signer: providerSigner,
    issuedAt: START_TIME,
    programme: {
      programme: id,
      title: 'A test programme',
      frameCount: FRAME_COUNT,
      frameDurationMs: FRAME_DURATION_MS,
      sequence,
      currency: 'EUR',
      priceMinor: 20n,
      modes: ['display'],
      replay: terms.replay ?? 'session',
      manifest: hashObject(manifestBytes),
    },
  });
  const certificate = await verify(providerCertificate, 'provider');
  const programme = await verifyProgramme({ bytes: programmeBytes, certificate, suite });
  const ledger = makeProviderLedger({ signer: providerSigner, agencyKey, providerCertificate });

  return {
    ...{ agencyKey, agencySigner, providerSigner, providerCertificate },
    ...{ programme, programmeBytes, manifest, manifestBytes, seed, clearOf },
    partsOf: (frame) =>
      [VIDEO_LABEL, SOUND_LABEL].map((label) => ({ label, sealed: sealedOf(frame, label).slice().buffer })),
    ledger,
    enrol: async (request) => {
      const { module, publicKey, sealingKey, device, epoch } = await verifyEnrolmentRequest({ bytes: request, suite });
      ledger.beginEpoch(module, { device, epoch });
      const subject = { subjectKey: publicKey, sealingKey, device, epoch };
      return issueCertificate({ signer: agencySigner, role: 'module', ...subject, ...times });
    },
    grant: async (moduleCertificate, ranges = [[0, FRAME_COUNT]], altered = {}) => {
      const session = altered.session ?? makeSessionId(randomBytes);
      const module = await verify(moduleCertificate, 'module');
      ledger.noteGrant(decodeModuleId(module.subject), session);
      const grant = await makeGrant({
        signer: providerSigner,
        module,
        programme,
        session,
        mode: 'display',
        ranges,
        creditMinor: 1_000n,
        issuedAt: START_TIME,
        expires: START_TIME + 3_600_000,
        sessionKey: randomBytes(32),
        seed,
        ...altered,
      });
      return { session, grant };
    },
    acknowledge: async (receiptFile, sequenceNumber = 1, signer = providerSigner) => {
      const file = decodeReceiptFile(receiptFile);
      const module = await verify(file.certificate, 'module');
      const receipt = await verifyReceipt({ bytes: file.receipt, module, suite });
      return makeAcknowledgement({
        signer,
        acknowledgement: {
          module: decodeModuleId(module.subject),
          session: receipt.session,
          receiptHash: receipt.receiptHash,
          sequenceNumber,
          amountMinor: receipt.amountMinor,
          creditMinor: 1_000n,
          counter: receipt.counter,
          head: receipt.head,
          issuedAt: START_TIME,
        },
      });
    },
  };
}
