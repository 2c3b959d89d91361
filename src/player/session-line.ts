// The line of one visit to a programme: what brings its frames, and what brings that which is beside them. Made by player.ts at a press, and by
// pointing.ts ahead of one; it speaks to the player only once that has taken it.

import type { FareboxErrorCode } from '../protocol/errors.ts';
import { createDelivery, type Delivery, type DeliveryListener } from './delivery.ts';
import type { PlayerState } from './player-state.ts';
import type { PlayerPorts } from './ports.ts';
import type { LoadedProgramme } from './programme-loading.ts';
import { createSideDelivery, type SideDelivery } from './side-delivery.ts';
import type { ReadableStore } from './store.ts';
import { FRAME_MARKS } from './tally.ts';

/** Frames and what is beside them, for one visit. */
export type SessionLine = {
  readonly delivery: Delivery;
  readonly sideDelivery: SideDelivery;
  /** The player listens from now on. Before that trouble is nobody's, and what failed is told as soon as somebody does. */
  take(): void;
  /** Aborts every fetch. Final. */
  stop(): void;
};

/** What a line hears of the player. */
export type LineOrder = {
  readonly ports: PlayerPorts;
  readonly store: ReadableStore<PlayerState>;
  readonly programme: LoadedProgramme;
  readonly positionMs: number;
  readonly deliveryId: string;
  /** Frames of a live programme that are out; null for one that is whole. */
  edge(): number | null;
  readonly listener: DeliveryListener;
};

/** Makes it; fetching begins. */
export function createLine({
  ports,
  store,
  programme,
  positionMs,
  deliveryId,
  edge,
  listener,
}: LineOrder): SessionLine {
  const { manifest } = programme;
  let isTaken = false;
  let failure: FareboxErrorCode | null = null;
  const whenTaken =
    <T extends unknown[]>(tell: (...told: T) => void) =>
    (...told: T): void => {
      if (isTaken) tell(...told);
    };
  const chosen = () => [store.getSnapshot().tracks.sound, store.getSnapshot().tracks.shownCaptions];
  const sideDelivery = createSideDelivery({ ports, manifest, deliveryId, isLive: edge() !== null, labels: chosen });
  const delivery = createDelivery({
    ports,
    manifest,
    positionMs,
    deliveryId,
    choice: store.getSnapshot().choice,
    tracks: chosen,
    isCounted: (frame) => store.getSnapshot().tally?.marks[frame] !== FRAME_MARKS.toCome,
    edge,
    rate: () => (store.getSnapshot().phase === 'paused' ? 0 : store.getSnapshot().tracks.rate),
    listener: {
      onBuffered: whenTaken(listener.onBuffered),
      onTrouble: whenTaken(listener.onTrouble),
      onGrantOver: whenTaken(listener.onGrantOver),
      onLost: whenTaken(listener.onLost),
      onFailed(code) {
        failure = code;
        if (isTaken) listener.onFailed(code);
      },
    },
  });
  return {
    delivery,
    sideDelivery,
    take() {
      isTaken = true;
      if (failure !== null) listener.onFailed(failure);
    },
    stop() {
      delivery.stop();
      sideDelivery.stop();
    },
  };
}
