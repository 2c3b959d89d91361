// The Module page in words: how each thing stands, what needs the person, amounts that are of no one currency. Pure; the parts of the page
// show what is said here.

import { amount, formatAmount, MINOR_PER_UNIT, NO_CURRENCY } from '../../protocol/amount.ts';
import type {
  DisclosureView,
  LockFactor,
  LockState,
  ModuleStatus,
  OperationView,
  RestoredThing,
  SessionState,
  Standing,
  StorageSafety,
} from '../../worker-module/commands.ts';
import type { VerdictKind } from '../ui/verdict.tsx';

/** How a thing stands: a mark and a word. */
export type Said = readonly [kind: VerdictKind, word: string];

/** Parts of the page that can need the person; the id of the part's heading. */
export type PartName = 'trouble' | 'lock' | 'storage' | 'backup';

/** Something that needs the person, and where. */
export type Need = { readonly part: PartName; readonly words: string };

/** True where the browser lost or broke what the module had written. */
export function isLost({ storage }: Pick<ModuleStatus, 'storage'>): boolean {
  return storage === 'wiped' || storage === 'altered';
}

/** True while neither the browser nor a backup keeps what the module has. */
export function isAtRisk({ safety }: Pick<ModuleStatus, 'safety'>): boolean {
  return !safety.persistent && safety.backup !== 'verified';
}

/** Everything that needs the person, most pressing first. */
export function needsOf(status: ModuleStatus): readonly Need[] {
  if (isLost(status)) return [{ part: 'trouble', words: 'Its storage is lost' }];
  if (status.storage !== 'ready') return [{ part: 'trouble', words: 'Its storage needs you' }];
  if (status.lock === 'locked') return [{ part: 'lock', words: 'It is locked' }];
  const needs: Need[] = [];
  if (status.epochPending) needs.push({ part: 'trouble', words: 'A new epoch is being confirmed' });
  else if (status.standing !== 'good' && status.standing !== 'unknown')
    needs.push({ part: 'trouble', words: 'The provider knows another copy' });
  // A module that has done nothing has nothing to lose.
  if (status.moduleId !== null && isAtRisk(status)) {
    needs.push({ part: 'storage', words: 'The browser may clear its storage' });
    needs.push(
      status.safety.backup === 'none'
        ? { part: 'backup', words: 'There is no backup' }
        : { part: 'backup', words: 'The backup was not checked' },
    );
  }
  return needs;
}

/** How the lock stands. */
export const LOCKS: Readonly<Record<LockState, Said>> = {
  none: ['absent', 'no lock'],
  locked: ['unsure', 'locked'],
  unlocked: ['good', 'set'],
};

/** The factors in words. */
export const FACTORS: Readonly<Record<LockFactor, string>> = { passkey: 'a passkey', passphrase: 'a passphrase' };

/** How the storage stands. */
export function sayStorage(status: Pick<ModuleStatus, 'storage' | 'safety'>): Said {
  if (isLost(status)) return ['bad', 'lost'];
  if (status.storage === 'refused') return ['bad', 'refused'];
  if (status.storage === 'full') return ['bad', 'full'];
  if (status.storage === 'newer-version') return ['unsure', 'newer'];
  return status.safety.persistent ? ['good', 'kept'] : ['unsure', 'may be cleared'];
}

/** How the backup stands. */
export const BACKUPS: Readonly<Record<StorageSafety['backup'], Said>> = {
  none: ['absent', 'none'],
  unverified: ['unsure', 'not checked'],
  verified: ['good', 'checked'],
};

/** What the provider last said of this copy. */
export const STANDINGS: Readonly<Record<Standing, Said>> = {
  unknown: ['absent', 'not asked yet'],
  good: ['good', 'agreed'],
  regress: ['bad', 'older copy'],
  fork: ['bad', 'two copies'],
  superseded: ['bad', 'replaced'],
};

/** What a person sees of an operation. */
export const OPERATION_STATES: Readonly<Record<OperationView['status'], Said>> = {
  working: ['unsure', 'working'],
  waiting: ['unsure', 'being confirmed'],
  'needs-you': ['unsure', 'needs you'],
  done: ['good', 'done'],
  failed: ['bad', 'failed'],
};

/** What was begun, in words. */
export const OPERATIONS: Readonly<Record<OperationView['kind'], string>> = {
  session: 'A session',
  enrolment: 'Getting a number from the agency',
  epoch: 'Going on with this copy',
  backup: 'A backup',
  restore: 'Bringing the module back',
};

/** How a session stands. */
export const SESSIONS: Readonly<Record<SessionState, Said>> = {
  open: ['absent', 'open'],
  closed: ['unsure', 'durable'],
  accepted: ['good', 'accepted'],
  refused: ['bad', 'refused'],
};

/** What left the module. */
export const DISCLOSURES: Readonly<Record<DisclosureView['what'], string>> = {
  enrolment: 'Its public keys, signed',
  contact: 'Who it is and where its record stands',
  receipt: 'A receipt',
  backup: 'A sealed backup',
  claim: 'A claim',
  agreement: 'Its yes to an agreement on keys',
  pin: 'An answer made with your PIN',
  card: 'A card, for the provider alone to read',
};

/** To whom it went. */
export function sayRecipient({ what, to }: Pick<DisclosureView, 'what' | 'to'>): string {
  if (to !== null) return `to provider ${to.slice(0, 8)}`;
  return what === 'enrolment' ? 'to the agency' : 'to you';
}

/** What became of one thing of a restore. */
export const OUTCOMES: Readonly<Record<RestoredThing['outcome'], Said>> = {
  found: ['good', 'found'],
  'not-found': ['bad', 'not found'],
  used: ['bad', 'already used'],
  unreachable: ['unsure', 'not asked yet'],
};

/** Where it was, or why it is not. */
export function sayPlace({ outcome, place }: Pick<RestoredThing, 'outcome' | 'place'>): string {
  if (outcome === 'used') return 'the provider has it from another copy';
  if (outcome === 'not-found') return 'the provider has never heard of it';
  const at = {
    backup: 'in the backup',
    checkpoint: 'in the checkpoint',
    provider: 'with the provider',
    database: 'in what was left of the database',
  }[place];
  return outcome === 'unreachable' ? `${at}; the provider could not be asked` : at;
}

/** Money of no one currency: with its sign where one is known, else the bare number with two places or four. */
export function formatAny(minor: number, currency: string | null): string {
  // The code stands first and is cut off with its space.
  return currency === null ? formatAmount(amount(NO_CURRENCY, minor)).slice(4) : formatAmount(amount(currency, minor));
}

/** What a person wrote as an amount of whole units and at most two places, in minor units; null where it is none. */
export function parseAny(written: string): number | null {
  const found = /^(\d{1,7})(?:[.,](\d{1,2}))?$/.exec(written.trim());
  if (found === null) return null;
  const [, units = '0', cents = ''] = found;
  return Number(BigInt(units) * MINOR_PER_UNIT + BigInt(cents.padEnd(2, '0')) * (MINOR_PER_UNIT / 100n));
}
