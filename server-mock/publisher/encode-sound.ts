// The sound side of a programme: decodes the source's sound, puts it on the programme's clock with silence for what is missing, and
// encodes it. encode.ts starts it beside the pictures and gives it a sink for the segments.

import { toAvFrame } from '@mediabunny/server';
import { AudioSampleSink, type InputAudioTrack } from 'mediabunny';
import { Frame } from 'node-av';
import { slotAt } from './pictures.ts';
import { makeSegmenter, type Segment, type Segmenter } from './segment.ts';
import { makeSoundClock, type SoundClock } from './sound-clock.ts';
import { openSoundEncoder, SOUND_CHANNELS, SOUND_RATE, type SoundEncoder, type SoundPacket } from './sound-encoder.ts';

/** What encoding the sound needs. */
export type SoundJob = {
  readonly track: InputAudioTrack;
  /** Source time that is the programme's 0, in microseconds. */
  readonly originUs: number;
  /** Length of the programme: sound after its last slot is left out. */
  readonly durationUs: number;
  /** Takes the segments, in order of slots; slots without sound are not among them. */
  readonly sink: (segment: Segment) => Promise<void>;
  /** Stops between two packets. */
  readonly signal: AbortSignal;
};

/** Label of the sound part, docs/protocol.md §4. */
export const SOUND_LABEL = 'audio/main';
/** AAC-LC, RFC 6381. */
export const SOUND_CODEC = 'mp4a.40.2';

/**
 * Encodes all sound.
 * @returns the CMAF header, or null where no sound lies inside the programme.
 * @throws the signal's reason.
 */
export async function encodeSound(job: SoundJob): Promise<Uint8Array | null> {
  const frame = new Frame();
  frame.alloc();
  let lane: Lane | undefined;
  try {
    for await (const sample of new AudioSampleSink(job.track).samples(job.originUs / 1e6)) {
      const timeUs = Math.round(sample.timestamp * 1e6) - job.originUs;
      const { sampleRate, numberOfFrames } = sample;
      // Sound that needs no decoder is copied into the frame, which must be empty then.
      frame.unref();
      await toAvFrame(sample, frame);
      sample.close();
      job.signal.throwIfAborted();
      if (timeUs >= job.durationUs) break;
      lane ??= await openLane(job, sampleRate, Math.max(0, timeUs));
      const { silence, skip } = lane.clock.place(timeUs, numberOfFrames);
      if (skip < numberOfFrames) await pass(job, lane.segmenter, await lane.encoder.add(frame, silence, skip));
    }
    if (lane === undefined) return null;
    await pass(job, lane.segmenter, lane.encoder.finish());
    return await lane.segmenter.finish(job.durationUs);
  } finally {
    lane?.encoder.close();
    frame.free();
  }
}

type Lane = { readonly clock: SoundClock; readonly encoder: SoundEncoder; readonly segmenter: Segmenter };

async function openLane(job: SoundJob, sampleRate: number, startUs: number): Promise<Lane> {
  const encoder = await openSoundEncoder(Math.round((startUs * SOUND_RATE) / 1e6));
  const decoderConfig = {
    codec: SOUND_CODEC,
    sampleRate: SOUND_RATE,
    numberOfChannels: SOUND_CHANNELS,
    description: encoder.description,
  };
  return {
    clock: makeSoundClock(sampleRate, startUs),
    encoder,
    segmenter: makeSegmenter({ kind: 'audio', decoderConfig }, job.sink),
  };
}

async function pass(job: SoundJob, segmenter: Segmenter, packets: readonly SoundPacket[]): Promise<void> {
  const lastSlot = slotAt(job.durationUs - 1);
  for (const { bytes, atSample } of packets) {
    const atUs = Math.round((atSample * 1e6) / SOUND_RATE);
    if (slotAt(atUs) <= lastSlot) await segmenter.add({ bytes, atUs, startsDecoding: true });
  }
}
