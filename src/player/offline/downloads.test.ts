// Keeping programmes: fetched once, whatever is cut; paused, gone on with, removed; one tab of all fetches; what does not fit, is not what its hash
// says, or finds no room never counts as here.

import { expect, test, vi } from 'vitest';
import { FareboxError } from '../../protocol/errors.ts';
import {
  FRAMES,
  KEPT_BYTES,
  KEPT_FILES,
  makeKeptWorld,
  NOW_MS,
  ORDER,
  OTHER,
  PROGRAMME,
  TERM_MS,
} from './testing/kept-world.ts';

type World = ReturnType<typeof makeKeptWorld>;
type Tab = ReturnType<World['openTab']>;

const viewOf = ({ downloads }: Tab, id = PROGRAMME) =>
  downloads.state.getSnapshot().list.find(({ programmeId }) => programmeId === id);
const untilPhase = (tab: Tab, phase: string, id = PROGRAMME) =>
  vi.waitFor(() => expect(viewOf(tab, id)?.phase).toBe(phase), { timeout: 5_000, interval: 2 });
/** Holds every file of the programme from the n-th on until it is let go. */
function hold(world: World, from: number) {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  let files = 0;
  world.before = async (hash) => {
    if ([...world.programmes.values()].some(({ manifestHash }) => manifestHash === hash)) return;
    files += 1;
    if (files >= from) await held;
  };
  return release;
}
const filesAsked = (world: World) =>
  world.asked.filter((hash) => ![...world.programmes.values()].some(({ manifestHash }) => manifestHash === hash));

test('keeps the chosen pictures, the main sound, captions and previews, each asked for once and each by its hash', async () => {
  const world = makeKeptWorld();
  const tab = world.openTab();
  await tab.downloads.keep(ORDER);
  await untilPhase(tab, 'here');
  expect(viewOf(tab)).toMatchObject({
    ...{ doneBytes: KEPT_BYTES, sizeBytes: KEPT_BYTES, doneFrames: FRAMES, term: 'open', untilTime: NOW_MS + TERM_MS },
    labels: ['video/360p', 'audio/main', 'captions/en'],
  });
  expect(world.filesOf(PROGRAMME)).toHaveLength(KEPT_FILES);
  expect(new Set(filesAsked(world)).size).toBe(filesAsked(world).length);
  expect(world.noted).toEqual([PROGRAMME]);
  const programme = world.programmes.get(PROGRAMME);
  expect(filesAsked(world)).not.toContain(programme?.hashOf('video/720p 0'));
  expect(filesAsked(world)).not.toContain(programme?.hashOf('audio/de 0'));
});

test('keeps a sound beside the main one where it was chosen', async () => {
  const world = makeKeptWorld();
  const tab = world.openTab();
  await tab.downloads.keep({ ...ORDER, sounds: ['audio/de'] });
  await untilPhase(tab, 'here');
  expect(world.filesOf(PROGRAMME)).toHaveLength(KEPT_FILES + FRAMES);
});

test('says how far it is in bytes and frames while it comes', async () => {
  const world = makeKeptWorld();
  const tab = world.openTab();
  const seen: (number | undefined)[] = [];
  tab.downloads.state.subscribe(() => seen.push(viewOf(tab)?.doneFrames));
  const release = hold(world, 7);
  await tab.downloads.keep(ORDER);
  await vi.waitFor(() => expect(viewOf(tab)).toMatchObject({ phase: 'fetching', doneFrames: 1 }));
  expect(viewOf(tab)?.doneBytes).toBeGreaterThan(2_000);
  expect(viewOf(tab)?.doneBytes).toBeLessThan(KEPT_BYTES);
  release();
  await untilPhase(tab, 'here');
  const known = seen.filter((frames) => frames !== undefined);
  expect(known).toEqual(known.toSorted((a, b) => a - b));
});

test('a pause stops it where it is, and going on fetches only the rest', async () => {
  const world = makeKeptWorld();
  const tab = world.openTab();
  const release = hold(world, 6);
  await tab.downloads.keep(ORDER);
  await vi.waitFor(() => expect(world.filesOf(PROGRAMME).length).toBe(5));
  await tab.downloads.pause(PROGRAMME);
  await untilPhase(tab, 'paused');
  release();
  const before = new Set(world.filesOf(PROGRAMME));
  const asked = filesAsked(world).length;
  await tab.downloads.refresh();
  expect(filesAsked(world)).toHaveLength(asked);
  await tab.downloads.resume(PROGRAMME);
  await untilPhase(tab, 'here');
  const later = filesAsked(world).slice(asked);
  expect(later.filter((hash) => before.has(`/kept/${hash}`))).toEqual([]);
  expect(later).toHaveLength(KEPT_FILES - before.size);
});

test('a pause holds over a reload', async () => {
  const world = makeKeptWorld();
  const tab = world.openTab();
  hold(world, 3);
  await tab.downloads.keep(ORDER);
  await tab.downloads.pause(PROGRAMME);
  tab.close();
  const next = world.openTab();
  const asked = world.asked.length;
  await next.downloads.refresh();
  expect(viewOf(next)).toMatchObject({ phase: 'paused', doneFrames: 0 });
  expect(world.asked).toHaveLength(asked);
});

test('goes on in the next tab wherever the one before was cut, with what is there left alone', async () => {
  // Cut at each file in turn: while it is asked for, and before it is put.
  for (let at = 1; at <= KEPT_FILES; at += 1) {
    const world = makeKeptWorld();
    const first = world.openTab();
    hold(world, at);
    await first.downloads.keep(ORDER);
    await vi.waitFor(() => expect(filesAsked(world).length).toBeGreaterThanOrEqual(at), { interval: 1 });
    first.close();
    world.before = async () => undefined;
    const here = new Set(world.filesOf(PROGRAMME));
    const asked = filesAsked(world).length;
    const second = world.openTab();
    await second.downloads.refresh();
    await untilPhase(second, 'here');
    expect(
      filesAsked(world)
        .slice(asked)
        .filter((hash) => here.has(`/kept/${hash}`)),
      `cut at file ${at}`,
    ).toEqual([]);
    expect(world.filesOf(PROGRAMME)).toHaveLength(KEPT_FILES);
    expect(world.granted).toBe(1);
  }
});

test('a keeping that was cut after it was paid for is not paid for again', async () => {
  const world = makeKeptWorld();
  const first = world.openTab();
  // The shelf takes nothing: the session is there, the entry is not.
  world.putsLeft = 0;
  await expect(first.downloads.keep(ORDER)).rejects.toThrow('offline/full');
  first.close();
  world.putsLeft = Number.POSITIVE_INFINITY;
  const second = world.openTab();
  await second.downloads.refresh();
  expect(viewOf(second)).toBeUndefined();
  await second.downloads.keep(ORDER);
  await untilPhase(second, 'here');
  expect(world.granted).toBe(1);
});

test('goes on by itself when a bad line is good again, and says so meanwhile', async () => {
  const world = makeKeptWorld();
  const tab = world.openTab();
  let offline = true;
  world.before = async (hash) => {
    if (hash === world.programmes.get(PROGRAMME)?.manifestHash) return;
    if (offline) throw new FareboxError('network/offline');
  };
  await tab.downloads.keep(ORDER);
  await vi.waitFor(() => expect(viewOf(tab)).toMatchObject({ phase: 'no-line', code: 'network/offline' }));
  offline = false;
  await untilPhase(tab, 'here');
  expect(viewOf(tab)?.code).toBeNull();
});

test('a file that is not what its hash says is fetched anew, and never counts as here where it stays so', async () => {
  const world = makeKeptWorld();
  const bad = world.programmes.get(PROGRAMME)?.hashOf('video/360p 2') ?? '';
  world.altered.set(bad, Uint8Array.of(1, 2, 3));
  const tab = world.openTab();
  await tab.downloads.keep(ORDER);
  await untilPhase(tab, 'failed');
  expect(viewOf(tab)?.code).toBe('network/wrong-content');
  expect(world.filesOf(PROGRAMME)).not.toContain(`/kept/${bad}`);
  expect(world.asked.filter((hash) => hash === bad)).toHaveLength(3);
  world.altered.clear();
  await tab.downloads.resume(PROGRAMME);
  await untilPhase(tab, 'here');
});

test('a file that comes spoiled once is asked for once more', async () => {
  const world = makeKeptWorld();
  const bad = world.programmes.get(PROGRAMME)?.hashOf('audio/main 0') ?? '';
  world.altered.set(bad, Uint8Array.of(1));
  world.before = async (hash) => {
    if (hash === bad && world.asked.filter((asked) => asked === bad).length === 2) world.altered.clear();
  };
  const tab = world.openTab();
  await tab.downloads.keep(ORDER);
  await untilPhase(tab, 'here');
  expect(world.asked.filter((hash) => hash === bad)).toHaveLength(2);
});

test('what the provider does not have ends it, and what came stays', async () => {
  const world = makeKeptWorld();
  const tab = world.openTab();
  world.before = async (hash) => {
    if (hash === world.programmes.get(PROGRAMME)?.hashOf('video/360p 3')) throw new FareboxError('request/not-found');
  };
  await tab.downloads.keep(ORDER);
  await untilPhase(tab, 'failed');
  expect(viewOf(tab)?.code).toBe('request/not-found');
  expect(world.filesOf(PROGRAMME).length).toBeGreaterThan(5);
});

test('no room before it is paid for: nothing is granted and nothing kept', async () => {
  const world = makeKeptWorld();
  world.allowedBytes = KEPT_BYTES;
  const tab = world.openTab();
  await expect(tab.downloads.keep(ORDER)).rejects.toThrow('offline/full');
  expect([world.granted, world.caches.size]).toEqual([0, 0]);
});

test('room that runs out on the way stops it with what to do; it goes on when there is some', async () => {
  const world = makeKeptWorld();
  const tab = world.openTab();
  world.putsLeft = 6;
  await tab.downloads.keep(ORDER);
  await untilPhase(tab, 'failed');
  expect(viewOf(tab)?.code).toBe('offline/full');
  const asked = filesAsked(world).length;
  await tab.downloads.refresh();
  expect(viewOf(tab)?.phase).toBe('failed');
  expect(filesAsked(world)).toHaveLength(asked);
  world.putsLeft = Number.POSITIVE_INFINITY;
  await tab.downloads.resume(PROGRAMME);
  await untilPhase(tab, 'here');
});

test('of two tabs one fetches, the other shows how far it is and takes over when the first is gone', async () => {
  const world = makeKeptWorld();
  const first = world.openTab();
  hold(world, 5);
  await first.downloads.keep(ORDER);
  await vi.waitFor(() => expect(world.filesOf(PROGRAMME)).toHaveLength(4));
  const second = world.openTab();
  await second.downloads.refresh();
  await vi.waitFor(() => expect(viewOf(second)?.phase).toBe('fetching'));
  const asked = filesAsked(world);
  expect(new Set(asked).size).toBe(asked.length);
  expect(viewOf(second)?.doneBytes).toBeGreaterThan(0);
  first.close();
  world.before = async () => undefined;
  await untilPhase(second, 'here');
  expect(world.filesOf(PROGRAMME)).toHaveLength(KEPT_FILES);
});

test('a pause and a removal from a tab that does not fetch stop the one that does', async () => {
  const world = makeKeptWorld();
  const first = world.openTab();
  const release = hold(world, 5);
  await first.downloads.keep(ORDER);
  await untilPhase(first, 'fetching');
  const second = world.openTab();
  await second.downloads.refresh();
  await vi.waitFor(() => expect(viewOf(second)?.phase).toBe('fetching'));
  await second.downloads.pause(PROGRAMME);
  await untilPhase(first, 'paused');
  await untilPhase(second, 'paused');
  await second.downloads.resume(PROGRAMME);
  await untilPhase(first, 'fetching');
  await second.downloads.remove(PROGRAMME);
  release();
  await vi.waitFor(() => expect([viewOf(first), viewOf(second)]).toEqual([undefined, undefined]));
  await Promise.all([first.downloads.refresh(), second.downloads.refresh()]);
  expect(world.caches.size).toBe(0);
});

test('removing ends the session first, so that its receipt is made, and then lets go of every file', async () => {
  const world = makeKeptWorld();
  const tab = world.openTab();
  await tab.downloads.keep(ORDER);
  await untilPhase(tab, 'here');
  await tab.downloads.keep({ ...ORDER, programmeId: OTHER });
  await untilPhase(tab, 'here', OTHER);
  const session = viewOf(tab)?.session;
  await tab.downloads.remove(PROGRAMME);
  expect(world.ended).toEqual([session]);
  expect([...world.caches.keys()]).toEqual([`farebox-kept-${OTHER}`]);
  expect(viewOf(tab)).toBeUndefined();
  expect(viewOf(tab, OTHER)?.phase).toBe('here');
  expect(world.noted).toEqual([OTHER]);
});

test('a programme whose time is over has its session ended, is not fetched further, and is kept again without fetching what is here', async () => {
  const world = makeKeptWorld();
  const tab = world.openTab();
  await tab.downloads.keep(ORDER);
  await untilPhase(tab, 'here');
  world.clockMs += TERM_MS;
  await tab.downloads.refresh();
  expect(viewOf(tab)?.term).toBe('ended');
  expect(world.ended).toHaveLength(1);
  const asked = filesAsked(world).length;
  await tab.downloads.keep(ORDER);
  await vi.waitFor(() => expect(viewOf(tab)).toMatchObject({ term: 'open', phase: 'here' }));
  expect(filesAsked(world)).toHaveLength(asked);
  expect(world.granted).toBe(2);
});

test('an entry that is altered is no entry, and one of another programme is not believed', async () => {
  const world = makeKeptWorld();
  const tab = world.openTab();
  await tab.downloads.keep(ORDER);
  await untilPhase(tab, 'here');
  const cache = world.caches.get(`farebox-kept-${PROGRAMME}`);
  const entry = await cache?.get('/kept/entry')?.clone().text();
  if (cache === undefined || entry === undefined) throw new Error('nothing was kept');
  const alter = (text: string) => cache.set('/kept/entry', new Response(text));
  const alterations = [
    entry.replace('"version":1', '"version":2'),
    entry.replaceAll(PROGRAMME, OTHER),
    entry.replace('"wish":"keep"', '"wish":"sell"'),
    entry.replace('"frameCount":6', '"frameCount":-6'),
    entry.slice(0, -1),
    'null',
    '[]',
  ];
  for (const text of alterations) {
    expect(text).not.toBe(entry);
    alter(text);
    await tab.downloads.refresh();
    expect(viewOf(tab), text.slice(0, 40)).toBeUndefined();
  }
  alter(entry);
  await tab.downloads.refresh();
  expect(viewOf(tab)?.phase).toBe('here');
});
