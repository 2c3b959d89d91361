// Carrying what the module has for the provider, again and again until it is there: receipts, a pending epoch, the backup's copy. Used by
// terminal.ts. Everything carried is durable in the module; nothing is lost by waiting.

import { ERRORS, toErrorData } from '../../protocol/errors.ts';
import type { TerminalPorts } from './ports.ts';

/** Pause before receipts without an answer are carried again: each errand has tried for some ten seconds already. */
const SETTLE_AGAIN_MS = 15_000;

/** The errands as the screens start them; each rejects with a FareboxError. */
export type Settling = {
  settle(session: string): Promise<void>;
  /** The same for a session that nobody has watched: no screen hears of it. */
  release(session: string): Promise<void>;
  /** Asks the provider again for every answer that is missing. */
  settleAll(): Promise<void>;
  /** Brings on whatever the module waits for. */
  catchUp(): Promise<void>;
};

/** Makes the errands over `ports`. `onEnd` is called after each, whether it succeeded or not, and waited for. */
export function createSettling(ports: TerminalPorts, onEnd: () => Promise<void>): Settling {
  let asksAgain = false;
  // A provider that cannot be reached is asked again by itself, for as long as the page is open.
  const askAgain = (error: unknown): void => {
    if (asksAgain || ERRORS[toErrorData(error).code].retry !== 'same-request') return;
    asksAgain = true;
    void ports.pause(SETTLE_AGAIN_MS, new AbortController().signal).then(() => {
      asksAgain = false;
      return catchUp().catch(() => undefined);
    });
  };
  const carry = async (errand: Promise<void>): Promise<void> => {
    try {
      await errand;
    } catch (error) {
      askAgain(error);
      throw error;
    } finally {
      await onEnd();
    }
  };
  const release = async (session: string): Promise<void> => {
    try {
      await ports.relay.release(session);
    } catch (error) {
      askAgain(error);
    }
  };
  const catchUp = (): Promise<void> => carry(ports.relay.catchUp());
  return {
    settle: (session) => carry(ports.relay.settle(session)),
    release,
    settleAll: () => carry(ports.relay.settleAll()),
    catchUp,
  };
}
