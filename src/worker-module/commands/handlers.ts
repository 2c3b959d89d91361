// The commands: each decodes its own argument, asks the duty that owns the matter, and answers with a value built here.
// Called through gate/command-table.ts only. No command does work of its own, and none answers with an object of the inside.

import { FareboxError, type FareboxErrorCode } from '../../protocol/errors.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { firstHead } from '../../protocol/record-entry.ts';
import type { ModuleStatus } from '../commands.ts';
import type { Core } from '../core.ts';
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
import { answerChallenge } from '../keys/answer-challenge.ts';
import { commitCertificate, commitEnrolmentRequest } from '../keys/identity.ts';
import { commitAcknowledgement, commitReceipt, listReceipts, readReceiptFile } from '../receipts/receipt-drawer.ts';
import type { SessionRooms } from '../session/session-rooms.ts';
import { viewSession } from '../session/session-view.ts';
import type { StorageHealth } from '../store/health.ts';

/** What the commands act on. `opened` is null while storage gives nothing to stand on. */
export type CommandParts = {
  readonly opened: { readonly core: Core; readonly rooms: SessionRooms } | null;
  readonly health: StorageHealth;
  readonly droppedCalls: () => number;
  readonly setVolume: (volume: number, muted: boolean) => void;
};

/** The longest programme a position can lie in: frame numbers × their longest duration. */
const LAST_POSITION_MS = LIMITS.frameNumbers * LIMITS.frameDurationMaxMs;

/** The implementations behind the command table. */
export function makeHandlers(parts: CommandParts): CommandHandlers {
  const expectOpened = () => {
    if (parts.opened === null) throw new FareboxError(storageCode(parts.health));
    return parts.opened;
  };
  /** For commands that write or play: a wiped store refuses before anything is begun. */
  const expectWritable = () => {
    const refusal = parts.health.refusal();
    if (refusal !== null) throw new FareboxError(refusal);
    return expectOpened();
  };

  return {
    status: async (argument) => {
      expectFields(argument, []);
      return readStatus(parts);
    },
    enrolmentRequest: async (argument) => {
      expectFields(argument, []);
      return { request: await commitEnrolmentRequest(expectWritable().core) };
    },
    acceptCertificate: async (argument) => {
      expectFields(argument, ['certificate']);
      const certificate = bytesField(argument, 'certificate');
      return { moduleId: await commitCertificate(expectWritable().core, certificate) };
    },
    answerChallenge: async (argument) => {
      expectFields(argument, ['challenge', 'providerCertificate']);
      const challenge = bytesField(argument, 'challenge');
      const providerCertificate = bytesField(argument, 'providerCertificate');
      return answerChallenge(expectWritable().core, { challenge, providerCertificate });
    },
    openSession: async (argument) => {
      expectFields(argument, ['programme', 'manifest', 'grant', 'providerCertificate']);
      const objects = {
        programme: bytesField(argument, 'programme'),
        manifest: bytesField(argument, 'manifest'),
        grant: bytesField(argument, 'grant'),
        providerCertificate: bytesField(argument, 'providerCertificate'),
      };
      return viewSession(await expectWritable().rooms.open(objects));
    },
    resumeSession: async (argument) => {
      expectFields(argument, ['session', 'manifest']);
      const session = sessionField(argument);
      const manifest = bytesField(argument, 'manifest');
      return viewSession(await expectWritable().rooms.resume(session, manifest));
    },
    sessions: async (argument) => {
      expectFields(argument, []);
      return (await expectOpened().rooms.list()).map(viewSession);
    },
    deliver: async (argument) => {
      expectFields(argument, ['session', 'frame', 'parts']);
      const session = sessionField(argument);
      const frame = integerField(argument, 'frame', 0, LIMITS.frameNumbers - 1);
      const sealed = partsField(argument, 'parts');
      return expectWritable().rooms.deliver(session, frame, sealed);
    },
    play: async (argument) => {
      expectFields(argument, ['session']);
      expectWritable().rooms.play(sessionField(argument));
      return null;
    },
    pause: async (argument) => {
      expectFields(argument, ['session']);
      await expectWritable().rooms.pause(sessionField(argument));
      return null;
    },
    seek: async (argument) => {
      expectFields(argument, ['session', 'positionMs']);
      const session = sessionField(argument);
      const positionMs = Math.round(numberField(argument, 'positionMs', 0, LAST_POSITION_MS));
      await expectWritable().rooms.seek(session, positionMs);
      return null;
    },
    setVolume: async (argument) => {
      expectFields(argument, ['volume', 'muted']);
      parts.setVolume(numberField(argument, 'volume', 0, 1), booleanField(argument, 'muted'));
      return null;
    },
    closeSession: async (argument) => {
      expectFields(argument, ['session']);
      const session = sessionField(argument);
      const { core, rooms } = expectWritable();
      await rooms.end(session);
      await commitReceipt(core, session);
      return { receiptFile: await readReceiptFile(core, session) };
    },
    receiptFile: async (argument) => {
      expectFields(argument, ['session']);
      return { receiptFile: await readReceiptFile(expectOpened().core, sessionField(argument)) };
    },
    receipts: async (argument) => {
      expectFields(argument, []);
      return listReceipts(expectOpened().core);
    },
    acceptAcknowledgement: async (argument) => {
      expectFields(argument, ['session', 'acknowledgement']);
      const session = sessionField(argument);
      const acknowledgement = bytesField(argument, 'acknowledgement');
      return commitAcknowledgement(expectWritable().core, session, acknowledgement);
    },
  };
}

async function readStatus({ opened, health, droppedCalls }: CommandParts): Promise<ModuleStatus> {
  const header = opened && (await opened.core.store.header());
  const identity = opened && (await opened.core.store.identity());
  return {
    moduleId: identity?.certificate ? identity.moduleId : null,
    certificate: identity?.certificate ?? null,
    counter: header?.counter ?? 0,
    head: header?.head ?? firstHead(),
    storage: health.state(),
    droppedCalls: droppedCalls(),
  };
}

function storageCode(health: StorageHealth): FareboxErrorCode {
  const state = health.state();
  return state === 'ready' ? 'module/internal' : `store/${state}`;
}
