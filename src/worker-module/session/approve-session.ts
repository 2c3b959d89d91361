// Asks the person whether to set aside more than what is left of the day's allowance. Called by open-session.ts, with objects whose
// signatures were checked: what is asked is made of these and of the module's own sums, never of what the host says.

import { amount, formatAmount } from '../../protocol/amount.ts';
import type { VerifiedGrant } from '../../protocol/grant.ts';
import type { VerifiedProgramme } from '../../protocol/programme.ts';
import { countFrames } from '../../protocol/ranges.ts';
import type { Core } from '../core.ts';
import { expectApproved, quoteForeign } from '../settings/approval.ts';
import { settingsOf } from '../settings/settings.ts';
import { leftOf, type SpendingState } from './spending.ts';

/** The last moment that a date can say. */
const LAST_DATE_MS = 8_640_000_000_000_000;

/** `2026-11-24 18:00`. */
function formatMoment(timeMs: number): string {
  return new Date(Math.min(timeMs, LAST_DATE_MS)).toISOString().slice(0, 16).replace('T', ' ');
}

/** Returns once the person has agreed. @throws FareboxError `consent/refused`, `consent/covered`, `consent/busy`. */
export function approveSession(
  core: Pick<Core, 'ask'>,
  asked: {
    readonly grant: VerifiedGrant;
    readonly programme: VerifiedProgramme;
    readonly reservedMinor: bigint;
    readonly spending: SpendingState;
  },
): Promise<void> {
  const { grant, programme, reservedMinor, spending } = asked;
  const { currency, priceMinor, ranges, provider } = grant;
  const text = (minor: bigint) => formatAmount(amount(currency, minor));
  const settings = settingsOf(spending.settings);
  const until = grant.offline
    ? [`You keep it to watch without a connection until ${formatMoment(grant.expires)} UTC.`]
    : [];
  return expectApproved(core, {
    title: 'Set aside money for this programme?',
    amount: text(reservedMinor),
    party: `provider ${provider}`,
    lines: [
      `${quoteForeign(programme.title)}, ${text(priceMinor)} a frame, ${countFrames(ranges)} frames at most.`,
      ...until,
      `${text(leftOf(spending, settings))} is left of the ${text(BigInt(settings.allowanceMinor))} that you allowed for 24 hours.`,
      'You pay for what is shown. The rest is given back when the programme is closed.',
    ],
    yes: 'Set it aside',
    grave: false,
  });
}
