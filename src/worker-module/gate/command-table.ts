// Makes the table that Comlink exposes: each command behind a deadline, its outcome as data. Called by module.ts.
// A command that throws answers with code and detail only; class, stack and cause stay inside.

import { FareboxError, toErrorData } from '../../protocol/errors.ts';
import type { Clock } from '../clock.ts';
import type { CommandName, Commands, Result } from '../commands.ts';
import { COMMAND_DEADLINES_MS } from '../limits.ts';
import type { CommandTable } from './gate.ts';

/** One implementation for each command: decodes its own argument, throws FareboxError, answers with the command's value. */
export type CommandHandlers = {
  readonly [Name in CommandName]: (argument: object) => Promise<ReturnType<Commands[Name]>>;
};

/** The frozen table without a prototype. `admit` is asked before each command and refuses it by throwing FareboxError. */
export function makeCommandTable(
  handlers: CommandHandlers,
  clock: Clock,
  admit: (name: CommandName) => void,
): CommandTable {
  const served = <Name extends CommandName>(name: Name) => {
    const run = async (argument: object) => {
      admit(name);
      return handlers[name](argument);
    };
    return (argument: object) => answerInTime(name, () => run(argument), clock);
  };
  const table: CommandTable = {
    status: served('status'),
    enrolmentRequest: served('enrolmentRequest'),
    acceptCertificate: served('acceptCertificate'),
    answerChallenge: served('answerChallenge'),
    openSession: served('openSession'),
    resumeSession: served('resumeSession'),
    extendManifest: served('extendManifest'),
    sessions: served('sessions'),
    deliver: served('deliver'),
    openFrame: served('openFrame'),
    frameKeys: served('frameKeys'),
    play: served('play'),
    pause: served('pause'),
    seek: served('seek'),
    setSound: served('setSound'),
    setCaptions: served('setCaptions'),
    setRate: served('setRate'),
    setCaptionStyle: served('setCaptionStyle'),
    preview: served('preview'),
    deliverSheet: served('deliverSheet'),
    setVolume: served('setVolume'),
    closeSession: served('closeSession'),
    receiptFile: served('receiptFile'),
    receipts: served('receipts'),
    acceptAcknowledgement: served('acceptAcknowledgement'),
    makeClaim: served('makeClaim'),
    acceptClaimAnswer: served('acceptClaimAnswer'),
    lock: served('lock'),
    unlock: served('unlock'),
    setLock: served('setLock'),
    removeFactor: served('removeFactor'),
    setIdleLock: served('setIdleLock'),
    askPersistence: served('askPersistence'),
    setAllowance: served('setAllowance'),
    makeBackup: served('makeBackup'),
    backupCopy: served('backupCopy'),
    verifyBackup: served('verifyBackup'),
    recoveryLocator: served('recoveryLocator'),
    restore: served('restore'),
    recover: served('recover'),
    restoreReport: served('restoreReport'),
    startAnew: served('startAnew'),
    acceptStanding: served('acceptStanding'),
    acceptPapers: served('acceptPapers'),
    beginEpoch: served('beginEpoch'),
    keys: served('keys'),
    acceptTransportKey: served('acceptTransportKey'),
    drawKeyRequests: served('drawKeyRequests'),
    importKey: served('importKey'),
    acceptAgreement: served('acceptAgreement'),
    signIn: served('signIn'),
    choosePin: served('choosePin'),
    signInWithPin: served('signInWithPin'),
    giveCard: served('giveCard'),
    renewKeys: served('renewKeys'),
    operations: served('operations'),
    disclosures: served('disclosures'),
  };
  return Object.freeze(Object.setPrototypeOf({ ...table }, null));
}

async function answerInTime<T>(name: CommandName, run: () => Promise<T>, clock: Clock): Promise<Result<T>> {
  const expiry = Promise.withResolvers<never>();
  const cancel = clock.after(COMMAND_DEADLINES_MS[name], () =>
    expiry.reject(new FareboxError('module/deadline', { command: name })),
  );
  try {
    return { ok: true, value: await Promise.race([run(), expiry.promise]) };
  } catch (error) {
    return { ok: false, error: toErrorData(error) };
  } finally {
    cancel();
  }
}
