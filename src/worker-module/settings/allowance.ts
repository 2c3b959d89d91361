// What may be reserved in a day without asking. Lowering it is free; raising it is the person's own decision, taken on the module's surface,
// because the page could otherwise raise it and spend.

import { amount, formatAmount, NO_CURRENCY } from '../../protocol/amount.ts';
import type { Core } from '../core.ts';
import { expectApproved } from './approval.ts';
import { settingsOf } from './settings.ts';

/**
 * Sets the allowance, minor units; durable on return.
 * @throws FareboxError `consent/refused`, `consent/covered`, `consent/busy` where it would rise and the person did not approve.
 */
export async function setAllowance(core: Core, dayMinor: number): Promise<void> {
  const present = settingsOf(await core.store.meta('settings')).allowanceMinor;
  if (dayMinor > present) await askToRaise(core, present, dayMinor);
  // Another tab may have set it since: what is approved is set, whatever this tab remembers.
  core.committer.refresh();
  await core.committer.commit({
    sessions: [],
    apply: (draft) => {
      const settings = settingsOf(draft.meta('settings'));
      if (settings.allowanceMinor !== dayMinor) draft.putMeta({ ...settings, allowanceMinor: dayMinor });
    },
  });
  core.noteChanged('status');
}

function askToRaise(core: Core, presentMinor: number, dayMinor: number): Promise<void> {
  return expectApproved(core, {
    title: 'Set aside more each day without asking?',
    amount: unitsText(dayMinor),
    party: null,
    lines: [
      `Now it is ${unitsText(presentMinor)} in 24 hours. Above that, Farebox asks you first.`,
      `With your approval it sets aside up to ${unitsText(dayMinor)} in 24 hours without asking, in any one currency.`,
    ],
    yes: 'Raise the allowance',
    grave: false,
  });
}

function unitsText(minor: number): string {
  return formatAmount(amount(NO_CURRENCY, minor)).replace(`${NO_CURRENCY} `, '');
}
