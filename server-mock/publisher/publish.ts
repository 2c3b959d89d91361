// Publishes a person's own video: check, encode, cut into slots, seal, store, sign, list. Called by the command line, by the sample
// programme and by the measurements. Nothing is half published: the catalogue learns of a programme last, and whatever fails or
// is aborted before that takes its files back.

import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import { utf8 } from '../../src/protocol/bytes.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { type ContentHash, makeProgrammeId } from '../../src/protocol/ids.ts';
import { decodeManifest, encodeManifest, type ManifestPart } from '../../src/protocol/manifest.ts';
import { signProgramme } from '../../src/protocol/programme.ts';
import type { SequenceName } from '../../src/protocol/sequence/sequence.ts';
import type { Signer } from '../../src/protocol/suite/signer.ts';
import type { ProgrammeRegistry, ProgrammeSummary, PublishedProgramme } from '../catalogue/registry.ts';
import type { ProviderConfig } from '../config.ts';
import type { ContentStore } from '../content/store.ts';
import { describeProgramme, describeRung, describeSound, type ManifestFrame, slotCount } from './describe.ts';
import { type Encoded, encode } from './encode.ts';
import { SOUND_LABEL } from './encode-sound.ts';
import { asPublishError } from './faults.ts';
import { PUBLISH_LIMITS } from './limits.ts';
import { contentUri, MASTER_NAME, playlistName, writeMasterPlaylist, writeMediaPlaylist } from './playlists.ts';
import { makePoster } from './poster.ts';
import { deriveRungs } from './rungs.ts';
import { makeSealer, type Sealer } from './seal.ts';
import { openSource, type Source } from './source.ts';
import { checkSpace, expectedSize } from './space.ts';
import { makeStaging, type Staging } from './staging.ts';

/** How far publishing is. `ratio` goes from 0 to 1 in each phase; while encoding it is the share of the programme's time. */
export type PublishProgress = { readonly phase: 'probe' | 'encode' | 'finish'; readonly ratio: number };

/** What to publish, and with what. */
export type PublishOptions = {
  /** Path of the media file: MP4, MOV, MKV or WebM. */
  readonly file: string;
  readonly title: string;
  readonly config: ProviderConfig;
  /** The provider's key; signs the programme. */
  readonly signer: Signer;
  readonly content: ContentStore;
  readonly registry: ProgrammeRegistry;
  /** Default `tree`. */
  readonly sequence?: SequenceName;
  /** Ten-thousandths of the currency's unit for each frame of two seconds; default `DEFAULT_PRICE_MINOR`. */
  readonly priceMinor?: number;
  /** ISO 4217; default the provider's. */
  readonly currency?: string;
  readonly onProgress?: (progress: PublishProgress) => void;
  readonly signal?: AbortSignal;
};

/** Length of a programme's seed. */
const SEED_BYTES = 32;

/** Six cents a minute in units of a hundredth of a cent for two seconds. */
export const DEFAULT_PRICE_MINOR = 20;

/**
 * Publishes one file; on return it is durable and for sale.
 * @throws FareboxError `publish/unreadable`, `publish/not-media`, `publish/no-video`, `publish/cut-short`, `publish/too-long`,
 * `publish/no-space`, `publish/failed` (detail `reason: 'aborted'` where the signal asked for it), `server/no-permission`, and
 * what the registry refuses with. After each of them nothing of this programme is left.
 */
export async function publishFile(options: PublishOptions): Promise<ProgrammeSummary> {
  const signal = options.signal ?? new AbortController().signal;
  const staging = makeStaging(options.content, options.registry);
  let source: Source | undefined;
  try {
    const title = checkTitle(options.title, options.file);
    options.onProgress?.({ phase: 'probe', ratio: 0 });
    source = await openSource(options.file);
    options.onProgress?.({ phase: 'probe', ratio: 1 });
    return await publishSource({ ...options, title, signal }, source, staging);
  } catch (cause) {
    await staging.discard();
    throw asPublishError(cause, signal);
  } finally {
    source?.close();
  }
}

/** Options with everything optional decided. */
type Decided = PublishOptions & { readonly signal: AbortSignal };

async function publishSource(options: Decided, source: Source, staging: Staging): Promise<ProgrammeSummary> {
  const { config, registry, signer, signal, title, onProgress } = options;
  const sequence = options.sequence ?? 'tree';
  const rungs = deriveRungs(source.width, source.height);
  await checkSpace(config.dataDir, expectedSize(rungs, source.durationUs));
  // Rounded up, so that the last slot always has at least a millisecond.
  const durationMs = Math.ceil(source.durationUs / 1000);
  const frameCount = slotCount(durationMs);
  const programme = makeProgrammeId(randomBytes);
  const seed = randomBytes(SEED_BYTES);
  try {
    const sealer = makeSealer({ programme, seed, sequence, frameCount, staging });
    const encoded = await encode({
      source,
      rungs,
      sink: sealer.add,
      onTime: (timeUs) => onProgress?.({ phase: 'encode', ratio: Math.max(0, timeUs / source.durationUs) }),
      signal,
    });
    onProgress?.({ phase: 'finish', ratio: 0 });
    const parts = describeParts(source, encoded, sealer, durationMs);
    const { hash: poster } = await staging.putClear(await makePoster(source, signal));
    const whole = { programme, durationMs, commitments: sealer.commitments(), poster };
    const manifestHash = await storeManifest(whole, parts, staging);
    const terms = {
      title,
      sequence,
      frameCount,
      frameDurationMs: PUBLISH_LIMITS.slotMs,
      currency: options.currency ?? config.currency,
    };
    const priceMinor = options.priceMinor ?? DEFAULT_PRICE_MINOR;
    const now = Date.now();
    const programmeBytes = await signProgramme({
      signer,
      issuedAt: now,
      programme: {
        ...terms,
        programme,
        priceMinor: BigInt(priceMinor),
        modes: ['display'],
        replay: 'session',
        manifest: manifestHash,
      },
    });
    signal.throwIfAborted();
    const names = rungs.map((rung) => rung.name);
    const files = staging.files();
    const published = { ...terms, id: programme, priceMinor, durationMs, posterHash: poster, rungs: names };
    await list({ ...published, programmeBytes, manifestHash, seed, files }, registry, staging);
    onProgress?.({ phase: 'finish', ratio: 1 });
    return { ...published, sizeBytes: files.reduce((sum, file) => sum + file.sizeBytes, 0), publishedTime: now };
  } finally {
    seed.fill(0);
  }
}

/** Stores playlists and manifest. @returns the manifest's hash. */
async function storeManifest(
  whole: Omit<ManifestFrame, 'playlists'>,
  parts: readonly ManifestPart[],
  staging: Staging,
): Promise<ContentHash> {
  const playlists = await storePlaylists(parts, whole.durationMs, staging);
  const bytes = encodeManifest(describeProgramme({ ...whole, playlists }, parts));
  // Read back before anyone is sold it: what this reader refuses, every module refuses.
  decodeManifest(bytes);
  const { hash } = await staging.put(bytes);
  return hash;
}

/** Lists the programme. An answer that was lost is settled by asking; where that fails too the files stay, for they may be on sale. */
async function list(published: PublishedProgramme, registry: ProgrammeRegistry, staging: Staging): Promise<void> {
  try {
    await registry.add(published);
  } catch (cause) {
    const listed = await registry.list().catch((unsettled: unknown) => {
      staging.release();
      throw unsettled;
    });
    if (!listed.some((known) => known.id === published.id)) throw cause;
  }
}

function describeParts(source: Source, encoded: Encoded, sealer: Sealer, durationMs: number): readonly ManifestPart[] {
  const pictures = encoded.rungs.map((rung) =>
    describeRung(rung, sealer.segmentsOf(rung.rung.label), source.pictureRate, durationMs),
  );
  if (encoded.soundInit === null) return pictures;
  return [...pictures, describeSound(encoded.soundInit, sealer.segmentsOf(SOUND_LABEL), durationMs)];
}

/** @returns file name → hash, as the manifest lists them. */
async function storePlaylists(
  parts: readonly ManifestPart[],
  durationMs: number,
  staging: Staging,
): Promise<ReadonlyMap<string, ContentHash>> {
  const playlists = new Map<string, ContentHash>();
  for (const part of parts) {
    const { hash: init } = await staging.putClear(part.init);
    const { hash } = await staging.putClear(utf8(writeMediaPlaylist(part, contentUri(init), durationMs)));
    playlists.set(playlistName(part.label), hash);
  }
  const uriOf = (part: ManifestPart): string => {
    const hash = playlists.get(playlistName(part.label));
    if (hash === undefined) throw new Error(`${part.label} has no playlist.`);
    return contentUri(hash);
  };
  const rungs = parts.filter((part) => part.kind === 'video');
  const sound = parts.find((part) => part.kind === 'audio') ?? null;
  const { hash } = await staging.putClear(utf8(writeMasterPlaylist(rungs, sound, uriOf)));
  return playlists.set(MASTER_NAME, hash);
}

function checkTitle(title: string, file: string): string {
  const trimmed = title.trim() === '' ? basename(file) : title.trim();
  if (trimmed.length > PUBLISH_LIMITS.titleLength) throw new FareboxError('request/malformed', { member: 'title' });
  return trimmed;
}
