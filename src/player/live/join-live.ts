// Joins a live programme: where it is to be joined only its news says, and a session that does not reach there is ended first. Called by player.ts,
// which makes the session that comes of it the one that plays.

import { coversFrame } from '../../protocol/ranges.ts';
import type { SessionView } from '../../worker-module/commands.ts';
import { drawDeliveryId } from '../cmcd.ts';
import type { PlayerPorts } from '../ports.ts';
import { findOpenSession, type LoadedProgramme } from '../programme-loading.ts';
import type { LiveControl } from './live-control.ts';

/** What joining needs of its player. */
export type LiveJoining = {
  readonly ports: Pick<PlayerPorts, 'module' | 'relay' | 'wallClockMs'>;
  readonly live: LiveControl;
  deliverFrom(programme: LoadedProgramme, positionMs: number, deliveryId: string): void;
};

/** Joins at `placeMs`, or at the edge where that is null. Throws what the ports and `live.join` throw, and the signal's reason. */
export async function joinLive(
  { ports, live, deliverFrom }: LiveJoining,
  programme: LoadedProgramme,
  placeMs: number | null,
  signal: AbortSignal,
): Promise<{ readonly view: SessionView; readonly deliveryId: string }> {
  const deliveryId = drawDeliveryId();
  const { programmeId, programme: signed, manifestBytes } = programme;
  const findOpen = async (): Promise<SessionView | null> =>
    findOpenSession(await ports.module.call('sessions', {}), programmeId, ports.wallClockMs());
  const held = async () => (await findOpen())?.granted[0]?.[0] ?? null;
  const { manifest, fromMs, from } = await live.join(programme, placeMs, signal, held);
  const open = await findOpen();
  if (open !== null && !coversFrame(open.granted, from)) await ports.relay.settle(open.session);
  const material = Promise.resolve({ programme: signed, manifest: manifestBytes });
  const view = await ports.relay.beginSession({ programmeId, material, from, mode: 'display', deliveryId, signal });
  signal.throwIfAborted();
  await ports.module.call('seek', { session: view.session, positionMs: fromMs });
  deliverFrom({ ...programme, manifest }, fromMs, view.contract?.deliveryId ?? deliveryId);
  await live.attach(view.session, signal);
  return { view: { ...view, positionMs: fromMs }, deliveryId };
}
