// Encodes one source: pictures and sound side by side, every segment handed out as it is whole. publish.ts seals and stores them.
// When one side fails the other is stopped, and both have ended when it returns.

import { type EncodedRung, encodePictures } from './encode-pictures.ts';
import { encodeSound, SOUND_LABEL } from './encode-sound.ts';
import type { Rung } from './rungs.ts';
import type { Segment } from './segment.ts';
import type { Source } from './source.ts';

/** What encoding needs beside the source. */
export type EncodeJob = {
  readonly source: Source;
  readonly rungs: readonly Rung[];
  /** Takes one segment of the part with this label; segments of one part come in order of slots. */
  readonly sink: (label: string, segment: Segment) => Promise<void>;
  /** Called with the programme time the pictures have reached, in microseconds. */
  readonly onTime: (timeUs: number) => void;
  readonly signal: AbortSignal;
};

/** What is known once all is encoded. */
export type Encoded = {
  readonly rungs: readonly EncodedRung[];
  /** CMAF header of the sound; null where there is none. */
  readonly soundInit: Uint8Array | null;
};

/** @throws FareboxError `publish/cut-short`; what the sink throws; the signal's reason. */
export async function encode(job: EncodeJob): Promise<Encoded> {
  const { source, rungs, sink } = job;
  const stop = new AbortController();
  const signal = AbortSignal.any([job.signal, stop.signal]);
  const guarded = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (cause) {
      stop.abort(cause);
      throw cause;
    }
  };
  const pictures = guarded(
    encodePictures({ source, rungs, sink: (rung, segment) => sink(rung.label, segment), onTime: job.onTime, signal }),
  );
  const { originUs, durationUs } = source;
  const soundSink = (segment: Segment): Promise<void> => sink(SOUND_LABEL, segment);
  const sound =
    source.sound === null
      ? Promise.resolve(null)
      : guarded(encodeSound({ track: source.sound, originUs, durationUs, sink: soundSink, signal }));
  await Promise.allSettled([pictures, sound]);
  return { rungs: await pictures, soundInit: await sound };
}
