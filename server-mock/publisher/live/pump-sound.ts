// The sound side on the air: decodes the source's sound in its own time and encodes it on the programme's clock, with silence for what
// is missing. publish-live.ts starts it beside the pictures.

import { toAvFrame } from '@mediabunny/server';
import { AudioSampleSink, type InputAudioTrack } from 'mediabunny';
import { Frame } from 'node-av';
import { slotStartUs } from '../pictures.ts';
import type { Segment } from '../segment.ts';
import { openSoundLane, type SoundLane } from '../sound-lane.ts';
import type { LiveSource } from './live-source.ts';
import type { Pace } from './pace.ts';
import type { SoundLead } from './sound-lead.ts';

/** What pumping needs. */
export type SoundPump = {
  readonly source: LiveSource;
  readonly track: InputAudioTrack;
  readonly firstSlot: number;
  readonly pace: Pace;
  /** Is told how far the sound is. */
  readonly lead: SoundLead;
  /** Takes the segments in order of slots, with the part's CMAF header. */
  readonly sink: (init: Uint8Array, segment: Segment) => Promise<void>;
};

/** Runs to the end of the sound or of the time; on return all of it is with the sink. */
export async function pumpSound(pump: SoundPump): Promise<void> {
  const offsetUs = slotStartUs(pump.firstSlot);
  const frame = new Frame();
  frame.alloc();
  let lane: SoundLane | undefined;
  let endUs = offsetUs;
  try {
    for await (const { sample, timeUs } of soundOf(pump)) {
      const { sampleRate, numberOfFrames } = sample;
      pump.lead.came(timeUs);
      try {
        if (!(await pump.pace.reach(timeUs))) break;
        // Sound that needs no decoder is copied into the frame, which must be empty then.
        frame.unref();
        await toAvFrame(sample, frame);
      } finally {
        sample.close();
      }
      const atUs = Math.max(0, timeUs) + offsetUs;
      lane ??= await openLane(pump, sampleRate, atUs);
      await lane.add(frame, timeUs + offsetUs, numberOfFrames);
      endUs = atUs + 1;
    }
    await lane?.finish(endUs);
  } finally {
    pump.lead.end();
    lane?.close();
    frame.free();
  }
}

async function openLane({ sink }: SoundPump, sampleRate: number, startUs: number): Promise<SoundLane> {
  const lane: SoundLane = await openSoundLane({
    ...{ sampleRate, startUs, lastSlot: Number.POSITIVE_INFINITY },
    sink: async (segment) => {
      const init = lane.header();
      if (init === null) throw new Error('A segment of sound came before its header.');
      await sink(init, segment);
    },
  });
  return lane;
}

/** The sound of a source with its time since the source began, round after round; what lies beyond a round is left out. */
async function* soundOf({ track, source: { originUs, roundUs } }: SoundPump) {
  for (let round = 0; ; round += 1) {
    let count = 0;
    for await (const sample of new AudioSampleSink(track).samples(originUs / 1e6)) {
      count += 1;
      const timeUs = Math.round(sample.timestamp * 1e6) - originUs;
      if (roundUs !== null && timeUs >= roundUs) sample.close();
      else yield { sample, timeUs: timeUs + round * (roundUs ?? 0) };
    }
    if (roundUs === null || count === 0) return;
  }
}
