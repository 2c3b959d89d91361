// Makes the module's dedicated worker. The only place that mints a TrustedScriptURL: the policy knows exactly one URL,
// the one the build made, and refuses every other.

import type { WorkerToFrame } from '../frame-messages.ts';
import workerUrl from '../worker.ts?worker&url';
import { SERVICE_WORKER_SCRIPT } from './service-worker.ts';

// Trusted Types are in no library that TypeScript ships; the shape is W3C Trusted Types §2.3.
type ScriptUrlPolicy = { createScriptURL(input: string): string };
type TrustedTypes = {
  createPolicy(name: string, rules: { createScriptURL(input: string): string }): ScriptUrlPolicy;
  /** Of the pages with controls that write markup (src/app/embed). */
  createPolicy(name: 'default', rules: { createHTML(input: string): string | null }): unknown;
};
declare global {
  interface Window {
    readonly trustedTypes?: TrustedTypes;
  }
}

const rules = {
  createScriptURL(input: string): string {
    if (input !== workerUrl && input !== SERVICE_WORKER_SCRIPT) throw new TypeError('not a script of the module');
    return input;
  },
};

// A browser without Trusted Types enforces no policy; the rules hold all the same.
const policy: ScriptUrlPolicy = window.trustedTypes?.createPolicy('farebox-module', rules) ?? rules;

/** The address of a script of the module, through the policy. Throws for any other. */
export function trustedScript(url: string): string {
  return policy.createScriptURL(url);
}

/** Starts the worker; `onMessage` gets what it posts, `onError` a script that does not load or an error nobody caught. */
export function makeModuleWorker(onMessage: (message: WorkerToFrame) => void, onError: () => void): Worker {
  const worker = new Worker(policy.createScriptURL(workerUrl), { type: 'module', name: 'farebox-module' });
  worker.onmessage = (event: MessageEvent<WorkerToFrame>) => onMessage(event.data);
  worker.onerror = onError;
  return worker;
}
