// The files that the bench `publish` publishes: film-like pictures (motion and grain) from FFmpeg's own test source, with sound; and a
// file of a gibibyte, made of one second of very dense pictures said again and again, so that making it takes seconds.

import { AvFrameVideoSampleResource } from '@mediabunny/server';
import {
  AudioSample,
  AudioSampleSource,
  BufferSource,
  BufferTarget,
  EncodedPacket,
  EncodedPacketSink,
  EncodedVideoPacketSource,
  FilePathTarget,
  Input,
  MP4,
  Mp4OutputFormat,
  Output,
  type Target,
  VideoSample,
  VideoSampleSource,
} from 'mediabunny';
import { FFmpegError, Filter, FilterGraph, FilterInOut, Frame } from 'node-av';
import '../server-mock/publisher/media.ts';

const RATE = 30;
const SOUND_RATE = 48_000;
/** Some ten times what the best cameras write: a large file that is short. */
const DENSE_BITRATE = 120_000_000;

/** 720p with stereo sound, `seconds` long. */
export async function writeFilm(file: string, seconds: number): Promise<void> {
  const { output, video } = openOutput(new FilePathTarget(file), 8_000_000);
  const audio = new AudioSampleSource({ codec: 'aac', bitrate: 128_000 });
  output.addAudioTrack(audio);
  await output.start();
  await Promise.all([addPictures(video, 'noise=alls=6:allf=t', seconds * RATE), addSound(audio, seconds)]);
  await output.finalize();
}

/** 720p without sound, at least `sizeBytes` large. @returns its length in seconds. */
export async function writeLargeFile(file: string, sizeBytes: number): Promise<number> {
  const target = new BufferTarget();
  const dense = openOutput(target, DENSE_BITRATE);
  await dense.output.start();
  await addPictures(dense.video, 'noise=alls=60:allf=t', RATE);
  await dense.output.finalize();
  if (target.buffer === null) throw new Error('the dense second was not written');
  const input = new Input({ source: new BufferSource(target.buffer), formats: [MP4] });
  const track = await input.getPrimaryVideoTrack();
  if (track === null) throw new Error('the dense second has no pictures');
  const decoderConfig = await track.getDecoderConfig();
  const packets: EncodedPacket[] = [];
  for await (const packet of new EncodedPacketSink(track).packets()) packets.push(packet);
  const seconds = Math.ceil(sizeBytes / packets.reduce((sum, packet) => sum + packet.byteLength, 0));

  const output = new Output({ format: new Mp4OutputFormat({ fastStart: false }), target: new FilePathTarget(file) });
  const source = new EncodedVideoPacketSource('avc');
  output.addVideoTrack(source);
  await output.start();
  const meta = decoderConfig === null ? {} : { decoderConfig };
  for (let second = 0; second < seconds; second++) {
    for (const { data, type, timestamp, duration } of packets) {
      await source.add(new EncodedPacket(data, type, second + timestamp, duration), meta);
    }
  }
  await output.finalize();
  input.dispose();
  return seconds;
}

function openOutput<T extends Target>(target: T, bitrate: number) {
  const output = new Output({ format: new Mp4OutputFormat({ fastStart: false }), target });
  const video = new VideoSampleSource({ codec: 'avc', bitrate, latencyMode: 'realtime', keyFrameInterval: 1 });
  output.addVideoTrack(video);
  return { output, video };
}

/** @param grain FFmpeg filter laid over the test source. */
async function addPictures(video: VideoSampleSource, grain: string, count: number): Promise<void> {
  const graph = new FilterGraph();
  graph.alloc();
  const sink = Filter.getByName('buffersink');
  const exit = sink === null ? null : graph.createFilter(sink, 'exit');
  if (exit === null) throw new Error('this build of FFmpeg has no filters');
  const chain = `testsrc2=size=1280x720:rate=${RATE},format=yuv420p,${grain}[out]`;
  const outputs = FilterInOut.createList([{ name: 'out', filterCtx: exit, padIdx: 0 }]);
  FFmpegError.throwIfError(graph.parsePtr(chain, outputs, null), 'read the test source');
  FFmpegError.throwIfError(await graph.config(), 'open the test source');
  for (let index = 0; index < count; index++) {
    const frame = new Frame();
    frame.alloc();
    FFmpegError.throwIfError(await exit.buffersinkGetFrame(frame), 'draw a picture');
    const resource = new AvFrameVideoSampleResource(frame);
    const sample = new VideoSample(resource, { timestamp: index / RATE, duration: 1 / RATE });
    await video.add(sample);
    sample.close();
  }
  video.close();
  graph.free();
}

async function addSound(audio: AudioSampleSource, seconds: number): Promise<void> {
  for (let second = 0; second < seconds; second++) {
    const planes = Float32Array.from(
      { length: 2 * SOUND_RATE },
      (_, index) => 0.3 * Math.sin(index / 17) * Math.cos(index / 911),
    );
    const sample = new AudioSample({
      data: planes,
      format: 'f32-planar',
      numberOfChannels: 2,
      sampleRate: SOUND_RATE,
      timestamp: second,
    });
    await audio.add(sample);
    sample.close();
  }
  audio.close();
}
