// One rung's H.264 encoder: pictures in, length-prefixed packets out, in order. encode-pictures.ts owns one for each rung.
// libx264 is driven directly because slots need what a generic encoder hides: key frames only where a slot begins, no
// reordered pictures, a fast preset, a capped rate. It never looks at times except to pass them on.

import {
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_PICTURE_TYPE_I,
  AV_PICTURE_TYPE_NONE,
  AV_PIX_FMT_YUV420P,
  AVCOL_RANGE_MPEG,
  type AVColorPrimaries,
  type AVColorSpace,
  type AVColorTransferCharacteristic,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  Codec,
  CodecContext,
  FF_ENCODER_LIBX264,
  FFmpegError,
  type Frame,
  Packet,
  Rational,
} from 'node-av';
import { type AvcHeader, readAvcHeader, toLengthPrefixed } from './avc.ts';
import type { Rung } from './rungs.ts';

/** One encoded picture. */
export type VideoPacket = {
  readonly bytes: Uint8Array;
  /** Start on the programme's clock. */
  readonly atUs: number;
  readonly opensSlot: boolean;
};

/** How the source's colours are to be read; the same for all rungs, so that a change of rung changes no colour. */
export type Colours = {
  readonly primaries: AVColorPrimaries;
  readonly transfer: AVColorTransferCharacteristic;
  readonly matrix: AVColorSpace;
};

/** One rung's encoder. */
export type VideoEncoder = {
  readonly header: AvcHeader;
  /** Encodes one picture of the rung's size (8-bit 4:2:0) and answers what has become ready. */
  readonly encode: (picture: Frame, atUs: number, opensSlot: boolean) => Promise<readonly VideoPacket[]>;
  /** What is still inside, at the end. */
  readonly finish: () => Promise<readonly VideoPacket[]>;
  /** Frees the encoder; wanted after a failure too. */
  readonly close: () => void;
};

/** @param threads encoder threads; more than one costs a picture of delay each and a little quality. */
export async function openVideoEncoder(
  rung: Rung,
  colours: Colours,
  pictureRate: number,
  threads: number,
): Promise<VideoEncoder> {
  const codec = Codec.findEncoderByName(FF_ENCODER_LIBX264);
  if (codec === null) throw new Error('This build of FFmpeg has no H.264 encoder.');
  const context = new CodecContext();
  context.allocContext3(codec);
  context.width = rung.width;
  context.height = rung.height;
  context.pixelFormat = AV_PIX_FMT_YUV420P;
  context.timeBase = new Rational(1, 1_000_000);
  context.framerate = new Rational(Math.round(pictureRate * 1000), 1000);
  context.sampleAspectRatio = new Rational(1, 1);
  context.colorRange = AVCOL_RANGE_MPEG;
  context.colorPrimaries = colours.primaries;
  context.colorTrc = colours.transfer;
  context.colorSpace = colours.matrix;
  context.threadCount = threads;
  context.maxBFrames = 0;
  // Key frames are asked for by the pictures that open a slot; this keeps the encoder from adding others.
  context.gopSize = 100_000;
  context.rcMaxRate = BigInt(rung.peakBitrate);
  context.rcBufferSize = rung.peakBitrate * 2;
  context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  context.setOption('preset', 'veryfast');
  context.setOption('profile', 'high');
  context.setOption('crf', '23');
  context.setOption('forced-idr', '1');
  context.setOption('sc_threshold', '0');
  FFmpegError.throwIfError(await context.open2(codec), 'open the H.264 encoder');
  const parameterSets = context.extraData;
  if (parameterSets === null) throw new Error('The encoder gave no header.');

  const packet = new Packet();
  packet.alloc();

  const take = async (): Promise<VideoPacket[]> => {
    const ready: VideoPacket[] = [];
    for (;;) {
      const answer = await context.receivePacket(packet);
      if (answer === AVERROR_EAGAIN || answer === AVERROR_EOF) return ready;
      FFmpegError.throwIfError(answer, 'encode a picture');
      if (packet.data !== null) {
        ready.push({ bytes: toLengthPrefixed(packet.data), atUs: Number(packet.pts), opensSlot: packet.isKeyframe });
      }
      packet.unref();
    }
  };

  return {
    header: readAvcHeader(parameterSets),
    encode: async (picture, atUs, opensSlot) => {
      picture.pts = BigInt(atUs);
      picture.pictType = opensSlot ? AV_PICTURE_TYPE_I : AV_PICTURE_TYPE_NONE;
      FFmpegError.throwIfError(await context.sendFrame(picture), 'encode a picture');
      return await take();
    },
    finish: async () => {
      FFmpegError.throwIfError(await context.sendFrame(null), 'finish the pictures');
      return await take();
    },
    close: () => {
      packet.free();
      context.freeContext();
    },
  };
}
