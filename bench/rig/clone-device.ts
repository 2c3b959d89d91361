// A profile in use: a browser of the module's own test rig with the real module in it, and before each tab the host's real errands to the
// provider. It remembers what a person saw, which is what every receipt of the measure is held against.

import type { ModuleConnection } from '../../src/host/connect.ts';
import type { RelayParts } from '../../src/host/errands/parts.ts';
import type { Provider as ProviderClient } from '../../src/host/provider.ts';
import { createRelay, type Relay } from '../../src/host/relay.ts';
import { FareboxError, type FareboxErrorCode } from '../../src/protocol/errors.ts';
import type { SessionView } from '../../src/worker-module/commands.ts';
import type { StoreFault } from '../../src/worker-module/store/testing/memory-store.ts';
import {
  copyTestBrowser,
  makeTestBrowser,
  openTab,
  showFrame,
  type TestBrowser,
  type TestTab,
} from '../../src/worker-module/testing/browser.ts';
import { makePerson } from '../../src/worker-module/testing/person.ts';
import type { CloneProgramme } from './clone-programme.ts';
import { type CloneProvider, type Line, makeClient } from './clone-provider.ts';

/** Longest that one step may take by the machine's own clock; beyond it something waits for ever. */
const HUNG_MS = 60_000;

/** A tab with the host's errands. */
export type Seat = {
  readonly tab: TestTab;
  readonly module: Pick<ModuleConnection, 'call'>;
  readonly relay: Relay;
  readonly line: Line;
  /** The tab is gone: whoever waits for its module hears that it is dead. */
  readonly end: () => void;
  readonly isOver: () => boolean;
};

/** A profile and who has seen what in it. */
export type Device = {
  readonly name: string;
  readonly provider: CloneProvider;
  readonly browser: TestBrowser;
  /** What its pages noted, which a copy of the profile has as well. */
  readonly notes: Map<string, string>;
  readonly seats: Seat[];
  /** Frames that were on this profile's screen, by session. */
  readonly shown: Map<string, Set<number>>;
  /** Things that its tabs are doing. */
  readonly underWay: Set<Promise<unknown>>;
};

/** A profile in which nothing was ever stored, its clock at the wall's time. */
export function makeDevice(provider: CloneProvider, name: string): Device {
  return deviceOn(provider, name, { ...makeTestBrowser(), person: makePerson(true) }, new Map());
}

/** The same profile on storage of its own, with its clock `skewMs` ahead of the wall: two machines never tick as one. */
export function copyDevice(device: Device, name: string, skewMs: number): Device {
  const browser = { ...copyTestBrowser(device.browser), person: makePerson(true) };
  browser.person.words = device.browser.person.words;
  return deviceOn(device.provider, name, browser, new Map(device.notes), skewMs);
}

function deviceOn(
  provider: CloneProvider,
  name: string,
  browser: TestBrowser,
  notes: Map<string, string>,
  skewMs = 0,
): Device {
  browser.clock.advance(provider.wall.nowMs + skewMs - browser.clock.now());
  return { name, provider, browser, notes, seats: [], shown: new Map(), underWay: new Set() };
}

/** Opens a tab. `fault` cuts its storage, counted from its start. */
export async function openSeat(device: Device, fault: StoreFault | null = null): Promise<Seat> {
  const { browser, provider, notes, underWay } = device;
  const tab = await inTime(openTab(browser, provider.agencyKey, fault), `${device.name}: opening a tab`);
  const line: Line = { isUp: true, answersLeft: null };
  const gone = Promise.withResolvers<never>();
  gone.promise.catch(() => undefined);
  let over = false;
  const end = () => {
    over = true;
    tab.kill();
    gone.reject(new FareboxError('module/dead'));
  };
  const module: Pick<ModuleConnection, 'call'> = {
    call: (name, argument) =>
      track(underWay, async () => {
        const answer = await inTime(Promise.race([tab.call(name, argument), gone.promise]), `${device.name}: ${name}`);
        if (tab.store.isDead()) end();
        if (over) throw new FareboxError('module/dead');
        if (!answer.ok) throw new FareboxError(answer.error.code, answer.error.detail ?? {});
        return answer.value;
      }),
  };
  const parts: RelayParts = {
    module,
    provider: tracked(makeClient(provider, line), underWay),
    notes: { read: (name) => notes.get(name) ?? null, write: (name, text) => void notes.set(name, text) },
    wallClockMs: () => browser.clock.now(),
  };
  const seat: Seat = { tab, module, relay: createRelay(parts), line, end, isOver: () => over || tab.store.isDead() };
  device.seats.push(seat);
  return seat;
}

/** The newest tab that is open, or a new one. */
export async function seatOf(device: Device): Promise<Seat> {
  return device.seats.findLast((seat) => !seat.isOver()) ?? openSeat(device);
}

/** Ends every tab, as a browser that is closed or killed does. */
export function endSeats(device: Device): void {
  for (const seat of device.seats.splice(0)) seat.end();
}

/** Waits until no tab of it does anything: errands that nobody waits for are over as well. */
export async function quiet(device: Device): Promise<void> {
  for (let idle = 0; idle < 4; idle += 1) {
    if (device.underWay.size > 0) idle = 0;
    await inTime(Promise.allSettled([...device.underWay]), `${device.name}: becoming quiet`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** Time passes on the wall and in these profiles. */
export function elapse(devices: Iterable<Device>, wall: { nowMs: number }, ms: number): void {
  wall.nowMs += ms;
  for (const { browser } of devices) browser.clock.advance(ms);
}

/** Shows a frame on this tab's screen; what comes back without an error was seen. */
export async function show(
  device: Device,
  seat: Seat,
  programme: CloneProgramme,
  session: string,
  frame: number,
): Promise<void> {
  await seat.module.call('deliver', { session, frame, parts: programme.partsOf(frame) });
  // Withheld at once: the session was ended in another tab while the frame was opened. Where there is none, that is a fault.
  if (!seat.tab.sink().frames.has(frame)) throw new FareboxError('session/not-active', { session, frame });
  await track(device.underWay, () => inTime(showFrame(seat.tab.sink(), frame), `${device.name}: showing a frame`));
  const frames = device.shown.get(session) ?? new Set();
  device.shown.set(session, frames.add(frame));
}

/** Takes an open session up in this tab, as an offline terminal can. */
export async function takeUp(device: Device, seat: Seat, view: SessionView): Promise<CloneProgramme> {
  const programme = programmeOf(device, view);
  await seat.module.call('resumeSession', { session: view.session, manifest: programme.manifestBytes });
  return programme;
}

/** The programme of a session. @throws Error for one that was never published. */
export function programmeOf({ provider }: Device, { programme }: Pick<SessionView, 'programme'>): CloneProgramme {
  const found = provider.programmes.find(({ id }) => id === programme);
  if (found === undefined) throw new Error(`no programme ${programme}`);
  return found;
}

/** Begins a session of a programme as the terminal does, or takes the open one up. */
export function begin(seat: Seat, programme: CloneProgramme): Promise<SessionView> {
  const { programmeBytes, manifestBytes } = programme;
  return seat.relay.beginSession({
    programmeId: programme.id,
    material: Promise.resolve({ programme: programmeBytes, manifest: manifestBytes }),
    from: 0,
    mode: 'display',
    signal: unaborted(),
  });
}

/** A signal that nobody aborts. */
export function unaborted(): AbortSignal {
  return new AbortController().signal;
}

/** The code that an errand is refused with, or `good`. Anything else that is thrown is a mistake and goes on. */
export async function codeOfErrand(errand: Promise<unknown>): Promise<'good' | FareboxErrorCode> {
  try {
    await errand;
    return 'good';
  } catch (thrown) {
    if (thrown instanceof FareboxError) return thrown.code;
    throw thrown;
  }
}

function track<T>(underWay: Set<Promise<unknown>>, begin: () => Promise<T>): Promise<T> {
  const doing = begin();
  underWay.add(doing);
  const done = () => void underWay.delete(doing);
  doing.then(done, done);
  return doing;
}

/** The same client; each of its requests counts as under way from the call on, its naming included. */
function tracked(client: ProviderClient, underWay: Set<Promise<unknown>>): ProviderClient {
  return {
    ...client,
    enrol: (...given) => track(underWay, () => client.enrol(...given)),
    challenge: (...given) => track(underWay, () => client.challenge(...given)),
    beginSession: (order) => track(underWay, () => client.beginSession(order)),
    sendReceipt: (order) => track(underWay, () => client.sendReceipt(order)),
    standing: (order) => track(underWay, () => client.standing(order)),
    papers: (order) => track(underWay, () => client.papers(order)),
    keepBackup: (order) => track(underWay, () => client.keepBackup(order)),
  };
}

async function inTime<T>(work: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${what} never came to an end`)), HUNG_MS);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
