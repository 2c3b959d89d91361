// Registers the service worker, and says when a newer version of Farebox waits or was taken. It is taken when the person presses, or by itself while
// nothing goes on in any tab and nobody looks; never in the middle. The script's address passes the one Trusted Types policy of the terminal.

import type { Workbox } from 'workbox-window';
import { createStore, type ReadableStore } from '../player/store.ts';
import { noTabIsBusy } from './busy-tab.ts';

const SCRIPT = '/sw.js';
/** A tab that stays open asks for a newer version this often, when it is looked at again. */
const LOOK_EVERY_MS = 60 * 60_000;

/** `waits`: it can be taken; `taken`: another tab has taken it, and this page is of the version before. */
export type NewVersion = 'none' | 'waits' | 'taken';

const version = createStore<NewVersion>('none');
let workbox: Workbox | null = null;
let takenHere = false;

/** Where a newer version stands. */
export const newVersion: ReadableStore<NewVersion> = version;

/**
 * Registers it, where the browser has service workers. Without one Farebox works the same, but only on a line.
 * @param isIdle resolves true where nothing goes on in this tab that a reload would cut
 */
export async function registerServiceWorker(isIdle: () => Promise<boolean>): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  const loaded = await import('workbox-window');
  workbox = new loaded.Workbox(trustedScript());
  workbox.addEventListener('waiting', () => {
    version.set('waits');
    void takeIfIdle(isIdle);
  });
  // The first version of all takes no page over; whatever does so later is a newer one.
  navigator.serviceWorker.addEventListener('controllerchange', () => {
    if (takenHere) window.location.reload();
    else {
      version.set('taken');
      void takeIfIdle(isIdle);
    }
  });
  let lookedAtMs = performance.now();
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') void takeIfIdle(isIdle);
    else if (performance.now() - lookedAtMs > LOOK_EVERY_MS) {
      lookedAtMs = performance.now();
      // Without a line there is nothing newer to be had.
      workbox?.update().catch(() => undefined);
    }
  });
  await workbox.register();
}

/** Takes the newer version, and loads the page again once it holds. */
export function takeNewVersion(): void {
  if (version.getSnapshot() === 'taken') {
    window.location.reload();
    return;
  }
  takenHere = true;
  workbox?.messageSkipWaiting();
}

async function takeIfIdle(isIdle: () => Promise<boolean>): Promise<void> {
  const mayTake = (): boolean => version.getSnapshot() !== 'none' && document.visibilityState === 'hidden';
  if (!mayTake() || !(await isIdle()) || !(await noTabIsBusy())) return;
  // The person may have come back while the module and the other tabs were asked.
  if (mayTake()) takeNewVersion();
}

function trustedScript() {
  const policy = window.trustedTypes?.createPolicy('farebox-terminal', {
    createScriptURL(address) {
      if (address !== SCRIPT) throw new TypeError('Not a script of the terminal.');
      return address;
    },
  });
  return policy?.createScriptURL(SCRIPT) ?? SCRIPT;
}
