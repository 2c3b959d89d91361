// Gives the module what is beside the frames: the sound or captions chosen since a frame was given, and sheets of previews. Serves one visit
// to a programme, made by player.ts beside its delivery. What cannot be had is given up after a few tries: play never waits for it.

import { toErrorData } from '../protocol/errors.ts';
import type { Manifest } from '../protocol/manifest.ts';
import { sideCmcd } from './cmcd-content.ts';
import { PLAYER_LIMITS } from './limits.ts';
import { fetchParts } from './part-fetcher.ts';
import type { PlayerPorts } from './ports.ts';
import { createThroughputMeter } from './throughput.ts';
import { partsOfLabels } from './tracks.ts';

/** A running side delivery. */
export type SideDelivery = {
  /** Frames that the display has without the tracks that are chosen, and sheets that it wants, for this session. */
  want(session: string, needs: { readonly tracks: readonly number[]; readonly sheets: readonly number[] }): void;
  /** Aborts every fetch. Final. */
  stop(): void;
};

/** Starts it. `labels`: the sound and captions that are chosen now. */
export function createSideDelivery(order: {
  readonly ports: PlayerPorts;
  readonly manifest: Manifest;
  /** Under which content is asked for: 32 hex digits. */
  readonly deliveryId: string;
  readonly isLive: boolean;
  labels(): readonly (string | null)[];
}): SideDelivery {
  const { ports, manifest, labels } = order;
  const cmcd = sideCmcd(manifest, order.isLive, order.deliveryId);
  const ended = new AbortController();
  const { signal } = ended;
  const meter = createThroughputMeter();
  const underway = new Set<string>();
  const tries = new Map<string, number>();

  /** Runs `bring` for this thing unless it runs already or was tried often enough. */
  function once(thing: string, bring: (fresh: boolean) => Promise<unknown>): void {
    const tried = tries.get(thing) ?? 0;
    if (underway.has(thing) || tried >= PLAYER_LIMITS.sideTries) return;
    tries.set(thing, tried + 1);
    underway.add(thing);
    bring(tried > 0)
      .catch((error: unknown) => {
        // A copy that does not open is asked for once more, past every cache; anything else is not to be had.
        if (!toErrorData(error).code.startsWith('frame/')) tries.set(thing, PLAYER_LIMITS.sideTries);
      })
      .finally(() => underway.delete(thing));
  }

  function fetch(parts: Parameters<typeof fetchParts>[0], fresh: boolean) {
    return fetchParts(parts, { ports, meter, signal, fresh, urgent: true, cmcd, onTrouble: () => undefined });
  }

  async function bringTracks(session: string, frame: number, fresh: boolean): Promise<void> {
    const parts = await fetch(partsOfLabels(manifest, frame, labels()), fresh);
    if (signal.aborted || parts.length === 0) return;
    await ports.module.call('deliver', { session, frame, parts }, { transfer: parts.map(({ sealed }) => sealed) });
  }

  async function bringSheet(session: string, sheet: number, fresh: boolean): Promise<void> {
    const address = manifest.previews?.sheets[sheet];
    if (address === undefined) return;
    const [part] = await fetch([{ label: String(sheet), hash: address.hash }], fresh);
    if (signal.aborted || part === undefined) return;
    const { sealed } = part;
    await ports.module.call('deliverSheet', { session, sheet, sealed }, { transfer: [sealed] });
    // The module keeps a few sheets and asks again for one that it let go of.
    tries.delete(`sheet ${sheet}`);
  }

  return {
    want(session, { tracks, sheets }) {
      for (const frame of tracks) {
        once(`${frame} ${labels().join()}`, (fresh) => bringTracks(session, frame, fresh));
      }
      for (const sheet of sheets) once(`sheet ${sheet}`, (fresh) => bringSheet(session, sheet, fresh));
    },
    stop() {
      ended.abort();
    },
  };
}
