// Listens for keys while a programme is open and passes them to the player. Used by the stage; ends with it.

import { useEffect } from 'react';
import type { Player } from '../../player/player.ts';
import { type KeyPress, type PlayerShortcut, shortcutOf } from './shortcuts.ts';

/** Binds the keys while `active`. */
export function useShortcuts(player: Player, active: boolean, toggleFullScreen: () => void, onUse: () => void): void {
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
      onUse();
      if (shortcut.type === 'toggle-full-screen') toggleFullScreen();
      else applyShortcut(player, shortcut);
    };
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, [player, active, toggleFullScreen, onUse]);
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
  if (target.matches('input:not([type="range"]), textarea, select, [contenteditable]')) return 'text';
  return target.closest('button, a, summary') === null ? 'page' : 'button';
}
