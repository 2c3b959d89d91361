// Notices that the worker died or hangs. Death: the worker holds a Web Lock for as long as it lives, the frame asks for the
// same lock and gets it the moment it is free. Hang: pings that stay unanswered.

import { FRAME_LIMITS } from './frame-limits.ts';

/** The watch over one worker. */
export type DeathWatch = {
  /** The worker says it holds this lock. */
  started(lockName: string): void;
  answered(pingNumber: number): void;
  end(): void;
};

/** Calls `onDeath` at most once, with what was seen. `ping` sends one ping. */
export function watchForDeath(
  ping: (pingNumber: number) => void,
  onDeath: (code: 'module/dead' | 'module/deadline') => void,
): DeathWatch {
  const ended = new AbortController();
  let sent = 0;
  let answered = 0;

  const die = (code: 'module/dead' | 'module/deadline') => {
    if (ended.signal.aborted) return;
    end();
    onDeath(code);
  };
  const startTimeout = setTimeout(() => die('module/deadline'), FRAME_LIMITS.startTimeoutMs);
  let pinging: ReturnType<typeof setInterval> | undefined;

  const end = () => {
    clearTimeout(startTimeout);
    clearInterval(pinging);
    ended.abort();
  };

  return {
    started(lockName) {
      clearTimeout(startTimeout);
      // Granted only once the worker is gone, or refused because this watch ended first.
      navigator.locks
        .request(lockName, { signal: ended.signal }, () => die('module/dead'))
        .catch(() => die('module/dead'));
      pinging = setInterval(() => {
        if (sent - answered >= FRAME_LIMITS.unansweredPings) die('module/deadline');
        else ping(++sent);
      }, FRAME_LIMITS.pingIntervalMs);
    },
    answered(pingNumber) {
      answered = Math.max(answered, pingNumber);
    },
    end,
  };
}
