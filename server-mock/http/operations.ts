// How every POST route carries its work out: once for each idempotency key, and with the evidence of a copy kept where the
// work is refused for one. The two files of routes share it.

import { keepingAlarms } from '../contacts/alarms.ts';
import type { Provider } from '../provider.ts';
import { answerOnce, type Work } from './idempotency.ts';

/** Carries out one request of a route. `callerKey` and `body` as the caller sent them; answers the decoded JSON of the answer. */
export type CarryOut = <Prepared>(
  route: string,
  callerKey: string,
  body: unknown,
  work: Work<Prepared>,
) => Promise<unknown>;

/** Makes it for a provider. Throws `request/key-reused` and whatever the work throws. */
export function makeOperations({ database, clock }: Provider): CarryOut {
  return async (route, callerKey, body, work) => {
    const operation = { route, callerKey, body, time: clock() };
    return JSON.parse(await keepingAlarms(database, () => answerOnce(database, operation, work)));
  };
}
