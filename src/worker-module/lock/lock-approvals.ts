// What a person is told before the lock becomes another one: the words of each question, on the module's own surface. Pure; change-lock.ts asks.

import type { LockFactor } from '../commands.ts';
import type { Approval } from '../settings/approval.ts';

const NAMES: Readonly<Record<LockFactor, string>> = { passkey: 'a passkey', passphrase: 'a passphrase' };

const PLAIN = { amount: null, party: null, grave: false } as const;

const NO_LOCK: Approval = {
  ...PLAIN,
  title: 'Remove the lock?',
  lines: ['Whoever can use this browser profile can then use this module.', 'You are asked for the lock once more.'],
  yes: 'Remove the lock',
};

/** Before a factor is set or changed beside the present `factors`, or all of them go. */
export function approvalOfChange(factor: LockFactor | 'none', factors: readonly LockFactor[]): Approval {
  if (factor === 'none') return NO_LOCK;
  const name = NAMES[factor];
  if (factors.length === 0) {
    return {
      ...PLAIN,
      title: `Lock this module with ${name}?`,
      lines: [
        `Without it, nobody can open this module, not even from a copy of this browser profile.`,
        'Nobody can reset it. If you lose it, only a backup with its recovery words brings back what is here.',
      ],
      yes: 'Set the lock',
    };
  }
  const isChange = factors.includes(factor);
  return {
    ...PLAIN,
    title: isChange ? `Change to ${name.replace('a ', 'another ')}?` : `Also open this module with ${name}?`,
    lines: [
      isChange ? 'The one you have now opens this module no more.' : 'The one you have now goes on opening it as well.',
      'You are asked for the present lock first.',
    ],
    yes: isChange ? 'Change it' : 'Add it',
  };
}

/** Before one factor goes and `staying` stay; where none stays, the lock goes. */
export function approvalOfRemoval(factor: LockFactor, staying: readonly LockFactor[]): Approval {
  if (staying.length === 0) return NO_LOCK;
  const other = staying.join(' or ');
  return {
    ...PLAIN,
    title: `Remove the ${factor}?`,
    lines: [
      `It opens this module no more. Your ${other} goes on opening it.`,
      `You are asked for the ${other} first, so that you do not lock yourself out.`,
    ],
    yes: `Remove the ${factor}`,
  };
}

/** Before the idle lock becomes weaker: this many milliseconds, or null for never. */
export function approvalOfIdle(idleLockMs: number | null): Approval {
  return {
    ...PLAIN,
    title: idleLockMs === null ? 'Never lock by itself?' : 'Wait longer before locking?',
    lines: [
      idleLockMs === null
        ? 'This module then stays open until you lock it, or close its last tab.'
        : `This module then locks itself ${idleLockMs / 60_000} minutes after you last used it.`,
    ],
    yes: idleLockMs === null ? 'Stay open' : 'Wait longer',
  };
}
