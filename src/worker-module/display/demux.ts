// Takes a clear CMAF segment apart into coded pictures or samples with their times. Hostile input: the segment was
// authenticated, but the provider made it; whatever is wrong with it is `frame/undecodable`, never a crash.

import { BufferSource, type EncodedPacket, EncodedPacketSink, Input, type InputTrack, MP4 } from 'mediabunny';
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

/** Reads one segment behind its header; nothing stays open, and whatever is wrong has a code. */
async function demux<Coded>(
  label: string,
  init: Uint8Array,
  segment: Uint8Array,
  read: (input: Input) => Promise<Coded>,
): Promise<Coded> {
  const file = new Uint8Array(init.byteLength + segment.byteLength);
  file.set(init);
  file.set(segment, init.byteLength);
  const input = new Input({ source: new BufferSource(file), formats: [MP4] });
  try {
    return await read(input);
  } catch (cause) {
    throw cause instanceof FareboxError ? cause : undecodable(label, cause);
  } finally {
    input.dispose();
  }
}

async function packetsOf(track: InputTrack): Promise<readonly EncodedPacket[]> {
  const packets: EncodedPacket[] = [];
  for await (const packet of new EncodedPacketSink(track).packets()) packets.push(packet);
  return packets;
}

/** Reads one segment of a video part. Throws `frame/undecodable`, `media/codec`. */
export async function demuxPictures(label: string, init: Uint8Array, segment: Uint8Array): Promise<CodedPictures> {
  return demux(label, init, segment, async (input) => {
    const track = await input.getPrimaryVideoTrack();
    const config = await track?.getDecoderConfig();
    if (track === null || !config) throw new FareboxError('media/codec', { label });
    const chunks = (await packetsOf(track)).map((packet) => packet.toEncodedVideoChunk());
    if (chunks[0]?.type !== 'key') throw undecodable(label);
    return { label, config, chunks };
  });
}

/** Reads how a video part is decoded from its header alone. Throws `frame/undecodable`, `media/codec`. */
export async function readPictureConfig(label: string, init: Uint8Array): Promise<VideoDecoderConfig> {
  return demux(label, init, new Uint8Array(), async (input) => {
    const config = await (await input.getPrimaryVideoTrack())?.getDecoderConfig();
    if (!config) throw new FareboxError('media/codec', { label });
    return config;
  });
}

/** Reads one segment of a sound part. Throws `frame/undecodable`, `media/codec`. */
export async function demuxSound(label: string, init: Uint8Array, segment: Uint8Array): Promise<CodedSound> {
  return demux(label, init, segment, async (input) => {
    const track = await input.getPrimaryAudioTrack();
    const config = await track?.getDecoderConfig();
    if (track === null || !config) throw new FareboxError('media/codec', { label });
    return { config, chunks: (await packetsOf(track)).map((packet) => packet.toEncodedAudioChunk()) };
  });
}
