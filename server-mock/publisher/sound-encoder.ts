// The sound of a programme: any decoded samples in, AAC-LC stereo at 48 kHz out, packets on a fixed grid of 1024 samples that
// starts at the programme's start. encode-sound.ts owns one. It never decides where sound goes: sound-clock.ts does.
// It works in the thread that calls it: a packet is a fraction of a millisecond, and on a busy machine each way to another thread and back takes
// several, until the sound is seconds behind the pictures.

import { setImmediate } from 'node:timers/promises';
import {
  AudioFifo,
  AV_CHANNEL_LAYOUT_STEREO,
  AV_CODEC_FLAG_GLOBAL_HEADER,
  AV_SAMPLE_FMT_DBL,
  AV_SAMPLE_FMT_DBLP,
  AV_SAMPLE_FMT_FLT,
  AV_SAMPLE_FMT_FLTP,
  AV_SAMPLE_FMT_S16,
  AV_SAMPLE_FMT_S16P,
  AV_SAMPLE_FMT_S32,
  AV_SAMPLE_FMT_S32P,
  AV_SAMPLE_FMT_U8,
  AV_SAMPLE_FMT_U8P,
  AVERROR_EAGAIN,
  AVERROR_EOF,
  type AVSampleFormat,
  Codec,
  CodecContext,
  FF_ENCODER_AAC,
  FFmpegError,
  Frame,
  Packet,
  Rational,
  SoftwareResampleContext,
} from 'node-av';

/** Samples a second of every programme. */
export const SOUND_RATE = 48_000;
/** Channels of every programme. */
export const SOUND_CHANNELS = 2;
/** Samples of one AAC packet. */
const PACKET_SAMPLES = 1_024;
/** Enough for music; AAC-LC gains little above it in stereo. */
const SOUND_BITRATE = 128_000;
const BYTES_PER_SAMPLE = 4;

/** One encoded packet of 1024 samples. */
export type SoundPacket = {
  readonly bytes: Uint8Array;
  /** First sample, counted at 48 kHz from the programme's start. */
  readonly atSample: number;
};

/** The encoder of the one sound track. */
export type SoundEncoder = {
  /** AudioSpecificConfig (ISO/IEC 14496-3). */
  readonly description: Uint8Array;
  /** Adds silence, then the frame's samples from `skip` on; answers the packets that are full. */
  readonly add: (samples: Frame, silence: number, skip: number) => Promise<readonly SoundPacket[]>;
  /** What is left, its last packet filled up with silence. */
  readonly finish: () => readonly SoundPacket[];
  readonly close: () => void;
};

/** @param startSample where the first sample added belongs, at 48 kHz from the programme's start. */
export async function openSoundEncoder(startSample: number): Promise<SoundEncoder> {
  const context = await openContext();
  const header = context.extraData;
  if (header === null) throw new Error('The encoder gave no header.');
  const gridStart = startSample - (startSample % PACKET_SAMPLES);
  const fifo = new AudioFifo();
  fifo.alloc(AV_SAMPLE_FMT_FLTP, SOUND_CHANNELS, PACKET_SAMPLES);
  const block = makeBlock();
  const packet = new Packet();
  packet.alloc();
  let resampler: SoftwareResampleContext | undefined;
  let form = '';
  let nextSample = gridStart;

  const push = (planes: Buffer[], count: number): void => {
    if (count > 0) FFmpegError.throwIfError(fifo.writeSync(planes, count), 'queue sound');
  };
  const pushSilence = (count: number): void => {
    for (let left = count; left > 0; left -= PACKET_SAMPLES) push(silentPlanes(), Math.min(left, PACKET_SAMPLES));
  };
  pushSilence(startSample - gridStart);

  /** Takes what the resampler holds: all that fits `input`, or its delay line where there is none. */
  const drain = (from: SoftwareResampleContext, input: Buffer[] | null, count: number): void => {
    const room = Math.max(1, from.getOutSamples(count));
    const planes = [Buffer.alloc(room * BYTES_PER_SAMPLE), Buffer.alloc(room * BYTES_PER_SAMPLE)];
    const made = from.convertSync(planes, room, input, count);
    FFmpegError.throwIfError(made, 'resample sound');
    push(planes, made);
  };

  /** The resampler for this frame's form; a new one after a gap too, for one that was drained takes no more. */
  const resamplerFor = (samples: Frame, afterGap: boolean): SoftwareResampleContext => {
    const next = `${samples.sampleRate}:${samples.channels}:${samples.format}`;
    if (resampler !== undefined && next === form && !afterGap) return resampler;
    if (resampler !== undefined) {
      drain(resampler, null, 0);
      resampler.free();
    }
    resampler = openResampler(samples);
    form = next;
    return resampler;
  };

  const send = (frame: Frame | null): SoundPacket[] => {
    FFmpegError.throwIfError(context.sendFrameSync(frame), 'encode sound');
    const ready: SoundPacket[] = [];
    for (;;) {
      const answer = context.receivePacketSync(packet);
      if (answer === AVERROR_EAGAIN || answer === AVERROR_EOF) return ready;
      FFmpegError.throwIfError(answer, 'encode sound');
      const atSample = Number(packet.pts);
      // The encoder's first packet says only what came before the first sample (its delay): nothing to hear, so it is left out
      // and every packet keeps the time at which a decoder plays it.
      if (packet.data !== null && atSample >= gridStart) ready.push({ bytes: Uint8Array.from(packet.data), atSample });
      packet.unref();
    }
  };

  const encodeBlocks = (): SoundPacket[] => {
    const ready: SoundPacket[] = [];
    while (fifo.size >= PACKET_SAMPLES) {
      FFmpegError.throwIfError(block.makeWritable(), 'reuse a block of sound');
      const planes = block.data;
      if (planes === null) throw new Error('A block of sound has no samples.');
      FFmpegError.throwIfError(fifo.readSync(planes, PACKET_SAMPLES), 'take sound');
      block.pts = BigInt(nextSample);
      nextSample += PACKET_SAMPLES;
      ready.push(...send(block));
    }
    return ready;
  };

  return {
    description: Uint8Array.from(header),
    add: async (samples, silence, skip) => {
      const into = resamplerFor(samples, silence > 0);
      const ready: SoundPacket[] = [];
      // Second by second, so that an hour of silence neither becomes one buffer nor keeps everything else waiting.
      for (let left = toSoundRate(silence, samples.sampleRate); left > 0; left -= SOUND_RATE) {
        pushSilence(Math.min(left, SOUND_RATE));
        ready.push(...encodeBlocks());
        await setImmediate();
      }
      if (skip > 0) into.dropOutput(toSoundRate(skip, samples.sampleRate));
      const planes = samples.data;
      if (planes === null) throw new Error('The decoder gave sound without samples.');
      drain(into, planes, samples.nbSamples);
      return [...ready, ...encodeBlocks()];
    },
    finish: () => {
      if (resampler !== undefined) drain(resampler, null, 0);
      const over = fifo.size % PACKET_SAMPLES;
      if (over > 0) pushSilence(PACKET_SAMPLES - over);
      return [...encodeBlocks(), ...send(null)];
    },
    close: () => {
      packet.free();
      block.free();
      fifo.free();
      resampler?.free();
      context.freeContext();
    },
  };
}

/** What decoders give; a frame's format alone does not say whether it is one of sound. */
const SAMPLE_FORMATS: readonly AVSampleFormat[] = [
  AV_SAMPLE_FMT_FLTP,
  AV_SAMPLE_FMT_S16,
  AV_SAMPLE_FMT_S16P,
  AV_SAMPLE_FMT_FLT,
  AV_SAMPLE_FMT_S32,
  AV_SAMPLE_FMT_S32P,
  AV_SAMPLE_FMT_U8,
  AV_SAMPLE_FMT_U8P,
  AV_SAMPLE_FMT_DBL,
  AV_SAMPLE_FMT_DBLP,
];

function sampleFormatOf(samples: Frame): AVSampleFormat {
  const format = SAMPLE_FORMATS.find((known) => known === samples.format);
  if (format === undefined) throw new Error(`Sound of an unknown form: ${samples.format}.`);
  return format;
}

const toSoundRate = (samples: number, sampleRate: number): number => Math.round((samples * SOUND_RATE) / sampleRate);

const silentPlanes = (): Buffer[] =>
  Array.from({ length: SOUND_CHANNELS }, () => Buffer.alloc(PACKET_SAMPLES * BYTES_PER_SAMPLE));

async function openContext(): Promise<CodecContext> {
  const codec = Codec.findEncoderByName(FF_ENCODER_AAC);
  if (codec === null) throw new Error('This build of FFmpeg has no AAC encoder.');
  const context = new CodecContext();
  context.allocContext3(codec);
  context.sampleRate = SOUND_RATE;
  context.channelLayout = AV_CHANNEL_LAYOUT_STEREO;
  context.sampleFormat = AV_SAMPLE_FMT_FLTP;
  context.timeBase = new Rational(1, SOUND_RATE);
  context.bitRate = BigInt(SOUND_BITRATE);
  context.setFlags(AV_CODEC_FLAG_GLOBAL_HEADER);
  FFmpegError.throwIfError(await context.open2(codec), 'open the AAC encoder');
  return context;
}

function makeBlock(): Frame {
  const block = new Frame();
  block.alloc();
  block.format = AV_SAMPLE_FMT_FLTP;
  block.sampleRate = SOUND_RATE;
  block.channelLayout = AV_CHANNEL_LAYOUT_STEREO;
  block.nbSamples = PACKET_SAMPLES;
  FFmpegError.throwIfError(block.allocBuffer(), 'make a block of sound');
  return block;
}

function openResampler(samples: Frame): SoftwareResampleContext {
  const made = new SoftwareResampleContext();
  const answer = made.allocSetOpts2(
    AV_CHANNEL_LAYOUT_STEREO,
    AV_SAMPLE_FMT_FLTP,
    SOUND_RATE,
    samples.channelLayout,
    sampleFormatOf(samples),
    samples.sampleRate,
  );
  FFmpegError.throwIfError(answer, 'describe the sound');
  FFmpegError.throwIfError(made.init(), 'open the resampler');
  return made;
}
