// One after the other, with a pause between for everything else the worker has to do. Used for opening frames: WebCrypto may do its work
// inside the call and answer in a microtask, so that a burst of frames would hold up the commits, the display and the command port.

/** Runs what it is given in order, one at a time, each in a task of its own. An outcome is the caller's alone: the next runs in any case. */
export type Turns = <T>(run: () => Promise<T>) => Promise<T>;

/** Makes one queue of turns. */
export function makeTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const turn = last.then(nextTask).then(run);
    last = turn.catch(() => undefined);
    return turn;
  };
}

/** A message to oneself: a task like those of disk and port, in their order, and without a timer's least delay. */
function nextTask(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
