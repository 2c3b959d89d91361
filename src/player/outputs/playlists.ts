// The HLS playlists of a programme for a player that is given clear pieces (RFC 8216, CMAF): written from the manifest that was hash-checked, with
// addresses that only this page answers. Pure text. Picture and sound only: captions are not CMAF, and no player reads them as they are.

import { type AudioPart, type Manifest, mainSoundOf, type VideoPart } from '../../protocol/manifest.ts';
import { formatAddress } from './addresses.ts';

/** The playlist above all: every rung, with every sound track. */
export function masterPlaylist(manifest: Manifest): string {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:8', '#EXT-X-INDEPENDENT-SEGMENTS'];
  const sounds = manifest.parts.filter((part) => part.kind === 'audio');
  for (const sound of sounds) lines.push(soundLine(manifest, sound, sound === mainSoundOf(manifest)));
  const loudest = Math.max(0, ...sounds.map((sound) => peakBitrate(manifest, sound)));
  for (const rung of manifest.parts.filter((part) => part.kind === 'video')) {
    const attributes = [
      `BANDWIDTH=${peakBitrate(manifest, rung) + loudest}`,
      `CODECS=${quoted([rung.codec, ...new Set(sounds.map(({ codec }) => codec))].join())}`,
      `RESOLUTION=${rung.width}x${rung.height}`,
      `FRAME-RATE=${(rung.pictureRate / 1000).toFixed(3)}`,
      ...(sounds.length === 0 ? [] : ['AUDIO="sound"']),
    ];
    lines.push(`#EXT-X-STREAM-INF:${attributes.join()}`, playlistOf(manifest, rung));
  }
  return `${lines.join('\n')}\n`;
}

/** The playlist of one part; null for a label that is neither picture nor sound of this programme. */
export function mediaPlaylist(manifest: Manifest, label: string): string | null {
  const part = manifest.parts.find((each) => each.label === label);
  if (part === undefined || (part.kind !== 'video' && part.kind !== 'audio')) return null;
  const { programme, frameDurationMs, durationMs } = manifest;
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:8',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    `#EXT-X-TARGETDURATION:${Math.ceil(frameDurationMs / 1000)}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
    `#EXT-X-MAP:URI="${formatAddress({ programme, kind: 'init', label })}"`,
  ];
  for (const [frame, segment] of part.segments.entries()) {
    const lengthMs = Math.min(frameDurationMs, durationMs - frame * frameDurationMs);
    // A gap needs an address as well; nobody asks for it.
    if (segment === null) lines.push('#EXT-X-GAP');
    lines.push(`#EXTINF:${(lengthMs / 1000).toFixed(3)},`, formatAddress({ programme, kind: 'segment', label, frame }));
  }
  return `${lines.join('\n')}\n#EXT-X-ENDLIST\n`;
}

function soundLine(manifest: Manifest, sound: AudioPart, isMain: boolean): string {
  const attributes = [
    'TYPE=AUDIO',
    'GROUP-ID="sound"',
    // The label makes the name one of its own.
    `NAME=${quoted(`${sound.name} ${sound.label}`.trim())}`,
    ...(sound.language === '' ? [] : [`LANGUAGE=${quoted(sound.language)}`]),
    `DEFAULT=${isMain ? 'YES' : 'NO'}`,
    'AUTOSELECT=YES',
    `CHANNELS="${sound.channels}"`,
    `URI="${playlistOf(manifest, sound)}"`,
  ];
  return `#EXT-X-MEDIA:${attributes.join()}`;
}

/** A quoted string knows no escapes: what it cannot hold would begin an attribute or a line of the publisher's own, and is left out. */
function quoted(text: string): string {
  return `"${text.replaceAll(/["\p{Cc}\u2028\u2029]/gu, '')}"`;
}

function playlistOf({ programme }: Manifest, { label }: AudioPart | VideoPart): string {
  return formatAddress({ programme, kind: 'playlist', label });
}

/** Bits a second of its largest frame; sealed sizes, which are some twenty bytes above the clear ones. */
function peakBitrate({ frameDurationMs }: Manifest, { segments }: AudioPart | VideoPart): number {
  const largest = segments.reduce((size, segment) => Math.max(size, segment?.sizeBytes ?? 0), 0);
  return Math.ceil((largest * 8000) / frameDurationMs);
}
