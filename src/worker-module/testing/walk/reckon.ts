// The reckoning of a walk: every session is brought to its end and held against what the walk has seen. Counts faults instead of throwing,
// so that a run of thousands says how many there were of which kind.

import { verifyCertificate } from '../../../protocol/certificate.ts';
import { coversFrame } from '../../../protocol/ranges.ts';
import { verifyReceipt } from '../../../protocol/receipt.ts';
import { decodeReceiptFile } from '../../../protocol/receipt-file.ts';
import { webCryptoSuite as suite } from '../../../protocol/suite/webcrypto.ts';
import { START_TIME } from '../test-clock.ts';
import { ask, bringHome, readyModule, settle } from './errands.ts';
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
};

/** Settles every session and compares. */
export async function reckon(world: World, tab: WalkTab): Promise<Reckoning> {
  await readyModule(world, tab);
  await bringHome(world, tab);
  let uncounted = 0;
  let overcounted = 0;
  let lostReceipts = 0;
  for (const walked of [...world.sessions.values()]) {
    const refusal = await settle(world, tab, walked.session);
    if (!world.sessions.has(walked.session)) continue;
    // After a store was lost, the provider may have the receipt that the module has forgotten: that one counts.
    if (refusal !== null && !(refusal === 'record/fork' && walked.uncertain)) lostReceipts += 1;
    else {
      const faults = await compare(world, walked);
      uncounted += faults.uncounted;
      overcounted += faults.overcounted;
    }
  }
  const operations = (await ask(world, tab, 'operations', {})) ?? [];
  const unfinished = operations.filter(({ status }) => status === 'working').length;
  return { sessions: world.sessions.size, uncounted, overcounted, lostReceipts, unfinished };
}

async function compare(world: World, walked: WalkedSession): Promise<Pick<Reckoning, 'uncounted' | 'overcounted'>> {
  const [paper] = world.provider.ledger.papers([walked.session]);
  if (paper === undefined) return { uncounted: walked.shown.size, overcounted: 0 };
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
  const isUnknown = (frame: number) => !walked.shown.has(frame) && !walked.maybe.has(frame);
  let overcounted = 0;
  let counted = 0;
  for (const [from, to] of frames) {
    for (let frame = from; frame < to; frame += 1) {
      counted += 1;
      if (isUnknown(frame)) overcounted += 1;
    }
  }
  if (counted !== count) overcounted += Math.abs(count - counted);
  const forgotten = [...walked.shown].filter((frame) => !coversFrame(frames, frame)).length;
  // What was shown just before a store was lost is not known any more, to the customer's favour.
  return { uncounted: walked.uncertain ? 0 : forgotten, overcounted };
}
