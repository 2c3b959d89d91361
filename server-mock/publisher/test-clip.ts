// Makes small media files for tests and measurements: a moving gradient and a click on every whole second. It uses mediabunny's
// own encoders, not the publisher's, so that what it makes is foreign to what it tests.

import {
  AudioSample,
  AudioSampleSource,
  FilePathTarget,
  MkvOutputFormat,
  MovOutputFormat,
  Mp4OutputFormat,
  Output,
  type OutputFormat,
  Quality,
  type Rotation,
  VideoSample,
  VideoSampleSource,
  WebMOutputFormat,
} from 'mediabunny';
import './media.ts';

/** What a clip is like; everything but the file has a default. */
export type ClipOptions = {
  readonly file: string;
  readonly container?: 'mp4' | 'mp4-index-last' | 'mov' | 'mkv' | 'webm';
  readonly width?: number;
  readonly height?: number;
  readonly durationS?: number;
  /** Start times in seconds; default 30 pictures a second. */
  readonly pictureTimes?: readonly number[];
  readonly rotation?: Rotation;
  /** False: no pictures at all. */
  readonly pictures?: boolean;
  /** False: no sound track. `[from, to]`: sound only there, in seconds. */
  readonly sound?: boolean | readonly [from: number, to: number];
};

const SOUND_RATE = 48_000;

/** Writes the clip. */
export async function makeClip(options: ClipOptions): Promise<void> {
  const { width = 320, height = 180, durationS = 4, container = 'mp4', sound = true, pictures = true } = options;
  const output = new Output({ format: formatOf(container), target: new FilePathTarget(options.file) });
  const webm = container === 'webm';
  const video = new VideoSampleSource({
    codec: webm ? 'vp8' : 'avc',
    quality: new Quality('low'),
    latencyMode: 'realtime',
    hardwareAcceleration: 'prefer-software',
  });
  const audio = new AudioSampleSource({ codec: webm ? 'opus' : 'aac', quality: new Quality('medium') });
  if (pictures) output.addVideoTrack(video, { rotation: options.rotation ?? 0 });
  if (sound !== false) output.addAudioTrack(audio);
  await output.start();
  await Promise.all([
    pictures ? addPictures(video, width, height, options.pictureTimes ?? steadyTimes(durationS), durationS) : undefined,
    sound === false ? undefined : addSound(audio, sound === true ? [0, durationS] : sound),
  ]);
  await output.finalize();
}

function formatOf(container: NonNullable<ClipOptions['container']>): OutputFormat {
  switch (container) {
    case 'mp4':
      return new Mp4OutputFormat({ fastStart: 'in-memory' });
    case 'mp4-index-last':
      return new Mp4OutputFormat({ fastStart: false });
    case 'mov':
      return new MovOutputFormat();
    case 'mkv':
      return new MkvOutputFormat();
    case 'webm':
      return new WebMOutputFormat();
  }
}

const steadyTimes = (durationS: number): number[] =>
  Array.from({ length: Math.round(durationS * 30) }, (_, index) => index / 30);

async function addPictures(
  source: VideoSampleSource,
  width: number,
  height: number,
  times: readonly number[],
  endS: number,
): Promise<void> {
  for (const [index, timestamp] of times.entries()) {
    const duration = (times[index + 1] ?? endS) - timestamp;
    const sample = new VideoSample(drawGradient(width, height, index), {
      format: 'I420',
      codedWidth: width,
      codedHeight: height,
      timestamp,
      duration,
    });
    await source.add(sample);
    sample.close();
  }
  source.close();
}

/** A diagonal gradient that moves with the picture's number, so that no two pictures are alike. */
function drawGradient(width: number, height: number, index: number): Uint8Array {
  const luma = width * height;
  const picture = new Uint8Array(luma + 2 * Math.ceil(width / 2) * Math.ceil(height / 2)).fill(128);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) picture[y * width + x] = 16 + ((x + y + index * 4) % 200);
  }
  return picture;
}

async function addSound(source: AudioSampleSource, [from, to]: readonly [number, number]): Promise<void> {
  const block = SOUND_RATE / 10;
  for (let at = Math.round(from * SOUND_RATE); at < to * SOUND_RATE; at += block) {
    const count = Math.min(block, Math.round(to * SOUND_RATE) - at);
    const planes = new Float32Array(2 * count);
    for (let index = 0; index < count; index++) {
      const clock = (at + index) % SOUND_RATE;
      // 2 ms of 1 kHz at the beginning of each second.
      const level = clock < 96 ? Math.sin((2 * Math.PI * 1000 * clock) / SOUND_RATE) : 0;
      planes[index] = level;
      planes[count + index] = level;
    }
    const sample = new AudioSample({
      data: planes,
      format: 'f32-planar',
      numberOfChannels: 2,
      sampleRate: SOUND_RATE,
      timestamp: at / SOUND_RATE,
    });
    await source.add(sample);
    sample.close();
  }
  source.close();
}
