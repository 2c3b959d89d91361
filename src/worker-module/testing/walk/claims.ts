// The claims of a walk: a frame is lost, the session settled, the claim made and answered. Each may be cut anywhere and done again. Used by
// steps.ts.

import { equalBytes } from '../../../protocol/bytes.ts';
import { FareboxError } from '../../../protocol/errors.ts';
import { FRAME_COUNT } from '../provider-side.ts';
import { ask, settle } from './errands.ts';
import type { WalkedSession, WalkTab, World } from './world.ts';

/** What the module signed. */
export type WalkedClaim = { readonly session: string; readonly claim: Uint8Array; readonly receiptFile: Uint8Array };

/** Refusals of a claim about a session that went with a lost store, or lost nothing that is known. */
const NOT_CLAIMABLE = ['claim/none', 'claim/too-early', 'session/unknown', 'receipt/none'] as const;
const NOT_TAKEN = [
  'session/closed',
  'session/not-active',
  'session/unknown',
  'sequence/spent',
  'frame/tampered',
] as const;

/** Loses a frame of the session that plays here, settles it and claims. Null where there is nothing to claim. */
export async function claim(world: World, tab: WalkTab, walked: WalkedSession): Promise<WalkedClaim | null> {
  const { session } = walked;
  // Frames that no other step of a walk shows.
  const frame = FRAME_COUNT - 1 - Math.floor(world.chance() * 3);
  const parts = world.provider.partsOf(frame).map(({ label, sealed }) => {
    const bytes = new Uint8Array(sealed);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    return { label, sealed };
  });
  await ask(world, tab, 'deliver', { session, frame, parts }, NOT_TAKEN);
  await settle(world, tab, session);
  if (tab.active === session) tab.active = null;
  if (!world.sessions.has(session)) return null;
  const made = await ask(world, tab, 'makeClaim', { session }, NOT_CLAIMABLE);
  if (made === null) return null;
  const again = await ask(world, tab, 'makeClaim', { session });
  if (again !== null && !equalBytes(again.claim, made.claim)) throw new Error(`session ${session} has two claims`);
  return { session, ...made };
}

/** Brings a claim to the provider and its answer home. */
export async function settleClaim(world: World, tab: WalkTab, made: WalkedClaim): Promise<void> {
  const { session } = made;
  try {
    const answer = await world.provider.ledger.answerClaim(made);
    const view = await ask(world, tab, 'acceptClaimAnswer', { session, answer });
    if (view !== null && view.claim?.verdict !== 'paid') throw new Error(`the answer of ${session} was not kept`);
  } catch (error) {
    if (!(error instanceof FareboxError) || error.code !== 'claim/answered') throw error;
    // Only a module that forgot its claim makes another: the provider has the first one, and gives it back.
    if (world.sessions.get(session)?.uncertain !== true) throw error;
    await ask(world, tab, 'acceptPapers', { receiptFiles: world.provider.ledger.papers([session]) });
  }
}
