// The commands about where this copy stands with its provider, and about what the person has set: each decodes its own argument and asks the
// duty that owns the matter. Called through gate/command-table.ts only, merged by handlers.ts.

import { FareboxError } from '../../protocol/errors.ts';
import { LIMITS } from '../../protocol/limits.ts';
import { bytesField, expectFields, integerField } from '../gate/arguments.ts';
import type { CommandHandlers } from '../gate/command-table.ts';
import { ownValue } from '../gate/plain.ts';
import { setAllowance } from '../settings/allowance.ts';
import { askPersistence } from '../settings/persistence.ts';
import { acceptPapers } from '../standing/accept-papers.ts';
import { acceptStanding } from '../standing/accept-standing.ts';
import { beginEpoch } from '../standing/begin-epoch.ts';
import { listDisclosures } from '../standing/disclosures.ts';
import { listOperations } from '../standing/operations.ts';
import { type CommandParts, expectOpened, expectWritable } from './command-parts.ts';

/** The commands of this file. */
export type StandingHandlers = Pick<
  CommandHandlers,
  'acceptStanding' | 'acceptPapers' | 'beginEpoch' | 'operations' | 'disclosures' | 'askPersistence' | 'setAllowance'
>;

/** Most that an allowance can be: money in one object. Minor units. */
const MOST_MINOR = Number(LIMITS.amountMinor);

/** The implementations behind the command table. */
export function makeStandingHandlers(parts: CommandParts): StandingHandlers {
  return {
    acceptStanding: async (argument) => {
      expectFields(argument, ['standing', 'providerCertificate']);
      const standing = bytesField(argument, 'standing');
      const providerCertificate = bytesField(argument, 'providerCertificate');
      return acceptStanding(expectWritable(parts), { standing, providerCertificate });
    },
    acceptPapers: async (argument) => {
      expectFields(argument, ['receiptFiles']);
      const receiptFiles = receiptFilesField(argument);
      return { kept: await acceptPapers(expectWritable(parts).core, receiptFiles) };
    },
    beginEpoch: async (argument) => {
      expectFields(argument, []);
      await beginEpoch(expectWritable(parts).core);
      return null;
    },
    operations: async (argument) => {
      expectFields(argument, []);
      return listOperations(expectOpened(parts).core);
    },
    disclosures: async (argument) => {
      expectFields(argument, []);
      return listDisclosures(expectOpened(parts).core);
    },
    askPersistence: async (argument) => {
      expectFields(argument, []);
      return { persistent: await askPersistence(expectWritable(parts).core) };
    },
    setAllowance: async (argument) => {
      expectFields(argument, ['dayMinor']);
      const dayMinor = integerField(argument, 'dayMinor', 0, MOST_MINOR);
      await setAllowance(expectWritable(parts).core, dayMinor);
      return null;
    },
  };
}

/** One receipt file or more, at most LIMITS.papers. */
function receiptFilesField(argument: object): readonly Uint8Array[] {
  const value = ownValue(argument, 'receiptFiles');
  const malformed = () => new FareboxError('request/malformed', { field: 'receiptFiles' });
  if (!Array.isArray(value) || value.length === 0 || value.length > LIMITS.papers) throw malformed();
  return value.map((file: unknown) => {
    const isFile = file instanceof Uint8Array && file.length > 0 && file.length <= LIMITS.receiptFileSizeBytes;
    if (!isFile) throw malformed();
    return file;
  });
}
