// Where a person stopped watching, by programme, on this device: noted while it plays, offered when it is opened again, forgotten at the end.
// A bounded list, the oldest go first. Started by a page for its player.

import type { Player } from '../player-intents.ts';
import type { NotesPort } from '../ports.ts';

const NOTE = 'places';
/** Programmes whose place is kept. */
const PLACES = 50;
/** Longest note that is read: fifty places with room to spare. */
const NOTE_LENGTH = 8_000;
/** Nearer to the beginning than this there is nothing to go on from, ms. */
export const LEAST_PLACE_MS = 15_000;
/** Nearer to the end than this it is as good as seen: ten seconds, less of what is short. */
const END = { mostMs: 10_000, share: 0.05 } as const;
/** Play moves on this far before the place is noted again. */
const STEP_MS = 5_000;

type Place = readonly [programmeId: string, positionMs: number];

/** Notes places until the returned function is called. */
export function rememberPlaces(player: Player, notes: NotesPort): () => void {
  let last: Place | null = null;
  return player.state.subscribe(() => {
    const { programmeId, positionMs, measures, live, pictureShown, phase } = player.state.getSnapshot();
    if (programmeId === null || measures === null || live !== null || !pictureShown) return;
    // While it is being opened the position is a wish.
    if (phase !== 'playing' && phase !== 'paused' && phase !== 'stopped') return;
    const seen = positionMs > measures.durationMs - Math.min(END.mostMs, measures.durationMs * END.share);
    const moved = last?.[0] !== programmeId || Math.abs(last[1] - positionMs) >= STEP_MS;
    if (!moved && !(seen && phase === 'stopped')) return;
    last = [programmeId, positionMs];
    // Who looks into the beginning again may still want to go on from where they were.
    if (seen || positionMs >= LEAST_PLACE_MS) note(notes, programmeId, seen ? null : positionMs);
  });
}

/** Where a programme can be gone on with, ms; null where it was not begun, or was seen to its end. */
export function rememberedPlace(notes: NotesPort, programmeId: string): number | null {
  return read(notes).find(([id]) => id === programmeId)?.[1] ?? null;
}

function note(notes: NotesPort, programmeId: string, positionMs: number | null): void {
  const others = read(notes).filter(([id]) => id !== programmeId);
  const places = positionMs === null ? others : [...others, [programmeId, Math.round(positionMs)] as const];
  notes.write(NOTE, JSON.stringify(places.slice(-PLACES)));
}

/** Anything but a whole list is none: the page's storage is anybody's who uses this browser. */
function read(notes: NotesPort): readonly Place[] {
  const text = notes.read(NOTE);
  if (text === null || text.length > NOTE_LENGTH) return [];
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.length <= PLACES && list.every(isPlace) ? list : [];
  } catch {
    return [];
  }
}

function isPlace(value: unknown): value is Place {
  if (!Array.isArray(value) || value.length !== 2) return false;
  const [programmeId, positionMs]: unknown[] = value;
  return (
    typeof programmeId === 'string' &&
    programmeId.length <= 64 &&
    typeof positionMs === 'number' &&
    Number.isSafeInteger(positionMs) &&
    positionMs >= 0
  );
}
