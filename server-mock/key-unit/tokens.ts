// Tickets and tokens of fig. 2 (docs/protocol.md §24): what a module is asked to answer. Nothing is kept of one until the answer comes; the
// ticket says what was expected, and its token that it was this provider who expected it.

import { drawIndex } from '../../src/protocol/derived-keys/rules.ts';
import {
  decodeTicket,
  encodeTicket,
  type SignInTicket,
  TICKET_NONCE_LENGTH_BYTES,
} from '../../src/protocol/derived-keys/sign-in.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import type { ModuleId, RandomBytes } from '../../src/protocol/ids.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import type { Provider } from '../provider.ts';
import { blockOf, type ClientBlock } from './agreements.ts';
import { findStanding } from './standing.ts';
import type { KeyWrap } from './wrap.ts';

/** What a module is given to answer. */
export type GivenToken = {
  readonly ticket: Uint8Array;
  /** 32 bytes. */
  readonly token: Uint8Array;
  /** As in a challenge: the highest counter met of the module in its epoch, or 0. */
  readonly counter: number;
  /** Number of the agreement in force. */
  readonly agreement: number;
  /** Under the rule `server`. */
  readonly index: number | null;
};

/** A token for a module, in one statement that changes nothing. @throws FareboxError `keys/retired` where no agreement with it is in force. */
export async function giveToken(provider: Provider, wrap: KeyWrap, module: ModuleId): Promise<GivenToken> {
  const { queries } = provider.database;
  const row = await findStanding(queries, module, null);
  if (row === null) throw new FareboxError('keys/retired');
  const block = await blockOf(queries, module, row);
  if (!block.inForce) throw new FareboxError('keys/retired', { number: block.number });
  const counter = Number(row.lastCounter);
  const index = block.rule === 'server' ? drawShared(block, provider.random) : null;
  const ticket = encodeTicket({
    ...{ module, epoch: block.epoch, counter, index },
    expires: provider.clock() + LIMITS.challengeLifetimeMs,
    head: wrap.blindHead(row.lastHead),
    nonce: provider.random(TICKET_NONCE_LENGTH_BYTES),
  });
  return { ticket, token: wrap.tokenOf(ticket), counter, agreement: block.number, index };
}

/** One index for all sets, live in each; where retiring has left none, another rule has to be chosen. */
function drawShared({ series, number }: ClientBlock, random: RandomBytes): number {
  const [first, ...others] = series;
  const shared = first?.live.filter((index) => others.every(({ live }) => live.includes(index))) ?? [];
  if (shared.length === 0) throw new FareboxError('keys/retired', { number });
  return drawIndex(shared, random);
}

/**
 * Reads a ticket that comes back. Whether it is this provider's, the tags over its token tell.
 * @throws FareboxError `challenge/malformed` for what is none or is another module's; `challenge/expired`.
 */
export function readTicket(bytes: Uint8Array, module: ModuleId, now: number): SignInTicket {
  const ticket = decodeOr(bytes);
  if (ticket.module !== module) throw new FareboxError('challenge/malformed');
  if (now >= ticket.expires) throw new FareboxError('challenge/expired', { expires: ticket.expires });
  return ticket;
}

function decodeOr(bytes: Uint8Array): SignInTicket {
  try {
    return decodeTicket(bytes);
  } catch (cause) {
    throw new FareboxError('challenge/malformed', undefined, { cause });
  }
}
