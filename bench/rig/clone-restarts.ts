// Honest lives, each from one seed: one profile, no copy, and everything that can happen to it otherwise. Tabs are killed between and inside
// steps, two run at once, answers are lost, the provider is restarted, clocks are set back. Whatever is taken for a copy here is a false alarm.
import { FareboxError, type FareboxErrorCode } from '../../src/protocol/errors.ts';
import { type Chance, makeChance } from '../../src/protocol/testing/chance.ts';
import { evidenceOf, moneyTroubles } from './clone-books.ts';
import {
  begin,
  type Device,
  elapse,
  endSeats,
  makeDevice,
  openSeat,
  quiet,
  type Seat,
  takeUp,
  unaborted,
} from './clone-device.ts';
import { draw, drawNumber, openSessions, settleEverything, showSome, unsettledSessions } from './clone-life.ts';
import type { CloneProvider } from './clone-provider.ts';
import { reckonDrained, reckonFrames } from './clone-reckoning.ts';

/** What a life came to. */
export type LifeOutcome = {
  readonly restarts: number;
  /** Steps that were done, and those that a kill, a fault or the weather ended. */
  readonly done: number;
  readonly ended: number;
  /** Restarts after which something was taken for a copy, in words. */
  readonly alarms: readonly string[];
  readonly shown: number;
  readonly lost: number;
  /** Everything else that is not as it has to be, in words. */
  readonly troubles: readonly string[];
};

/** Refusals that say that there is another copy, or that the store is not what it was. */
const ALARMS: ReadonlySet<FareboxErrorCode> = new Set([
  'record/regress',
  'record/fork',
  'module/superseded',
  'receipt/refused',
  'store/wiped',
  'store/altered',
]);

/** Most calls of the storage after which a tab is cut: from its start to the middle of its third step or so. */
const LAST_CUT = 120;
/** Most that a clock is set back and still agrees with the provider's, and how far it is set otherwise, either way. */
const SLIGHT_MS = 4 * 60_000;
const FAR_MS = 10 * 365 * 24 * 3_600_000;

type Life = {
  readonly provider: CloneProvider;
  readonly chance: Chance;
  readonly device: Device;
  readonly alarms: string[];
  readonly troubles: string[];
  done: number;
  ended: number;
};

/** What goes wrong between two restarts; nothing is chosen twice. */
type Weather = {
  /** Storage is cut in this call of the first tab. */
  readonly cutAt: number | null;
  /** Answers before one is lost. */
  readonly answersLeft: number | null;
  readonly hasTwoTabs: boolean;
  /** Milliseconds that the profile's clock is behind the wall's, or ahead of it where negative. */
  readonly behindMs: number;
};

/** Lives a life of so many restarts, then settles everything. */
export async function liveHonestly(provider: CloneProvider, seed: number, restarts: number): Promise<LifeOutcome> {
  const chance = makeChance(seed);
  const device = makeDevice(provider, 'the profile');
  const life: Life = { provider, chance, device, alarms: [], troubles: [], done: 0, ended: 0 };
  for (let restart = 1; restart <= restarts; restart += 1) {
    const weather = drawWeather(chance);
    setClock(life, weather.behindMs);
    try {
      await liveOnce(life, weather);
    } catch (thrown) {
      if (!(thrown instanceof FareboxError)) throw thrown;
      note(life, thrown, weather, 'a start');
    }
    endSeats(device);
    if (chance() < 0.01) await provider.restart();
    elapse([device], provider.wall, drawNumber(chance, 1, 5_000));
  }
  setClock(life, 0);
  const { moduleId, troubles } = await settleUp(life);
  const frames = await reckonFrames(provider, [device]);
  const kept = moduleId === null ? [] : await evidenceOf(provider, moduleId);
  endSeats(device);
  return {
    ...{ restarts, done: life.done, ended: life.ended },
    alarms: [...life.alarms, ...kept.map(({ kind }) => `the provider keeps evidence of a ${kind}`)],
    ...{ shown: frames.shown, lost: frames.lost },
    troubles: [...life.troubles, ...troubles, ...frames.troubles, ...(await moneyTroubles(provider, moduleId))],
  };
}

function drawWeather(chance: Chance): Weather {
  const happens = (share: number) => chance() < share;
  return {
    cutAt: happens(0.5) ? drawNumber(chance, 1, LAST_CUT) : null,
    answersLeft: happens(0.35) ? drawNumber(chance, 0, 8) : null,
    hasTwoTabs: happens(0.3),
    behindMs: happens(0.2) ? draw(chance, [FAR_MS, -FAR_MS, drawNumber(chance, 1, SLIGHT_MS)]) : 0,
  };
}

function setClock({ provider, device }: Life, behindMs: number): void {
  device.browser.clock.advance(provider.wall.nowMs - behindMs - device.browser.clock.now());
}

/** From one start to the next: some steps in each tab, until they are done or the tab is cut; then it is killed, in a step or after it. */
async function liveOnce(life: Life, weather: Weather): Promise<void> {
  const { device, chance } = life;
  const cut = weather.cutAt === null ? null : { call: weather.cutAt, side: draw(chance, ['before', 'after'] as const) };
  const seats = [await openSeat(device, cut)];
  if (weather.hasTwoTabs) seats.push(await openSeat(device));
  for (const seat of seats) seat.line.answersLeft = weather.answersLeft;
  const running = Promise.all(seats.map((seat) => useTab(life, seat, weather)));
  // Half of the kills come in the middle of something, after a chance number of turns.
  if (chance() < 0.5) {
    for (let turns = drawNumber(chance, 1, 60); turns > 0; turns -= 1) await new Promise((next) => setImmediate(next));
    endSeats(device);
  }
  await running;
  await quiet(device);
}

async function useTab(life: Life, seat: Seat, weather: Weather): Promise<void> {
  const { chance } = life;
  for (let steps = drawNumber(chance, 1, 4); steps > 0 && !seat.isOver(); steps -= 1) {
    const step = draw(chance, STEPS);
    try {
      const { storage, standing } = await seat.module.call('status', {});
      if (storage === 'wiped' || storage === 'altered') life.alarms.push(`the store is ${storage}`);
      if (standing !== 'good' && standing !== 'unknown') life.alarms.push(`it stands ${standing}`);
      await step(life, seat);
      life.done += 1;
    } catch (thrown) {
      if (!(thrown instanceof FareboxError)) throw thrown;
      life.ended += 1;
      if (!seat.isOver()) note(life, thrown, weather, step.name);
    }
  }
}

/** An alarm is noted in any weather; another refusal only where nothing was in the way of the step. */
function note(life: Life, error: FareboxError, weather: Weather, step: string): void {
  const { code } = error;
  const said = `${step} was refused with ${code}${error.detail === undefined ? '' : ` ${JSON.stringify(error.detail)}`}`;
  if (ALARMS.has(code)) life.alarms.push(said);
  const isFair = weather.cutAt === null && weather.answersLeft === null && Math.abs(weather.behindMs) !== FAR_MS;
  // Two tabs may end each other's session.
  const isOther = weather.hasTwoTabs && (code.startsWith('session/') || code.startsWith('frame/'));
  if (isFair && !isOther && !ALARMS.has(code)) life.troubles.push(said);
}

type Step = (life: Life, seat: Seat) => Promise<void>;

const watch: Step = async ({ device, chance }, seat) => {
  const { session, programme: id } = await begin(seat, draw(chance, device.provider.programmes));
  const programme = device.provider.programmes.find((one) => one.id === id);
  if (programme === undefined) throw new Error(`no programme ${id}`);
  await showSome(device, seat, programme, session, drawNumber(chance, 1, 3), chance);
};
const watchOn: Step = async ({ device, chance }, seat) => {
  const open = await openSessions(seat);
  if (open.length === 0) return;
  const view = draw(chance, open);
  await showSome(device, seat, await takeUp(device, seat, view), view.session, drawNumber(chance, 1, 3), chance);
};
const settleOne: Step = async ({ chance }, seat) => {
  const unsettled = await unsettledSessions(seat);
  if (unsettled.length > 0) await seat.relay.settle(draw(chance, unsettled));
};
const closeOne: Step = async ({ chance }, seat) => {
  const open = await openSessions(seat);
  if (open.length > 0) await seat.module.call('closeSession', { session: draw(chance, open).session });
};
const askStanding: Step = async ({ alarms }, seat) => {
  const standing = await seat.relay.reconcile(unaborted());
  if (standing !== 'good') alarms.push(`the provider says that it stands ${standing}`);
};
const catchUp: Step = async (_life, seat) => {
  const [failure] = await seat.relay.catchUp(unaborted());
  if (failure !== undefined) throw failure.error;
};

const STEPS: readonly Step[] = [watch, watch, watchOn, settleOne, settleOne, closeOne, askStanding, catchUp];

/** Everything is settled in good weather: nothing may be left. */
async function settleUp({
  device,
}: Life): Promise<{ readonly moduleId: string | null; readonly troubles: readonly string[] }> {
  const { module, relay } = await openSeat(device);
  const moduleId = await relay.ensureEnrolled(unaborted());
  const left = await settleEverything(device);
  await quiet(device);
  const { counter } = await module.call('status', {});
  if (counter === 0) return { moduleId, troubles: ['a life without an entry'] };
  return { moduleId, troubles: [...left.map((code) => `could not settle: ${code}`), ...(await reckonDrained(device))] };
}
