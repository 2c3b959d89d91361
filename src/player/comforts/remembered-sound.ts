// Volume, silence and speed as a person left them, on this device, for every programme. Started by a page for its player; how captions look and
// which language is wished for is remembered by track-control.ts.

import type { Player } from '../player-intents.ts';
import type { NotesPort } from '../ports.ts';

const NOTE = 'sound';
/** Longest note that is read: a stranger's would be no choice. */
const NOTE_LENGTH = 200;

/** Brings back what was noted, then notes every change until the returned function is called. */
export function rememberSound(player: Player, notes: NotesPort): () => void {
  const noted = readNote(notes.read(NOTE));
  if (noted !== null) {
    player.setVolume(noted.volume, noted.muted);
    player.tracks.setRate(noted.rate);
  }
  const textNow = (): string => {
    const { volume, muted, tracks } = player.state.getSnapshot();
    return JSON.stringify({ volume, muted, rate: tracks.rate });
  };
  let last = textNow();
  return player.state.subscribe(() => {
    const next = textNow();
    if (next === last) return;
    last = next;
    notes.write(NOTE, next);
  });
}

type Noted = { readonly volume: number; readonly muted: boolean; readonly rate: number };

/** Anything but a whole note is none: the page's storage is anybody's who uses this browser. */
function readNote(text: string | null): Noted | null {
  if (text === null || text.length > NOTE_LENGTH) return null;
  try {
    const note: unknown = JSON.parse(text);
    if (typeof note !== 'object' || note === null) return null;
    const members = new Map<string, unknown>(Object.entries(note));
    const [volume, muted, rate] = [members.get('volume'), members.get('muted'), members.get('rate')];
    if (typeof muted !== 'boolean' || !isWithin(volume, 0, 1) || !isWithin(rate, 0.5, 2)) return null;
    return { volume, muted, rate };
  } catch {
    return null;
  }
}

function isWithin(value: unknown, least: number, most: number): value is number {
  return typeof value === 'number' && value >= least && value <= most;
}
