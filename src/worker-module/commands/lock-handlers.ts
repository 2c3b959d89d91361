// The commands about the lock: each decodes its own argument and asks the duty that owns the matter. Called through gate/command-table.ts only,
// merged by handlers.ts. `unlock` is the one that works on a locked module; the root key passes through here and is wiped.

import { FareboxError } from '../../protocol/errors.ts';
import type { LockFactor } from '../commands.ts';
import type { Core } from '../core.ts';
import { expectFields, integerField } from '../gate/arguments.ts';
import type { CommandHandlers } from '../gate/command-table.ts';
import { ownValue } from '../gate/plain.ts';
import { MODULE_LIMITS } from '../limits.ts';
import { changeIdleLock, changeLock, removeFactor } from '../lock/change-lock.ts';
import { makeWrongTries, proveFactor } from '../lock/prove-factor.ts';
import { type CommandParts, expectWritable } from './command-parts.ts';

/** The commands of this file. */
export type LockHandlers = Pick<CommandHandlers, 'lock' | 'unlock' | 'setLock' | 'removeFactor' | 'setIdleLock'>;

const MINUTE_MS = 60_000;

/** The implementations behind the command table. */
export function makeLockHandlers(parts: CommandParts): LockHandlers {
  const { life, around } = parts;
  const tries = makeWrongTries();
  const followed = async (change: (core: Core) => Promise<void>): Promise<void> => {
    const { core } = expectWritable(parts);
    try {
      await change(core);
    } finally {
      // Changed or not, here is what is true: a checkpoint that could not be written does not undo a lock that was.
      await life.lockChanged();
    }
  };
  return {
    lock: async (argument) => {
      expectFields(argument, []);
      await life.lock();
      return null;
    },
    unlock: async (argument) => {
      expectFields(argument, []);
      if (life.lockState() !== 'locked') return null;
      const rootKey = await proveFactor(around, life.vault(), tries);
      try {
        await life.unlock(rootKey);
      } finally {
        rootKey.fill(0);
      }
      return null;
    },
    setLock: async (argument) => {
      expectFields(argument, ['factor']);
      const factor = ownValue(argument, 'factor') === 'none' ? 'none' : factorField(argument);
      await followed((core) => changeLock(core, factor, tries));
      return null;
    },
    removeFactor: async (argument) => {
      expectFields(argument, ['factor']);
      const factor = factorField(argument);
      await followed((core) => removeFactor(core, factor, tries));
      return null;
    },
    setIdleLock: async (argument) => {
      expectFields(argument, ['minutes']);
      const isNever = ownValue(argument, 'minutes') === null;
      const minutes = isNever ? null : integerField(argument, 'minutes', 1, MODULE_LIMITS.idleLockMinutes);
      await changeIdleLock(expectWritable(parts).core, minutes === null ? null : minutes * MINUTE_MS);
      await life.lockChanged();
      return null;
    },
  };
}

function factorField(argument: object): LockFactor {
  const factor = ownValue(argument, 'factor');
  if (factor === 'passkey' || factor === 'passphrase') return factor;
  throw new FareboxError('request/malformed', { field: 'factor' });
}
