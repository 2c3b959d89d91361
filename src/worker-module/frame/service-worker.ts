// The module origin's service worker, from its document: registered once the module runs, and a newer version taken only here, before this
// document has started a worker and while no other tab's runs. It replays precached files and nothing else (scripts/build-origins.ts makes it).
// No part of the module waits for it: without service workers the module works the same, but only on a line.

/** The script, at the root of the module's origin. */
export const SERVICE_WORKER_SCRIPT = '/sw.js';

/** Held by every document of this origin whose module runs, shared; alone by one that takes a newer version. */
const RUNNING_LOCK = 'farebox-frame';
/** How often, and how far apart, a document looks whether others are gone that are being loaded again at the same time, as after a press on Reload. */
const LOOKS_FOR_OTHERS = 20;
const LOOK_EVERY_MS = 100;
/** How long the newer version may take to begin: it was fetched long ago. */
const TAKE_MS = 3_000;
/** Registration fetches the whole module again: it must not hold up the first picture. */
const REGISTER_AFTER_MS = 4_000;

/**
 * Resolves when the module may be started in this document, a few milliseconds after the call; never where the document is about to be
 * loaded again in a newer version. `trusted` passes the script's address through the module's Trusted Types policy.
 */
export async function beginAsNewestVersion(trusted: (script: string) => string): Promise<void> {
  // Absent where the browser keeps no storage for this origin.
  const workers = 'serviceWorker' in navigator ? navigator.serviceWorker : null;
  if (workers !== null) {
    const registration = await workers.getRegistration().catch(() => undefined);
    const waiting = registration?.waiting ?? null;
    if (waiting !== null && (await takeVersion(workers, waiting))) return new Promise(() => undefined);
    setTimeout(() => register(workers, trusted(SERVICE_WORKER_SCRIPT)), REGISTER_AFTER_MS);
  }
  await holdWhileRunning();
}

/** Takes the waiting version where no module of this origin runs in another document. Returns true where this document is being loaded again. */
async function takeVersion(workers: ServiceWorkerContainer, waiting: ServiceWorker): Promise<boolean> {
  // Loaded past the service worker: this document came from the line and is the newest there is.
  if (workers.controller === null) return false;
  const taking = async (): Promise<boolean> => {
    const taken = new Promise<boolean>((resolve) => {
      workers.addEventListener('controllerchange', () => resolve(true), { once: true });
      setTimeout(() => resolve(false), TAKE_MS);
    });
    // Another document may have taken it while this one waited for the lock: then this one is of the old version.
    if (waiting.state === 'installed') waiting.postMessage({ type: 'SKIP_WAITING' });
    else if (waiting.state === 'redundant') return false;
    if (waiting.state !== 'activated' && !(await taken)) return false;
    window.location.reload();
    return true;
  };
  for (let looks = 1; looks <= LOOKS_FOR_OTHERS; looks += 1) {
    // Never queued: a module that is about to start in another tab must not wait behind this.
    const reloading = await navigator.locks.request(RUNNING_LOCK, { ifAvailable: true }, async (lock) =>
      lock === null ? null : taking(),
    );
    if (reloading !== null) return reloading;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  // A module runs in another tab: it is not cut, and this one goes on beside it in the same version.
  return false;
}

/** Resolves when the lock is held; it is let go of with the document. */
function holdWhileRunning(): Promise<void> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(RUNNING_LOCK, { mode: 'shared' }, () => {
        resolve();
        return new Promise(() => undefined);
      })
      .catch(reject);
  });
}

/** Registers the script; the browser compares it with the one it has, and a newer one then waits. */
function register(workers: ServiceWorkerContainer, script: string): void {
  // A browser that refuses keeps the module on the line alone, which the terminal says when the line is gone.
  workers.register(script).catch(() => undefined);
}
