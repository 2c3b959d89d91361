// What is asked for before a person presses play, so that the first picture waits for none of it: the programme, the module's sessions, and a
// contact with the provider. Called by player.ts. Nothing of it is reserved, counted or shown; what is not used is forgotten.

import type { SessionView } from '../worker-module/commands.ts';
import type { PlayerPorts } from './ports.ts';
import type { ProgrammeLoader } from './programme-loading.ts';

/** What was asked for ahead. */
export type Foresight = {
  /** Asks for what opening this programme needs. `contact`: also the provider, which learns then which module it is. */
  foresee(programmeId: string, contact: boolean): void;
  /** The module's sessions, as they are or as they were asked for ahead and have not changed since. Throws as the command does. */
  sessions(): Promise<readonly SessionView[]>;
  /** Something of the module has changed: what was asked for ahead is asked for again. */
  forget(): void;
};

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
    forget() {
      if (foreseen === null) return;
      foreseen = ports.module.call('sessions', {});
      foreseen.catch(() => undefined);
    },
  };
}
