// What the Module page asks and shows beyond the stores that every screen shares: operations, disclosures, the restore report, all sessions; and the
// intents of the person. Made by the page when it is opened. It carries sealed files between module, provider and disk, and can read none.

import { FareboxError, type FareboxErrorCode, toErrorData } from '../../protocol/errors.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type {
  BackupFactor,
  DisclosureView,
  LockFactor,
  OperationView,
  RestoreReport,
  SessionView,
} from '../../worker-module/commands.ts';
import { createLoadable, type LoadableStore } from './loadable.ts';
import type { Terminal } from './terminal.ts';

/** A backup that was just made. `left`: null where the provider has its copy, else why not. */
export type MadeBackup = { readonly file: Uint8Array<ArrayBuffer>; readonly left: FareboxErrorCode | null };

/** Counts of what a backup holds, as the words or a passkey have shown. */
export type BackupContent = { readonly sessions: number; readonly receipts: number; readonly openedBy: BackupFactor };

/** The room. Every intent rejects with a FareboxError; those that ask the person with `consent/*` as well. */
export type ModuleRoom = {
  readonly operations: LoadableStore<readonly OperationView[]>;
  readonly disclosures: LoadableStore<readonly DisclosureView[]>;
  readonly report: LoadableStore<RestoreReport | null>;
  readonly sessions: LoadableStore<readonly SessionView[]>;
  /** Reads everything anew. */
  read(): Promise<void>;
  /** Reads everything now and whenever the module says that it has changed. Returns the function that ends it. */
  follow(): () => void;
  lock(): Promise<void>;
  setLock(factor: LockFactor | 'none'): Promise<void>;
  removeFactor(factor: LockFactor): Promise<void>;
  setIdleLock(minutes: number | null): Promise<void>;
  /** Whether the browser promised to keep the storage. */
  askPersistence(): Promise<boolean>;
  setAllowance(dayMinor: number): Promise<void>;
  /** With a passkey beside its words, where one is wanted. */
  makeBackup(passkey: boolean): Promise<MadeBackup>;
  /** Shows that the words, or a passkey, open this file. */
  verifyBackup(file: Uint8Array<ArrayBuffer>): Promise<BackupContent>;
  /** The same with the copy that the provider keeps. */
  verifyProviderCopy(): Promise<BackupContent>;
  restoreFile(file: Uint8Array<ArrayBuffer>): Promise<void>;
  /** From the copy that the provider keeps for the person's words or passkey. */
  restoreCopy(): Promise<void>;
  recover(): Promise<void>;
  beginEpoch(): Promise<void>;
  /** Asks the provider for whatever it has not answered yet. */
  askProvider(): Promise<void>;
  startAnew(): Promise<void>;
};

/** Makes the room over the terminal's state. */
export function createModuleRoom({ ports, moduleStatus, drawer, catchUp }: Terminal): ModuleRoom {
  const { module, provider, relay } = ports;
  const operations = createLoadable(() => module.call('operations', {}));
  const disclosures = createLoadable(() => module.call('disclosures', {}));
  const report = createLoadable(() => module.call('restoreReport', {}));
  const sessions = createLoadable(async () => {
    const all = await module.call('sessions', {});
    // What nobody has watched is in the record, and no session to a person.
    return all.filter(({ unused, offline }) => !unused || offline);
  });

  const readAll = async (): Promise<void> => {
    await Promise.all([operations.reload(), disclosures.reload(), report.reload(), sessions.reload()]);
  };
  const change = async (work: Promise<unknown>): Promise<void> => {
    try {
      await work;
    } finally {
      await moduleStatus.reload();
    }
  };
  /** After the module was put in the place of a lost or older one: enrols it, and asks the provider about everything. */
  const comeBack = async (work: Promise<unknown>): Promise<void> => {
    await change(work);
    await readAll();
    // What the provider could not be asked is in the report, with a button that asks again.
    await catchUp().catch(() => undefined);
    await Promise.all([moduleStatus.reload(), readAll()]);
  };
  const fetchCopy = async (locator: string): Promise<Uint8Array<ArrayBuffer>> =>
    new Uint8Array(await provider.backup(locator, new AbortController().signal));
  const verify = async (backup: Uint8Array): Promise<BackupContent> => {
    const content = await module.call('verifyBackup', { backup });
    await Promise.all([moduleStatus.reload(), readAll()]);
    return content;
  };

  return {
    operations,
    disclosures,
    report,
    sessions,
    read: readAll,
    follow() {
      void readAll();
      return module.onEvent((event) => {
        if (event.type === 'changed' && event.what !== 'status') void readAll();
      });
    },
    lock: () => change(module.call('lock', {})),
    setLock: (factor) => change(module.call('setLock', { factor })),
    removeFactor: (factor) => change(module.call('removeFactor', { factor })),
    setIdleLock: (minutes) => change(module.call('setIdleLock', { minutes })),
    async askPersistence() {
      const { persistent } = await module.call('askPersistence', {});
      await moduleStatus.reload();
      return persistent;
    },
    setAllowance: (dayMinor) => change(module.call('setAllowance', { dayMinor })),
    async makeBackup(passkey) {
      const made = await module.call('makeBackup', { passkey });
      const file = Uint8Array.from(made.backup);
      const left = await relay.leaveBackup(made).then(
        () => null,
        (error: unknown) => toErrorData(error).code,
      );
      // What was let out, and what the backup waits for, is on the same page.
      await Promise.all([moduleStatus.reload(), readAll()]);
      return { file, left };
    },
    verifyBackup: verify,
    async verifyProviderCopy() {
      const copy = await module.call('backupCopy', {});
      if (copy === null) throw new FareboxError('backup/unknown');
      return verify(await fetchCopy(copy.locator));
    },
    restoreFile: (file) => comeBack(module.call('restore', { backup: file })),
    restoreCopy: () =>
      comeBack(
        (async () => {
          const { locator } = await module.call('recoveryLocator', {});
          await module.call('restore', { backup: await fetchCopy(locator) });
        })(),
      ),
    recover: () => comeBack(module.call('recover', {})),
    beginEpoch: () => comeBack(module.call('beginEpoch', {})),
    async askProvider() {
      try {
        await catchUp();
      } finally {
        await Promise.all([moduleStatus.reload(), readAll()]);
      }
    },
    async startAnew() {
      await change(module.call('startAnew', {}));
      await Promise.all([drawer.reload(), readAll()]);
    },
  };
}

/** The bytes of a file that a person chose. Errors: `backup/malformed` where no backup is that large. */
export async function readChosenFile(file: File): Promise<Uint8Array<ArrayBuffer>> {
  if (file.size > LIMITS.backupSizeBytes) throw new FareboxError('backup/malformed', { sizeBytes: file.size });
  return new Uint8Array(await file.arrayBuffer());
}
