// The signed errands between module and provider, docs/protocol.md §3, §5, §6, §9, §14, §15: it joins those in errands/, says which of them follow
// from which, and loads the rare ones when they are needed. It carries messages it cannot read or make; every errand may be cut anywhere and done again.

import { FareboxError } from '../protocol/errors.ts';
import type { ModuleStatus, SealedBackup, SessionView, Standing } from '../worker-module/commands.ts';
import { type Contact, makeContacts } from './errands/contact.ts';
import { makeEnrolment } from './errands/enrol.ts';
import type { KeepStart } from './errands/keep-session.ts';
import { areKeysDue, noteKeysDue } from './errands/key-note.ts';
import type { KeyErrands } from './errands/keys.ts';
import { type InContact, isRefusedCopy, type RelayParts, unaborted } from './errands/parts.ts';
import { beginSession, type SessionStart } from './errands/session.ts';
import { type SettleFailure, settle, settleAll } from './errands/settle.ts';
import { networkError } from './http.ts';

/** The errands. All throw FareboxError; an abort throws its reason. */
export type Relay = {
  /** Gets the module its certificate where it has none, a new one where half of its life is over or an epoch is pending. Returns the module's id. */
  ensureEnrolled(signal: AbortSignal): Promise<string>;
  /** Makes the contact of the next session ahead, of a module that is well; enrols it if need be. Safe to repeat. */
  prepare(): Promise<void>;
  /** The module, or what it stands for, has changed: what was made ahead is not used. */
  forgetPrepared(): void;
  /** Takes an open session of the programme up again where it covers the place, else does P1 and P2. */
  beginSession(start: SessionStart): Promise<SessionView>;
  /** P4: closes the session, sends its receipt, keeps the answer. Safe to repeat at any point. */
  settle(session: string, signal?: AbortSignal): Promise<void>;
  /** The same for a session that nobody has watched: neither a claim nor a new copy of the backup follows from it. */
  release(session: string): Promise<void>;
  /** Claims for a session whose receipt the provider has, and keeps the answer. Safe to repeat at any point. */
  claim(session: string, signal: AbortSignal): Promise<void>;
  /** Settles every closed session whose receipt was not answered yet. Returns those that could not be, with why. */
  settleAll(signal: AbortSignal): Promise<readonly SettleFailure[]>;
  /** Asks where this copy stands, and brings home the papers that it lacks. */
  reconcile(signal: AbortSignal): Promise<Standing>;
  /** Brings on whatever the module waits for: a pending epoch, papers, receipts without an answer, the provider's copy of the backup, keys. */
  catchUp(signal: AbortSignal): Promise<readonly SettleFailure[]>;
  /** Leaves a backup that was just made with the provider. */
  leaveBackup(backup: SealedBackup, signal: AbortSignal): Promise<void>;
  /** Has the module keep a session for watching with no line, or gives the one that it has. */
  keepSession(start: KeepStart): Promise<SessionView>;
  /** The errands of the module's keys (docs/protocol.md §23, §24). */
  keys(): Promise<KeyErrands>;
};

/** What the page notes of a reconciling that it has begun. */
const RECONCILE_NOTE = 'reconcile';

/** Makes the relay. */
export function createRelay(parts: RelayParts): Relay {
  const enrolment = makeEnrolment(
    parts,
    async (moduleId) => {
      const { learnStanding } = await import('./errands/reconcile.ts');
      await learnStanding(parts, contact, moduleId, unaborted());
    },
    (moduleId) => {
      contacts.forget();
      // What was agreed on keys was agreed with the epoch before.
      noteKeysDue(parts);
      // Nobody waits for it: what could not be asked now is asked by the next catching up.
      void quietly(reconcileAs(moduleId, unaborted()), unaborted());
    },
  );
  const { ensureEnrolled } = enrolment;
  const contacts = makeContacts(parts, enrolment.certify, () => {
    void fetchDueKeys(unaborted()).catch(() => undefined);
  });
  const { signed: contact } = contacts;

  const reconcileAs = async (moduleId: string, signal: AbortSignal): Promise<Standing> => {
    // Noted, since a page may end between the word on this copy and the papers that it lacks: the next one goes on.
    parts.notes.write(RECONCILE_NOTE, 'due');
    const { reconcile } = await import('./errands/reconcile.ts');
    const standing = await reconcile(parts, contact, moduleId, signal);
    parts.notes.write(RECONCILE_NOTE, 'done');
    return standing;
  };
  const reconcile = async (signal: AbortSignal) => reconcileAs(await ensureEnrolled(signal), signal);

  /** The refusal is what the person is told; the provider's signed word on it is kept by the module as well. */
  const noteRefusal = async (thrown: unknown, signal: AbortSignal): Promise<void> => {
    if (isRefusedCopy(thrown)) await quietly(reconcile(signal), signal);
  };

  const inContactBy =
    (make: Contact): InContact =>
    async (signal, send) => {
      const moduleId = await ensureEnrolled(signal);
      try {
        return await make(moduleId, signal, send);
      } catch (thrown) {
        await noteRefusal(thrown, signal);
        throw thrown;
      }
    };
  const inContact = inContactBy(contacts.contact);

  /** The same with the contact that was made ahead, where there is one: a picture waits for it. */
  const inPreparedContact: InContact = async (signal, send) => {
    // One that is being made is nearer than another one.
    await preparing.catch(() => undefined);
    const done = await contacts.usePrepared(signal, send).catch(async (thrown: unknown) => {
      await noteRefusal(thrown, signal);
      throw thrown;
    });
    return done === null ? inContact(signal, send) : done.value;
  };

  let preparing: Promise<void> = Promise.resolve();
  const prepare = async (): Promise<void> => {
    if (contacts.isPrepared()) return;
    const status = await parts.module.call('status', {});
    if (isWell(status)) await contacts.prepare(await ensureEnrolled(unaborted(), status));
  };

  const renewBackupQuietly = async (signal: AbortSignal): Promise<void> => {
    const { renewBackup } = await import('./errands/backup-copy.ts');
    // The copy before stays where it is, and the next receipt brings the next attempt.
    await quietly(renewBackup(parts, inContact, signal), signal);
  };

  const claimAllQuietly = async (signal: AbortSignal): Promise<void> => {
    const { claimAll } = await import('./errands/claims.ts');
    // A claim that was made is kept by the module; the next receipt brings the next attempt.
    await quietly(claimAll(parts, inContact, signal), signal);
  };

  let keyErrands: Promise<KeyErrands> | null = null;
  const keys = (): Promise<KeyErrands> => {
    keyErrands ??= import('./errands/keys.ts').then(
      ({ makeKeyErrands }) => makeKeyErrands(parts, ensureEnrolled, inContactBy(contact)),
      (thrown: unknown) => {
        // Asked for again by whoever needs it next.
        keyErrands = null;
        throw networkError(thrown, unaborted());
      },
    );
    return keyErrands;
  };
  const fetchDueKeys = async (signal: AbortSignal): Promise<void> => {
    if (areKeysDue(parts)) await quietly((await keys()).fetchKeys(signal), signal);
  };

  const settleOne = async (session: string, signal: AbortSignal = unaborted()): Promise<void> => {
    await settle(parts, inContact, session, signal);
    void claimAllQuietly(unaborted()).then(() => renewBackupQuietly(unaborted()));
  };

  return {
    ensureEnrolled,
    async prepare() {
      // One after the other: what the first has made serves the second.
      preparing = preparing.catch(() => undefined).then(prepare);
      await preparing;
    },
    forgetPrepared: contacts.forget,
    reconcile,
    settle: settleOne,
    release: (session) => settle(parts, inContact, session, unaborted()),
    keys,
    beginSession: (start) => beginSession(parts, inPreparedContact, start),
    settleAll: (signal) => settleAll(parts, inContact, signal),
    async keepSession(start) {
      const { keepSession } = await import('./errands/keep-session.ts');
      return keepSession(parts, inContact, start);
    },
    async claim(session, signal) {
      const { claim } = await import('./errands/claims.ts');
      await claim(parts, inContact, session, signal);
    },
    async catchUp(signal) {
      const { lock, storage, epoch, epochPending, standing, certificate } = await parts.module.call('status', {});
      // A module that is locked or lost has to be opened or brought back by the person first.
      if (lock === 'locked' || storage !== 'ready') return [];
      await contacts.warm();
      if (epochPending) await ensureEnrolled(signal);
      // Only a module that was restored or went on as a new device has an epoch beyond the first.
      else if (
        epoch > 1 &&
        (parts.notes.read(RECONCILE_NOTE) === 'due' || standing === 'unknown' || (await isReportOpen(parts)))
      ) {
        await quietly(reconcile(signal), signal);
      }
      const failures = await settleAll(parts, inContact, signal);
      await claimAllQuietly(signal);
      await renewBackupQuietly(signal);
      // Nobody is told of a module that never came to the agency, and a copy that is refused gets no keys.
      if (certificate !== null && (standing === 'good' || standing === 'unknown')) await fetchDueKeys(signal);
      return failures;
    },
    async leaveBackup(backup, signal) {
      const { leaveBackup } = await import('./errands/backup-copy.ts');
      await leaveBackup(parts, inContact, backup, signal);
    },
  };
}

/** Waits for an errand that nobody depends on: its refusals are left to the next time, everything else is a mistake in the code. */
async function quietly(errand: Promise<unknown>, signal: AbortSignal): Promise<void> {
  await errand.catch((thrown: unknown) => {
    if (!signal.aborted && !(thrown instanceof FareboxError)) throw thrown;
  });
}

/** Whether the provider can be met with nothing else before it: no pointer that comes near begins an epoch or asks the person. */
function isWell({ lock, storage, epochPending }: ModuleStatus): boolean {
  return lock !== 'locked' && storage === 'ready' && !epochPending;
}

/** Whether a restore waits for the provider's word on what it found. */
async function isReportOpen({ module }: RelayParts): Promise<boolean> {
  const report = await module.call('restoreReport', {});
  return report !== null && !report.reconciled;
}
