// The parties, keys and objects that our own vectors and the tests share, all from fixed labels. For tests and make.ts
// only; its secrets are public and must never meet anything real.

import { x25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { type Bytes, concatBytes, fromHex, toHex, utf8 } from '../bytes.ts';
import { CAPTIONS_CODEC } from '../captions.ts';
import { issueCertificate, type VerifiedCertificate, verifyCertificate } from '../certificate.ts';
import type { SealingKeyPair } from '../hpke.ts';
import { decodeContentHash, decodeProgrammeId, decodeSessionId, hashObject } from '../ids.ts';
import { encodeManifest, type Manifest } from '../manifest.ts';
import { commitFrameKey } from '../parts.ts';
import { type Programme, signProgramme, type VerifiedProgramme, verifyProgramme } from '../programme.ts';
import { treeSequence } from '../sequence/tree.ts';
import { signerFromSecret } from '../suite/secret-signer.ts';
import type { Signer } from '../suite/signer.ts';
import { webCryptoSuite as suite } from '../suite/webcrypto.ts';

/** Noon of a day on which everything in the vectors happens, ms. */
export const NOW = Date.UTC(2026, 10, 21, 12);

/** An hour, ms. */
export const HOUR = 3_600_000;

/** Bytes from a label: SHA-256 of `farebox vector `, label and a block number, as long as wanted. */
export function bytesOf(label: string, lengthBytes = 32): Bytes {
  const blocks: Uint8Array[] = [];
  for (let block = 0; block * 32 < lengthBytes; block += 1)
    blocks.push(sha256(utf8(`farebox vector ${label} ${block}`)));
  return concatBytes(...blocks).slice(0, lengthBytes);
}

/** An X25519 pair from a 32-byte secret; the private half is not extractable. */
export async function sealingKeyPairOf(secret: Uint8Array): Promise<SealingKeyPair> {
  const pkcs8 = concatBytes(fromHex('302e020100300506032b656e04220420'), secret);
  const privateKey = await crypto.subtle.importKey('pkcs8', pkcs8, 'X25519', false, ['deriveBits']);
  return { privateKey, publicKey: x25519.getPublicKey(secret) };
}

/** A party with a certificate of the agency. */
export type Party = Readonly<{ signer: Signer; certificateBytes: Uint8Array; certificate: VerifiedCertificate }>;

/** Everyone, and the programme they meet over: 8 frames of 2 s at €0.0020. */
export type Cast = Readonly<{
  agency: Signer;
  otherAgency: Signer;
  provider: Party;
  module: Party & { readonly sealing: SealingKeyPair };
  otherModule: Party & { readonly sealing: SealingKeyPair };
  /** The programme's seed, function `tree`. */
  seed: Uint8Array;
  manifest: Manifest;
  manifestBytes: Uint8Array;
  programmeTerms: Programme;
  programmeBytes: Uint8Array;
  programme: VerifiedProgramme;
}>;

async function certifiedModule(agency: Signer, name: string): Promise<Party & { readonly sealing: SealingKeyPair }> {
  const signer = signerFromSecret(bytesOf(`${name} Ed25519`));
  const sealing = await sealingKeyPairOf(bytesOf(`${name} X25519`));
  const certificateBytes = await issueCertificate({
    signer: agency,
    role: 'module',
    subjectKey: signer.publicKey,
    sealingKey: sealing.publicKey,
    device: bytesOf(`${name} device`, 16),
    epoch: 1,
    issuedAt: NOW - HOUR,
    expires: NOW + 24 * HOUR,
  });
  const certificate = await verifyCertificate({
    bytes: certificateBytes,
    agencyKey: agency.publicKey,
    role: 'module',
    now: NOW,
    suite,
  });
  return { signer, sealing, certificateBytes, certificate };
}

async function certifiedProvider(agency: Signer): Promise<Party> {
  const signer = signerFromSecret(bytesOf('provider Ed25519'));
  const certificateBytes = await issueCertificate({
    signer: agency,
    role: 'provider',
    subjectKey: signer.publicKey,
    issuedAt: NOW - HOUR,
    expires: NOW + 24 * HOUR,
  });
  const certificate = await verifyCertificate({
    bytes: certificateBytes,
    agencyKey: agency.publicKey,
    role: 'provider',
    now: NOW,
    suite,
  });
  return { signer, certificateBytes, certificate };
}

/** Session of the vectors. */
export const SESSION = decodeSessionId(bytesOf('session', 16));

/** Programme of the vectors. */
export const PROGRAMME = decodeProgrammeId(bytesOf('programme', 16));

const FRAME_COUNT = 8;
const FRAME_DURATION_MS = 2000;

function manifestOf(seed: Uint8Array): Manifest {
  const frames = [...Array(FRAME_COUNT).keys()];
  const segmentsOf = (label: string) =>
    frames.map((frame) => ({ hash: hashObject(bytesOf(`${label} segment ${frame}`)), sizeBytes: 1000 + frame }));
  return {
    programme: PROGRAMME,
    frameCount: FRAME_COUNT,
    frameDurationMs: FRAME_DURATION_MS,
    durationMs: 15_500,
    parts: [
      {
        label: 'video/720p',
        kind: 'video',
        codec: 'avc1.64001f',
        bitrate: 2_500_000,
        width: 1280,
        height: 720,
        pictureRate: 29_970,
        init: bytesOf('video init', 40),
        segments: segmentsOf('video/720p'),
      },
      {
        label: 'audio/main',
        kind: 'audio',
        codec: 'mp4a.40.2',
        bitrate: 128_000,
        channels: 2,
        sampleRate: 48_000,
        language: 'en',
        name: '',
        role: 'main',
        init: bytesOf('audio init', 40),
        segments: segmentsOf('audio/main').map((segment, frame) => (frame === FRAME_COUNT - 1 ? null : segment)),
      },
      {
        label: 'audio/de',
        kind: 'audio',
        codec: 'mp4a.40.2',
        bitrate: 96_000,
        channels: 1,
        sampleRate: 48_000,
        language: 'de',
        name: 'Für Blinde',
        role: 'description',
        init: bytesOf('other audio init', 40),
        segments: segmentsOf('audio/de'),
      },
      {
        label: 'captions/pt-br',
        kind: 'captions',
        codec: CAPTIONS_CODEC,
        bitrate: 400,
        language: 'pt-BR',
        name: 'Português',
        role: 'subtitles',
        init: new Uint8Array(0),
        segments: segmentsOf('captions/pt-br').map((segment, frame) => (frame % 2 === 0 ? segment : null)),
      },
    ],
    commitments: concatBytes(
      ...frames.map((frame) => commitFrameKey(PROGRAMME, frame, treeSequence.keyAt(seed, frame))),
    ),
    poster: decodeContentHash(toHex(bytesOf('poster'))),
    playlists: new Map([['main.m3u8', decodeContentHash(bytesOf('playlist'))]]),
    chapters: [
      { startMs: 0, title: 'Tick' },
      { startMs: 7_001, title: 'Tock' },
    ],
    previews: {
      ...{ width: 160, height: 90, columns: 2, rows: 1, intervalMs: 5_000 },
      sheets: [0, 1].map((sheet) => ({ hash: hashObject(bytesOf(`previews sheet ${sheet}`)), sizeBytes: 500 + sheet })),
    },
  };
}

/** Makes everyone; the same each time. */
export async function makeCast(): Promise<Cast> {
  const agency = signerFromSecret(bytesOf('agency Ed25519'));
  const otherAgency = signerFromSecret(bytesOf('other agency Ed25519'));
  const provider = await certifiedProvider(agency);
  const module = await certifiedModule(agency, 'module');
  const otherModule = await certifiedModule(agency, 'other module');
  const seed = bytesOf('seed');
  const manifest = manifestOf(seed);
  const manifestBytes = encodeManifest(manifest);
  const programmeTerms: Programme = {
    programme: PROGRAMME,
    title: 'A clock that ticks',
    frameCount: FRAME_COUNT,
    frameDurationMs: FRAME_DURATION_MS,
    sequence: 'tree',
    currency: 'EUR',
    priceMinor: 20n,
    modes: ['display'],
    replay: 'session',
    manifest: hashObject(manifestBytes),
  };
  const programmeBytes = await signProgramme({ signer: provider.signer, programme: programmeTerms, issuedAt: NOW });
  const programme = await verifyProgramme({ bytes: programmeBytes, certificate: provider.certificate, suite });
  return {
    agency,
    otherAgency,
    provider,
    module,
    otherModule,
    seed,
    manifest,
    manifestBytes,
    programmeTerms,
    programmeBytes,
    programme,
  };
}
