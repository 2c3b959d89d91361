// Every object of a backup is accounted for, whatever the provider says of it: a few lines of model against the whole module, and a backup of many.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openBackup, sealBackup } from '../../protocol/backup.ts';
import { hashObject } from '../../protocol/ids.ts';
import { decodeRecoveryWords } from '../../protocol/recovery-words.ts';
import type { Snapshot } from '../../protocol/snapshot.ts';
import type { StandingSession } from '../../protocol/standing.ts';
import { runs } from '../../protocol/testing/runs.ts';
import type { RestoredThing, RestoreReport } from '../commands.ts';
import { makeProviderBook } from '../standing/testing/provider-book.ts';
import { expectValue, makeTestBrowser, openTab } from '../testing/browser.ts';
import { makeProviderSide } from '../testing/provider-side.ts';
import { randomBytes } from '../testing/random.ts';
import { forgetful, settle, show } from './testing/world.ts';

const provider = await makeProviderSide();
const words = { current: [] as readonly string[] };
const whole = await makeLongLife();

/** What the backup holds of a session, and what the provider has of it. */
type Fate = {
  readonly here: 'nothing' | 'session' | 'receipt' | 'answered';
  readonly there: 'nothing' | 'session' | 'receipt' | 'other';
};
type Counted = Pick<RestoredThing, 'session' | 'kind' | 'outcome'>;

const fate: fc.Arbitrary<Fate> = fc.record({
  here: fc.constantFrom('nothing', 'session', 'receipt', 'answered'),
  there: fc.constantFrom('nothing', 'session', 'receipt', 'other'),
});

test('CARD-3: every session and every receipt of a backup is in the report once, as the provider has it, and in the module', async () => {
  const fates = fc.array(fate, { minLength: whole.sessions.length, maxLength: whole.sessions.length });
  await fc.assert(
    fc.asyncProperty(fates, async (given) => {
      const { tab, report } = await restore(snapshotOf(given));
      expect(counted(report)).toEqual(sorted(given.flatMap((each, at) => before(idAt(at), each))));
      const book = makeProviderBook(forgetful(provider));
      await book.enrol(tab);
      const sessions = given.flatMap(({ there }, at) => lineOf(at, there));
      expectValue(await tab.call('acceptStanding', await book.standing(tab, { sessions })));
      const reconciled = expectValue(await tab.call('restoreReport', {}));
      expect(counted(reconciled)).toEqual(sorted(given.flatMap((each, at) => after(idAt(at), each))));
      const kept = expectValue(await tab.call('sessions', {})).map(({ session }) => session);
      expect([...kept].sort()).toEqual(given.flatMap(({ here }, at) => (here === 'nothing' ? [] : idAt(at))).sort());
    }),
    { numRuns: runs(40) },
  );
}, 60_000);

/** The model: what is said before the provider was asked … */
function before(session: string, { here }: Fate): Counted[] {
  if (here === 'nothing') return [];
  const outcome = here === 'answered' ? 'found' : 'unreachable';
  const kinds = here === 'session' ? (['session'] as const) : (['session', 'receipt'] as const);
  return kinds.map((kind) => ({ session, kind, outcome }));
}

/** … and after. */
function after(session: string, each: Fate): Counted[] {
  const { here, there } = each;
  if (here === 'nothing') {
    if (there === 'nothing') return [];
    if (there === 'session') return [{ session, kind: 'session', outcome: 'not-found' }];
    return [{ session, kind: 'receipt', outcome: 'unreachable' }];
  }
  return before(session, each).map((thing) => {
    if (thing.outcome === 'found') return thing;
    if (there === 'nothing') return { ...thing, outcome: 'not-found' };
    const agrees = there === 'session' || (there === 'receipt' && here === 'receipt');
    return { ...thing, outcome: agrees ? 'found' : 'used' };
  });
}

function counted(report: RestoreReport | null): readonly Counted[] {
  if (report === null) throw new Error('no report');
  const { found, notFound, used, unreachable } = report.counts;
  expect(found + notFound + used + unreachable).toBe(report.things.length);
  return sorted(report.things.map(({ session, kind, outcome }) => ({ session, kind, outcome })));
}

function sorted(things: readonly Counted[]): readonly Counted[] {
  const nameOf = ({ session, kind }: Counted) => `${session} ${kind}`;
  return [...things].sort((left, right) => nameOf(left).localeCompare(nameOf(right)));
}

function idAt(at: number): Snapshot['sessions'][number]['session'] {
  const session = whole.sessions[at]?.session;
  if (session === undefined) throw new RangeError(`no session ${at}`);
  return session;
}

function receiptAt(at: number): Snapshot['receipts'][number] {
  const receipt = whole.receipts.find(({ session }) => session === idAt(at));
  if (receipt === undefined) throw new RangeError(`no receipt ${at}`);
  return receipt;
}

function lineOf(at: number, there: Fate['there']): StandingSession[] {
  const session = idAt(at);
  if (there === 'nothing') return [];
  if (there === 'session') return [{ session, receiptHash: null, sequenceNumber: 0, amountMinor: 0n }];
  const receiptHash = hashObject(there === 'receipt' ? receiptAt(at).receipt : randomBytes(9));
  return [{ session, receiptHash, sequenceNumber: at + 1, amountMinor: 20n }];
}

function snapshotOf(given: readonly Fate[]): Snapshot {
  const hereAt = (at: number) => given[at]?.here ?? 'nothing';
  const states = { session: 'open', receipt: 'closed', answered: 'accepted' } as const;
  return {
    ...whole,
    sessions: whole.sessions.flatMap((session, at) => {
      const here = hereAt(at);
      return here === 'nothing' ? [] : [{ ...session, state: states[here] }];
    }),
    receipts: whole.sessions.flatMap((_session, at) => {
      const here = hereAt(at);
      if (here === 'nothing' || here === 'session') return [];
      return [{ ...receiptAt(at), ...(here === 'receipt' && { acknowledgement: null }) }];
    }),
  };
}

async function restore(snapshot: Snapshot) {
  const entropy = decodeRecoveryWords(words.current);
  const copied = { ...snapshot, signingKey: snapshot.signingKey.slice(), openingKey: snapshot.openingKey.slice() };
  const made = { entropy, snapshot: copied, madeTime: 1_800_000_000_000, passkeys: [] };
  const backup = await sealBackup({ ...made, random: randomBytes });
  const browser = makeTestBrowser();
  browser.person.words = words.current;
  const tab = await openTab(browser, provider.agencyKey);
  return { tab, browser, report: expectValue(await tab.call('restore', { backup })) };
}

/** Eight sessions, each watched, closed and settled. */
async function makeLongLife(): Promise<Snapshot> {
  const book = makeProviderBook(provider);
  const browser = makeTestBrowser();
  const tab = await openTab(browser, provider.agencyKey);
  await book.enrol(tab);
  for (let made = 0; made < 8; made += 1) {
    const session = await book.open(tab);
    await show(provider, tab, session, made);
    expectValue(await tab.call('closeSession', { session }));
    await settle(book, tab, session);
  }
  const { backup } = expectValue(await tab.call('makeBackup', { passkey: false }));
  words.current = browser.person.words;
  return (await openBackup({ bytes: backup, entropy: decodeRecoveryWords(words.current) })).snapshot;
}
