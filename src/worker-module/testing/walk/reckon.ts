// The reckoning of a walk: every session is brought to its end and held against what the walk has seen. Counts faults instead of throwing,
// so that a run of thousands says how many there were of which kind.

import { verifyCertificate } from '../../../protocol/certificate.ts';
import { coversFrame } from '../../../protocol/ranges.ts';
import { verifyReceipt } from '../../../protocol/receipt.ts';
import { decodeReceiptFile } from '../../../protocol/receipt-file.ts';
import { webCryptoSuite as suite } from '../../../protocol/suite/webcrypto.ts';
import type { Commands } from '../../commands.ts';
import { START_TIME } from '../test-clock.ts';
import { ask, bringHome, readyModule, settle } from './errands.ts';
import { reckonKeys } from './keys.ts';
import type { WalkedSession, WalkTab, World } from './world.ts';

/** Faults by kind: all 0 in a module that keeps its word. */
export type Reckoning = {
  readonly sessions: number;
  /** Frames told shown that no receipt has. */
  readonly uncounted: number;
  /** Frames on a receipt that were never shown nor under way, and frames counted twice. */
  readonly overcounted: number;
  /** Sessions without a receipt that the provider took or has another one of. */
  readonly lostReceipts: number;
  /** Operations that are neither done, failed nor waiting for the person. */
  readonly unfinished: number;
  /** Each fault in words: what was expected, what was found. */
  readonly causes: readonly string[];
};

/** How many faults there are, of whatever kind. */
export function faultsOf({ uncounted, overcounted, lostReceipts, unfinished }: Reckoning): number {
  return uncounted + overcounted + lostReceipts + unfinished;
}

/** Settles every session and compares. */
export async function reckon(world: World, tab: WalkTab): Promise<Reckoning> {
  await readyModule(world, tab);
  await bringHome(world, tab);
  await reckonKeys(world, tab);
  let sessions = 0;
  let uncounted = 0;
  let overcounted = 0;
  let lostReceipts = 0;
  const causes: string[] = [];
  for (const walked of world.sessions.values()) {
    const refusal = await settle(world, tab, walked.session);
    if (walked.existence === 'none') continue;
    sessions += 1;
    // After a store was lost, the provider may have the receipt that the module has forgotten: that one counts.
    if (refusal !== null && !(refusal === 'record/fork' && walked.uncertain)) {
      lostReceipts += 1;
      causes.push(`session ${walked.session}: the provider refused its receipt with ${refusal}`);
      continue;
    }
    const faults = await compare(world, walked);
    uncounted += faults.uncounted;
    overcounted += faults.overcounted;
    causes.push(...faults.causes);
  }
  const operations = (await ask(world, tab, 'operations', {})) ?? [];
  const working = operations.filter(({ status }) => status === 'working');
  causes.push(...working.map((operation) => describeUnfinished(world, operation)));
  return {
    ...{ sessions, uncounted, overcounted, lostReceipts },
    ...{ unfinished: working.length, causes },
  };
}

type Operation = ReturnType<Commands['operations']>[number];

function describeUnfinished(world: World, { kind, status, session }: Operation): string {
  if (session === null) return `the operation ${kind} is still ${status}`;
  const walked = world.sessions.get(session);
  const knowledge =
    walked === undefined ? 'not known to the walk' : `${walked.existence}, delivered: ${walked.delivered}`;
  return `session ${session} is still ${status}: ${knowledge}`;
}

type Comparison = Pick<Reckoning, 'uncounted' | 'overcounted' | 'causes'>;

async function compare(world: World, walked: WalkedSession): Promise<Comparison> {
  const { session, shown, maybe, uncertain } = walked;
  const [paper] = world.provider.ledger.papers([session]);
  if (paper === undefined) {
    return { uncounted: shown.size, overcounted: 0, causes: [`session ${session}: the provider has no receipt of it`] };
  }
  const file = decodeReceiptFile(paper);
  const { agencyKey } = world.provider;
  const module = await verifyCertificate({
    bytes: file.certificate,
    agencyKey,
    role: 'module',
    now: START_TIME,
    suite,
  });
  const { frames, count } = await verifyReceipt({ bytes: file.receipt, module, suite });
  const counted = frames.flatMap(([from, to]) => Array.from({ length: to - from }, (_, at) => from + at));
  const unseen = counted.filter((frame) => !shown.has(frame) && !maybe.has(frame));
  const miscount = Math.abs(count - counted.length);
  // What was shown just before a store was lost is not known any more, to the customer's favour.
  const forgotten = uncertain ? [] : [...shown].filter((frame) => !coversFrame(frames, frame));
  const causes = [
    ...(unseen.length > 0 ? [`its receipt counts frames ${unseen}, which were never shown`] : []),
    ...(miscount > 0 ? [`its receipt says ${count} frames and names ${counted.length}`] : []),
    ...(forgotten.length > 0
      ? [`frames ${forgotten} were told shown, its receipt counts ${counted.length > 0 ? counted : 'none'}`]
      : []),
  ].map((cause) => `session ${session}: ${cause}`);
  return { uncounted: forgotten.length, overcounted: unseen.length + miscount, causes };
}
