// The commands, put together, and those of enrolment, sessions and receipts: each decodes its own argument, asks the duty that owns the matter,
// and answers with a value built here. Called through gate/command-table.ts only. No command does work of its own, and none answers with an
// object of the inside. While the module is locked every one but those of OPEN_WHILE_LOCKED is refused before it is asked anything.

import { FareboxError } from '../../protocol/errors.ts';
import type { CommandName } from '../commands.ts';
import { bytesField, expectFields, sessionField } from '../gate/arguments.ts';
import type { CommandHandlers } from '../gate/command-table.ts';
import { commitCertificate } from '../keys/certificate.ts';
import { commitEnrolmentRequest } from '../keys/identity.ts';
import { commitAcknowledgement, commitReceipt, listReceipts, readReceiptFile } from '../receipts/receipt-drawer.ts';
import { answerChallenge } from '../standing/answer-challenge.ts';
import { makeClaimHandlers } from './claim-handlers.ts';
import { type CommandParts, expectOpened, expectWritable } from './command-parts.ts';
import { makeKeepingHandlers } from './keeping-handlers.ts';
import { makeKeyHandlers } from './key-handlers.ts';
import { makeLockHandlers } from './lock-handlers.ts';
import { makePlayHandlers } from './play-handlers.ts';
import { makeStandingHandlers } from './standing-handlers.ts';
import { readStatus } from './status.ts';
import { makeTrackHandlers } from './track-handlers.ts';

/** What a locked module answers: how it is, how to open it, and the way out for a person who has lost every factor. */
const OPEN_WHILE_LOCKED: ReadonlySet<CommandName> = new Set(['status', 'unlock', 'startAnew']);

/** What a person does. The rest a page does by itself, and a page that is left open must not keep the module open. */
const USES: ReadonlySet<CommandName> = new Set([
  ...(['openSession', 'resumeSession', 'deliver', 'openFrame', 'frameKeys', 'play', 'pause', 'seek'] as const),
  ...(['setSound', 'setCaptions', 'setRate', 'preview', 'setVolume', 'closeSession'] as const),
  ...(['receiptFile', 'lock', 'unlock', 'setLock', 'removeFactor', 'setIdleLock'] as const),
  ...(['askPersistence', 'setAllowance', 'choosePin', 'signInWithPin', 'giveCard', 'renewKeys'] as const),
  ...(['makeBackup', 'verifyBackup', 'recoveryLocator', 'restore', 'recover', 'startAnew', 'beginEpoch'] as const),
]);

/** The implementations behind the command table. */
export function makeHandlers(parts: CommandParts): CommandHandlers {
  return {
    ...makeRecordHandlers(parts),
    ...makePlayHandlers(parts),
    ...makeTrackHandlers(parts),
    ...makeLockHandlers(parts),
    ...makeKeepingHandlers(parts),
    ...makeStandingHandlers(parts),
    ...makeClaimHandlers(parts),
    ...makeKeyHandlers(parts),
  };
}

type RecordHandlers = Pick<
  CommandHandlers,
  | 'status'
  | 'enrolmentRequest'
  | 'acceptCertificate'
  | 'answerChallenge'
  | 'closeSession'
  | 'receiptFile'
  | 'receipts'
  | 'acceptAcknowledgement'
>;

function makeRecordHandlers(parts: CommandParts): RecordHandlers {
  return {
    status: async (argument) => {
      expectFields(argument, []);
      return readStatus(parts);
    },
    enrolmentRequest: async (argument) => {
      expectFields(argument, []);
      return { request: await commitEnrolmentRequest(expectWritable(parts).core) };
    },
    acceptCertificate: async (argument) => {
      expectFields(argument, ['certificate']);
      const certificate = bytesField(argument, 'certificate');
      return { moduleId: await commitCertificate(expectWritable(parts).core, certificate) };
    },
    answerChallenge: async (argument) => {
      expectFields(argument, ['challenge', 'providerCertificate']);
      const challenge = bytesField(argument, 'challenge');
      const providerCertificate = bytesField(argument, 'providerCertificate');
      return answerChallenge(expectWritable(parts).core, { challenge, providerCertificate });
    },
    closeSession: async (argument) => {
      expectFields(argument, ['session']);
      const session = sessionField(argument);
      const { core, rooms } = expectWritable(parts);
      await rooms.end(session);
      await commitReceipt(core, session);
      core.noteChanged('receipts');
      return { receiptFile: await readReceiptFile(core, session) };
    },
    receiptFile: async (argument) => {
      expectFields(argument, ['session']);
      return { receiptFile: await readReceiptFile(expectOpened(parts).core, sessionField(argument)) };
    },
    receipts: async (argument) => {
      expectFields(argument, []);
      return listReceipts(expectOpened(parts).core);
    },
    acceptAcknowledgement: async (argument) => {
      expectFields(argument, ['session', 'acknowledgement']);
      const session = sessionField(argument);
      const acknowledgement = bytesField(argument, 'acknowledgement');
      const { core } = expectWritable(parts);
      const view = await commitAcknowledgement(core, session, acknowledgement);
      core.noteChanged('receipts');
      return view;
    },
  };
}

/** Refuses what a locked module does not answer, and notes that the module is used. Asked before every command. @throws FareboxError `module/locked`. */
export function admitCommand({ life }: CommandParts, name: CommandName): void {
  if (life.lockState() === 'locked' && !OPEN_WHILE_LOCKED.has(name)) throw new FareboxError('module/locked');
  if (USES.has(name)) life.noteUse();
}
