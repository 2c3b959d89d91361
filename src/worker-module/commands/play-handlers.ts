// The commands of watching: sessions, delivery, play. Each decodes its own argument and asks the rooms of this tab. Called through
// gate/command-table.ts only, merged by handlers.ts.

import { LIMITS } from '../../protocol/limits.ts';
import {
  aheadField,
  bytesField,
  bytesListField,
  expectFields,
  firstField,
  integerField,
  labelsField,
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
  | 'openSession'
  | 'resumeSession'
  | 'extendManifest'
  | 'sessions'
  | 'deliver'
  | 'openFrame'
  | 'frameKeys'
  | 'play'
  | 'pause'
  | 'seek'
>;

/** The longest programme a position can lie in: frame numbers × their longest duration. */
export const LAST_POSITION_MS = LIMITS.frameNumbers * LIMITS.frameDurationMaxMs;

/** The implementations behind the command table. */
export function makePlayHandlers(parts: CommandParts): PlayHandlers {
  return {
    openSession: async (argument) => {
      const hasContract = Object.hasOwn(argument, 'contract');
      const optional = ['contract', 'first', 'ahead'].filter((name) => Object.hasOwn(argument, name));
      expectFields(argument, ['programme', 'manifest', 'grant', 'providerCertificate', ...optional]);
      const objects = {
        programme: bytesField(argument, 'programme'),
        manifest: bytesField(argument, 'manifest'),
        grant: bytesField(argument, 'grant'),
        providerCertificate: bytesField(argument, 'providerCertificate'),
        contract: hasContract ? bytesField(argument, 'contract') : null,
      };
      const wish = { first: firstField(argument, 'first'), ahead: aheadField(argument, 'ahead') };
      return viewSession(await expectWritable(parts).rooms.open(objects, wish));
    },
    resumeSession: async (argument) => {
      expectFields(argument, ['session', 'manifest']);
      const session = sessionField(argument);
      const manifest = bytesField(argument, 'manifest');
      return viewSession(await expectWritable(parts).rooms.resume(session, manifest));
    },
    extendManifest: async (argument) => {
      expectFields(argument, ['session', 'updates']);
      const session = sessionField(argument);
      const updates = bytesListField(argument, 'updates', LIMITS.liveUpdatesAtOnce);
      const { rooms } = expectWritable(parts);
      const extended = await rooms.extend(session, updates);
      return viewSession(extended, rooms.reachOf(session));
    },
    sessions: async (argument) => {
      expectFields(argument, []);
      const { rooms } = expectOpened(parts);
      return (await rooms.list()).map((loaded) => viewSession(loaded, rooms.reachOf(loaded.session)));
    },
    deliver: async (argument) => {
      expectFields(argument, ['session', 'frame', 'parts']);
      const session = sessionField(argument);
      const frame = integerField(argument, 'frame', 0, LIMITS.frameNumbers - 1);
      const sealed = partsField(argument, 'parts');
      return expectWritable(parts).rooms.deliver(session, frame, sealed);
    },
    openFrame: async (argument) => {
      expectFields(argument, ['session', 'frame', 'parts']);
      const session = sessionField(argument);
      const frame = integerField(argument, 'frame', 0, LIMITS.frameNumbers - 1);
      const sealed = partsField(argument, 'parts');
      return expectWritable(parts).rooms.openFrame(session, frame, sealed);
    },
    frameKeys: async (argument) => {
      expectFields(argument, ['session', 'frame', 'labels']);
      const session = sessionField(argument);
      const frame = integerField(argument, 'frame', 0, LIMITS.frameNumbers - 1);
      const labels = labelsField(argument, 'labels');
      return expectWritable(parts).rooms.frameKeys(session, frame, labels);
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
  };
}
