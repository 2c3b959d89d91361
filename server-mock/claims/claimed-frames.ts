// What a claim is judged by of its programme (docs/protocol.md §17, §20): the files of each frame beside the provider's record of their
// delivery, and of a live one whether a frame was out when it was due. claims.ts asks; judge.ts decides.

import type { VerifiedContract } from '../../src/protocol/contract.ts';
import { slotTimeMs } from '../../src/protocol/contract-terms.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { decodeProgrammeId, type ProgrammeId } from '../../src/protocol/ids.ts';
import { decodeManifest, isLiveManifest, type Manifest, type Segment, segmentAt } from '../../src/protocol/manifest.ts';
import type { FrameRange } from '../../src/protocol/ranges.ts';
import { findProgramme } from '../catalogue/programmes.ts';
import type { Queries } from '../db/open.ts';
import { liveStateOf } from '../live/read-live.ts';
import { updatesOver } from '../live/updates-over.ts';
import type { Provider } from '../provider.ts';
import { readAttempts } from './delivery-record.ts';
import type { ClaimCase } from './judge.ts';
import { type Attempt, weighFrame } from './weigh.ts';

/** Slots' time that a live frame may come later than its own time is over; a player stays as far behind the edge. */
const GRACE_SLOTS = 3;

/** The session whose frames are claimed. Times in ms since 1970, by the provider's clock. */
export type ClaimedSession = {
  readonly programmeId: string;
  readonly ranges: readonly FrameRange[];
  readonly deliveryId: string | null;
  readonly settledTime: number;
};

/** The frames of a programme as its judge sees them. */
export type ClaimedFrames = Pick<
  ClaimCase,
  'frameCount' | 'frameDurationMs' | 'weigh' | 'weighHigh' | 'wasUnpublished'
>;

/** Reads them. @throws FareboxError `programme/unknown` where it is not on sale any more. */
export async function readClaimedFrames(
  provider: Provider,
  tx: Queries,
  session: ClaimedSession,
  contract: Pick<VerifiedContract, 'terms'>,
): Promise<ClaimedFrames> {
  const programme = decodeProgrammeId(session.programmeId, 'programme/unknown');
  const manifest = await manifestOf(provider, tx, programme);
  const { frameCount, frameDurationMs, parts } = manifest;
  // The record of this session's delivery alone: another session's has another id.
  const attempts = session.deliveryId === null ? new Map() : await readAttempts(tx, session.deliveryId);
  const inMs = slotTimeMs(contract.terms);
  const schedule = isLiveManifest(manifest)
    ? await readSchedule(tx, programme, session, frameDurationMs, GRACE_SLOTS * inMs)
    : wholeSchedule(manifest);
  const least = parts.find(({ label }) => label === contract.terms.leastRung)?.bitrate ?? 0;
  const isHigh = (part: Manifest['parts'][number]) => part.kind === 'video' && part.bitrate >= least;
  const weigh = (frame: number, among: Manifest['parts']) =>
    weighFrame(
      among.flatMap(({ kind, label }) => {
        const segment = schedule.segmentOf(label, frame);
        if (segment === null) return [];
        const asked: readonly Attempt[] = attempts.get(segment.hash) ?? [];
        const onSale = asked.filter(({ startedTime }) => startedTime <= schedule.onSaleUntil(frame));
        // Sounds and captions stand each for itself; of the pictures one is enough.
        return [{ kind: kind === 'video' ? kind : label, sizeBytes: segment.sizeBytes, attempts: onSale }];
      }),
      inMs,
    );
  return {
    ...{ frameCount, frameDurationMs },
    weigh: (frame) => weigh(frame, parts),
    weighHigh: (frame) => weigh(frame, parts.filter(isHigh)),
    wasUnpublished: schedule.wasUnpublished,
  };
}

async function manifestOf(provider: Provider, tx: Queries, programme: ProgrammeId): Promise<Manifest> {
  const { manifestHash } = await findProgramme(tx, programme);
  const sizeBytes = await provider.content.sizeOf(manifestHash);
  if (sizeBytes === null) throw new FareboxError('programme/unknown');
  const bytes = await new Response(provider.content.openRange(manifestHash, 0, sizeBytes)).arrayBuffer();
  return decodeManifest(new Uint8Array(bytes));
}

/** What was there when. */
type Schedule = {
  segmentOf(label: string, frame: number): Segment | null;
  /** The latest time at which a request for a frame is still one for what is promised. */
  onSaleUntil(frame: number): number;
  wasUnpublished(frame: number): boolean;
};

function wholeSchedule(manifest: Manifest): Schedule {
  return {
    segmentOf: (label, frame) => segmentAt(manifest, label, frame),
    onSaleUntil: () => Number.POSITIVE_INFINITY,
    wasUnpublished: () => false,
  };
}

async function readSchedule(
  tx: Queries,
  programme: ProgrammeId,
  { ranges, settledTime }: ClaimedSession,
  frameDurationMs: number,
  graceMs: number,
): Promise<Schedule> {
  const { startTime, windowFrames, edge, ended } = await liveStateOf(tx, programme);
  const told = new Map<number, { readonly segments: ReadonlyMap<string, Segment>; readonly outTime: number }>();
  for (const update of await updatesOver(tx, programme, ranges[0]?.[0] ?? 0, ranges.at(-1)?.[1] ?? 0)) {
    for (let frame = update.from; frame < update.to; frame += 1) {
      const segments = new Map<string, Segment>();
      for (const [label, added] of update.segments) {
        const segment = added[frame - update.from];
        if (segment) segments.set(label, segment);
      }
      told.set(frame, { segments, outTime: update.issuedAt });
    }
  }
  const overTime = (frame: number): number => startTime + (frame + 1) * frameDurationMs + graceMs;
  return {
    segmentOf: (label, frame) => told.get(frame)?.segments.get(label) ?? null,
    onSaleUntil: (frame) =>
      ended && frame >= edge - windowFrames ? Number.POSITIVE_INFINITY : overTime(frame + windowFrames),
    wasUnpublished(frame) {
      // After the end nothing was promised, and nothing is missed before it is due.
      if ((ended && frame >= edge) || overTime(frame) > settledTime) return false;
      const known = told.get(frame);
      return known === undefined || known.segments.size === 0 || known.outTime > overTime(frame);
    },
  };
}
