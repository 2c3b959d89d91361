// Fig. 3 at the provider (docs/protocol.md §24, MC-4): a card that came concealed. It is opened once; number and expiry are wrapped for the row,
// the last four digits are shown, and neither verification value nor PIN outlives the call.

import { asc, eq } from 'drizzle-orm';
import { encodeCbor } from '../../src/protocol/cbor.ts';
import { type Card, decodeCard } from '../../src/protocol/derived-keys/card.ts';
import { confidentialContext } from '../../src/protocol/derived-keys/context.ts';
import { revealNumber } from '../../src/protocol/derived-keys/dea.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import type { ModuleId } from '../../src/protocol/ids.ts';
import { contact } from '../contacts/contact.ts';
import type { ProvenModule } from '../contacts/prove.ts';
import { cards } from '../db/key-schema.ts';
import type { Queries } from '../db/open.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { Provider } from '../provider.ts';
import { openBlockKeys } from './agreements.ts';
import type { CardSummary } from './registry.ts';
import type { SignedIn } from './sign-in.ts';
import { withDerivedKey } from './tags.ts';

/** What is told of a card. `expiry`: `YYYY-MM`. */
export type ShownCard = { readonly last4: string; readonly expiry: string };

/**
 * Takes a card under the keys of the sign-in that it comes with; it replaces the one that the module had.
 * @throws FareboxError what `contact` throws; `challenge/malformed` for a contact by P1; `keys/refused` where it does not open; `keys/malformed`,
 * `keys/expired-card`.
 */
export async function takeCard(
  provider: Provider,
  tx: Queries,
  proven: ProvenModule,
  concealed: Uint8Array,
): Promise<ShownCard> {
  if (proven.proof.kind !== 'sign-in') throw new FareboxError('challenge/malformed');
  const { id: module, signedIn } = await contact(provider, tx, proven);
  if (signedIn === null) throw new FareboxError('server/internal', { expected: 'a sign-in' });
  const { number, expiry } = await reveal(provider, signedIn, module, concealed);
  const last4 = number.slice(-4);
  const clear = encodeCbor([number, expiry]);
  const wrapped = await signedIn.wrap.seal({ card: module }, clear);
  clear.fill(0);
  const row = { wrapped, last4, expiry, addedTime: provider.clock() };
  await tx
    .insert(cards)
    .values({ moduleId: module, ...row })
    .onConflictDoUpdate({ target: cards.moduleId, set: row });
  return { last4, expiry };
}

async function reveal(
  provider: Provider,
  { block, wrap, token, first }: SignedIn,
  module: ModuleId,
  concealed: Uint8Array,
): Promise<Pick<Card, 'number' | 'expiry'>> {
  const { number: agreement } = block;
  const context = confidentialContext({ provider: provider.id, module, agreement, token });
  const keys = await openBlockKeys(wrap, block);
  try {
    const seriesKey = keys.series.get(first.reference);
    if (seriesKey === undefined) throw new FareboxError('server/internal', { reference: first.reference });
    return withDerivedKey({ keys, seriesKey, agreement, index: first.index }, (derivedKey) => {
      const confidential = revealNumber(derivedKey, concealed, context);
      try {
        return decodeCard(confidential, provider.clock());
      } finally {
        confidential.fill(0);
      }
    });
  } finally {
    keys.clear();
  }
}

/** Takes the card of the module that asks away; one that has none is none the worse. @throws FareboxError what `contact` throws. */
export async function giveUpCard(provider: Provider, tx: Queries, proven: ProvenModule): Promise<void> {
  const { id } = await contact(provider, tx, proven);
  await tx.delete(cards).where(eq(cards.moduleId, id));
}

/** Cards that are kept, by module: what may be shown of them. */
export async function listCards(queries: Queries): Promise<readonly CardSummary[]> {
  return queries
    .select({ module: cards.moduleId, last4: cards.last4, expiry: cards.expiry, addedTime: cards.addedTime })
    .from(cards)
    .orderBy(asc(cards.moduleId))
    .limit(SERVER_LIMITS.listedCards);
}

/** Deletes the card of a module. @returns whether there was one. */
export async function removeCard(queries: Queries, module: ModuleId): Promise<boolean> {
  const removed = await queries.delete(cards).where(eq(cards.moduleId, module)).returning({ module: cards.moduleId });
  return removed.length > 0;
}
