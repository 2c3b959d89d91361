// What the peers play, made of a programme's clear segments: HLS with AES-128 (RFC 8216 §4.3.2.4) for hls.js, and DASH with common
// encryption for Shaka Player. It lies in a content store, under content addresses, so that it is served as the programme itself is.
import { createCipheriv, randomBytes } from 'node:crypto';
import type { ContentStore } from '../../../server-mock/content/store.ts';
import { concatBytes, toBase64Url, toHex, utf8 } from '../../../src/protocol/bytes.ts';
import { type CencKey, protectInit, protectSegment } from './cenc.ts';
import type { ClearPart, ClearProgramme } from './clear-rungs.ts';

/** Where the peers begin, and what their licence server answers. */
export type PeerMaterial = {
  /** Path of the HLS master playlist. */
  readonly hlsPath: string;
  /** Path of the DASH manifest. */
  readonly dashPath: string;
  /** A licence as ClearKey takes it (Encrypted Media Extensions §9.1.4). */
  readonly licence: string;
};

/** `files`: path of each slot, null where there is nothing. `bitrate`: the highest of any slot. */
type StoredPart = {
  readonly part: ClearPart;
  readonly initPath: string;
  readonly files: readonly (string | null)[];
  readonly peakBitrate: number;
};

const KEY_BYTES = 16;

/** Encrypts everything for both peers and stores it. */
export async function makePeerMaterial(programme: ClearProgramme, store: ContentStore): Promise<PeerMaterial> {
  const put = async (bytes: Uint8Array): Promise<string> => `/content/${(await store.put(bytes)).hash}`;
  const parts = [...programme.rungs, programme.sound];
  const hlsKey = randomBytes(KEY_BYTES);
  const cencKey: CencKey = { keyId: randomBytes(KEY_BYTES), key: randomBytes(KEY_BYTES) };
  const keyPath = await put(hlsKey);
  const hls: string[] = [];
  const stored: StoredPart[] = [];
  for (const part of parts) {
    const sealed = await storeHls(part, hlsKey, programme, put);
    hls.push(await put(utf8(mediaPlaylist(sealed, keyPath, programme))));
    stored.push(sealed);
  }
  const dash: StoredPart[] = [];
  // Counter mode: no two samples under one key may share a counter, so they are numbered over all parts.
  let samples = 0;
  for (const part of parts) {
    const protectedPart = await storeDash(part, cencKey, samples, programme, put);
    samples += protectedPart.samples;
    dash.push(protectedPart);
  }
  return {
    hlsPath: await put(utf8(masterPlaylist(stored, hls))),
    dashPath: await put(utf8(dashManifest(dash, cencKey, programme))),
    licence: JSON.stringify({
      keys: [{ kty: 'oct', kid: toBase64Url(cencKey.keyId), k: toBase64Url(cencKey.key) }],
      type: 'temporary',
    }),
  };
}

type Put = (bytes: Uint8Array) => Promise<string>;

async function storeHls(part: ClearPart, key: Uint8Array, programme: ClearProgramme, put: Put): Promise<StoredPart> {
  const files: (string | null)[] = [];
  for (const [slot, segment] of part.segments.entries()) {
    if (segment === null) files.push(null);
    else {
      // Without an IV in the playlist it is the media sequence number, which is the slot.
      const iv = new Uint8Array(KEY_BYTES);
      new DataView(iv.buffer).setUint32(12, slot);
      const cipher = createCipheriv('aes-128-cbc', key, iv);
      files.push(await put(concatBytes(cipher.update(segment), cipher.final())));
    }
  }
  return { part, initPath: await put(part.init), files, peakBitrate: peakOf(part, programme) };
}

async function storeDash(
  part: ClearPart,
  key: CencKey,
  firstSample: number,
  programme: ClearProgramme,
  put: Put,
): Promise<StoredPart & { readonly samples: number }> {
  let samples = 0;
  const files: (string | null)[] = [];
  for (const segment of part.segments) {
    if (segment === null) {
      files.push(null);
      continue;
    }
    const made = protectSegment(segment, part.kind, key, firstSample + samples);
    samples += made.samples;
    files.push(await put(made.bytes));
  }
  const initPath = await put(protectInit(part.init, part.kind, key));
  return { part, initPath, files, peakBitrate: peakOf(part, programme), samples };
}

function peakOf({ segments }: ClearPart, { frameDurationMs }: ClearProgramme): number {
  return Math.ceil((Math.max(...segments.map((segment) => segment?.length ?? 0)) * 8000) / frameDurationMs);
}

function mediaPlaylist({ initPath, files }: StoredPart, keyPath: string, programme: ClearProgramme): string {
  const { frameDurationMs, durationMs } = programme;
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:8',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    `#EXT-X-TARGETDURATION:${Math.ceil(frameDurationMs / 1000)}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
    // Before the key: the header is clear.
    `#EXT-X-MAP:URI="${initPath}"`,
    `#EXT-X-KEY:METHOD=AES-128,URI="${keyPath}"`,
  ];
  for (const [slot, file] of files.entries()) {
    if (file === null) throw new Error('the peers are given programmes without gaps only');
    const lengthMs = Math.min(frameDurationMs, durationMs - slot * frameDurationMs);
    lines.push(`#EXTINF:${(lengthMs / 1000).toFixed(3)},`, file);
  }
  return `${lines.join('\n')}\n#EXT-X-ENDLIST\n`;
}

function masterPlaylist(parts: readonly StoredPart[], playlists: readonly string[]): string {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:8', '#EXT-X-INDEPENDENT-SEGMENTS'];
  const uriOf = (stored: StoredPart): string => playlists[parts.indexOf(stored)] ?? '';
  const sound = parts.find(({ part }) => part.kind === 'audio');
  if (sound === undefined) throw new Error('the peers are given programmes with sound only');
  lines.push(`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="sound",NAME="main",DEFAULT=YES,AUTOSELECT=YES,URI="${uriOf(sound)}"`);
  for (const stored of parts) {
    const { part, peakBitrate } = stored;
    if (part.kind === 'audio') continue;
    const rates = `BANDWIDTH=${peakBitrate + sound.peakBitrate},AVERAGE-BANDWIDTH=${part.bitrate + sound.part.bitrate}`;
    const form = `CODECS="${part.codec},${sound.part.codec}",RESOLUTION=${part.width}x${part.height}`;
    lines.push(`#EXT-X-STREAM-INF:${rates},${form},AUDIO="sound"`, uriOf(stored));
  }
  return `${lines.join('\n')}\n`;
}

const CLEAR_KEY_SYSTEM = 'urn:uuid:e2719d58-a985-b3c9-781a-b030af78d30e';

function dashManifest(parts: readonly StoredPart[], { keyId }: CencKey, programme: ClearProgramme): string {
  const hex = toHex(keyId);
  const uuid = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
  const protection = [
    `<ContentProtection schemeIdUri="urn:mpeg:dash:mp4protection:2011" value="cenc" cenc:default_KID="${uuid}"/>`,
    `<ContentProtection schemeIdUri="${CLEAR_KEY_SYSTEM}" value="ClearKey1.0"/>`,
  ].join('');
  const representation = ({ part, initPath, files, peakBitrate }: StoredPart): string => {
    const size = part.kind === 'video' ? ` width="${part.width}" height="${part.height}"` : '';
    const urls = files.map((file) => `<SegmentURL media="${file}"/>`).join('');
    const list = `<SegmentList timescale="1000" duration="${programme.frameDurationMs}"><Initialization sourceURL="${initPath}"/>${urls}</SegmentList>`;
    return `<Representation id="${part.label}" bandwidth="${peakBitrate}" codecs="${part.codec}"${size}>${list}</Representation>`;
  };
  const set = (kind: ClearPart['kind']): string => {
    const own = parts.filter(({ part }) => part.kind === kind).map(representation);
    return `<AdaptationSet contentType="${kind}" mimeType="${kind}/mp4" segmentAlignment="true">${protection}${own.join('')}</AdaptationSet>`;
  };
  const length = `PT${(programme.durationMs / 1000).toFixed(3)}S`;
  return `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" xmlns:cenc="urn:mpeg:cenc:2013" profiles="urn:mpeg:dash:profile:isoff-main:2011" type="static" minBufferTime="PT2S" mediaPresentationDuration="${length}"><Period>${set('video')}${set('audio')}</Period></MPD>`;
}
