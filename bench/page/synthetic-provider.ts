// A provider in the bench's page: an agency, a certificate, and a programme of random parts made on the spot with the protocol's own
// functions, so that the module under measurement checks, opens and counts exactly what it would check for a person.
import { makeAcknowledgement } from '../../src/protocol/acknowledgement.ts';
import { concatBytes } from '../../src/protocol/bytes.ts';
import { issueCertificate, type VerifiedCertificate, verifyCertificate } from '../../src/protocol/certificate.ts';
import { verifyEnrolmentRequest } from '../../src/protocol/enrolment.ts';
import { makeGrant } from '../../src/protocol/grant.ts';
import { decodeModuleId, hashObject, makeProgrammeId, makeSessionId, type SessionId } from '../../src/protocol/ids.ts';
import { encodeManifest, type Segment } from '../../src/protocol/manifest.ts';
import { commitFrameKey, sealPart } from '../../src/protocol/parts.ts';
import { signProgramme, verifyProgramme } from '../../src/protocol/programme.ts';
import { verifyReceipt } from '../../src/protocol/receipt.ts';
import { decodeReceiptFile } from '../../src/protocol/receipt-file.ts';
import { sequenceFunction } from '../../src/protocol/sequence/sequence.ts';
import { signerFromSecret } from '../../src/protocol/suite/secret-signer.ts';
import type { Signer } from '../../src/protocol/suite/signer.ts';
import { webCryptoSuite as suite } from '../../src/protocol/suite/webcrypto.ts';

/** The only part that each frame has. */
export const PART_LABEL = 'video/720p';

const HOUR_MS = 3_600_000;
const FRAME_DURATION_MS = 2000;
/** Hours of it stay below what a module lets itself be owed for without a backup. */
const PRICE_MINOR = 1n;
const random = (lengthBytes: number): Uint8Array<ArrayBuffer> => crypto.getRandomValues(new Uint8Array(lengthBytes));

/** What a module needs to open one session, and the sealed part of each of its frames. */
export type SyntheticSession = {
  readonly session: SessionId;
  readonly programme: Uint8Array;
  readonly manifest: Uint8Array;
  readonly grant: Uint8Array;
  readonly providerCertificate: Uint8Array;
  readonly sealedParts: readonly ArrayBuffer[];
};

/** Pictures that can be shown: one clear CMAF segment a frame, its times on the programme's clock. */
export type Film = {
  readonly codec: string;
  readonly width: number;
  readonly height: number;
  readonly init: Uint8Array;
  segmentOf(frame: number): Uint8Array;
};

/** Answers like a provider and its agency. */
export type SyntheticProvider = {
  readonly agencyKey: Uint8Array;
  /** Certifies a module; the answer is its certificate. */
  enrol(request: Uint8Array): Promise<Uint8Array>;
  /** A new programme of `frames` parts, of so many bytes that nobody can show or of a film, and a grant of all of it to that module. */
  makeSession(moduleCertificate: Uint8Array, frames: number, content: number | Film): Promise<SyntheticSession>;
  /** The signed answer to the receipt in a receipt file. */
  acknowledge(receiptFile: Uint8Array): Promise<Uint8Array>;
};

/** Secrets of 32 bytes each. */
export type ProviderSecrets = { readonly agency: Uint8Array; readonly provider: Uint8Array };

/** Makes one with keys of its own, or with these, so that a page that was killed meets the same provider again. */
export async function makeSyntheticProvider(
  secrets: ProviderSecrets = { agency: random(32), provider: random(32) },
): Promise<SyntheticProvider> {
  const agency = signerFromSecret(secrets.agency);
  const signer = signerFromSecret(secrets.provider);
  const issuedAt = Date.now();
  const expires = issuedAt + HOUR_MS;
  const certify = { signer: agency, issuedAt, expires };
  const providerCertificate = await issueCertificate({ ...certify, role: 'provider', subjectKey: signer.publicKey });
  const verified = (bytes: Uint8Array, role: 'module' | 'provider'): Promise<VerifiedCertificate> =>
    verifyCertificate({ bytes, agencyKey: agency.publicKey, role, now: issuedAt, suite });

  return {
    agencyKey: agency.publicKey,
    async enrol(bytes) {
      const { publicKey, sealingKey, device, epoch } = await verifyEnrolmentRequest({ bytes, suite });
      return issueCertificate({ ...certify, role: 'module', subjectKey: publicKey, sealingKey, device, epoch });
    },
    async acknowledge(receiptFile) {
      const file = decodeReceiptFile(receiptFile);
      const module = await verified(file.certificate, 'module');
      const receipt = await verifyReceipt({ bytes: file.receipt, module, suite });
      const { session, receiptHash, amountMinor, counter, head } = receipt;
      const answer = { session, receiptHash, amountMinor, counter, head, module: decodeModuleId(module.subject) };
      return makeAcknowledgement({
        signer,
        acknowledgement: { ...answer, sequenceNumber: counter, creditMinor: 0n, issuedAt },
      });
    },
    async makeSession(moduleCertificate, frames, shown) {
      const seed = random(32);
      const film = typeof shown === 'number' ? blankFilm(shown) : shown;
      const content = await sealContent(seed, frames, film);
      const programme = await signProgramme({ signer, issuedAt, programme: programmeOf(content, frames) });
      const session = makeSessionId(random);
      const grant = await makeGrant({
        signer,
        module: await verified(moduleCertificate, 'module'),
        programme: await verifyProgramme({
          bytes: programme,
          certificate: await verified(providerCertificate, 'provider'),
          suite,
        }),
        session,
        mode: 'display',
        ranges: [[0, frames]],
        creditMinor: 0n,
        issuedAt,
        expires,
        sessionKey: random(32),
        seed,
      });
      return {
        session,
        programme,
        manifest: content.manifest,
        grant,
        providerCertificate,
        sealedParts: content.sealedParts,
      };
    },
  };
}

/** A signed programme of so many frames whose content nobody will ask for. `signer` is the provider's. */
export async function synthesiseProgramme(signer: Signer, frames: number, issuedAt: number): Promise<Uint8Array> {
  const content = await sealContent(random(32), frames, blankFilm(16));
  return signProgramme({ signer, issuedAt, programme: programmeOf(content, frames) });
}

type Content = Awaited<ReturnType<typeof sealContent>>;

/** Parts of this size that no decoder would take. */
function blankFilm(partBytes: number): Film {
  // getRandomValues gives 64 KiB at most; what is sealed need not be random, only there.
  const clear = new Uint8Array(partBytes);
  return { codec: 'avc1.64001f', width: 1280, height: 720, init: random(16), segmentOf: () => clear };
}

async function sealContent(seed: Uint8Array, frames: number, film: Film) {
  const programme = makeProgrammeId(random);
  const sequence = sequenceFunction('tree');
  const sealedParts: ArrayBuffer[] = [];
  const segments: Segment[] = [];
  const commitments: Uint8Array[] = [];
  for (let frame = 0; frame < frames; frame += 1) {
    const frameKey = sequence.keyAt(seed, frame);
    const clear = film.segmentOf(frame);
    const sealed = await sealPart({ frameKey, programme, label: PART_LABEL, frame, clear, suite });
    sealedParts.push(sealed.buffer);
    segments.push({ hash: hashObject(sealed), sizeBytes: sealed.byteLength });
    commitments.push(commitFrameKey(programme, frame, frameKey));
  }
  const meanBytes = segments.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) / frames;
  const manifest = encodeManifest({
    programme,
    frameCount: frames,
    frameDurationMs: FRAME_DURATION_MS,
    durationMs: frames * FRAME_DURATION_MS,
    parts: [
      {
        label: PART_LABEL,
        kind: 'video',
        codec: film.codec,
        bitrate: Math.round((meanBytes * 8 * 1000) / FRAME_DURATION_MS),
        init: film.init,
        segments,
        width: film.width,
        height: film.height,
        pictureRate: 30_000,
      },
    ],
    commitments: concatBytes(...commitments),
    poster: hashObject(film.init),
    playlists: new Map(),
    chapters: [],
    previews: null,
  });
  return { programme, manifest, sealedParts };
}

function programmeOf(content: Content, frameCount: number) {
  return {
    programme: content.programme,
    title: 'Synthetic',
    frameCount,
    frameDurationMs: FRAME_DURATION_MS,
    sequence: 'tree',
    currency: 'EUR',
    priceMinor: PRICE_MINOR,
    modes: ['display'],
    replay: 'none',
    manifest: hashObject(content.manifest),
  } as const;
}
