// Sees to it that a new provider has something to show: publishes the sample programme where the catalogue lacks it. main.ts calls it
// at each start; when the programme is there it only looks.

import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContractTerms } from '../../../src/protocol/contract-terms.ts';
import { OUTPUT_MODES } from '../../../src/protocol/programme.ts';
import type { Signer } from '../../../src/protocol/suite/signer.ts';
import type { ProgrammeRegistry, ProgrammeSummary } from '../../catalogue/registry.ts';
import type { ProviderConfig } from '../../config.ts';
import type { ContentStore } from '../../content/store.ts';
import { asPublishError } from '../faults.ts';
import { type PublishProgress, publishFile } from '../publish.ts';
import { makeSample } from './make-sample.ts';
import { makeSampleTracks } from './sample-tracks.ts';

/** Title the sample is known by. */
export const SAMPLE_TITLE = 'Second Hand';

/** What is promised of its delivery: sent within a slot's time, half of the price back for a late frame, all for a lost one. */
const SAMPLE_CONTRACT: ContractTerms = {
  slotsPerMinute: 30,
  longestStallMs: 1_000,
  leastRung: '',
  refunds: { late: 500, lost: 1_000, stall: 250, rung: 0 },
};

/** How far it is; `draw` comes before the phases of publishing. */
export type SampleProgress = PublishProgress | { readonly phase: 'draw'; readonly ratio: number };

/** What making the sample needs. */
export type SampleOptions = {
  readonly config: ProviderConfig;
  readonly registry: ProgrammeRegistry;
  readonly content: ContentStore;
  /** The provider's key. */
  readonly signer: Signer;
  readonly onProgress?: (progress: SampleProgress) => void;
  readonly signal?: AbortSignal;
};

/** A week: enough for a journey there and back. */
const SAMPLE_OFFLINE_MS = 7 * 86_400_000;

/**
 * Publishes the sample where no programme of its title is on sale.
 * @returns the programme, made now or before. @throws what `publishFile` throws; nothing is left behind then.
 */
export async function ensureSample(options: SampleOptions): Promise<ProgrammeSummary> {
  const { config, registry, content, signer, onProgress } = options;
  const known = (await registry.list()).find((programme) => programme.title === SAMPLE_TITLE);
  if (known !== undefined) return known;
  const signal = options.signal ?? new AbortController().signal;
  // Beside the content, not in the system's folder, which may be small or kept in memory.
  const folder = await mkdtemp(join(config.dataDir, 'sample-'));
  try {
    const file = join(folder, 'second-hand.mov');
    await makeSample({ file, signal, onProgress: (ratio) => onProgress?.({ phase: 'draw', ratio }) });
    // In every way: it is there to show them.
    const modes = OUTPUT_MODES;
    const tracks = await makeSampleTracks(folder);
    const own = { file, title: SAMPLE_TITLE, contract: SAMPLE_CONTRACT, offlineMs: SAMPLE_OFFLINE_MS };
    const publishing = { ...tracks, ...own, config, signer, content, registry, modes, signal };
    return await publishFile(onProgress === undefined ? publishing : { ...publishing, onProgress });
  } catch (cause) {
    throw asPublishError(cause, signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
