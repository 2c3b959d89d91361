// Stories of copies, each from one seed: a module lives, its profile is copied or restored, the copies are used and meet the provider in some
// order, the person goes on with one and then with the other. What a story finds is held against docs/protocol.md §14 by clone-reckoning.ts.
import type { FareboxErrorCode } from '../../src/protocol/errors.ts';
import { type Chance, makeChance } from '../../src/protocol/testing/chance.ts';
import type { SessionView } from '../../src/worker-module/commands.ts';
import { clearMemoryRows } from '../../src/worker-module/store/testing/memory-store.ts';
import { moneyTroubles } from './clone-books.ts';
import {
  begin,
  codeOfErrand,
  copyDevice,
  type Device,
  elapse,
  endSeats,
  makeDevice,
  openSeat,
  quiet,
  seatOf,
  takeUp,
  unaborted,
} from './clone-device.ts';
import {
  draw,
  drawNumber,
  liveOffline,
  liveOnline,
  meet,
  settleEverything,
  showSome,
  shuffled,
  WAYS,
  type Way,
} from './clone-life.ts';
import type { CloneProvider } from './clone-provider.ts';
import { reckonDrained, reckonFrames, reckonRefusal } from './clone-reckoning.ts';

/** What a story came to. */
export type StoryOutcome = {
  readonly kind: StoryKind;
  /** Meetings of copies that had to be refused, and those that were, by their name and with evidence. */
  readonly meetings: number;
  readonly named: number;
  /** Frames that were on any screen, and those that are in nobody's receipt. */
  readonly shown: number;
  readonly lost: number;
  /** Everything that is not as it has to be, in words. */
  readonly troubles: readonly string[];
};

/** The kinds of stories. */
export const STORY_KINDS = [
  /** A copy, both used. */
  'copy',
  /** A copy; both write as many entries, in two sessions, and end them: two receipts at one place of the record. */
  'twins',
  /** Two copies of one state. */
  'two-copies',
  /** A copy, and a copy of that copy after it was used. */
  'copy-of-copy',
  /** The profile is put back to an older state of itself; what it was is gone. */
  'put-back',
  /** A backup is restored on another browser while the original lives; the same on two. */
  'restored',
  'restored-twice',
  /** The browser throws the database away, and the module is brought back from its checkpoint while a copy of it lives. */
  'evicted',
] as const;
/** One of them. */
export type StoryKind = (typeof STORY_KINDS)[number];

const REFUSALS: readonly FareboxErrorCode[] = ['record/regress', 'record/fork'];
const SUPERSEDED: readonly FareboxErrorCode[] = ['module/superseded'];

/** What a story is told with. */
type Story = {
  readonly provider: CloneProvider;
  readonly chance: Chance;
  /** Every profile that there is. */
  readonly devices: Set<Device>;
  readonly troubles: string[];
  /** The profile that the person went on with last; null while nobody had to choose. */
  present: Device | null;
  meetings: number;
  named: number;
};

/** Tells the story of this seed. `kind` in place of the one that the seed would choose. */
export async function tellStory(provider: CloneProvider, seed: number, kind?: StoryKind): Promise<StoryOutcome> {
  const chance = makeChance(seed);
  const chosen = kind ?? draw(chance, STORY_KINDS);
  const story: Story = { provider, chance, devices: new Set(), troubles: [], present: null, meetings: 0, named: 0 };
  const original = makeDevice(provider, 'the original');
  story.devices.add(original);
  await liveOnline(original, chance, drawNumber(chance, 1, 3));
  const { moduleId } = await (await seatOf(original)).module.call('status', {});
  pass(story);
  if (chosen === 'put-back') await tellPutBack(story, original);
  else if (chosen === 'restored' || chosen === 'restored-twice') await tellRestored(story, original, chosen);
  else if (chosen === 'evicted') await tellEvicted(story, original);
  else if (chosen === 'twins') await tellTwins(story, original);
  else await tellCopies(story, original, chosen);
  await goOnWithEach(story);

  const frames = await reckonFrames(provider, [...story.devices]);
  const money = await moneyTroubles(provider, moduleId);
  for (const device of story.devices) endSeats(device);
  const { troubles, meetings, named } = story;
  return { kind: chosen, meetings, named, ...frames, troubles: [...troubles, ...frames.troubles, ...money] };
}

/** Up to a minute goes by; timers that are due run. */
function pass(story: Story): void {
  elapse(story.devices, story.provider.wall, drawNumber(story.chance, 300, 60_000));
}

function copy(story: Story, of: Device, name: string): Device {
  const copied = copyDevice(of, name, drawNumber(story.chance, 1, 2_000));
  story.devices.add(copied);
  return copied;
}

async function tellTwins(story: Story, original: Device): Promise<void> {
  const { chance, provider } = story;
  const seat = await seatOf(original);
  const views: SessionView[] = [];
  for (const programme of shuffled(chance, provider.programmes).slice(0, 2)) views.push(await begin(seat, programme));
  await quiet(original);
  const branches = [original, copy(story, original, 'the twin')];
  const frames = drawNumber(chance, 1, 4);
  for (const [at, branch] of branches.entries()) {
    const view = views[at];
    if (view === undefined) throw new Error('there is no session');
    const own = await seatOf(branch);
    own.line.isUp = false;
    await showSome(branch, own, await takeUp(branch, own, view), view.session, frames, chance);
    await own.module.call('closeSession', { session: view.session });
    await quiet(branch);
    own.line.isUp = true;
  }
  const place = drawNumber(chance, 0, 1);
  const [first, second, session] = [branches[place], branches[1 - place], views[place]?.session];
  if (first === undefined || second === undefined || session === undefined) throw new Error('nobody meets anybody');
  await (await seatOf(first)).relay.settle(session);
  await quiet(first);
  await meetAs(story, second, REFUSALS);
  // At once, before the other can end the session that is this one's.
  await goOn(story, second);
}

async function tellCopies(story: Story, original: Device, kind: 'copy' | 'two-copies' | 'copy-of-copy'): Promise<void> {
  const { chance } = story;
  const branches = [original, copy(story, original, 'the copy')];
  if (kind === 'two-copies') branches.push(copy(story, original, 'the other copy'));
  if (kind === 'copy-of-copy') {
    const [, first] = branches;
    if (first === undefined) throw new Error('there is no copy');
    await liveOffline(first, chance);
    branches.push(copy(story, first, 'the copy of the copy'));
  }
  for (const branch of shuffled(chance, branches)) {
    await liveOffline(branch, chance);
    if (chance() < 0.5) pass(story);
  }
  const [first, ...others] = shuffled(chance, branches);
  if (first === undefined) throw new Error('nobody meets anybody');
  await meetAs(story, first, null);
  if (chance() < 0.3) await liveOnline(first, chance, 1);
  for (const other of others) {
    if (chance() < 0.3) await liveOffline(other, chance);
    await meetAs(story, other, REFUSALS);
    // Asked again it is refused again, and the one that the provider knows goes on undisturbed.
    if (chance() < 0.3) await meetAs(story, other, REFUSALS);
    if (chance() < 0.3) await meetAs(story, first, null);
  }
}

/** Everything of the original is settled, so that all of it can be brought home, and then it is gone. */
async function tellPutBack(story: Story, original: Device): Promise<void> {
  const { chance } = story;
  const older = copy(story, original, 'the older state');
  await liveOffline(original, chance);
  await meetAs(story, original, null);
  await liveOnline(original, chance, drawNumber(chance, 0, 2));
  const left = await settleEverything(original);
  if (left.length > 0) story.troubles.push(`the original could not settle: ${left.join(', ')}`);
  endSeats(original);
  older.shown.clear();
  // What it had shown and settled is the older state's to bring home; its screens are gone with it.
  for (const [session, frames] of original.shown) older.shown.set(session, new Set(frames));
  story.devices.delete(original);
  pass(story);
  await liveOffline(older, chance);
  await meetAs(story, older, REFUSALS);
}

async function tellRestored(story: Story, original: Device, kind: 'restored' | 'restored-twice'): Promise<void> {
  const { chance } = story;
  const seat = await seatOf(original);
  const { backup } = await seat.module.call('makeBackup', { passkey: false });
  const { words } = original.browser.person;
  await quiet(original);
  if (chance() < 0.5) await liveOffline(original, chance);
  if (chance() < 0.5) await meetAs(story, original, null);
  pass(story);
  const [restored, again] = [1, 2].map((number) => makeDevice(story.provider, `restored ${number}`));
  if (restored === undefined || again === undefined) throw new Error('nobody restores');
  await restore(story, restored, backup, words);
  if (chance() < 0.5) await liveOffline(original, chance);
  if (kind === 'restored-twice') {
    if (chance() < 0.5) await liveOnline(restored, chance, 1);
    await restore(story, again, backup, words);
    await meetAs(story, restored, SUPERSEDED);
  }
  await meetAs(story, original, SUPERSEDED);
}

async function tellEvicted(story: Story, original: Device): Promise<void> {
  const { chance } = story;
  const copied = copy(story, original, 'the copy');
  await liveOffline(original, chance);
  // A contact leaves nothing behind that the checkpoint does not have.
  await meetAs(story, original, null, 'standing');
  endSeats(original);
  clearMemoryRows(original.browser.rows);
  await liveOffline(copied, chance);
  const { module } = await openSeat(original);
  const { storage } = await module.call('status', {});
  if (storage !== 'wiped') story.troubles.push(`the original lost its database and says ${storage}`);
  await module.call('recover', {});
  story.present = original;
  await catchUp(story, original);
  await meetAs(story, original, null, 'standing');
  await meetAs(story, copied, SUPERSEDED);
}

/** Restores on this new profile and catches up: a new epoch is begun there, and the report is brought to an end. */
async function restore(story: Story, device: Device, backup: Uint8Array, words: readonly string[]): Promise<void> {
  story.devices.add(device);
  device.browser.person.words = words;
  const seat = await openSeat(device);
  await seat.module.call('restore', { backup });
  await catchUp(story, device);
  await catchUp(story, device);
  const { module } = await seatOf(device);
  const report = await module.call('restoreReport', {});
  if (report === null || !report.reconciled)
    story.troubles.push(`${device.name} does not come to the end of its report`);
  const { standing, epochPending } = await module.call('status', {});
  if (standing !== 'good' || epochPending) story.troubles.push(`${device.name} stands ${standing} after its restore`);
}

/** One meeting that has to end so: null for a good one. The others are what the measure counts. */
async function meetAs(
  story: Story,
  device: Device,
  expected: readonly FareboxErrorCode[] | null,
  way: Way = draw(story.chance, WAYS),
): Promise<void> {
  // Now and then it came before and has not heard what the provider said.
  if (story.chance() < 0.2) await losingAnAnswer(story, device, () => meet(device, way, story.chance));
  const code = await meet(device, way, story.chance);
  if (expected === null) {
    if (code !== 'good') story.troubles.push(`${device.name}, whom the provider knew, was met by ${way} with ${code}`);
    return;
  }
  const troubles = await reckonRefusal(device, code, expected);
  story.meetings += 1;
  if (troubles.length === 0) story.named += 1;
  story.troubles.push(...troubles.map((trouble) => `${device.name}, met by ${way}: ${trouble}`));
}

/** The person goes on with each profile in turn, so that each can deliver what it has shown; the others are over then, and are told so. */
async function goOnWithEach(story: Story): Promise<void> {
  for (const device of shuffled(story.chance, [...story.devices])) {
    if (story.present !== null && story.present !== device) await meetAs(story, device, SUPERSEDED);
    await goOn(story, device);
    story.troubles.push(...(await reckonDrained(device)));
    pass(story);
  }
}

/** Does this over a line that loses one of its answers, and whatever comes after. */
async function losingAnAnswer({ chance }: Story, device: Device, errand: () => Promise<unknown>): Promise<void> {
  const { line } = await seatOf(device);
  line.answersLeft = drawNumber(chance, 0, 6);
  await errand();
  await quiet(device);
  Object.assign(line, { isUp: true, answersLeft: null });
}

/** Brings on what the profile waits for. Now and then an answer is lost first, at any step of it, and perhaps the browser is killed as well. */
async function catchUp(story: Story, device: Device): Promise<void> {
  if (story.chance() < 0.3) {
    const { relay } = await seatOf(device);
    await losingAnAnswer(story, device, () => codeOfErrand(relay.catchUp(unaborted())));
    if (story.chance() < 0.5) endSeats(device);
  }
  await (await seatOf(device)).relay.catchUp(unaborted());
  await quiet(device);
}

/** The person goes on with this profile, where it is not the one that the provider knows, and it settles all that it has. */
async function goOn(story: Story, device: Device): Promise<void> {
  const seat = await seatOf(device);
  const { standing } = await seat.module.call('status', {});
  if (standing !== 'good' && standing !== 'unknown') {
    await seat.module.call('beginEpoch', {});
    await catchUp(story, device);
    story.present = device;
  }
  const left = await settleEverything(device);
  await quiet(device);
  story.troubles.push(...left.map((code) => `${device.name} could not settle: ${code}`));
}
