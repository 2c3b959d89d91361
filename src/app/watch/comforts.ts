// What makes the terminal's player comfortable, started once by main.tsx: the system's media keys, a screen that stays awake, what is remembered.
// In a chunk of its own: the first picture waits for none of it.

import { startMediaSession } from '../../player/comforts/media-session.ts';
import { rememberPlaces } from '../../player/comforts/remembered-place.ts';
import { rememberSound } from '../../player/comforts/remembered-sound.ts';
import { startWakeLock } from '../../player/comforts/wake-lock.ts';
import type { Terminal } from '../state/terminal.ts';

/** Starts all of it for as long as the page lives. */
export function startComforts({ player, ports, catalogue, contentUrl }: Terminal): void {
  rememberSound(player, ports.notes);
  rememberPlaces(player, ports.notes);
  if ('wakeLock' in navigator) startWakeLock(player, { wakeLock: navigator.wakeLock, document });
  if (!('mediaSession' in navigator)) return;
  startMediaSession(player, navigator.mediaSession, (programmeId) => {
    const loaded = catalogue.getSnapshot();
    const entry = 'value' in loaded ? loaded.value.find(({ id }) => id === programmeId) : undefined;
    if (entry === undefined) return null;
    const posterUrl = new URL(contentUrl(entry.poster), window.location.href).href;
    return { title: entry.title, provider: 'Farebox', posterUrl };
  });
}
