// The phases of a show, and what of them the host is told. Pure; show.ts draws the way from one to the next.

import type { DisplayState } from '../events.ts';

/** What a show is at. */
export type Phase = 'idle' | 'settling' | 'preroll' | 'running' | 'ended' | 'stopped';

/** What is said of it: `waiting` while the next picture is not there, whatever it waits for. */
export function displayStateOf(phase: Phase, playing: boolean, stalled: boolean): DisplayState {
  if (phase === 'idle' || phase === 'ended') return phase;
  if (phase === 'stopped') return 'idle';
  if (!playing) return 'paused';
  return phase !== 'running' || stalled ? 'waiting' : 'playing';
}
