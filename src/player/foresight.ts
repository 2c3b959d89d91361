// What is asked for before a person presses play, so that the first picture waits for none of it: the programme, the module's sessions, and a
// contact with the provider. Called by player.ts. Nothing of it is reserved, counted or shown; what is not used is forgotten.

import type { SessionView } from '../worker-module/commands.ts';
import type { ModuleEvent } from '../worker-module/events.ts';
import type { PlayerPorts } from './ports.ts';
import type { ProgrammeLoader } from './programme-loading.ts';

/** What was asked for ahead. */
export type Foresight = {
  /** Asks for what opening this programme needs. `contact`: also the provider, which learns then which module it is. */
  foresee(programmeId: string, contact: boolean): void;
  /** The module's sessions, as they are or as they were asked for ahead and have not changed since. Throws as the command does. */
  sessions(): Promise<readonly SessionView[]>;
  /** An event of the module: where it may be of its sessions, those that were asked for ahead are asked for again. */
  hear(event: ModuleEvent): void;
};

/** Changes in which a session may have come or gone. */
const OF_SESSIONS: ReadonlySet<string> = new Set(['operations', 'receipts']);

/** Makes it for one player. */
export function createForesight(ports: Pick<PlayerPorts, 'module' | 'relay'>, loader: ProgrammeLoader): Foresight {
  let foreseen: Promise<readonly SessionView[]> | null = null;
  return {
    foresee(programmeId, contact) {
      loader.prepare(programmeId);
      foreseen ??= ports.module.call('sessions', {});
      // What cannot be had now is asked for again, and told to the person, when a session is begun.
      foreseen.catch(() => undefined);
      if (contact) ports.relay.prepare().catch(() => undefined);
    },
    async sessions() {
      const ahead = foreseen;
      foreseen = null;
      return (await ahead?.catch(() => null)) ?? ports.module.call('sessions', {});
    },
    hear(event) {
      const isOfSessions = event.type === 'closed' || (event.type === 'changed' && OF_SESSIONS.has(event.what));
      if (foreseen === null || !isOfSessions) return;
      foreseen = ports.module.call('sessions', {});
      foreseen.catch(() => undefined);
    },
  };
}
