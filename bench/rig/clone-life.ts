// What people do with a profile, chosen by chance: sessions, frames, receipts, tabs; online, and offline as far as a terminal can. Used by the
// stories of copies and by the honest lives of the clone measure.
import { FareboxError, type FareboxErrorCode } from '../../src/protocol/errors.ts';
import type { Chance } from '../../src/protocol/testing/chance.ts';
import type { SessionView, Standing } from '../../src/worker-module/commands.ts';
import {
  begin,
  codeOfErrand,
  type Device,
  endSeats,
  quiet,
  type Seat,
  seatOf,
  show,
  takeUp,
  unaborted,
} from './clone-device.ts';
import { CLONE_FRAMES, type CloneProgramme } from './clone-programme.ts';

/** A whole number from `least` to `most`. */
export function drawNumber(chance: Chance, least: number, most: number): number {
  return least + Math.floor(chance() * (most - least + 1));
}

/** One of these. @throws RangeError for none. */
export function draw<T>(chance: Chance, from: readonly T[]): T {
  const drawn = from[Math.floor(chance() * from.length)];
  if (drawn === undefined) throw new RangeError('nothing to draw from');
  return drawn;
}

/** The same things in an order that chance gives. */
export function shuffled<T>(chance: Chance, things: readonly T[]): T[] {
  return things
    .map((thing) => ({ thing, place: chance() }))
    .sort((left, right) => left.place - right.place)
    .map(({ thing }) => thing);
}

/** Sessions that are open here. */
export async function openSessions(seat: Seat): Promise<readonly SessionView[]> {
  return (await seat.module.call('sessions', {})).filter(({ state }) => state === 'open');
}

/** A programme of which no session is open here, so that beginning one is a contact; undefined where there is none. */
export async function freeProgramme(device: Device, seat: Seat, chance: Chance): Promise<CloneProgramme | undefined> {
  const open = new Set((await openSessions(seat)).map(({ programme }) => programme));
  return shuffled(chance, device.provider.programmes).find(({ id }) => !open.has(id));
}

/** Shows so many frames that were not on this profile's screen yet, as far as the programme has them. */
export async function showSome(
  device: Device,
  seat: Seat,
  programme: CloneProgramme,
  session: string,
  count: number,
  chance: Chance,
): Promise<void> {
  const seen = device.shown.get(session) ?? new Set();
  const unseen = Array.from({ length: CLONE_FRAMES }, (_none, frame) => frame).filter((frame) => !seen.has(frame));
  for (const frame of shuffled(chance, unseen).slice(0, count)) await show(device, seat, programme, session, frame);
}

/** Begins sessions, shows frames, and leaves each open, closed with its receipt unsent, or settled. */
export async function liveOnline(device: Device, chance: Chance, sessions: number): Promise<void> {
  for (let at = 0; at < sessions; at += 1) {
    const seat = await seatOf(device);
    const programme = await freeProgramme(device, seat, chance);
    if (programme === undefined) return;
    const { session } = await begin(seat, programme);
    await showSome(device, seat, programme, session, drawNumber(chance, 0, 4), chance);
    const end = draw(chance, ['open', 'open', 'closed', 'settled']);
    if (end === 'closed') await seat.module.call('closeSession', { session });
    if (end === 'settled') await seat.relay.settle(session);
  }
  await quiet(device);
}

/** Frames of open sessions are shown, sessions are closed, or nothing is done; nobody is asked. */
export async function liveOffline(device: Device, chance: Chance): Promise<void> {
  if (chance() < 0.3) endSeats(device);
  const seat = await seatOf(device);
  seat.line.isUp = false;
  for (let steps = drawNumber(chance, 0, 3); steps > 0; steps -= 1) {
    const open = await openSessions(seat);
    if (open.length === 0) break;
    const view = draw(chance, open);
    if (chance() < 0.25) {
      await seat.module.call('closeSession', { session: view.session });
    } else {
      const programme = await takeUp(device, seat, view);
      await showSome(device, seat, programme, view.session, drawNumber(chance, 1, 4), chance);
    }
  }
  await quiet(device);
  seat.line.isUp = true;
}

/** Ways of a module to its provider. */
export const WAYS = ['session', 'receipt', 'standing', 'backup'] as const;
/** One of them. */
export type Way = (typeof WAYS)[number];

const CODE_OF_STANDING = {
  unknown: 'standing/needed',
  good: 'good',
  regress: 'record/regress',
  fork: 'record/fork',
  superseded: 'module/superseded',
} as const satisfies Record<Standing, 'good' | FareboxErrorCode>;

/** Meets the provider; `good`, or the code that it was refused with. Where the way needs what is not here, it is asked for its standing. */
export async function meet(device: Device, way: Way, chance: Chance): Promise<'good' | FareboxErrorCode> {
  const seat = await seatOf(device);
  const outcome = await codeOfErrand(meetBy(device, seat, way, chance));
  await quiet(device);
  return outcome;
}

async function meetBy(device: Device, seat: Seat, way: Way, chance: Chance): Promise<void> {
  if (way === 'session') {
    const programme = await freeProgramme(device, seat, chance);
    if (programme !== undefined) return void (await begin(seat, programme));
  }
  if (way === 'receipt') {
    const unsettled = await unsettledSessions(seat);
    if (unsettled.length > 0) return seat.relay.settle(draw(chance, unsettled));
  }
  if (way === 'backup') {
    const backup = await seat.module.call('makeBackup', { passkey: false });
    return seat.relay.leaveBackup(backup, unaborted());
  }
  const standing = CODE_OF_STANDING[await seat.relay.reconcile(unaborted())];
  if (standing !== 'good') throw new FareboxError(standing);
}

/** Sessions that are open, or closed with a receipt that nobody has answered. */
export async function unsettledSessions(seat: Seat): Promise<readonly string[]> {
  return (await seat.module.call('sessions', {}))
    .filter(({ state }) => state === 'open' || state === 'closed')
    .map(({ session }) => session);
}

/** Settles everything that is open or unsent, one by one; the codes of what could not be. */
export async function settleEverything(device: Device): Promise<readonly FareboxErrorCode[]> {
  const seat = await seatOf(device);
  const codes: FareboxErrorCode[] = [];
  for (const session of await unsettledSessions(seat)) {
    const code = await codeOfErrand(seat.relay.settle(session));
    if (code !== 'good') codes.push(code);
    await quiet(device);
  }
  return codes;
}
