// Registers the service worker and tells when a newer version waits. It never takes over by itself: a session may be playing.
// The script's address passes the one Trusted Types policy of the terminal, which admits that address only.

import { Workbox } from 'workbox-window';
import { createStore, type ReadableStore } from '../player/store.ts';

const SCRIPT = '/sw.js';

const waits = createStore(false);
let workbox: Workbox | null = null;

/** Whether a newer version waits to be taken. */
export const newVersionWaits: ReadableStore<boolean> = waits;

/** Registers it, where the browser has service workers. Without one Farebox works the same, but only on a line. */
export async function registerServiceWorker(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  workbox = new Workbox(trustedScript());
  workbox.addEventListener('waiting', () => waits.set(true));
  await workbox.register();
}

/** Takes the waiting version and loads the page again once it holds. */
export function activateNewVersion(): void {
  workbox?.addEventListener('controlling', () => window.location.reload());
  workbox?.messageSkipWaiting();
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
