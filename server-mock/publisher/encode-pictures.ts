// The picture side of a programme: decodes the source once, puts each picture on the programme's clock, and has every rung scale
// and encode it at the same time. encode.ts starts it and gives it a sink for the segments. A few pictures are in memory at once.

import { toAvFrame } from '@mediabunny/server';
import { VideoSampleSink } from 'mediabunny';
import { Frame } from 'node-av';
import { FareboxError } from '../../src/protocol/errors.ts';
import { coloursOf } from './colours.ts';
import { PUBLISH_LIMITS } from './limits.ts';
import { makePictureFilter, type Orientation, rungChain } from './picture-filter.ts';
import { makePictureClock, type Placement } from './pictures.ts';
import type { PreviewMaker } from './preview-sheets.ts';
import type { Rung } from './rungs.ts';
import { makeSegmenter, type Segment, type Segmenter, type TrackForm } from './segment.ts';
import type { Source } from './source.ts';
import { type Colours, openVideoEncoder, type VideoEncoder, type VideoPacket } from './video-encoder.ts';

/** What encoding the pictures needs. */
export type PictureJob = {
  readonly source: Source;
  readonly rungs: readonly Rung[];
  /** Is offered every picture that is shown; null for no previews. */
  readonly previews: PreviewMaker | null;
  /** Takes the segments of one rung, in order of slots; the next picture waits for it. */
  readonly sink: (rung: Rung, segment: Segment) => Promise<void>;
  /** Called with the programme time reached, in microseconds. */
  readonly onTime: (timeUs: number) => void;
  /** Stops between two pictures. */
  readonly signal: AbortSignal;
};

/** A rung after its last picture. */
export type EncodedRung = {
  readonly rung: Rung;
  /** RFC 6381. */
  readonly codec: string;
  /** CMAF header. */
  readonly init: Uint8Array;
};

/**
 * Encodes all pictures into all rungs.
 * @throws FareboxError `publish/cut-short` where the pictures end well before the programme; the signal's reason.
 */
export async function encodePictures(job: PictureJob): Promise<readonly EncodedRung[]> {
  const { source, signal } = job;
  const clock = makePictureClock(source.durationUs);
  const lanes: Lane[] = [];
  const picture = new Frame();
  picture.alloc();
  const spread = async (placements: readonly Placement[]): Promise<void> => {
    await Promise.all(lanes.map((lane) => lane.add(picture, placements)));
    const shown = placements.find((placement) => placement.picture === 'this');
    // After the lanes, so that nothing still works on a picture when one of them fails and all is closed.
    if (shown !== undefined) await job.previews?.add(picture, shown.atUs);
  };
  try {
    let reachedUs = 0;
    for await (const sample of new VideoSampleSink(source.video).samples(source.originUs / 1e6)) {
      const timeUs = Math.round(sample.timestamp * 1e6) - source.originUs;
      const placements = clock.place(timeUs);
      reachedUs = timeUs + Math.round(sample.duration * 1e6);
      picture.unref();
      await toAvFrame(sample, picture);
      sample.close();
      signal.throwIfAborted();
      if (lanes.length === 0) lanes.push(...(await openLanes(job, coloursOf(picture))));
      if (placements.length > 0) await spread(placements);
      job.onTime(Math.min(timeUs, source.durationUs));
    }
    checkReached(source, reachedUs);
    // Packets, but no picture in any of them.
    if (lanes.length === 0) throw new FareboxError('publish/cut-short');
    await spread(clock.finish());
    await job.previews?.finish();
    return await Promise.all(lanes.map((lane) => lane.finish(source.durationUs)));
  } finally {
    for (const lane of lanes) lane.close();
    picture.free();
  }
}

/** The probe saw the last packet; if the decoder never came near it, what lay between is broken. */
function checkReached(source: Source, reachedUs: number): void {
  if (source.pictureEndUs - reachedUs <= PUBLISH_LIMITS.missingTailUs) return;
  throw new FareboxError('publish/cut-short', { foundMs: Math.round(reachedUs / 1000) });
}

/** What the encoders need to know. */
export type LaneJob = Pick<PictureJob, 'rungs' | 'sink'> & {
  readonly source: Orientation & Pick<Source, 'pictureRate'>;
};

/** One rung while it is encoded. */
export type Lane = {
  /** What is known of it; null before its first segment was cut. */
  readonly describe: () => EncodedRung | null;
  readonly add: (picture: Frame, placements: readonly Placement[]) => Promise<void>;
  readonly finish: (endUs: number) => Promise<EncodedRung>;
  readonly close: () => void;
};

/** Opens the encoders of all rungs; the caller closes each. */
export async function openLanes(job: LaneJob, colours: Colours): Promise<Lane[]> {
  // The largest rung is most of the work: a second thread for it fills the second processor.
  return Promise.all(job.rungs.map((rung, index) => openLane(job, rung, colours, index === 0 ? 2 : 1)));
}

async function openLane(job: LaneJob, rung: Rung, colours: Colours, threads: number): Promise<Lane> {
  const encoder = await openVideoEncoder(rung, colours, job.source.pictureRate, threads);
  const filter = makePictureFilter(rungChain(job.source, rung.width, rung.height));
  const segmenter = makeSegmenter(formOf(rung, encoder), (segment) => job.sink(rung, segment));
  let shown: Frame | undefined;
  return {
    add: async (picture, placements) => {
      for (const placement of placements) {
        if (placement.picture === 'this') {
          shown?.free();
          shown = await filter.apply(picture);
        }
        if (shown === undefined) throw new Error('There is no picture to show again.');
        await pass(segmenter, await encoder.encode(shown, placement.atUs, placement.opensSlot));
      }
    },
    describe: () => {
      const init = segmenter.header();
      return init && { rung, codec: encoder.header.codec, init };
    },
    finish: async (endUs) => {
      await pass(segmenter, await encoder.finish());
      return { rung, codec: encoder.header.codec, init: await segmenter.finish(endUs) };
    },
    close: () => {
      shown?.free();
      filter.close();
      encoder.close();
    },
  };
}

async function pass(segmenter: Segmenter, packets: readonly VideoPacket[]): Promise<void> {
  for (const { bytes, atUs, opensSlot } of packets) await segmenter.add({ bytes, atUs, startsDecoding: opensSlot });
}

function formOf(rung: Rung, encoder: VideoEncoder): TrackForm {
  const { codec, description } = encoder.header;
  return { kind: 'video', decoderConfig: { codec, codedWidth: rung.width, codedHeight: rung.height, description } };
}
