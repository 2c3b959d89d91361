// What a person wishes of play, as events of the player's machine: where a place on a live programme or a whole one may lie, and what is only said
// to the module. Made by player.ts, which carries out what the machine makes of it.

import { PLAYER_LIMITS } from './limits.ts';
import type { LiveControl } from './live/live-control.ts';
import type { MachineEvent } from './machine.ts';
import type { Player } from './player-intents.ts';
import type { PlayerState } from './player-state.ts';
import type { PlayerPorts } from './ports.ts';
import type { ReadableStore } from './store.ts';

/** The wishes that need nothing of a delivery. */
export type Wishes = Pick<
  Player,
  'open' | 'play' | 'pause' | 'seek' | 'setVolume' | 'setSequence' | 'preview' | 'goLive' | 'stop' | 'retry' | 'leave'
>;

/** Makes the wishes of one player. `tellVolume` tells the module what the state has; `beginAnew` goes on in another session. */
export function makeWishes({
  ports,
  store,
  live,
  dispatch,
  change,
  tellVolume,
  beginAnew,
}: {
  readonly ports: Pick<PlayerPorts, 'module'>;
  readonly store: ReadableStore<PlayerState>;
  readonly live: LiveControl;
  dispatch(event: MachineEvent): void;
  change(next: Partial<PlayerState>): void;
  tellVolume(): void;
  beginAnew(frame: number, positionMs: number): void;
}): Wishes {
  return {
    open: (programmeId, positionMs) => dispatch({ type: 'open', programmeId, positionMs: positionMs ?? null }),
    play: () => dispatch({ type: 'play' }),
    pause() {
      live.leaveEdge();
      dispatch({ type: 'pause' });
    },
    seek(positionMs) {
      const { measures } = store.getSnapshot();
      if (live.edge() !== null) {
        live.leaveEdge();
        dispatch({ type: 'seek', positionMs: Math.round(live.clampMs(positionMs)) });
        return;
      }
      const lastMs = measures === null ? Number.MAX_SAFE_INTEGER : measures.durationMs - PLAYER_LIMITS.seekEndMs;
      dispatch({ type: 'seek', positionMs: Math.round(Math.max(0, Math.min(positionMs, lastMs))) });
    },
    setVolume(volume, muted) {
      change({ volume: Math.min(1, Math.max(0, volume)), muted });
      tellVolume();
    },
    setSequence(sequence) {
      const { tally, positionMs, ...before } = store.getSnapshot();
      if (sequence === before.sequence) return;
      change({ sequence });
      // A session has one function from its beginning to its end: another one is another session.
      if (tally !== null) beginAnew(0, positionMs);
    },
    preview(positionMs, at) {
      const { session } = store.getSnapshot();
      if (session === null) return;
      const place = { positionMs: positionMs === null ? null : Math.max(0, positionMs), at };
      // Nobody waits for a preview: a display that has just gone shows none.
      ports.module.call('preview', { session, ...place }).catch(() => undefined);
    },
    goLive() {
      const positionMs = live.goLive();
      if (positionMs === null) return;
      dispatch({ type: 'seek', positionMs });
      dispatch({ type: 'play' });
    },
    stop: () => dispatch({ type: 'stop' }),
    retry: () => dispatch({ type: 'retry' }),
    leave: () => dispatch({ type: 'leave' }),
  };
}
