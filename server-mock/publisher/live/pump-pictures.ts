// The picture side on the air: decodes the source in its own time, puts each picture on the programme's clock, and has every rung
// encode it. A slow machine leaves pictures out rather than fall behind. publish-live.ts starts it beside the sound.

import { toAvFrame } from '@mediabunny/server';
import { VideoSampleSink } from 'mediabunny';
import { Frame } from 'node-av';
import { coloursOf } from '../colours.ts';
import { type EncodedRung, type Lane, openLanes } from '../encode-pictures.ts';
import { encodeJpeg } from '../jpeg.ts';
import { PUBLISH_LIMITS } from '../limits.ts';
import { makePictureFilter, stillChain } from '../picture-filter.ts';
import { makePictureClock, type Placement, slotAt, slotStartUs } from '../pictures.ts';
import type { Rung } from '../rungs.ts';
import type { Segment } from '../segment.ts';
import { LIVE_LIMITS } from './limits.ts';
import type { LiveSource } from './live-source.ts';
import type { Pace } from './pace.ts';
import type { SoundLead } from './sound-lead.ts';

/** What pumping needs. */
export type PicturePump = {
  readonly source: LiveSource;
  readonly rungs: readonly Rung[];
  /** Slot of the programme at which the source begins. */
  readonly firstSlot: number;
  readonly pace: Pace;
  /** How far the sound is; null where there is none. */
  readonly lead: SoundLead | null;
  /** Takes the segments of one rung in order of slots, with what is known of the rung. */
  readonly sink: (rung: EncodedRung, segment: Segment) => Promise<void>;
  /** Is given the poster, a JPEG, once; within the first slot. */
  readonly onPoster: (jpeg: Uint8Array) => void;
  /** Is told the programme time at which the pictures end, microseconds, before the last of them are with the sink. */
  readonly onEnd: (endUs: number) => void;
};

/** Runs to the end of the source or of the time; on return every picture is with the sink. */
export async function pumpPictures(pump: PicturePump): Promise<void> {
  const { source, pace } = pump;
  const clock = makePictureClock(Number.POSITIVE_INFINITY);
  const offsetUs = slotStartUs(pump.firstSlot);
  const picture = new Frame();
  picture.alloc();
  const lanes: Lane[] = [];
  let posterMade = false;
  let keptUs = -1;
  let reachedUs = 0;
  try {
    for await (const { sample, timeUs } of picturesOf(source)) {
      const endUs = timeUs + Math.round(sample.duration * 1e6);
      try {
        if (!(await pace.reach(timeUs))) break;
        await pump.lead?.wait(timeUs);
        if (keptUs >= 0 && pace.isLate(timeUs) && slotAt(timeUs) === slotAt(keptUs)) continue;
        picture.unref();
        await toAvFrame(sample, picture);
      } finally {
        sample.close();
      }
      if (lanes.length === 0) lanes.push(...(await openOwnLanes(pump, lanes, picture)));
      const placements = clock.place(timeUs).map((placement) => ({ ...placement, atUs: placement.atUs + offsetUs }));
      await Promise.all(lanes.map((lane) => lane.add(picture, placements)));
      keptUs = lastOf(placements, keptUs, offsetUs);
      reachedUs = endUs;
      if (!posterMade && timeUs >= LIVE_LIMITS.posterAtUs) {
        posterMade = true;
        pump.onPoster(await posterOf(source, picture));
      }
    }
    pump.onEnd(offsetUs + reachedUs);
    await Promise.all(lanes.map((lane) => lane.finish(offsetUs + reachedUs)));
  } finally {
    for (const lane of lanes) lane.close();
    picture.free();
  }
}

async function openOwnLanes(pump: PicturePump, lanes: readonly Lane[], picture: Frame): Promise<Lane[]> {
  const sink = async (rung: Rung, segment: Segment): Promise<void> => {
    const described = lanes.map((lane) => lane.describe()).find((known) => known?.rung.label === rung.label);
    if (!described) throw new Error(`${rung.label} has a segment and no header.`);
    await pump.sink(described, segment);
  };
  return openLanes({ source: pump.source, rungs: pump.rungs, sink }, coloursOf(picture));
}

const lastOf = (placements: readonly Placement[], beforeUs: number, offsetUs: number): number => {
  const last = placements.at(-1);
  return last === undefined ? beforeUs : last.atUs - offsetUs;
};

/** The pictures of a source with their time since it began, round after round. */
async function* picturesOf({ video, originUs, roundUs }: LiveSource) {
  for (let round = 0; ; round += 1) {
    let count = 0;
    for await (const sample of new VideoSampleSink(video).samples(originUs / 1e6)) {
      count += 1;
      yield { sample, timeUs: Math.round(sample.timestamp * 1e6) - originUs + round * (roundUs ?? 0) };
    }
    if (roundUs === null || count === 0) return;
  }
}

async function posterOf(source: LiveSource, picture: Frame): Promise<Uint8Array> {
  const scale = Math.min(1, PUBLISH_LIMITS.posterWidth / source.width);
  const side = (length: number): number => Math.max(1, Math.round(length * scale));
  const filter = makePictureFilter(stillChain(source, side(source.width), side(source.height)));
  try {
    const still = await filter.apply(picture);
    try {
      return await encodeJpeg(still, 3);
    } finally {
      still.free();
    }
  } finally {
    filter.close();
  }
}
