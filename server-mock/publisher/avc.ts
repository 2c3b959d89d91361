// H.264 as the encoder writes it (start codes, Annex B of the standard) turned into what an ISO file holds (ISO/IEC 14496-15):
// a decoder configuration and length-prefixed units. Pure bytes; video-encoder.ts calls it with its own encoder's output only.

import { concatBytes, toHex } from '../../src/protocol/bytes.ts';

const SPS = 7;
const PPS = 8;
/** Profiles whose configuration ends with chroma format and bit depths, ISO/IEC 14496-15 §5.3.3.1.2. */
const EXTENDED_PROFILES: readonly number[] = [100, 110, 122, 144];

/** What a container and a decoder need to know before the first packet. */
export type AvcHeader = {
  /** RFC 6381: `avc1.` and three bytes in hex. */
  readonly codec: string;
  /** AVCDecoderConfigurationRecord. */
  readonly description: Uint8Array;
};

/** Reads the encoder's parameter sets. 8 bits and 4:2:0 are assumed: the encoder is opened for nothing else. */
export function readAvcHeader(annexB: Uint8Array): AvcHeader {
  const units = splitUnits(annexB);
  const sps = units.find((unit) => unitType(unit) === SPS);
  const pps = units.find((unit) => unitType(unit) === PPS);
  if (sps === undefined || pps === undefined) throw new Error('The encoder gave no parameter sets.');
  const profile = sps.subarray(1, 4);
  const description = concatBytes(
    Uint8Array.of(1, ...profile, 0xff, 0xe1, sps.length >> 8, sps.length & 0xff),
    sps,
    Uint8Array.of(1, pps.length >> 8, pps.length & 0xff),
    pps,
    // Chroma format 1 (4:2:0), both bit depths 8, no extensions; the upper bits are reserved ones.
    EXTENDED_PROFILES.includes(profile[0] ?? 0) ? Uint8Array.of(0xfd, 0xf8, 0xf8, 0) : new Uint8Array(0),
  );
  return { codec: `avc1.${toHex(profile)}`, description };
}

/** One packet with 4-byte lengths in place of start codes, parameter sets left out: they are in the header. */
export function toLengthPrefixed(annexB: Uint8Array): Uint8Array {
  const kept = splitUnits(annexB).filter((unit) => unitType(unit) !== SPS && unitType(unit) !== PPS);
  const packet = new Uint8Array(kept.reduce((size, unit) => size + 4 + unit.length, 0));
  const view = new DataView(packet.buffer);
  let at = 0;
  for (const unit of kept) {
    view.setUint32(at, unit.length);
    packet.set(unit, at + 4);
    at += 4 + unit.length;
  }
  return packet;
}

const unitType = (unit: Uint8Array): number => (unit[0] ?? 0) & 0x1f;

/** The units between start codes (00 00 01, a zero more before it allowed). */
function splitUnits(annexB: Uint8Array): Uint8Array[] {
  const code = Uint8Array.of(0, 0, 1);
  const haystack = Buffer.from(annexB.buffer, annexB.byteOffset, annexB.byteLength);
  const units: Uint8Array[] = [];
  let start = haystack.indexOf(code);
  while (start >= 0) {
    const next = haystack.indexOf(code, start + 3);
    let end = next < 0 ? annexB.length : next;
    while (end > start + 3 && annexB[end - 1] === 0) end--;
    units.push(annexB.subarray(start + 3, end));
    start = next;
  }
  return units;
}
