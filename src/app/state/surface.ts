// Whether the module is asking the person something on its own surface. While it does, its frame stands before everything else and the
// page lies still; the page learns that something is asked, and never what.

import type { ModulePort } from '../../player/ports.ts';
import { createStore, type ReadableStore } from '../../player/store.ts';

/** Follows the module's `surface` events. A worker that died asks nothing any more. */
export function followSurface(module: Pick<ModulePort, 'onEvent' | 'onState'>): ReadableStore<boolean> {
  const asking = createStore(false);
  module.onEvent((event) => {
    if (event.type === 'surface') asking.set(event.state === 'shown');
  });
  module.onState((life) => {
    if (life !== 'ready') asking.set(false);
  });
  return asking;
}
