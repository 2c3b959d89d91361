// Takes a clear CMAF segment apart into coded pictures or samples with their times. Hostile input: the segment was
// authenticated, but the provider made it; whatever is wrong with it is `frame/undecodable`, never a crash.

import { BufferSource, EncodedPacketSink, Input, MP4 } from 'mediabunny';
import { FareboxError } from '../../protocol/errors.ts';

/** Coded pictures of one slot in decoding order; the first is a key picture. */
export type CodedPictures = {
  readonly label: string;
  readonly config: VideoDecoderConfig;
  readonly chunks: readonly EncodedVideoChunk[];
};
/** Coded samples of one slot in order. */
export type CodedSound = { readonly config: AudioDecoderConfig; readonly chunks: readonly EncodedAudioChunk[] };

function undecodable(label: string, cause?: unknown): FareboxError {
  return new FareboxError('frame/undecodable', { label }, { cause });
}

function openInput(init: Uint8Array, segment: Uint8Array): Input {
  const file = new Uint8Array(init.byteLength + segment.byteLength);
  file.set(init);
  file.set(segment, init.byteLength);
  return new Input({ source: new BufferSource(file), formats: [MP4] });
}

/** Reads one segment of a video part. Throws `frame/undecodable`, `media/codec`. */
export async function demuxPictures(label: string, init: Uint8Array, segment: Uint8Array): Promise<CodedPictures> {
  const input = openInput(init, segment);
  try {
    const track = await input.getPrimaryVideoTrack();
    const config = await track?.getDecoderConfig();
    if (track === null || config === null || config === undefined) throw new FareboxError('media/codec', { label });
    const chunks: EncodedVideoChunk[] = [];
    for await (const packet of new EncodedPacketSink(track).packets()) chunks.push(packet.toEncodedVideoChunk());
    if (chunks[0]?.type !== 'key') throw undecodable(label);
    return { label, config, chunks };
  } catch (cause) {
    throw cause instanceof FareboxError ? cause : undecodable(label, cause);
  } finally {
    input.dispose();
  }
}

/** Reads one segment of a sound part. Throws `frame/undecodable`, `media/codec`. */
export async function demuxSound(label: string, init: Uint8Array, segment: Uint8Array): Promise<CodedSound> {
  const input = openInput(init, segment);
  try {
    const track = await input.getPrimaryAudioTrack();
    const config = await track?.getDecoderConfig();
    if (track === null || config === null || config === undefined) throw new FareboxError('media/codec', { label });
    const chunks: EncodedAudioChunk[] = [];
    for await (const packet of new EncodedPacketSink(track).packets()) chunks.push(packet.toEncodedAudioChunk());
    return { config, chunks };
  } catch (cause) {
    throw cause instanceof FareboxError ? cause : undecodable(label, cause);
  } finally {
    input.dispose();
  }
}
