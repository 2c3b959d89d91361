// Lets everything that waits for promises, and for nothing else, come to rest. Test code.

/** A task of its own, after all microtasks: a few, because one may lead to the next. */
export async function runTasks(): Promise<void> {
  for (let task = 0; task < 3; task += 1) await new Promise((resolve) => setTimeout(resolve, 0));
}
