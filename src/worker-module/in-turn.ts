// One thing after another: changes of the module's state, questions to the window. Called by keeper.ts and asking.ts.

/** Runs what it is given in order, one at a time. An outcome is the caller's alone: the next runs in any case. */
export type InTurn = <T>(run: () => Promise<T>) => Promise<T>;

/** Makes one queue. */
export function makeInTurn(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (run) => {
    const turn = last.then(run);
    last = turn.catch(() => undefined);
    return turn;
  };
}
