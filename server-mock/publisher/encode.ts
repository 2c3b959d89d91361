// Encodes one source: pictures and all sounds side by side, every segment handed out as it is whole. publish.ts seals and stores them.
// When one fails the others are stopped, and all have ended when it returns.

import { type EncodedRung, encodePictures } from './encode-pictures.ts';
import { encodeSound } from './encode-sound.ts';
import type { PreviewMaker } from './preview-sheets.ts';
import type { Rung } from './rungs.ts';
import type { Segment } from './segment.ts';
import type { Source } from './source.ts';
import type { SoundTrack } from './tracks/programme-tracks.ts';

/** What encoding needs beside the source. */
export type EncodeJob = {
  readonly source: Source;
  readonly rungs: readonly Rung[];
  readonly sounds: readonly Pick<SoundTrack, 'label' | 'track' | 'originUs'>[];
  /** Is offered every picture that is shown; the caller closes it. Null for no previews. */
  readonly previews: PreviewMaker | null;
  /** Takes one segment of the part with this label; segments of one part come in order of slots. */
  readonly sink: (label: string, segment: Segment) => Promise<void>;
  /** Called with the programme time the pictures have reached, in microseconds. */
  readonly onTime: (timeUs: number) => void;
  readonly signal: AbortSignal;
};

/** What is known once all is encoded. */
export type Encoded = {
  readonly rungs: readonly EncodedRung[];
  /** Label → CMAF header of the sounds that have something within the programme. */
  readonly soundInits: ReadonlyMap<string, Uint8Array>;
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
  const pictureSink = (rung: Rung, segment: Segment): Promise<void> => sink(rung.label, segment);
  const { onTime, previews } = job;
  const pictures = guarded(encodePictures({ source, rungs, previews, sink: pictureSink, onTime, signal }));
  const { durationUs } = source;
  const sounds = job.sounds.map(({ label, track, originUs }) =>
    guarded(encodeSound({ track, originUs, durationUs, sink: (segment) => sink(label, segment), signal })),
  );
  await Promise.allSettled([pictures, ...sounds]);
  const soundInits = new Map<string, Uint8Array>();
  for (const [at, { label }] of job.sounds.entries()) {
    const init = await sounds[at];
    if (init !== undefined && init !== null) soundInits.set(label, init);
  }
  return { rungs: await pictures, soundInits };
}
