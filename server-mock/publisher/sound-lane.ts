// One sound track while it is encoded: runs of samples go onto the programme's clock, through the encoder and into segments. encode-sound.ts
// fills one from a file, live/pump-sound.ts one on the air. Times are microseconds on the programme's clock.

import type { Frame } from 'node-av';
import { slotAt } from './pictures.ts';
import { makeSegmenter, type Segment } from './segment.ts';
import { makeSoundClock } from './sound-clock.ts';
import { openSoundEncoder, SOUND_CHANNELS, SOUND_RATE, type SoundPacket } from './sound-encoder.ts';

/** AAC-LC, RFC 6381. */
export const SOUND_CODEC = 'mp4a.40.2';

/** An open track; the caller closes it. */
export type SoundLane = {
  /** Adds a run of samples that says it begins at `timeUs`; silence comes before it where some is missing, and what overlaps is left out. */
  readonly add: (samples: Frame, timeUs: number, count: number) => Promise<void>;
  /** The CMAF header; null before the first segment. */
  readonly header: () => Uint8Array | null;
  /** Encodes what is left. @returns the CMAF header. */
  readonly finish: (endUs: number) => Promise<Uint8Array>;
  readonly close: () => void;
};

/** @param lane.startUs where the sound begins, 0 or later; @param lane.lastSlot what is behind it is left out. */
export async function openSoundLane(lane: {
  readonly sampleRate: number;
  readonly startUs: number;
  readonly lastSlot: number;
  /** Takes the segments in order of slots; slots without sound are not among them. */
  readonly sink: (segment: Segment) => Promise<void>;
}): Promise<SoundLane> {
  const { sampleRate, startUs, lastSlot, sink } = lane;
  const encoder = await openSoundEncoder(Math.round((startUs * SOUND_RATE) / 1e6));
  const decoderConfig = {
    codec: SOUND_CODEC,
    sampleRate: SOUND_RATE,
    numberOfChannels: SOUND_CHANNELS,
    description: encoder.description,
  };
  const clock = makeSoundClock(sampleRate, startUs);
  const segmenter = makeSegmenter({ kind: 'audio', decoderConfig }, sink);
  const pass = async (packets: readonly SoundPacket[]): Promise<void> => {
    for (const { bytes, atSample } of packets) {
      const atUs = Math.round((atSample * 1e6) / SOUND_RATE);
      if (slotAt(atUs) <= lastSlot) await segmenter.add({ bytes, atUs, startsDecoding: true });
    }
  };
  return {
    add: async (samples, timeUs, count) => {
      const { silence, skip } = clock.place(timeUs, count);
      if (skip < count) await pass(await encoder.add(samples, silence, skip));
    },
    header: () => segmenter.header(),
    finish: async (endUs) => {
      await pass(encoder.finish());
      return segmenter.finish(endUs);
    },
    close: () => encoder.close(),
  };
}
