// Writes the sample programme's video to a file, as any camera or program would. ensure-sample.ts publishes that file like anybody's.

import { AvFrameVideoSampleResource } from '@mediabunny/server';
import {
  AudioSample,
  AudioSampleSource,
  FilePathTarget,
  MovOutputFormat,
  Output,
  Quality,
  VideoSample,
  VideoSampleSource,
} from 'mediabunny';
import {
  AV_PIX_FMT_YUV420P,
  AVCOL_PRI_BT709,
  AVCOL_RANGE_MPEG,
  AVCOL_SPC_BT709,
  AVCOL_TRC_BT709,
  type Frame,
  Rational,
} from 'node-av';
import '../media.ts';
import { copyToFrame } from '../own-frame.ts';
import type { Raster } from './raster.ts';
import { makeScene, SAMPLE } from './scene.ts';
import { composeSecond, SAMPLE_SOUND_RATE } from './sound.ts';

/** What to write. */
export type SampleJob = {
  readonly file: string;
  /** Length in whole seconds; default all of it. */
  readonly seconds?: number;
  /** Called with the share that is done. */
  readonly onProgress?: (ratio: number) => void;
  readonly signal?: AbortSignal;
};

/** Draws, composes and encodes the sample. @throws the signal's reason, leaving the file to the caller. */
export async function makeSample({ file, seconds = SAMPLE.seconds, onProgress, signal }: SampleJob): Promise<void> {
  const output = new Output({ format: new MovOutputFormat(), target: new FilePathTarget(file) });
  // This file is only a step on the way: quick to write, good enough to lose nothing that can be seen.
  const video = new VideoSampleSource({
    codec: 'avc',
    quality: new Quality('very-high'),
    latencyMode: 'realtime',
    keyFrameInterval: SAMPLE.slotSeconds,
  });
  // Uncompressed: an encoder's delay here would put every tick late.
  const audio = new AudioSampleSource({ codec: 'pcm-s16' });
  output.addVideoTrack(video, { frameRate: SAMPLE.pictureRate });
  output.addAudioTrack(audio);
  await output.start();
  try {
    const scene = await makeScene();
    for (let second = 0; second < seconds; second++) {
      signal?.throwIfAborted();
      await addSecondOfSound(audio, second);
      for (let index = 0; index < SAMPLE.pictureRate; index++) {
        const picture = second * SAMPLE.pictureRate + index;
        const sample = new VideoSample(new AvFrameVideoSampleResource(toFrame(scene.draw(picture))), {
          timestamp: picture / SAMPLE.pictureRate,
          duration: 1 / SAMPLE.pictureRate,
        });
        await video.add(sample);
        sample.close();
      }
      onProgress?.((second + 1) / seconds);
    }
    await output.finalize();
  } catch (cause) {
    await output.cancel();
    throw cause;
  }
}

/** A frame of the encoder's own kind, because its memory is given back with the sample; scene.ts mixes its colours in BT.709. */
function toFrame({ bytes, width, height }: Raster): Frame {
  const frame = copyToFrame(bytes, { width, height, format: AV_PIX_FMT_YUV420P, shrinks: [1, 2, 2] });
  frame.sampleAspectRatio = new Rational(1, 1);
  frame.colorPrimaries = AVCOL_PRI_BT709;
  frame.colorTrc = AVCOL_TRC_BT709;
  frame.colorSpace = AVCOL_SPC_BT709;
  frame.colorRange = AVCOL_RANGE_MPEG;
  return frame;
}

async function addSecondOfSound(audio: AudioSampleSource, second: number): Promise<void> {
  const sample = new AudioSample({
    data: composeSecond(second),
    format: 'f32-planar',
    numberOfChannels: 2,
    sampleRate: SAMPLE_SOUND_RATE,
    timestamp: second,
  });
  await audio.add(sample);
  sample.close();
}
