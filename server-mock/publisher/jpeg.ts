// Writes JPEG files: the poster and the sheets of previews. poster.ts and preview-sheets.ts call it with pictures of their own filters.

import {
  AV_CODEC_FLAG_QSCALE,
  AV_PIX_FMT_YUVJ444P,
  AVCOL_RANGE_JPEG,
  Codec,
  CodecContext,
  FF_ENCODER_MJPEG,
  FF_QP2LAMBDA,
  FFmpegError,
  type Frame,
  Packet,
  Rational,
} from 'node-av';

/**
 * Encodes one picture of full range, 4:4:4, as `stillChain` makes them.
 * @param quantiser 2 is best, 31 worst. @returns the file.
 */
export async function encodeJpeg(still: Frame, quantiser: number): Promise<Uint8Array> {
  const codec = Codec.findEncoderByName(FF_ENCODER_MJPEG);
  if (codec === null) throw new Error('This build of FFmpeg has no JPEG encoder.');
  const context = new CodecContext();
  const packet = new Packet();
  packet.alloc();
  try {
    context.allocContext3(codec);
    context.width = still.width;
    context.height = still.height;
    context.pixelFormat = AV_PIX_FMT_YUVJ444P;
    context.colorRange = AVCOL_RANGE_JPEG;
    context.timeBase = new Rational(1, 1);
    context.setFlags(AV_CODEC_FLAG_QSCALE);
    context.globalQuality = quantiser * FF_QP2LAMBDA;
    FFmpegError.throwIfError(await context.open2(codec), 'open the JPEG encoder');
    still.quality = quantiser * FF_QP2LAMBDA;
    still.pts = 0n;
    FFmpegError.throwIfError(await context.sendFrame(still), 'encode a JPEG');
    FFmpegError.throwIfError(await context.receivePacket(packet), 'encode a JPEG');
    if (packet.data === null) throw new Error('The JPEG encoder gave nothing.');
    return Uint8Array.from(packet.data);
  } finally {
    packet.free();
    context.freeContext();
  }
}
