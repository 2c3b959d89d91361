// The bench's page: hands each measurement to a worker made for it alone and gives Node the answer. Called from bench/rig/bench-page.ts
// as `window.measure`. The module's own measurements go the way of a terminal; they are in module-host.ts.

import { startFastPlay } from './fast-play.ts';
import type { BareMeasurement, CommitMeasurement, KeysMeasurement, Measurement } from './messages.ts';
import { measureModule, measureStarts } from './module-host.ts';
import { measureRestore } from './restore-host.ts';

declare global {
  interface Window {
    measure(measurement: Measurement): Promise<readonly number[]>;
  }
}

window.fastPlay = startFastPlay;
window.measure = async (measurement) => {
  switch (measurement.kind) {
    case 'keys-in-sequence':
    case 'keys-at-random':
    case 'derived-keys':
      return ask(new Worker(new URL('./keys-worker.ts', import.meta.url), { type: 'module' }), measurement);
    case 'bare-decrypt':
      return ask(new Worker(new URL('./bare-worker.ts', import.meta.url), { type: 'module' }), measurement);
    case 'module-decrypt':
    case 'module-record':
      return measureModule(measurement);
    case 'store-commit':
      return ask(new Worker(new URL('./store-worker.ts', import.meta.url), { type: 'module' }), measurement);
    case 'module-start':
      return measureStarts(measurement.starts);
    case 'module-restore':
      return measureRestore(measurement.objects);
  }
};

/** One question, one answer, and the worker is gone. */
async function ask(
  worker: Worker,
  measurement: KeysMeasurement | BareMeasurement | CommitMeasurement,
): Promise<readonly number[]> {
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = (event: MessageEvent<readonly number[]>) => resolve(event.data);
      worker.onerror = (event) => reject(new Error(event.message));
      worker.postMessage(measurement);
    });
  } finally {
    worker.terminate();
  }
}
