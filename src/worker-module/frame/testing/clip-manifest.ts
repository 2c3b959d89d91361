// Reads the clip that the test hands to the page into a manifest and its clear segments. Test code on both ends.

import { fromBase64Url } from '../../../protocol/bytes.ts';
import { decodeContentHash, decodeProgrammeId } from '../../../protocol/ids.ts';
import type { Manifest, ManifestPart } from '../../../protocol/manifest.ts';
import { PICTURE_RATE, SAMPLE_RATE_HZ, SLOT_MS } from './clip-shape.ts';

/** One part as it is handed to the page: its bytes in base64url. */
export type CodedPart = {
  readonly label: string;
  readonly init: string;
  readonly segments: readonly string[];
  readonly width: number;
  readonly height: number;
};

function manifestPart(part: CodedPart): ManifestPart {
  const common = {
    label: part.label,
    bitrate: 1,
    init: fromBase64Url(part.init),
    segments: part.segments.map(() => null),
  };
  if (part.width === 0) {
    const names = { language: '', name: '', role: 'main' } as const;
    return { ...common, ...names, kind: 'audio', codec: 'mp4a.40.2', channels: 2, sampleRate: SAMPLE_RATE_HZ };
  }
  const { width, height } = part;
  return { ...common, kind: 'video', codec: 'avc1.42e01e', width, height, pictureRate: PICTURE_RATE * 1000 };
}

/** The clip as a programme's manifest, and label → clear segments. */
export function decodeClip(parts: readonly CodedPart[]): {
  readonly manifest: Manifest;
  readonly segments: ReadonlyMap<string, readonly Uint8Array[]>;
} {
  const frameCount = parts[0]?.segments.length ?? 0;
  const manifest: Manifest = {
    programme: decodeProgrammeId('00'.repeat(16)),
    frameCount,
    frameDurationMs: SLOT_MS,
    durationMs: frameCount * SLOT_MS,
    parts: parts.map(manifestPart),
    commitments: new Uint8Array(32 * frameCount),
    poster: decodeContentHash('00'.repeat(32)),
    playlists: new Map(),
    chapters: [],
    previews: null,
  };
  return { manifest, segments: new Map(parts.map((part) => [part.label, part.segments.map((s) => fromBase64Url(s))])) };
}
