// Cuts one part's packets into CMAF segments, one for each slot, and hands each out as soon as it is whole. Every segment is its
// own small output on the programme's clock, because a general HLS muxer cuts sound by running length, which drifts away from the
// slots. It holds the packets of one slot and never more.

import {
  BufferTarget,
  CmafOutputFormat,
  EncodedAudioPacketSource,
  EncodedPacket,
  EncodedVideoPacketSource,
  NullTarget,
  Output,
} from 'mediabunny';
import { slotAt, slotStartUs } from './pictures.ts';

/** What a part's decoder is opened with; it is the same for every segment of the part. */
export type TrackForm =
  | { readonly kind: 'video'; readonly decoderConfig: VideoDecoderConfig }
  | { readonly kind: 'audio'; readonly decoderConfig: AudioDecoderConfig };

/** One encoded packet; packets come in the order they are played. */
export type TimedPacket = {
  readonly bytes: Uint8Array;
  /** Start on the programme's clock. */
  readonly atUs: number;
  /** True where decoding can begin; every packet of sound. */
  readonly startsDecoding: boolean;
};

/** What a part has in one slot. */
export type Segment = {
  readonly slot: number;
  /** CMAF: one `moof` and one `mdat`, times on the programme's clock. */
  readonly bytes: Uint8Array;
};

/** Takes the packets of one part. */
export type Segmenter = {
  /** Adds the next packet; awaits the sink when a slot is complete. */
  readonly add: (packet: TimedPacket) => Promise<void>;
  /** The CMAF header of the part; null before the first segment was cut. */
  readonly header: () => Uint8Array | null;
  /** Ends the last segment. @param endUs end of the programme. @returns the CMAF header of the part. */
  readonly finish: (endUs: number) => Promise<Uint8Array>;
};

/** @param sink called once for each slot that has packets, in order. */
export function makeSegmenter(form: TrackForm, sink: (segment: Segment) => Promise<void>): Segmenter {
  let waiting: TimedPacket[] = [];
  let slot = -1;
  let init: Uint8Array | undefined;

  const flush = async (untilUs: number): Promise<void> => {
    const packets = waiting;
    waiting = [];
    if (packets.length === 0) return;
    const written = await writeSegment(form, packets, untilUs, init === undefined);
    init ??= written.init;
    await sink({ slot, bytes: written.segment });
  };

  return {
    add: async (packet) => {
      const next = slotAt(packet.atUs);
      if (next < slot) throw new Error('A packet came after its slot was cut.');
      if (next > slot) {
        await flush(Math.min(packet.atUs, slotStartUs(slot + 1)));
        if (!packet.startsDecoding) throw new Error('A slot begins with a picture that cannot be decoded alone.');
        slot = next;
      }
      waiting.push(packet);
    },
    header: () => init ?? null,
    finish: async (endUs) => {
      await flush(Math.min(endUs, slotStartUs(slot + 1)));
      if (init === undefined) throw new Error('A part without a packet has no header.');
      return init;
    },
  };
}

async function writeSegment(
  form: TrackForm,
  packets: readonly TimedPacket[],
  untilUs: number,
  withInit: boolean,
): Promise<{ readonly segment: Uint8Array; readonly init?: Uint8Array }> {
  const target = new BufferTarget();
  const initTarget = withInit ? new BufferTarget() : new NullTarget();
  const output = new Output({ format: new CmafOutputFormat(), target, initTarget });
  const add = await startTrack(output, form);
  for (const [index, packet] of packets.entries()) {
    const endUs = packets[index + 1]?.atUs ?? Math.max(untilUs, packet.atUs);
    const type = packet.startsDecoding ? 'key' : 'delta';
    await add(new EncodedPacket(packet.bytes, type, packet.atUs / 1e6, (endUs - packet.atUs) / 1e6));
  }
  await output.finalize();
  if (target.buffer === null) throw new Error('A segment was not written.');
  const segment = new Uint8Array(target.buffer);
  if (!(initTarget instanceof BufferTarget)) return { segment };
  if (initTarget.buffer === null) throw new Error('A header was not written.');
  return { segment, init: new Uint8Array(initTarget.buffer) };
}

async function startTrack(output: Output, form: TrackForm): Promise<(packet: EncodedPacket) => Promise<void>> {
  if (form.kind === 'video') {
    const source = new EncodedVideoPacketSource('avc');
    output.addVideoTrack(source);
    await output.start();
    return (packet) => source.add(packet, { decoderConfig: form.decoderConfig });
  }
  const source = new EncodedAudioPacketSource('aac');
  output.addAudioTrack(source);
  await output.start();
  return (packet) => source.add(packet, { decoderConfig: form.decoderConfig });
}
