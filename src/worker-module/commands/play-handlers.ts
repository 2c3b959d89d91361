// The commands of watching: sessions, delivery, play. Each decodes its own argument and asks the rooms of this tab. Called through
// gate/command-table.ts only, merged by handlers.ts.

import { LIMITS } from '../../protocol/limits.ts';
import {
  booleanField,
  bytesField,
  expectFields,
  integerField,
  numberField,
  partsField,
  sessionField,
} from '../gate/arguments.ts';
import type { CommandHandlers } from '../gate/command-table.ts';
import { viewSession } from '../session/session-view.ts';
import { type CommandParts, expectOpened, expectWritable } from './command-parts.ts';

/** The commands of this file. */
export type PlayHandlers = Pick<
  CommandHandlers,
  'openSession' | 'resumeSession' | 'sessions' | 'deliver' | 'play' | 'pause' | 'seek' | 'setVolume'
>;

/** The longest programme a position can lie in: frame numbers × their longest duration. */
const LAST_POSITION_MS = LIMITS.frameNumbers * LIMITS.frameDurationMaxMs;

/** The implementations behind the command table. */
export function makePlayHandlers(parts: CommandParts): PlayHandlers {
  return {
    openSession: async (argument) => {
      expectFields(argument, ['programme', 'manifest', 'grant', 'providerCertificate']);
      const objects = {
        programme: bytesField(argument, 'programme'),
        manifest: bytesField(argument, 'manifest'),
        grant: bytesField(argument, 'grant'),
        providerCertificate: bytesField(argument, 'providerCertificate'),
      };
      return viewSession(await expectWritable(parts).rooms.open(objects));
    },
    resumeSession: async (argument) => {
      expectFields(argument, ['session', 'manifest']);
      const session = sessionField(argument);
      const manifest = bytesField(argument, 'manifest');
      return viewSession(await expectWritable(parts).rooms.resume(session, manifest));
    },
    sessions: async (argument) => {
      expectFields(argument, []);
      return (await expectOpened(parts).rooms.list()).map(viewSession);
    },
    deliver: async (argument) => {
      expectFields(argument, ['session', 'frame', 'parts']);
      const session = sessionField(argument);
      const frame = integerField(argument, 'frame', 0, LIMITS.frameNumbers - 1);
      const sealed = partsField(argument, 'parts');
      return expectWritable(parts).rooms.deliver(session, frame, sealed);
    },
    play: async (argument) => {
      expectFields(argument, ['session']);
      expectWritable(parts).rooms.play(sessionField(argument));
      return null;
    },
    pause: async (argument) => {
      expectFields(argument, ['session']);
      await expectWritable(parts).rooms.pause(sessionField(argument));
      return null;
    },
    seek: async (argument) => {
      expectFields(argument, ['session', 'positionMs']);
      const session = sessionField(argument);
      const positionMs = Math.round(numberField(argument, 'positionMs', 0, LAST_POSITION_MS));
      await expectWritable(parts).rooms.seek(session, positionMs);
      return null;
    },
    setVolume: async (argument) => {
      expectFields(argument, ['volume', 'muted']);
      parts.setVolume(numberField(argument, 'volume', 0, 1), booleanField(argument, 'muted'));
      return null;
    },
  };
}
