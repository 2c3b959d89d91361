// P2 on the provider's side (docs/protocol.md §6): meets the module, reserves what the frames can cost and makes the
// grant, all in the caller's transaction. It never grants more than the credit left, and a clear seed lives only in here.

import { FareboxError } from '../../src/protocol/errors.ts';
import { makeGrant } from '../../src/protocol/grant.ts';
import { hashObject, makeSessionId, type ProgrammeId } from '../../src/protocol/ids.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { type OutputMode, type VerifiedProgramme, verifyProgramme } from '../../src/protocol/programme.ts';
import { countFrames, type FrameRange } from '../../src/protocol/ranges.ts';
import { findProgramme } from '../catalogue/programmes.ts';
import { openSeed } from '../catalogue/seed-wrap.ts';
import { contact } from '../contacts/contact.ts';
import type { ProvenModule } from '../contacts/prove.ts';
import type { Queries } from '../db/open.ts';
import { sessions } from '../db/schema.ts';
import { lockCredit, reserveForSession } from '../ledger/ledger.ts';
import { SERVER_LIMITS } from '../limits.ts';
import type { Provider } from '../provider.ts';

/** Bytes of a session key. */
const SESSION_KEY_BYTES = 32;

/** What a module asks for: a programme from a frame on, to the end or as far as its credit goes. */
export type WantedSession = {
  readonly programme: ProgrammeId;
  readonly from: number;
  readonly mode: OutputMode;
};

/**
 * Begins a session.
 * @returns the grant's COSE bytes.
 * @throws FareboxError what `contact` throws; `programme/unknown`, `grant/mode`, `request/malformed` for a frame beyond the end,
 * `credit/exhausted`; the challenge is unused then.
 */
export async function beginSession(
  provider: Provider,
  tx: Queries,
  proven: ProvenModule,
  wanted: WantedSession,
): Promise<Uint8Array> {
  const now = provider.clock();
  const { id: module } = await contact(provider, tx, proven);

  const stored = await findProgramme(tx, wanted.programme);
  const { suite, certificate } = provider;
  const programme = await verifyProgramme({ bytes: stored.programmeBytes, certificate, suite });
  if (!programme.modes.includes(wanted.mode)) throw new FareboxError('grant/mode');

  const creditMinor = await lockCredit(tx, module, programme.currency);
  const ranges = affordableRanges(programme, wanted.from, creditMinor);
  const session = makeSessionId(provider.random);
  const reservedMinor = BigInt(countFrames(ranges)) * programme.priceMinor;
  await reserveForSession(tx, module, session, programme.currency, reservedMinor, now);

  const expires = now + SERVER_LIMITS.grantLifeMs;
  const seed = await openSeed({ suite, storageKey: provider.keys.storageKey }, stored.id, stored.wrappedSeed);
  const sessionKey = provider.random(SESSION_KEY_BYTES);
  const grant = await makeGrant({
    signer: provider.keys.provider,
    module: proven.certificate,
    programme,
    session,
    mode: wanted.mode,
    ranges,
    creditMinor: creditMinor - reservedMinor,
    issuedAt: now,
    expires,
    sessionKey,
    seed,
  });
  seed.fill(0);
  sessionKey.fill(0);
  await tx.insert(sessions).values({
    id: session,
    moduleId: module,
    programmeId: stored.id,
    grantHash: hashObject(grant),
    ranges: ranges.map(([from, to]) => [from, to]),
    currency: programme.currency,
    priceMinor: stored.priceMinor,
    reservedMinor,
    epoch: proven.response.epoch,
    openedCounter: BigInt(proven.response.counter),
    createdTime: now,
    expiresTime: expires,
    state: 'granted',
  });
  return grant;
}

/** From `from` to the end, the credit's end, or the function's. Pure. @throws FareboxError `request/malformed`, `credit/exhausted`. */
function affordableRanges(
  programme: Pick<VerifiedProgramme, 'frameCount' | 'priceMinor' | 'sequence'>,
  from: number,
  creditMinor: bigint,
): readonly FrameRange[] {
  if (from >= programme.frameCount) throw new FareboxError('request/malformed', { from });
  const wantedFrames = programme.frameCount - from;
  const bound = programme.sequence === 'hkdf' ? Math.min(wantedFrames, LIMITS.hkdfFrames) : wantedFrames;
  if (programme.priceMinor === 0n) return [[from, from + bound]];
  const paidFrames = creditMinor / programme.priceMinor;
  if (paidFrames < 1n) throw new FareboxError('credit/exhausted');
  return [[from, from + (paidFrames < BigInt(bound) ? Number(paidFrames) : bound)]];
}
