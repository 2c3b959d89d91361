// The HLS playlists of a programme for a player that is given clear pieces (RFC 8216, CMAF): written from the manifest that was hash-checked, with
// addresses that only this page answers. Pure text. Captions are named as WebVTT, which output.ts makes of them: they are not CMAF.

import {
  type AudioPart,
  type CaptionsPart,
  type Manifest,
  mainSoundOf,
  type VideoPart,
} from '../../protocol/manifest.ts';
import { formatAddress } from './addresses.ts';

/** Frames of a live programme that a playlist names: from `first` up to and without `edge`; nothing more comes once it has `ended`. */
export type ListedFrames = { readonly first: number; readonly edge: number; readonly ended: boolean };

/**
 * The playlist above all: every rung, with every sound track and all captions. Of a live programme a sound that has nothing in what is `listed`
 * is left out: players wait for sound that is named, and some refuse a playlist of gaps alone.
 */
export function masterPlaylist(manifest: Manifest, listed: ListedFrames | null = null): string {
  const lines = ['#EXTM3U', '#EXT-X-VERSION:8', '#EXT-X-INDEPENDENT-SEGMENTS'];
  const isThere = ({ segments }: AudioPart): boolean =>
    listed === null || segments.slice(listed.first, listed.edge).some((segment) => segment);
  const sounds = manifest.parts.filter((part) => part.kind === 'audio').filter(isThere);
  for (const sound of sounds) lines.push(soundLine(manifest, sound, sound === mainSoundOf(manifest)));
  const captions = manifest.parts.filter((part) => part.kind === 'captions');
  for (const part of captions) lines.push(captionsLine(manifest, part));
  const loudest = Math.max(0, ...sounds.map((sound) => peakBitrate(manifest, sound)));
  for (const rung of manifest.parts.filter((part) => part.kind === 'video')) {
    const attributes = [
      `BANDWIDTH=${peakBitrate(manifest, rung) + loudest}`,
      `CODECS=${quoted([rung.codec, ...new Set(sounds.map(({ codec }) => codec))].join())}`,
      `RESOLUTION=${rung.width}x${rung.height}`,
      `FRAME-RATE=${(rung.pictureRate / 1000).toFixed(3)}`,
      ...(sounds.length === 0 ? [] : ['AUDIO="sound"']),
      ...(captions.length === 0 ? [] : ['SUBTITLES="captions"']),
    ];
    lines.push(`#EXT-X-STREAM-INF:${attributes.join()}`, playlistOf(manifest, rung));
  }
  return `${lines.join('\n')}\n`;
}

/**
 * The playlist of one part; null for a label that is no part of this programme. Of a live one it names what is `listed` and is
 * asked for again and again (RFC 8216 §6.2.1, §6.2.2): a frame keeps its media sequence number, which is its own.
 */
export function mediaPlaylist(manifest: Manifest, label: string, listed: ListedFrames | null = null): string | null {
  const part = manifest.parts.find((each) => each.label === label);
  if (part === undefined || part.kind === 'strokes') return null;
  const isCaptions = part.kind === 'captions';
  const { programme, frameDurationMs, durationMs, frameCount } = manifest;
  const { first, edge, ended } = listed ?? { first: 0, edge: frameCount, ended: true };
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:8',
    listed === null ? '#EXT-X-PLAYLIST-TYPE:VOD' : `#EXT-X-MEDIA-SEQUENCE:${first}`,
    `#EXT-X-TARGETDURATION:${Math.ceil(frameDurationMs / 1000)}`,
    '#EXT-X-INDEPENDENT-SEGMENTS',
    ...(isCaptions ? [] : [`#EXT-X-MAP:URI="${formatAddress({ programme, kind: 'init', label })}"`]),
  ];
  const kind = isCaptions ? 'cues' : 'segment';
  for (let frame = first; frame < edge; frame += 1) {
    const lengthMs = Math.min(frameDurationMs, durationMs - frame * frameDurationMs);
    // A gap needs an address as well; nobody asks for it. A slot without cues is no gap: it is known to have none.
    if (!isCaptions && !part.segments[frame]) lines.push('#EXT-X-GAP');
    lines.push(`#EXTINF:${(lengthMs / 1000).toFixed(3)},`, formatAddress({ programme, kind, label, frame }));
  }
  return `${lines.join('\n')}\n${ended ? '#EXT-X-ENDLIST\n' : ''}`;
}

function soundLine(manifest: Manifest, sound: AudioPart, isMain: boolean): string {
  const attributes = [
    'TYPE=AUDIO',
    'GROUP-ID="sound"',
    `NAME=${quoted(trackName(sound))}`,
    ...(sound.language === '' ? [] : [`LANGUAGE=${quoted(sound.language)}`]),
    `DEFAULT=${isMain ? 'YES' : 'NO'}`,
    'AUTOSELECT=YES',
    `CHANNELS="${sound.channels}"`,
    `URI="${playlistOf(manifest, sound)}"`,
  ];
  return `#EXT-X-MEDIA:${attributes.join()}`;
}

/** What `captions` tell besides what is said (RFC 8216 §4.3.4.1). */
const TELLS_SOUNDS =
  'public.accessibility.transcribes-spoken-dialog,public.accessibility.describes-music-and-sound' as const;

function captionsLine(manifest: Manifest, captions: CaptionsPart): string {
  const attributes = [
    'TYPE=SUBTITLES',
    'GROUP-ID="captions"',
    `NAME=${quoted(trackName(captions))}`,
    ...(captions.language === '' ? [] : [`LANGUAGE=${quoted(captions.language)}`]),
    'DEFAULT=NO',
    'AUTOSELECT=NO',
    ...(captions.role === 'captions' ? [`CHARACTERISTICS="${TELLS_SOUNDS}"`] : []),
    `URI="${playlistOf(manifest, captions)}"`,
  ];
  return `#EXT-X-MEDIA:${attributes.join()}`;
}

/** The name of a track in the playlists; its label makes it one of its own. */
export function trackName({ name, label }: Pick<AudioPart | CaptionsPart, 'name' | 'label'>): string {
  return printable(`${name} ${label}`.trim());
}

/** A quoted string knows no escapes: what it cannot hold would begin an attribute or a line of the publisher's own, and is left out. */
function quoted(text: string): string {
  return `"${printable(text)}"`;
}

function printable(text: string): string {
  return text.replaceAll(/["\p{Cc}\u2028\u2029]/gu, '');
}

function playlistOf({ programme }: Manifest, { label }: AudioPart | CaptionsPart | VideoPart): string {
  return formatAddress({ programme, kind: 'playlist', label });
}

/** Bits a second of its largest frame; sealed sizes, which are some twenty bytes above the clear ones. Of a live part its ceiling (docs/protocol.md §20). */
function peakBitrate(manifest: Manifest, { segments, bitrate }: AudioPart | VideoPart): number {
  const { frameDurationMs, frameCount } = manifest;
  // A whole part has a place for every frame; a live one has none before it is joined.
  if (segments.length < frameCount) return bitrate;
  const largest = segments.reduce((size, segment) => Math.max(size, segment?.sizeBytes ?? 0), 0);
  return Math.ceil((largest * 8000) / frameDurationMs);
}
