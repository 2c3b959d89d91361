// Which of the module's open sessions a press in this tab may take up: all tabs share one module's record, and what another tab has made ready while
// somebody points at a programme there is not for this one. Called by player.ts.

import type { SessionView } from '../worker-module/commands.ts';

/** The sessions that this tab may take up. */
export type OwnSessions = {
  /** A press of this tab has this session. */
  note(session: string): void;
  /** Those of which something was watched, those that are kept or live, and those that this tab has. */
  among(sessions: readonly SessionView[]): readonly SessionView[];
};

/** Makes it for one player. */
export function createOwnSessions(): OwnSessions {
  const own = new Set<string>();
  return {
    note: (session) => void own.add(session),
    among: (sessions) =>
      sessions.filter(({ unused, offline, live, session }) => !unused || offline || live !== null || own.has(session)),
  };
}
