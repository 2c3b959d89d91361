// How much money this module has set aside, and whether one more session may do so without asking. Called by open-session.ts, and by `status`.
// The sums are read from the store, not from a tab's memory. Whoever acts on them reads them under the record's lock (`readFreshSpending`).

import { FareboxError } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { countFrames } from '../../protocol/ranges.ts';
import type { Allowance } from '../commands.ts';
import type { Core } from '../core.ts';
import { MODULE_LIMITS } from '../limits.ts';
import { isSafe } from '../settings/safety.ts';
import { settingsOf } from '../settings/settings.ts';
import type { BackupRow, SessionRow, SettingsRow } from '../store/rows.ts';
import { openSessionRow } from './session-codec.ts';
import type { LoadedSession, SessionTerms } from './session-state.ts';

/** What is set aside, in minor units of whatever currencies: two currencies share one allowance, so that it is asked sooner, never later. */
export type Spending = {
  /** Of sessions opened in the last 24 hours: open ones by what they reserve, others by what they cost. */
  readonly dayMinor: bigint;
  /** What all open sessions reserve, however old. */
  readonly openMinor: bigint;
};

/** What the judgement goes by, besides the sums. */
export type SpendingRules = { readonly settings: SettingsRow | null; readonly backup: BackupRow | null };

/** Sums and rules, as read. */
export type SpendingState = Spending & SpendingRules;

type SpendingCore = Pick<Core, 'store' | 'keys' | 'committer' | 'clock'>;
type Share = { readonly openedTime: number; readonly isOpen: boolean; readonly minor: bigint };

const DAY_MS = 24 * 3_600_000;

/**
 * Session and `open` or `ended` → its share: what an open one reserves never changes, nor what an ended one cost. Lives as long as the core,
 * since a restore may bring other rows.
 */
const knownShares = new WeakMap<SpendingCore['committer'], Map<string, Share>>();

/** Reads sums and rules. A clock that was set back gives nothing: what was opened later than now counts as opened today. */
export async function readSpending(core: SpendingCore): Promise<SpendingState> {
  const { store } = core;
  const since = core.clock.now() - DAY_MS;
  const [settings, backup, recent, working] = await Promise.all([
    store.meta('settings'),
    store.meta('backup'),
    readRecent(core, since),
    store.operations('working', MODULE_LIMITS.listedSessions),
  ]);
  const shares = new Map<SessionId, Share>();
  for (const row of recent) shares.set(row.session, await shareOf(core, row));
  for (const { session } of working) {
    if (session === null || shares.has(session)) continue;
    const row = await store.session(session);
    if (row !== null) shares.set(session, await shareOf(core, row));
  }
  const all = [...shares.values()];
  return {
    ...{ settings, backup },
    dayMinor: sumOf(all.filter(({ openedTime }) => openedTime > since)),
    openMinor: sumOf(all.filter(({ isOpen }) => isOpen)),
  };
}

/** Sums read under the record's lock. */
export type FreshSpending = {
  /** The sums, with what this tab has put into the same commit since. */
  now(): Spending;
};

/** What each core has put into commits, whether they were written or not; only differences count. */
const reservedByCore = new WeakMap<SpendingCore['committer'], bigint>();

/** Reads the sums where no other tab can open a session before the commit: in a change's `prepare`. */
export async function readFreshSpending(core: SpendingCore): Promise<FreshSpending> {
  const { dayMinor, openMinor } = await readSpending(core);
  const before = reservedByCore.get(core.committer) ?? 0n;
  return {
    now: () => {
      const sinceMinor = (reservedByCore.get(core.committer) ?? 0n) - before;
      return { dayMinor: dayMinor + sinceMinor, openMinor: openMinor + sinceMinor };
    },
  };
}

/** Notes that a session was put into the commit that is being made. */
export function noteReserved(core: Pick<SpendingCore, 'committer'>, minor: bigint): void {
  reservedByCore.set(core.committer, (reservedByCore.get(core.committer) ?? 0n) + minor);
}

/**
 * Whether one more session may reserve so much: `within` the allowance, or `ask` the person first.
 * @throws FareboxError `store/at-risk` where open grants would hold more than the small limit while storage is not safe.
 */
export function judgeReservation(reservedMinor: bigint, spending: Spending, rules: SpendingRules): 'within' | 'ask' {
  const settings = settingsOf(rules.settings);
  const heldMinor = spending.openMinor + reservedMinor;
  const { unsafeValueMinor } = MODULE_LIMITS;
  if (!isSafe(settings, rules.backup) && heldMinor > BigInt(unsafeValueMinor)) {
    const reason =
      rules.backup === null
        ? 'storage is not persistent and there is no backup'
        : 'storage is not persistent and the backup is not verified';
    throw new FareboxError('store/at-risk', { reason, heldMinor: Number(heldMinor), limitMinor: unsafeValueMinor });
  }
  return reservedMinor > leftOf(spending, settings) ? 'ask' : 'within';
}

/** What is left of the day's allowance, from 0. */
export function leftOf({ dayMinor }: Spending, { allowanceMinor }: SettingsRow): bigint {
  const left = BigInt(allowanceMinor) - dayMinor;
  return left > 0n ? left : 0n;
}

/** The allowance as the screens show it. */
export async function readAllowance(core: SpendingCore): Promise<Allowance> {
  const spending = await readSpending(core);
  const settings = settingsOf(spending.settings);
  return { dayMinor: settings.allowanceMinor, leftMinor: Number(leftOf(spending, settings)) };
}

/** What a session reserves: every granted frame at its price. */
export function reservedBy({ granted, priceMinor }: Pick<SessionTerms, 'granted' | 'priceMinor'>): bigint {
  return BigInt(countFrames(granted)) * priceMinor;
}

/** Sessions opened after `since`, and perhaps some before. Few are read where few were opened. */
async function readRecent({ store }: SpendingCore, since: number): Promise<readonly SessionRow[]> {
  let rows: readonly SessionRow[] = [];
  for (const limit of MODULE_LIMITS.recentSessionReads) {
    rows = await store.sessions(limit);
    const oldest = rows.at(-1);
    if (rows.length < limit || oldest === undefined || oldest.openedTime <= since) break;
  }
  return rows;
}

async function shareOf(core: SpendingCore, row: SessionRow): Promise<Share> {
  const known = knownShares.get(core.committer) ?? new Map<string, Share>();
  knownShares.set(core.committer, known);
  const isOpen = row.state === 'open';
  const name = `${row.session}/${isOpen ? 'open' : 'ended'}`;
  const share = known.get(name) ?? shareIn(await load(core, row, isOpen), isOpen);
  known.set(name, share);
  return share;
}

/** Of an open session a tab's memory serves: its terms never change, and opening its row would open its tree as well. */
async function load(core: SpendingCore, row: SessionRow, isOpen: boolean): Promise<LoadedSession> {
  const loaded = isOpen ? await core.committer.read(row.session) : null;
  return loaded ?? openSessionRow(row, core.keys);
}

function shareIn({ openedTime, terms, progress }: LoadedSession, isOpen: boolean): Share {
  return { openedTime, isOpen, minor: isOpen ? reservedBy(terms) : BigInt(progress.count) * terms.priceMinor };
}

function sumOf(shares: readonly Share[]): bigint {
  return shares.reduce((sum, { minor }) => sum + minor, 0n);
}
