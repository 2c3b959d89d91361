// The points of a module at which it can be cut: both sides of every commit and of every slot that is written, and every message in and out.
// Found by wrapping what the module is given, so that an operation made tomorrow has its points without anyone naming them.
import type { CommandPort } from '../../src/worker-module/gate/gate.ts';
import type { CheckpointSlots } from '../../src/worker-module/store/checkpoint.ts';
import type { RecordStore } from '../../src/worker-module/store/record-store.ts';

/** Called at each point; may not return. */
export type Point = (name: string) => void;

/** The same store; each commit has three points: before it, while its transaction is open, and when it is durable. */
export function pointedStore<Store extends RecordStore>(store: Store, point: Point): Store {
  return {
    ...store,
    commit: async (commit) => {
      point('commit: before');
      const outcome = store.commit(commit);
      point('commit: open');
      const answer = await outcome;
      point('commit: durable');
      return answer;
    },
  };
}

/** The same slots; each write has a point on both sides. */
export function pointedSlots(slots: CheckpointSlots, point: Point): CheckpointSlots {
  return {
    ...slots,
    write: async (slot, bytes) => {
      point('checkpoint: before');
      await slots.write(slot, bytes);
      point('checkpoint: flushed');
    },
    remove: async () => {
      point('checkpoint: before its end');
      await slots.remove();
      point('checkpoint: gone');
    },
  };
}

/** The same command port; each call and each answer is a point. */
export function pointedPort(port: MessagePort, point: Point): CommandPort {
  const pointed = new Map<(event: MessageEvent<unknown>) => void, (event: MessageEvent<unknown>) => void>();
  return {
    start: () => port.start(),
    postMessage: (message) => {
      point('answer: before');
      port.postMessage(message);
      point('answer: sent');
    },
    addEventListener: (type, listener) => {
      const heard = (event: MessageEvent<unknown>): void => {
        point('call: received');
        listener(event);
      };
      pointed.set(listener, heard);
      port.addEventListener(type, heard);
    },
    removeEventListener: (type, listener) => port.removeEventListener(type, pointed.get(listener) ?? listener),
  };
}
