// A person's own media file, opened and checked before anything is encoded: is it media, has it pictures, is it whole, is it
// not too long. publish.ts opens one for each programme. It reads heads and tails only, never the whole file.

import { access, constants, stat } from 'node:fs/promises';
import {
  EncodedPacketSink,
  FilePathSource,
  Input,
  type InputAudioTrack,
  type InputFormat,
  type InputTrack,
  type InputVideoTrack,
  type Rotation,
} from 'mediabunny';
import { FareboxError } from '../../src/protocol/errors.ts';
import { PUBLISH_LIMITS } from './limits.ts';
import { SOURCE_FORMATS } from './media.ts';
import { languageOf } from './tracks/track-names.ts';

/** An open source. Times are microseconds; the programme's clock starts at the earlier of pictures and sound. */
export type Source = {
  readonly video: InputVideoTrack;
  /** Null where the file is silent. */
  readonly sound: InputAudioTrack | null;
  /** What the file says of it: a tag of RFC 5646, '' for nothing. */
  readonly soundLanguage: string;
  /** Size as shown: upright, in square pixels. */
  readonly width: number;
  readonly height: number;
  /** Clockwise turn that makes the pictures upright, and whether they are mirrored after it. */
  readonly rotation: Rotation;
  readonly flip: boolean;
  /** Pictures a second, on average. */
  readonly pictureRate: number;
  /** Source time that is the programme's 0. */
  readonly originUs: number;
  /** Length of the programme. */
  readonly durationUs: number;
  /** Where the last picture ends on the programme's clock. */
  readonly pictureEndUs: number;
  readonly close: () => void;
};

/**
 * Opens and checks a media file.
 * @throws FareboxError `publish/unreadable` (missing, no permission, no decoder), `publish/not-media`, `publish/no-video`,
 * `publish/cut-short`, `publish/too-long`.
 */
export async function openSource(file: string): Promise<Source> {
  await checkFile(file);
  const input = openInput(file, SOURCE_FORMATS);
  try {
    return await checkInput(input);
  } catch (cause) {
    input.dispose();
    throw cause instanceof FareboxError ? cause : new FareboxError('publish/unreadable', undefined, { cause });
  }
}

/** An input of one of these formats; whether it is one, `canRead` tells. The caller disposes of it. */
export function openInput(file: string, formats: readonly InputFormat[]): Input {
  const source = new FilePathSource(file, { maxCacheSize: PUBLISH_LIMITS.sourceCacheBytes });
  return new Input({ source, formats: [...formats] });
}

/** @throws FareboxError `publish/unreadable` for one that is missing or may not be read, `publish/not-media` for a folder. */
export async function checkFile(file: string): Promise<void> {
  try {
    await access(file, constants.R_OK);
    if ((await stat(file)).isFile()) return;
  } catch (cause) {
    throw new FareboxError('publish/unreadable', undefined, { cause });
  }
  throw new FareboxError('publish/not-media');
}

async function checkInput(input: Input): Promise<Source> {
  if (!(await input.canRead())) throw new FareboxError('publish/not-media');
  const tracks = await input.getTracks();
  // A container without a track is one whose index, written last, never came.
  if (tracks.length === 0) throw new FareboxError('publish/cut-short');
  const video = await input.getPrimaryVideoTrack();
  if (video === null) throw new FareboxError('publish/no-video');
  const sound = await decodableSound(input);
  if (!(await video.canDecode())) await refuseCodec(video);
  const ends = await Promise.all([video, ...(sound === null ? [] : [sound])].map(endOfTrack));
  await checkWhole(input, ends);

  const [videoSpan, soundSpan] = ends;
  if (videoSpan === undefined) throw new FareboxError('publish/no-video');
  const originUs = Math.max(0, Math.min(videoSpan.startUs, soundSpan?.startUs ?? videoSpan.startUs));
  const durationUs = programmeLength(videoSpan.endUs - originUs, (soundSpan?.endUs ?? 0) - originUs);
  if (durationUs <= 0) throw new FareboxError('publish/cut-short');
  if (durationUs > PUBLISH_LIMITS.durationMs * 1000) throw new FareboxError('publish/too-long');
  return {
    video,
    sound,
    soundLanguage: sound === null ? '' : languageOf(await sound.getLanguageCode()),
    width: await video.getDisplayWidth(),
    height: await video.getDisplayHeight(),
    rotation: await video.getRotation(),
    flip: await video.getFlip(),
    pictureRate: await measureRate(video),
    originUs,
    durationUs,
    pictureEndUs: videoSpan.endUs - originUs,
    close: () => input.dispose(),
  };
}

/** Sound in a codec nobody here can decode is refused rather than left out: nobody pays for a film that lost its sound. Null where there is none. */
export async function decodableSound(input: Input): Promise<InputAudioTrack | null> {
  const sound = await input.getPrimaryAudioTrack();
  if (sound === null || (await new EncodedPacketSink(sound).getFirstPacket()) === null) return null;
  if (!(await sound.canDecode())) await refuseCodec(sound);
  const channels = await sound.getNumberOfChannels();
  if (channels > PUBLISH_LIMITS.soundChannels)
    throw new FareboxError('publish/unreadable', { track: 'audio', channels });
  return sound;
}

async function refuseCodec(track: InputTrack): Promise<never> {
  const codec = (await track.getCodecParameterString()) ?? 'unknown';
  throw new FareboxError('publish/unreadable', { track: track.type, codec });
}

type Span = { readonly startUs: number; readonly endUs: number };

/** Where a track starts and ends, by its packets. @throws FareboxError `publish/cut-short` where the last one is missing. */
async function endOfTrack(track: InputTrack): Promise<Span> {
  const packets = new EncodedPacketSink(track);
  const last = await packets.getPacket(Number.POSITIVE_INFINITY);
  if (last === null) throw new FareboxError('publish/cut-short');
  const startUs = Math.round((await track.getFirstTimestamp()) * 1e6);
  // Matroska leaves the length of a picture open; a thirtieth of a second is near enough for the last one.
  const lengthS = last.duration > 0 ? last.duration : 1 / 30;
  return { startUs, endUs: Math.round((last.timestamp + lengthS) * 1e6) };
}

async function checkWhole(input: Input, spans: readonly Span[]): Promise<void> {
  const declaredS = await input.getDurationFromMetadata();
  const endUs = Math.max(...spans.map((span) => span.endUs));
  if (declaredS !== null && declaredS * 1e6 - endUs > PUBLISH_LIMITS.missingTailUs) {
    throw new FareboxError('publish/cut-short', {
      declaredMs: Math.round(declaredS * 1000),
      foundMs: Math.round(endUs / 1000),
    });
  }
}

/**
 * The pictures say how long a programme is, unless the sound outlasts them by more than an encoder's padding. Both ends are rounded
 * times, so what sticks out of a slot by next to nothing is left off.
 */
function programmeLength(pictureEndUs: number, soundEndUs: number): number {
  const lengthUs = soundEndUs - pictureEndUs > PUBLISH_LIMITS.soundTailUs ? soundEndUs : pictureEndUs;
  const tailUs = lengthUs % (PUBLISH_LIMITS.slotMs * 1000);
  return tailUs < PUBLISH_LIMITS.leastTailUs && lengthUs > tailUs ? lengthUs - tailUs : lengthUs;
}

/** Pictures the average is taken over: some seconds of any rate. */
const RATE_SAMPLE_PICTURES = 240;

async function measureRate(video: InputVideoTrack): Promise<number> {
  const { averagePacketRate } = await video.computePacketStats(RATE_SAMPLE_PICTURES);
  return Math.min(60, Math.max(1, averagePacketRate));
}
