// When the module's document takes a newer version of itself: only before it has started, and only while no other tab's module runs. The locks are
// real; the registration is scripted. Replaying itself is tried in Chromium.

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { beginAsNewestVersion, SERVICE_WORKER_SCRIPT } from './service-worker.ts';

const { locks } = navigator;
/** Name of the lock that running modules hold; other versions of this file have to know it too, so it is written out here. */
const RUNNING = 'farebox-frame';

let reloads: number;
let registered: string[];
let waiting: { state: ServiceWorkerState; postMessage(message: unknown): void } | null;
let posted: unknown[];
let container: EventTarget;

beforeEach(() => {
  reloads = 0;
  registered = [];
  posted = [];
  waiting = null;
  container = Object.assign(new EventTarget(), {
    controller: {},
    getRegistration: async () => ({ waiting }),
    register: async (script: string) => void registered.push(script),
  });
  vi.stubGlobal('navigator', { locks, serviceWorker: container });
  const reload = () => {
    reloads += 1;
  };
  vi.stubGlobal('window', { location: { reload } });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const begin = () => beginAsNewestVersion((script) => `trusted ${script}`);

/** A waiting version that takes over when it is told to. */
function aWaitingVersion(): void {
  const worker = {
    state: 'installed' as ServiceWorkerState,
    postMessage(message: unknown) {
      posted.push(message);
      worker.state = 'activated';
      container.dispatchEvent(new Event('controllerchange'));
    },
  };
  waiting = worker;
}

/** Holds the lock as a running module of another tab does, until it is let go of. */
async function anotherTabRuns(): Promise<() => void> {
  const held = Promise.withResolvers<void>();
  const { promise, resolve } = Promise.withResolvers<void>();
  locks.request(RUNNING, { mode: 'shared' }, () => {
    held.resolve();
    return promise;
  });
  await held.promise;
  return resolve;
}

// A document holds its lock for as long as it lives, which here is the whole run: so those that do not begin come first.
describe('a newer version of the module', () => {
  it('CARD-1: is taken at the start of a document, which is then loaded again and starts nothing', async () => {
    aWaitingVersion();
    let begun = false;
    void begin().then(() => {
      begun = true;
    });
    await vi.waitFor(() => expect(reloads).toBe(1));
    expect(posted).toEqual([{ type: 'SKIP_WAITING' }]);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(begun).toBe(false);
    expect((await locks.query()).held?.map(({ name }) => name)).not.toContain(RUNNING);
  });

  it('CARD-1: that another document has just taken has this one loaded again as well', async () => {
    aWaitingVersion();
    if (waiting !== null) waiting.state = 'activated';
    void begin();
    await vi.waitFor(() => expect(reloads).toBe(1));
    expect(posted).toEqual([]);
  });

  it('CARD-1: goes on waiting while a module runs in another tab, and this one begins beside it', async () => {
    const endOther = await anotherTabRuns();
    aWaitingVersion();
    await begin();
    expect(posted).toEqual([]);
    expect(reloads).toBe(0);
    endOther();
  });

  it('CARD-1: is not taken by a document that was loaded past the old one: that is the newest already', async () => {
    aWaitingVersion();
    Object.assign(container, { controller: null });
    await begin();
    expect(posted).toEqual([]);
    expect(reloads).toBe(0);
  });

  it('CARD-1: is fetched only when the module has had time to show its first picture', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    await begin();
    expect(registered).toEqual([]);
    await vi.advanceTimersByTimeAsync(4_000);
    expect(registered).toEqual([`trusted ${SERVICE_WORKER_SCRIPT}`]);
    expect((await locks.query()).held?.map(({ name, mode }) => `${name} ${mode}`)).toContain(`${RUNNING} shared`);
  });

  it('CARD-1: is nothing that a browser without service workers waits for', async () => {
    vi.stubGlobal('navigator', { locks });
    await begin();
    expect(reloads).toBe(0);
  });
});
