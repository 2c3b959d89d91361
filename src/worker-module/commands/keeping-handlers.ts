// The commands of keeping a module: backup, restore, recovery, starting anew. Each decodes its own argument and asks backup/; what a person opens a
// backup with stays in this worker, for a few minutes at most. Called through commands/handlers.ts.

import type { OpenedBackup } from '../../protocol/backup.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { describeTime } from '../../protocol/receipt-judgements.ts';
import { isAltered } from '../backup/deep-check.ts';
import { type HeldProof, makeHeldProof, wipeProof } from '../backup/held-proof.ts';
import { copyBackup, makeBackup, verifyBackup } from '../backup/make-backup.ts';
import { recoverStore } from '../backup/recover-store.ts';
import {
  ANY_PASSKEY,
  askProof,
  locatorOf,
  type OpenedWith,
  openWithProof,
  passkeysOfFile,
} from '../backup/recovery-proof.ts';
import { readReport } from '../backup/report.ts';
import { expectEmpty, type RestoreTarget, restoreBackup } from '../backup/restore-backup.ts';
import { wipeKeys } from '../backup/snapshot.ts';
import type { RestoreReport } from '../commands.ts';
import { foundAnew } from '../founding.ts';
import { booleanField, expectFields } from '../gate/arguments.ts';
import type { CommandHandlers } from '../gate/command-table.ts';
import { ownValue } from '../gate/plain.ts';
import type { LostStore } from '../life.ts';
import { expectApproved } from '../settings/approval.ts';
import { readCheckpoint } from '../store/checkpoint.ts';
import { type CommandParts, expectOpened, expectWritable } from './command-parts.ts';

type KeepingHandlers = Pick<
  CommandHandlers,
  | 'makeBackup'
  | 'backupCopy'
  | 'verifyBackup'
  | 'recoveryLocator'
  | 'restore'
  | 'recover'
  | 'restoreReport'
  | 'startAnew'
>;

/** The implementations behind the command table. */
export function makeKeepingHandlers(parts: CommandParts): KeepingHandlers {
  const { life, around } = parts;
  const held = makeHeldProof(around.clock);

  /** Opens the module on what was put in its place; with that, its checkpoint is written. */
  async function reopened(): Promise<RestoreReport> {
    await life.reopen();
    const { core } = expectOpened(parts);
    const report = await readReport(core);
    if (report === null) throw new FareboxError('module/internal', { expected: 'a report' });
    return report;
  }

  return {
    makeBackup: async (argument) => {
      expectFields(argument, ['passkey']);
      const wantsPasskey = booleanField(argument, 'passkey');
      return makeBackup(expectWritable(parts).core, wantsPasskey);
    },
    backupCopy: async (argument) => {
      expectFields(argument, []);
      return copyBackup(expectWritable(parts).core);
    },
    verifyBackup: async (argument) => {
      expectFields(argument, ['backup']);
      const backup = backupField(argument);
      return verifyBackup(expectWritable(parts).core, backup);
    },
    recoveryLocator: async (argument) => {
      expectFields(argument, []);
      if (life.lockState() === 'locked') throw new FareboxError('module/locked');
      const { proof, value: locator } = await askProof(around, ANY_PASSKEY, locatorOf);
      held.hold(proof);
      return { locator };
    },
    restore: async (argument) => {
      expectFields(argument, ['backup']);
      const bytes = backupField(argument);
      const target = await restoreTarget(parts);
      const { entropy, opened } = await openForRestore(parts, held, bytes);
      try {
        await approveRestore(parts, opened);
        await restoreBackup(around, target, { opened, entropy });
      } finally {
        wipeKeys(opened.snapshot);
        entropy.fill(0);
      }
      held.drop();
      return reopened();
    },
    recover: async (argument) => {
      expectFields(argument, []);
      await recoverStore(around, await expectLost(parts));
      return reopened();
    },
    restoreReport: async (argument) => {
      expectFields(argument, []);
      return readReport(expectOpened(parts).core);
    },
    startAnew: async (argument) => {
      expectFields(argument, []);
      const storage = life.storage();
      if (storage === null) throw new FareboxError('store/refused');
      await expectApproved(around, {
        title: 'Give this module up for good?',
        amount: null,
        party: null,
        lines: [
          'Its keys, its record and its receipts are erased in this browser. Nobody can bring them back.',
          'What you owe and what you paid stays with the provider. Money that is set aside for an open session stays set aside.',
          'A backup that you made still holds, with its words.',
        ],
        yes: 'Erase everything',
        grave: true,
      });
      await foundAnew(storage, around);
      held.drop();
      await life.reopen();
      return null;
    },
  };
}

/** What a backup may be put in place of. @throws FareboxError `restore/not-empty`, `module/locked`, `store/*`. */
async function restoreTarget(parts: CommandParts): Promise<RestoreTarget> {
  const { life } = parts;
  const lost = life.lost();
  if (lost !== null) return { kind: 'lost', lost };
  const { core } = expectWritable(parts);
  const storage = life.storage();
  const vault = await core.store.meta('vault');
  if (storage === null || vault === null) throw new FareboxError('store/wiped');
  // Asked before anyone types twelve words or looks for a passkey; asked again under the lock.
  await expectEmpty(core.store);
  return { kind: 'open', storage, keys: core.keys, vault: vault.slots };
}

/** The lost store; or one that was sound at start, which looks at the end of the record only, and is altered further back. */
async function expectLost(parts: CommandParts): Promise<LostStore> {
  const { life, health } = parts;
  const lost = life.lost();
  if (lost !== null) return lost;
  const state = health.state();
  const storage = life.storage();
  const opened = life.opened();
  if (opened === null || storage === null) throw expectationOf(parts);
  const code = state === 'wiped' ? 'store/wiped' : 'store/altered';
  const isLost = state === 'wiped' || state === 'altered' || (await isAltered(opened.core));
  if (!isLost) throw new FareboxError('restore/not-empty');
  const reading = await readCheckpoint(storage.slots);
  const checkpoint = reading.state === 'found' ? reading.newest : null;
  const rootVault = (await opened.core.store.meta('vault'))?.slots ?? checkpoint?.vault ?? [];
  if (rootVault.length === 0) throw new FareboxError('restore/nothing');
  return { ...storage, checkpoint, keys: opened.core.keys, rootVault, code };
}

/** Why there is no open module. */
function expectationOf(parts: CommandParts): unknown {
  try {
    expectOpened(parts);
    return new FareboxError('store/wiped');
  } catch (error) {
    return error;
  }
}

/** Opens the file with what was given a moment ago, and asks anew where that does not fit. */
async function openForRestore({ around }: CommandParts, held: HeldProof, bytes: Uint8Array): Promise<OpenedWith> {
  const offered = passkeysOfFile(bytes);
  const given = held.take();
  if (given !== null) {
    try {
      return await openWithProof(bytes, given);
    } catch (error) {
      if (!(error instanceof FareboxError) || !UNFITTING.has(error.code)) throw error;
    } finally {
      wipeProof(given);
    }
  }
  const { proof, value } = await askProof(around, offered, async (shown) => openWithProof(bytes, shown));
  wipeProof(proof);
  return value;
}

const UNFITTING: ReadonlySet<string> = new Set(['backup/wrong-words', 'backup/wrong-passkey']);

async function approveRestore({ around }: CommandParts, { snapshot, madeTime }: OpenedBackup): Promise<void> {
  const { sessions, receipts } = snapshot;
  await expectApproved(around, {
    title: 'Go on here with this backup?',
    amount: null,
    party: null,
    lines: [
      `Made on ${describeTime(madeTime).slice(0, 10)}, with ${sessions.length} sessions and ${receipts.length} receipts.`,
      'From now on the module goes on here. Another copy of it is refused from its next contact on.',
    ],
    yes: 'Restore',
    grave: false,
  });
}

/** A backup file: larger than any other object, within LIMITS.backupSizeBytes. */
function backupField(argument: object): Uint8Array {
  const value = ownValue(argument, 'backup');
  if (!(value instanceof Uint8Array) || value.length === 0 || value.length > LIMITS.backupSizeBytes) {
    throw new FareboxError('request/malformed', { field: 'backup' });
  }
  return value;
}
