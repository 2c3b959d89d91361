// The provider's side of a world for tests: an agency, a certified provider, and one programme of real sealed frames. Everything is signed
// and sealed in earnest, so that a test alters one member of a real object and nothing else.

import { makeAcknowledgement } from '../../protocol/acknowledgement.ts';
import { utf8 } from '../../protocol/bytes.ts';
import { issueCertificate, type VerifiedCertificate, verifyCertificate } from '../../protocol/certificate.ts';
import { makeContract } from '../../protocol/contract.ts';
import type { ContractTerms } from '../../protocol/contract-terms.ts';
import { verifyEnrolmentRequest } from '../../protocol/enrolment.ts';
import { type GrantToMake, makeGrant } from '../../protocol/grant.ts';
import {
  decodeModuleId,
  hashObject,
  makeProgrammeId,
  makeSessionId,
  type ProgrammeId,
  type SessionId,
} from '../../protocol/ids.ts';
import type { LiveTerms } from '../../protocol/live-terms.ts';
import { type LiveUpdate, NO_UPDATE, signLiveUpdate } from '../../protocol/live-update.ts';
import { encodeManifest, type Manifest, type ManifestPart, type VideoPart } from '../../protocol/manifest.ts';
import { commitFrameKey, sealPart } from '../../protocol/parts.ts';
import { derivePreviewKey, type PreviewSheet, sealPreview } from '../../protocol/previews.ts';
import {
  OUTPUT_MODES,
  type Programme,
  signProgramme,
  type VerifiedProgramme,
  verifyProgramme,
} from '../../protocol/programme.ts';
import type { FrameRange } from '../../protocol/ranges.ts';
import { verifyReceipt } from '../../protocol/receipt.ts';
import { decodeReceiptFile } from '../../protocol/receipt-file.ts';
import { sequenceFunction } from '../../protocol/sequence/sequence.ts';
import { signerFromSecret } from '../../protocol/suite/secret-signer.ts';
import type { Signer } from '../../protocol/suite/signer.ts';
import { webCryptoSuite } from '../../protocol/suite/webcrypto.ts';
import type { SealedPart } from '../commands.ts';
import { type KeyDesk, makeKeyDesk } from './key-desk.ts';
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
/** A better rung, which a programme that promises it names and has nothing of. */
export const HIGH_LABEL = 'video/720p';
/** Of a provider with tracks. */
export const OTHER_SOUND_LABEL = 'audio/de';
export const CAPTIONS_LABEL = 'captions/en';
/** Its previews: all on one sheet. */
const PREVIEWS = { width: 16, height: 9, columns: 8, rows: 10, intervalMs: 1_000 } as const;

/** The one sheet of previews, clear: the header of a JPEG of its size, which is all that is looked at before it is decoded. */
export const SHEET = Uint8Array.of(0xff, 0xd8, 0xff, 0xc0, 0, 11, 8, 0, 90, 0, 128, 1, 1, 0x11, 0, 0xff, 0xd9);

/** Seals it. */
export function sealSheet(seed: Uint8Array, programme: ProgrammeId, clear = SHEET): Promise<Uint8Array<ArrayBuffer>> {
  return sealPreview({ previewKey: derivePreviewKey(seed, programme), programme, sheet: 0, clear, suite });
}

async function sheetOf(seed: Uint8Array, programme: ProgrammeId): Promise<PreviewSheet> {
  const sealed = await sealSheet(seed, programme);
  return { hash: hashObject(sealed), sizeBytes: sealed.length };
}

function highPart(init: Uint8Array): VideoPart {
  return {
    ...{ kind: 'video', label: HIGH_LABEL, codec: 'avc1.64001f', bitrate: 2_500_000, init },
    ...{ segments: Array.from({ length: FRAME_COUNT }, () => null), width: 1280, height: 720, pictureRate: 30_000 },
  };
}

/** What the test's provider promises where it promises anything. */
export const PROMISED: ContractTerms = {
  slotsPerMinute: 30,
  longestStallMs: 1_000,
  leastRung: '',
  refunds: { late: 500, lost: 1_000, stall: 250, rung: 300 },
};

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
  /** Of a live programme: an update for each frame, and the last one ends it. */
  readonly updates: readonly Uint8Array[];
  readonly seed: Uint8Array;
  /** The clear bytes that frame `frame` must give. */
  clearOf(frame: number, label: string): Uint8Array;
  /** The sealed parts of a frame, picture and main sound unless named; new buffers each time. */
  partsOf(frame: number, labels?: readonly string[]): readonly SealedPart[];
  /** The provider's memory of modules: epochs, contacts, receipts, backups, as the real one answers them. */
  readonly ledger: ProviderLedger;
  /** Its key unit. */
  readonly keys: KeyDesk;
  /** Certifies the module that asks, in the epoch that it asks for. @throws FareboxError `module/superseded`. */
  enrol(request: Uint8Array): Promise<Uint8Array>;
  /** A grant to the holder of this certificate; `altered` replaces members before it is signed. */
  grant(certificate: Uint8Array, ranges?: readonly FrameRange[], altered?: Partial<GrantToMake>): Promise<MadeGrant>;
  /** The signed answer to a receipt file; `sequenceNumber` 1 and the provider's signature unless told. */
  acknowledge(receiptFile: Uint8Array, sequenceNumber?: number, signer?: Signer): Promise<Uint8Array>;
};

/** Where a live programme of a test stands: all its frames have been filmed. */
export const LIVE: LiveTerms = { startTime: START_TIME - FRAME_COUNT * FRAME_DURATION_MS, windowFrames: 10 };

/** An update for each frame of the whole programme. */
async function signUpdates(
  signer: Signer,
  { programme, parts, commitments }: Manifest,
): Promise<readonly Uint8Array[]> {
  const updates: Uint8Array[] = [];
  for (let frame = 0; frame < FRAME_COUNT; frame += 1) {
    const last = updates.at(-1);
    const update: LiveUpdate = {
      ...{ programme, number: frame, from: frame, to: frame + 1, ended: frame === FRAME_COUNT - 1 },
      previous: last === undefined ? NO_UPDATE : hashObject(last),
      segments: new Map(parts.map(({ label, segments }) => [label, segments.slice(frame, frame + 1)])),
      commitments: commitments.slice(32 * frame, 32 * (frame + 1)),
    };
    updates.push(await signLiveUpdate({ signer, update, issuedAt: START_TIME }));
  }
  return updates;
}

/** A grant and the session it makes. */
export type MadeGrant = {
  readonly session: SessionId;
  readonly grant: Uint8Array;
  /** COSE bytes of the contract beside it; null where the programme offers none. */
  readonly contract: Uint8Array | null;
};

/** Makes a provider with one programme. `bytesPerPart` pads the clear parts, for measurements; `tracks` adds another sound and captions. */
export async function makeProviderSide(
  terms: Partial<Pick<Programme, 'replay' | 'sequence' | 'modes' | 'contract' | 'live' | 'offlineMs'>> = {},
  sizes: { readonly bytesPerPart?: number; readonly tracks?: boolean } = {},
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
  const labels = [VIDEO_LABEL, SOUND_LABEL, ...(sizes.tracks === true ? [OTHER_SOUND_LABEL, CAPTIONS_LABEL] : [])];
  const sealed = new Map<string, Uint8Array<ArrayBuffer>>();
  const commitments = new Uint8Array(32 * FRAME_COUNT);
  for (let frame = 0; frame < FRAME_COUNT; frame += 1) {
    const frameKey = sequenceFunction(sequence).keyAt(seed, frame);
    commitments.set(commitFrameKey(id, frame, frameKey), 32 * frame);
    for (const label of labels) {
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
  const sound = (label: string): ManifestPart => ({
    ...{ kind: 'audio', label, codec: 'mp4a.40.2', bitrate: 128_000, init, segments: segmentsOf(label) },
    ...{ channels: 2, sampleRate: 48_000, language: '', name: '', role: label === SOUND_LABEL ? 'main' : 'dub' },
  });
  const captions = (label: string): ManifestPart => ({
    ...{ kind: 'captions', label, codec: 'fbcc', bitrate: 100, init: new Uint8Array(), segments: segmentsOf(label) },
    ...{ language: 'en', name: '', role: 'captions' },
  });
  const live = terms.live ?? null;
  const whole: Manifest = {
    programme: id,
    frameCount: FRAME_COUNT,
    frameDurationMs: FRAME_DURATION_MS,
    durationMs: FRAME_COUNT * FRAME_DURATION_MS,
    parts: [
      {
        ...{ kind: 'video', label: VIDEO_LABEL, codec: 'avc1.64001f', bitrate: 800_000, init },
        ...{ segments: segmentsOf(VIDEO_LABEL), width: 640, height: 360, pictureRate: 30_000 },
      },
      ...(terms.contract?.leastRung === HIGH_LABEL ? [highPart(init)] : []),
      sound(SOUND_LABEL),
      ...(sizes.tracks === true ? [sound(OTHER_SOUND_LABEL), captions(CAPTIONS_LABEL)] : []),
    ],
    commitments,
    poster: hashObject(utf8('poster')),
    playlists: new Map(),
    chapters: [],
    previews: sizes.tracks === true ? { ...PREVIEWS, sheets: [await sheetOf(seed, id)] } : null,
  };
  const manifest: Manifest =
    live === null
      ? whole
      : {
          ...whole,
          parts: whole.parts.map((part) => ({ ...part, segments: [] })),
          commitments: new Uint8Array(0),
        };
  const updates = live === null ? [] : await signUpdates(providerSigner, whole);
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
      modes: terms.modes ?? OUTPUT_MODES,
      replay: terms.replay ?? 'session',
      manifest: hashObject(manifestBytes),
      contract: terms.contract ?? null,
      live,
      offlineMs: terms.offlineMs ?? null,
    },
  });
  const certificate = await verify(providerCertificate, 'provider');
  const programme = await verifyProgramme({ bytes: programmeBytes, certificate, suite });
  const ledger = makeProviderLedger({ signer: providerSigner, agencyKey, providerCertificate });

  return {
    ...{ agencyKey, agencySigner, providerSigner, providerCertificate },
    ...{ programme, programmeBytes, manifest, manifestBytes, updates, seed, clearOf },
    partsOf: (frame, asked = [VIDEO_LABEL, SOUND_LABEL]) =>
      asked.map((label) => ({ label, sealed: sealedOf(frame, label).slice().buffer })),
    ledger,
    keys: makeKeyDesk({ signer: providerSigner, agencyKey, ledger }),
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
      const { programmeHash, currency, priceMinor, contract: promised } = programme;
      const contract =
        promised === null || altered.offline === true
          ? null
          : await makeContract({
              signer: providerSigner,
              contract: {
                module: decodeModuleId(module.subject),
                ...{ session, programme: id, programmeHash, currency, priceMinor },
                ...{ terms: promised, deliveryId: randomBytes(16), issuedAt: START_TIME },
              },
            });
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
        contractHash: contract && hashObject(contract),
        ...altered,
      });
      return { session, grant, contract };
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
