// Fig. 2 at the provider (docs/protocol.md §24, MC-3): believes a sign-in message in place of a signed response. Reads it without the database,
// and in the transaction of what it allows checks trust, agreement and tags in one statement; what its place says, contact.ts judges.

import { equalBytes } from '../../src/protocol/bytes.ts';
import { signInContext } from '../../src/protocol/derived-keys/context.ts';
import { decodeSignIn, type SignInMessage, type SignInTicket } from '../../src/protocol/derived-keys/sign-in.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { type ContentHash, decodeModuleId, type ModuleId } from '../../src/protocol/ids.ts';
import { sameLife } from '../../src/protocol/life.ts';
import type { Asked } from '../contacts/judge.ts';
import type { BelievedSignIn, ReadSignIn } from '../contacts/prove.ts';
import { recallCertificate } from '../contacts/recalled.ts';
import type { Queries } from '../db/open.ts';
import type { Provider } from '../provider.ts';
import { blockOf, type ClientBlock, noteCount, openBlockKeys } from './agreements.ts';
import { findStanding } from './standing.ts';
import { fitTags, type SetFits } from './tags.ts';
import { readTicket } from './tokens.ts';
import { type KeyWrap, keyWrapOf } from './wrap.ts';

/** What a sign-in that was believed tells of its keys. No member is a key in the clear. */
export type SignedIn = {
  readonly block: ClientBlock;
  readonly wrap: KeyWrap;
  /** 32 bytes. */
  readonly token: Uint8Array;
  /** The set whose tag comes first in the message, and the index that fitted it. */
  readonly first: { readonly reference: string; readonly index: number };
};

type Read = {
  readonly module: ModuleId;
  readonly certificateHash: ContentHash;
  readonly message: SignInMessage;
  readonly ticket: SignInTicket;
  readonly wrap: KeyWrap;
  /** Whether a module on the untrusted list will do. */
  readonly untrusted: boolean;
};

/** Reads sign-in messages for the routes of a provider that take them. */
export function signInsOf(provider: Provider): ReadSignIn {
  const openWrap = keyWrapOf(provider);
  return async ({ messageBytes, certificateBytes }, { untrusted }) => {
    const message = decodeSignIn(messageBytes);
    const { certificate, certificateHash } = await recallCertificate(provider, certificateBytes);
    const module = decodeModuleId(certificate.subject, 'certificate/malformed');
    if (!sameLife(message, certificate)) throw new FareboxError('challenge/malformed', { item: 'epoch' });
    const ticket = readTicket(message.ticket, module, provider.clock());
    const read = { module, certificateHash, message, ticket, wrap: await openWrap(), untrusted };
    const believe = (tx: Queries): Promise<BelievedSignIn> => believeSignIn(provider, tx, read);
    return { module, certificate, certificateBytes, response: message, proof: { kind: 'sign-in', believe } };
  };
}

async function believeSignIn(provider: Provider, tx: Queries, read: Read): Promise<BelievedSignIn> {
  const { module, message, certificateHash, ticket, wrap } = read;
  const { epoch: shownEpoch, counter, head } = message;
  const row = await findStanding(tx, module, { epoch: shownEpoch, counter, head, time: provider.clock() });
  if (row?.isUntrusted === true && !read.untrusted) throw new FareboxError('certificate/untrusted');
  if (row === null) throw new FareboxError('keys/retired');
  const block = await blockOf(tx, module, row);
  const { inForce, number, epoch, acceptedCertificate } = block;
  const isAgreed = number === message.agreement && epoch === message.epoch && acceptedCertificate === certificateHash;
  if (!inForce || !isAgreed) throw new FareboxError('keys/retired', { number });
  const token = wrap.tokenOf(message.ticket);
  const { index: firstIndex, count, reference } = await requireTags(provider, block, { message, ticket, token, wrap });
  if (count > 0) await noteCount(tx, module, count);
  const { lastCounter, lastHead, device, epochTime, receiptedHead } = row;
  const receipted = receiptedHead === null ? null : { counter: BigInt(message.counter), head: receiptedHead };
  return {
    asked: askedBy(wrap, ticket, message),
    known: { id: module, epoch, device, epochTime, last: { counter: lastCounter, head: lastHead }, receipted },
    signedIn: { block, wrap, token, first: { reference, index: firstIndex } },
  };
}

/** One tag for each set that no PIN chooses, and no other; all are looked at before anything is said. @throws FareboxError `keys/refused`. */
async function requireTags(
  provider: Provider,
  block: ClientBlock,
  read: Pick<Read, 'message' | 'ticket' | 'wrap'> & { readonly token: Uint8Array },
): Promise<{ readonly reference: string; readonly index: number; readonly count: number }> {
  const { message, ticket, token, wrap } = read;
  const { module, number: agreement } = block;
  const sets = block.series.filter(({ pin }) => !pin);
  const context = signInContext({ provider: provider.id, module, agreement, place: message });
  const tagged = { tags: message.tags, token, context, ticketIndex: ticket.index, now: provider.clock() };
  const keys = await openBlockKeys(wrap, block);
  try {
    const found = fitTags(block, keys, sets, tagged);
    const [first, ...others] = found;
    // Under the rule `counter` one count has to fit all of them.
    const fit = first?.fits.find(({ count }) => others.every(({ fits }) => hasCount(fits, count)));
    if (first === undefined || fit === undefined || message.tags.length !== sets.length)
      throw new FareboxError('keys/refused');
    return { reference: first.reference, ...fit };
  } finally {
    keys.clear();
  }
}

function hasCount(fits: SetFits['fits'], count: number): boolean {
  return fits.some((fit) => fit.count === count);
}

/** What the ticket expected, as a challenge would have kept it: the head is blinded there, and is compared so. */
function askedBy(wrap: KeyWrap, { module, epoch, counter, head }: SignInTicket, { pastHead }: SignInMessage): Asked {
  const isMet = equalBytes(wrap.blindHead(pastHead), head);
  return { module, epoch, counter: BigInt(counter), head: isMet ? pastHead : pastHead.map((byte) => byte ^ 0xff) };
}
