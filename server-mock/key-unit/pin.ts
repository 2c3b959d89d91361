// Fig. 4 at the provider (docs/protocol.md §24, MC-5): which application a PIN chooses. No PIN comes here, only tags: the one that fits says which
// set's key was unmasked rightly. A wrong one is counted in the same transaction as its contact, though it is refused.

import { and, desc, eq, gt } from 'drizzle-orm';
import { pinContext } from '../../src/protocol/derived-keys/context.ts';
import { decodePinSignIn, type PinSignIn } from '../../src/protocol/derived-keys/sign-in.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import type { ModuleId } from '../../src/protocol/ids.ts';
import { contact } from '../contacts/contact.ts';
import type { ProvenModule } from '../contacts/prove.ts';
import { wrongPins } from '../db/key-schema.ts';
import type { Queries } from '../db/open.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { Provider } from '../provider.ts';
import { type ClientBlock, findBlock, noteCount, openBlockKeys } from './agreements.ts';
import { type Fit, fitTags } from './tags.ts';
import { readTicket } from './tokens.ts';
import type { KeyWrap } from './wrap.ts';

/** How a PIN came out. A refusal is an answer here, so that what it counted stays; the route makes an error of it. */
export type PinOutcome =
  | { readonly application: string }
  | { readonly refused: 'keys/refused' }
  /** `untilTime`: ms since 1970, when the next one is looked at. */
  | { readonly refused: 'keys/too-many'; readonly untilTime: number };

/**
 * Looks which set fits, after a contact by P1: nobody else spends a module's tries.
 * @throws FareboxError what `contact` throws; `keys/malformed`, `challenge/malformed`, `challenge/expired` for message and ticket; `keys/retired`
 * where the newest agreement is not the message's, or is not in force. Nothing is counted then.
 */
export async function tryPin(
  provider: Provider,
  wrap: KeyWrap,
  tx: Queries,
  proven: ProvenModule,
  messageBytes: Uint8Array,
): Promise<PinOutcome> {
  const now = provider.clock();
  const message = decodePinSignIn(messageBytes);
  const ticket = readTicket(message.ticket, proven.module, now);
  // Locks the module's row: of two PINs at once, one is counted before the other is looked at.
  const { id: module, epoch } = await contact(provider, tx, proven);
  if (ticket.epoch !== epoch) throw new FareboxError('challenge/expired');
  const block = await findBlock(tx, module);
  if (!block?.inForce || block.number !== message.agreement) throw new FareboxError('keys/retired');
  const untilTime = await refusedUntil(tx, module, now);
  // The module has counted this one, looked at or not; what nobody can find out here is taken to be the next.
  const unfound = block.count + 1;
  if (untilTime !== null) {
    if (block.rule === 'counter') await noteCount(tx, module, unfound);
    return { refused: 'keys/too-many', untilTime };
  }
  const fit = await findApplication(provider, wrap, block, message, ticket.index);
  if (block.rule === 'counter') await noteCount(tx, module, fit?.count ?? unfound);
  if (fit !== null) return { application: fit.reference };
  await tx.insert(wrongPins).values({ moduleId: module, triedTime: now });
  return { refused: 'keys/refused' };
}

/** Ms since 1970 until which no PIN of the module is looked at; null where one is. */
async function refusedUntil(tx: Queries, module: ModuleId, now: number): Promise<number | null> {
  const { wrongPins: most, wrongPinKeptMs } = SERVER_LIMITS;
  const tried = await tx
    .select({ time: wrongPins.triedTime })
    .from(wrongPins)
    .where(and(eq(wrongPins.moduleId, module), gt(wrongPins.triedTime, now - wrongPinKeptMs)))
    .orderBy(desc(wrongPins.triedTime))
    .limit(most);
  const oldest = tried[most - 1];
  return oldest === undefined ? null : oldest.time + wrongPinKeptMs;
}

/** The set whose tag fits, every one of them looked at; null where none does, or where other sets are named than a PIN chooses among. */
async function findApplication(
  provider: Provider,
  wrap: KeyWrap,
  block: ClientBlock,
  { ticket, tags, agreement }: PinSignIn,
  ticketIndex: number | null,
): Promise<(Fit & { readonly reference: string }) | null> {
  const sets = block.series.filter(({ pin }) => pin);
  const context = pinContext({ provider: provider.id, module: block.module, agreement });
  const token = wrap.tokenOf(ticket);
  const keys = await openBlockKeys(wrap, block);
  try {
    const found = fitTags(block, keys, sets, { tags, token, context, ticketIndex, now: provider.clock() });
    const fitting = found.flatMap(({ reference, fits: [fit] }) => (fit === undefined ? [] : [{ reference, ...fit }]));
    const [application] = fitting;
    // A set for which no PIN was chosen yet has no tag; one of no such set has no business here.
    const isOfSets = tags.every(({ reference }) => sets.some(({ slot }) => slot.reference === reference));
    return isOfSets && application !== undefined ? application : null;
  } finally {
    keys.clear();
  }
}
