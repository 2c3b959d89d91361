// The HLS playlists of a programme (RFC 8216), for tools that know HLS: one for each part and one above them. Segments are named by
// content address and are sealed, so a player shows them only through the module. Pure text; publish.ts stores it.

import type { AudioPart, ManifestPart, VideoPart } from '../../src/protocol/manifest.ts';
import { peakBitrate } from './describe.ts';
import { PUBLISH_LIMITS } from './limits.ts';

/** Where a content file is fetched. */
export const contentUri = (hash: string): string => `/content/${hash}`;

/** Name of a part's playlist in the manifest's list: `video-720p.m3u8`. */
export const playlistName = (label: string): string => `${label.replaceAll('/', '-')}.m3u8`;

/** Name of the playlist above them. */
export const MASTER_NAME = 'master.m3u8';

/**
 * The playlist of one part.
 * @param initUri address of the clear CMAF header. @param durationMs length of the programme; the last segment ends with it.
 */
export function writeMediaPlaylist(part: ManifestPart, initUri: string, durationMs: number): string {
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:8',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    `#EXT-X-TARGETDURATION:${Math.ceil(PUBLISH_LIMITS.slotMs / 1000)}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
    `#EXT-X-MAP:URI="${initUri}"`,
  ];
  for (const [slot, segment] of part.segments.entries()) {
    const lengthMs = Math.min(PUBLISH_LIMITS.slotMs, durationMs - slot * PUBLISH_LIMITS.slotMs);
    // A gap needs an address as well; nobody fetches it.
    if (segment === null) lines.push('#EXT-X-GAP');
    lines.push(`#EXTINF:${(lengthMs / 1000).toFixed(3)},`, segment === null ? 'gap' : contentUri(segment.hash));
  }
  return `${lines.join('\n')}\n#EXT-X-ENDLIST\n`;
}

/** The playlist above them. @param uriOf address of a part's playlist. @param rungs best first. @param sounds the main one first. */
export function writeMasterPlaylist(
  rungs: readonly VideoPart[],
  sounds: readonly AudioPart[],
  uriOf: (part: ManifestPart) => string,
): string {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:8', '#EXT-X-INDEPENDENT-SEGMENTS'];
  for (const sound of sounds) lines.push(`#EXT-X-MEDIA:${soundAttributes(sound)},URI="${uriOf(sound)}"`);
  const codecs = [...new Set(sounds.map(({ codec }) => codec))];
  const peak = Math.max(0, ...sounds.map(({ segments }) => peakBitrate(segments)));
  const mean = Math.max(0, ...sounds.map(({ bitrate }) => bitrate));
  for (const rung of rungs) {
    const attributes = [
      `BANDWIDTH=${peakBitrate(rung.segments) + peak}`,
      `AVERAGE-BANDWIDTH=${rung.bitrate + mean}`,
      `CODECS="${[rung.codec, ...codecs].join(',')}"`,
      `RESOLUTION=${rung.width}x${rung.height}`,
      `FRAME-RATE=${(rung.pictureRate / 1000).toFixed(3)}`,
      ...(sounds.length === 0 ? [] : ['AUDIO="sound"']),
    ];
    lines.push(`#EXT-X-STREAM-INF:${attributes.join(',')}`, uriOf(rung));
  }
  return `${lines.join('\n')}\n`;
}

/** Attributes of one sound (RFC 8216 §4.3.4.1). Its label is its name: unlike what people call it, it is unique and needs no quoting. */
function soundAttributes({ label, language, role, channels }: AudioPart): string {
  const isMain = role === 'main' ? 'YES' : 'NO';
  return [
    'TYPE=AUDIO',
    'GROUP-ID="sound"',
    `NAME="${label.replace('audio/', '')}"`,
    ...(language === '' ? [] : [`LANGUAGE="${language}"`]),
    `DEFAULT=${isMain}`,
    `AUTOSELECT=${isMain}`,
    ...(role === 'description' ? ['CHARACTERISTICS="public.accessibility.describes-video"'] : []),
    `CHANNELS="${channels}"`,
  ].join(',');
}
