// The sound side of a programme: decodes the source's sound, puts it on the programme's clock with silence for what is missing, and
// encodes it. encode.ts starts it beside the pictures and gives it a sink for the segments.

import { toAvFrame } from '@mediabunny/server';
import { AudioSampleSink, type InputAudioTrack } from 'mediabunny';
import { Frame } from 'node-av';
import { slotAt } from './pictures.ts';
import type { Segment } from './segment.ts';
import { openSoundLane, type SoundLane } from './sound-lane.ts';

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

/**
 * Encodes all sound.
 * @returns the CMAF header, or null where no sound lies inside the programme.
 * @throws the signal's reason.
 */
export async function encodeSound(job: SoundJob): Promise<Uint8Array | null> {
  const frame = new Frame();
  frame.alloc();
  const { durationUs, sink } = job;
  const lastSlot = slotAt(durationUs - 1);
  let lane: SoundLane | undefined;
  try {
    for await (const sample of new AudioSampleSink(job.track).samples(job.originUs / 1e6)) {
      const timeUs = Math.round(sample.timestamp * 1e6) - job.originUs;
      const { sampleRate, numberOfFrames } = sample;
      // Sound that needs no decoder is copied into the frame, which must be empty then.
      frame.unref();
      await toAvFrame(sample, frame);
      sample.close();
      job.signal.throwIfAborted();
      if (timeUs >= durationUs) break;
      lane ??= await openSoundLane({ sampleRate, startUs: Math.max(0, timeUs), lastSlot, sink });
      await lane.add(frame, timeUs, numberOfFrames);
    }
    return lane === undefined ? null : await lane.finish(durationUs);
  } finally {
    lane?.close();
    frame.free();
  }
}
