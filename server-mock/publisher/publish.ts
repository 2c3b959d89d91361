// Publishes a person's own video: check, encode, cut into slots, seal, store, sign, list. Called by the command line, by the sample
// programme and by the measurements. Nothing is half published: the catalogue learns of a programme last, and whatever fails or
// is aborted before that takes its files back.

import { randomBytes } from 'node:crypto';
import { basename } from 'node:path';
import type { ContractTerms } from '../../src/protocol/contract-terms.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { makeProgrammeId } from '../../src/protocol/ids.ts';
import { isTitle } from '../../src/protocol/language.ts';
import { type OutputMode, signProgramme } from '../../src/protocol/programme.ts';
import type { SequenceName } from '../../src/protocol/sequence/sequence.ts';
import type { Signer } from '../../src/protocol/suite/signer.ts';
import type { ProgrammeRegistry, ProgrammeSummary, PublishedProgramme } from '../catalogue/registry.ts';
import type { ProviderConfig } from '../config.ts';
import type { ContentStore } from '../content/store.ts';
import { describeParts, storeManifest } from './assemble.ts';
import { slotCount } from './describe.ts';
import { encode } from './encode.ts';
import { asPublishError } from './faults.ts';
import { PUBLISH_LIMITS } from './limits.ts';
import { makePoster } from './poster.ts';
import { makePreviews, previewForm } from './preview-sheets.ts';
import { checkContract, deriveRungs, type Rung } from './rungs.ts';
import { makeSealer } from './seal.ts';
import { openSource, type Source } from './source.ts';
import { checkSpace, expectedSize } from './space.ts';
import { makeStaging, type Staging } from './staging.ts';
import { openTracks, type ProgrammeTracks, type TrackOptions } from './tracks/programme-tracks.ts';
import { summariseTracks, type TrackSummary } from './tracks/summary.ts';

/** How far publishing is. `ratio` goes from 0 to 1 in each phase; while encoding it is the share of the programme's time. */
export type PublishProgress = { readonly phase: 'probe' | 'encode' | 'finish'; readonly ratio: number };

/** What to publish, and with what. */
export type PublishOptions = TrackOptions & {
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
  /** Ways out of the module, the strongest first; default `display` alone. */
  readonly modes?: readonly OutputMode[];
  /** What is promised of its delivery; default nothing. Its rung is one of the programme's. */
  readonly contract?: ContractTerms;
  /** For how long it may be kept and watched with no line, ms; default not at all. */
  readonly offlineMs?: number;
  readonly onProgress?: (progress: PublishProgress) => void;
  readonly signal?: AbortSignal;
};

/** What was published: its line in the catalogue, and what it has beside its pictures. */
export type PublishSummary = ProgrammeSummary & { readonly tracks: TrackSummary };

/** Length of a programme's seed. */
const SEED_BYTES = 32;

/** Six cents a minute in units of a hundredth of a cent for two seconds. */
export const DEFAULT_PRICE_MINOR = 20;

/**
 * Publishes one file; on return it is durable and for sale.
 * @throws FareboxError `publish/unreadable`, `publish/not-media`, `publish/no-video`, `publish/cut-short`, `publish/too-long`,
 * `publish/no-space`, `publish/no-sound`, `publish/too-many-tracks`, `publish/vtt-*` (detail `file`, `line`, `reason`),
 * `request/malformed` (a title, a language or a name that does not fit), `publish/failed` (detail `reason: 'aborted'` where the signal asked for it), `server/no-permission`, and
 * what the registry refuses with. After each of them nothing of this programme is left.
 */
export async function publishFile(options: PublishOptions): Promise<PublishSummary> {
  const signal = options.signal ?? new AbortController().signal;
  const staging = makeStaging(options.content, options.registry);
  let source: Source | undefined;
  let tracks: ProgrammeTracks | undefined;
  try {
    const title = checkTitle(options.title, options.file);
    options.onProgress?.({ phase: 'probe', ratio: 0 });
    source = await openSource(options.file);
    const rungs = deriveRungs(source.width, source.height);
    checkContract(options.contract, rungs);
    tracks = await openTracks(options, source, rungs.length, lengthMs(source));
    options.onProgress?.({ phase: 'probe', ratio: 1 });
    return await publishSource({ ...options, title, signal }, { source, rungs, tracks }, staging);
  } catch (cause) {
    await staging.discard();
    throw asPublishError(cause, signal);
  } finally {
    tracks?.close();
    source?.close();
  }
}

/** Options with everything optional decided. */
type Decided = PublishOptions & { readonly signal: AbortSignal };

/** All that is read. */
type Opened = { readonly source: Source; readonly rungs: readonly Rung[]; readonly tracks: ProgrammeTracks };

/** Length of the programme. Rounded up, so that the last slot always has at least a millisecond. */
const lengthMs = ({ durationUs }: Source): number => Math.ceil(durationUs / 1000);

async function publishSource(options: Decided, opened: Opened, staging: Staging): Promise<PublishSummary> {
  const { source, rungs, tracks } = opened;
  const { config, registry, signer, signal, title, onProgress } = options;
  const sequence = options.sequence ?? 'tree';
  await checkSpace(config.dataDir, expectedSize(rungs, tracks.sounds.length, source.durationUs));
  const durationMs = lengthMs(source);
  const frameCount = slotCount(durationMs);
  const programme = makeProgrammeId(randomBytes);
  const seed = randomBytes(SEED_BYTES);
  const sealer = makeSealer({ programme, seed, sequence, frameCount, staging });
  const form = previewForm(source, durationMs);
  const previews = makePreviews(form, source, durationMs, sealer.addSheet);
  try {
    for (const { label, segments } of tracks.captions) {
      for (const segment of segments) await sealer.add(label, segment);
    }
    const encoded = await encode({
      source,
      rungs,
      sounds: tracks.sounds,
      previews,
      sink: sealer.add,
      onTime: (timeUs) => onProgress?.({ phase: 'encode', ratio: Math.max(0, timeUs / source.durationUs) }),
      signal,
    });
    onProgress?.({ phase: 'finish', ratio: 0 });
    const parts = describeParts({ encoded, tracks, sealer, pictureRate: source.pictureRate }, durationMs);
    const { hash: poster } = await staging.putClear(await makePoster(source, signal));
    const { chapters } = tracks;
    const sheets = { ...form, sheets: sealer.sheets() };
    const whole = { programme, durationMs, commitments: sealer.commitments(), poster, chapters, previews: sheets };
    const manifestHash = await storeManifest(whole, parts, staging);
    const terms = {
      title,
      sequence,
      frameCount,
      frameDurationMs: PUBLISH_LIMITS.slotMs,
      currency: options.currency ?? config.currency,
    };
    const priceMinor = options.priceMinor ?? DEFAULT_PRICE_MINOR;
    const modes = options.modes ?? ['display'];
    const now = Date.now();
    const programmeBytes = await signProgramme({
      signer,
      issuedAt: now,
      programme: {
        ...terms,
        programme,
        priceMinor: BigInt(priceMinor),
        modes,
        replay: 'session',
        manifest: manifestHash,
        contract: options.contract ?? null,
        offlineMs: options.offlineMs ?? null,
      },
    });
    signal.throwIfAborted();
    const names = rungs.map((rung) => rung.name);
    const files = staging.files();
    const published = { ...terms, id: programme, priceMinor, durationMs, posterHash: poster, rungs: names, modes };
    await list({ ...published, programmeBytes, manifestHash, seed, files }, registry, staging);
    onProgress?.({ phase: 'finish', ratio: 1 });
    const sizeBytes = files.reduce((sum, file) => sum + file.sizeBytes, 0);
    return {
      ...published,
      sizeBytes,
      publishedTime: now,
      live: null,
      offlineMs: options.offlineMs ?? null,
      tracks: summariseTracks(parts, chapters, sealer.sheets().length),
    };
  } finally {
    previews.close();
    seed.fill(0);
  }
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

function checkTitle(title: string, file: string): string {
  const trimmed = title.trim() === '' ? basename(file) : title.trim();
  if (!isTitle(trimmed, 1, PUBLISH_LIMITS.titleLength))
    throw new FareboxError('request/malformed', { member: 'title' });
  return trimmed;
}
