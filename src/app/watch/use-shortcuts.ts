// Listens for keys while a programme is open and passes them to the player. Used by the stage.

import { useEffect } from 'react';
import type { Player } from '../../player/player.ts';
import { type KeyPress, type PlayerShortcut, shortcutOf } from './shortcuts.ts';

/** How far a picture is from the next one, ms: as in most of what is published. */
const PICTURE_MS = 40;

/** What the stage does itself. */
export type StageWishes = { toggleFullScreen(): void; showKeys(): void; wake(): void };

/** Binds the keys while `active`. */
export function useShortcuts(player: Player, active: boolean, { toggleFullScreen, showKeys, wake }: StageWishes): void {
  useEffect(() => {
    if (!active) return;
    const listen = (event: KeyboardEvent): void => {
      const shortcut = shortcutOf({
        pressed: event.key,
        modified: event.ctrlKey || event.metaKey || event.altKey,
        on: placeOf(event.target),
      });
      if (shortcut === null) return;
      event.preventDefault();
      wake();
      switch (shortcut.type) {
        case 'toggle-full-screen':
          toggleFullScreen();
          break;
        case 'show-keys':
          showKeys();
          break;
        default:
          applyShortcut(player, shortcut);
      }
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [player, active, toggleFullScreen, showKeys, wake]);
}

/** Carries out a shortcut that concerns the player. */
export function applyShortcut(player: Player, shortcut: PlayerShortcut): void {
  const { wantsPlay, positionMs, measures, volume, muted } = player.state.getSnapshot();
  switch (shortcut.type) {
    case 'toggle-play':
      if (wantsPlay) player.pause();
      else player.play();
      break;
    case 'skip':
      player.seek(positionMs + shortcut.byMs);
      break;
    case 'step':
      if (!wantsPlay) player.seek(positionMs + shortcut.by * PICTURE_MS);
      break;
    case 'jump':
      if (measures !== null) player.seek(measures.durationMs * shortcut.share);
      break;
    case 'volume':
      player.setVolume(volume + shortcut.by, false);
      break;
    case 'toggle-mute':
      player.setVolume(volume, !muted);
      break;
    case 'toggle-captions':
      player.tracks.toggleCaptions();
      break;
    case 'speed':
      player.tracks.stepRate(shortcut.by);
      break;
  }
}

function placeOf(target: EventTarget | null): KeyPress['on'] {
  if (!(target instanceof HTMLElement)) return 'page';
  if (target.closest('dialog') !== null) return 'text';
  if (target.matches('input:not([type="range"]), textarea, select, [contenteditable]')) return 'text';
  return target.closest('button, a, summary') === null ? 'page' : 'button';
}
