// Addresses of a programme's playlists and clear pieces as another player asks for them: `farebox://PROGRAMME/…`. They exist in this page only:
// no server answers them, the adapters do. Pure; what a player asks for is foreign text and is decoded here.

import { decodeProgrammeId, type ProgrammeId } from '../../protocol/ids.ts';
import { LIMITS } from '../../protocol/limits.ts';

/** The scheme, as a player registers it. */
export const SCHEME = 'farebox';

/** What an address names: the playlist above all, that of one part, the clear CMAF header of a part, one frame of it, or one frame of captions as WebVTT. */
export type OutputAddress = { readonly programme: ProgrammeId } & (
  | { readonly kind: 'master' }
  | { readonly kind: 'playlist' | 'init'; readonly label: string }
  | { readonly kind: 'segment' | 'cues'; readonly label: string; readonly frame: number }
);

/** Names of files in the folder of a part. */
const FILES = { playlist: 'playlist.m3u8', init: 'init.mp4' } as const;
const MASTER = 'master.m3u8';
/** Of one frame: clear CMAF, or captions as WebVTT. */
const ENDINGS = { segment: 'm4s', cues: 'vtt' } as const;
const FORM = /^farebox:\/\/([0-9a-f]{32})\/(?:([a-z0-9/-]+)\/)?([a-z0-9]+\.(?:m3u8|mp4|m4s|vtt))$/;

/** The text of an address. */
export function formatAddress(address: OutputAddress): string {
  const ground = `${SCHEME}://${address.programme}`;
  if (address.kind === 'master') return `${ground}/${MASTER}`;
  const file = 'frame' in address ? `${address.frame}.${ENDINGS[address.kind]}` : FILES[address.kind];
  return `${ground}/${address.label}/${file}`;
}

/** Reads one; null for everything that `formatAddress` does not write. */
export function parseAddress(text: string): OutputAddress | null {
  const [, id, label, file] = FORM.exec(text) ?? [];
  if (id === undefined || file === undefined) return null;
  const programme = decodeProgrammeId(id);
  if (label === undefined) return file === MASTER ? { programme, kind: 'master' } : null;
  if (label.length > LIMITS.labelLength) return null;
  if (file === FILES.playlist) return { programme, kind: 'playlist', label };
  if (file === FILES.init) return { programme, kind: 'init', label };
  const [, digits, ending] = /^(0|[1-9]\d{0,9})\.(m4s|vtt)$/.exec(file) ?? [];
  if (digits === undefined) return null;
  return { programme, kind: ending === ENDINGS.cues ? 'cues' : 'segment', label, frame: Number(digits) };
}
