// P2 on the provider's side (docs/protocol.md §6): meets the module, reserves what the frames can cost and makes the
// grant, all in the caller's transaction. It never grants more than the credit left, and a clear seed lives only in here.

import { eq } from 'drizzle-orm';
import { fromHex } from '../../src/protocol/bytes.ts';
import { makeContract } from '../../src/protocol/contract.ts';
import { DELIVERY_ID_LENGTH_BYTES } from '../../src/protocol/delivery-id.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { makeGrant } from '../../src/protocol/grant.ts';
import { hashObject, type ModuleId, makeSessionId, type ProgrammeId, type SessionId } from '../../src/protocol/ids.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import { firstInWindow } from '../../src/protocol/live-terms.ts';
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
import { lockLive } from '../live/read-live.ts';
import type { Provider } from '../provider.ts';

/** Bytes of a session key. */
const SESSION_KEY_BYTES = 32;
/** Bytes from which a session's own logistic function comes. */
const LOGISTIC_SECRET_BYTES = 32;

/** What a module asks for: a programme from a frame on, to the end or as far as its credit, or a live programme's provider, goes. */
export type WantedSession = {
  readonly programme: ProgrammeId;
  readonly from: number;
  readonly mode: OutputMode;
  /** Under which its content is asked for, 32 hex digits; null where the terminal does not say. */
  readonly deliveryId: string | null;
  /** For watching with no line: whole or not at all, until the time that the programme offers. */
  readonly offline: boolean;
  /** `logistic` where the terminal asks for the documents' own, weak function (docs/protocol.md §25); null for the programme's. */
  readonly sequence: 'logistic' | null;
};

/** What is given, as COSE bytes. */
export type BegunSession = {
  readonly grant: Uint8Array;
  /** Null where the programme offers none. */
  readonly contract: Uint8Array | null;
};

/**
 * Begins a session.
 * @returns grant and contract.
 * @throws FareboxError what `contact` throws; `programme/unknown`, `grant/mode`, `grant/sequence`, `grant/offline`, `request/malformed` for a frame beyond the end,
 * `live/outside-window` and `live/ended` for one of a live programme, `credit/exhausted`; the challenge is unused then.
 */
export async function beginSession(
  provider: Provider,
  tx: Queries,
  proven: ProvenModule,
  wanted: WantedSession,
): Promise<BegunSession> {
  const now = provider.clock();
  const { id: module } = await contact(provider, tx, proven);

  const stored = await findProgramme(tx, wanted.programme);
  const { suite, certificate } = provider;
  const programme = await verifyProgramme({ bytes: stored.programmeBytes, certificate, suite });
  if (!programme.modes.includes(wanted.mode)) throw new FareboxError('grant/mode');
  expectSequence(programme, wanted.sequence);

  const lifeMs = lifeOf(programme, wanted);
  const sold = await soldFrames(tx, programme, wanted.from);
  const creditMinor = await lockCredit(tx, module, programme.currency);
  const ranges = affordableRanges(programme, sold, creditMinor, wanted.sequence);
  // What breaks off in the middle of a journey is of no use to anyone.
  if (wanted.offline) expectWhole(wanted.sequence ?? programme.sequence, sold, ranges);
  const session = makeSessionId(provider.random);
  const reservedMinor = BigInt(countFrames(ranges)) * programme.priceMinor;
  await reserveForSession(tx, module, session, programme.currency, reservedMinor, now);

  const deliveryId = await freeDeliveryId(tx, wanted.deliveryId);
  const agreed = { module, programme, session, deliveryId, issuedAt: now };
  // Nobody can say how a person's own disk will deliver.
  const contract = wanted.offline ? null : await makeContractFor(provider, agreed);
  const expires = now + lifeMs;
  const seed = await openSeed({ suite, storageKey: provider.keys.storageKey }, stored.id, stored.wrappedSeed);
  const sessionKey = provider.random(SESSION_KEY_BYTES);
  const logisticSecret = wanted.sequence === 'logistic' ? provider.random(LOGISTIC_SECRET_BYTES) : null;
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
    contractHash: contract && hashObject(contract),
    offline: wanted.offline,
    logisticSecret,
  });
  seed.fill(0);
  sessionKey.fill(0);
  logisticSecret?.fill(0);
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
    contract,
    deliveryId,
  });
  return { grant, contract };
}

/** A delivery belongs to one session for good: who names another one's gets no record of it. @throws FareboxError `request/malformed`. */
async function freeDeliveryId(tx: Queries, wanted: string | null): Promise<string | null> {
  if (wanted === null) return null;
  const taken = await tx.select({ id: sessions.id }).from(sessions).where(eq(sessions.deliveryId, wanted));
  if (taken.length > 0) throw new FareboxError('request/malformed', { member: 'deliveryId' });
  return wanted;
}

/** What the programme offers, for this session; null where it offers nothing. */
async function makeContractFor(
  provider: Provider,
  agreed: {
    readonly module: ModuleId;
    readonly programme: VerifiedProgramme;
    readonly session: SessionId;
    readonly deliveryId: string | null;
    readonly issuedAt: number;
  },
): Promise<Uint8Array | null> {
  const { module, programme, session, deliveryId, issuedAt } = agreed;
  const { contract: terms, programmeHash, currency, priceMinor } = programme;
  if (terms === null) return null;
  return makeContract({
    signer: provider.keys.provider,
    contract: {
      ...{ module, session, programme: programme.programme, programmeHash, currency, priceMinor, terms, issuedAt },
      // A terminal that names none asks for nothing that could be found again.
      deliveryId: deliveryId === null ? provider.random(DELIVERY_ID_LENGTH_BYTES) : fromHex(deliveryId),
    },
  });
}

/**
 * The frames that may be had from `from` on: to the end; of a live programme those within its window and some to come, never an earlier one.
 * @throws FareboxError `request/malformed`, `live/outside-window`, `live/ended`.
 */
async function soldFrames(
  tx: Queries,
  { programme, frameCount, live }: Pick<VerifiedProgramme, 'programme' | 'frameCount' | 'live'>,
  from: number,
): Promise<FrameRange> {
  if (from >= frameCount) throw new FareboxError('request/malformed', { from });
  if (live === null) return [from, frameCount];
  // Shared with live/clear-windows.ts: what is granted now is not deleted by who has not seen it.
  const { edge, ended } = await lockLive(tx, programme, 'share');
  if (ended && from >= edge) throw new FareboxError('live/ended', { edge });
  // The frame that is being filmed may be asked for; what comes after it nobody can need first.
  if (from < firstInWindow(live, edge) || from > edge) throw new FareboxError('live/outside-window', { from, edge });
  return [from, ended ? edge : Math.min(frameCount, from + SERVER_LIMITS.liveGrantFrames)];
}

/** Frames of one grant, by its function. */
const FRAME_BOUNDS = {
  tree: LIMITS.frameNumbers,
  hkdf: LIMITS.hkdfFrames,
  logistic: LIMITS.logisticFrames,
} as const;

/**
 * The weak function runs to an end that is known when the session begins (docs/protocol.md §25); what is live, a board too, has none.
 * @throws FareboxError `grant/sequence`.
 */
function expectSequence({ live }: Pick<VerifiedProgramme, 'live'>, wanted: WantedSession['sequence']): void {
  if (wanted !== null && live !== null) throw new FareboxError('grant/sequence', { sequence: wanted });
}

/** How long the grant lives, ms. @throws FareboxError `grant/offline`. */
function lifeOf({ offlineMs }: Pick<VerifiedProgramme, 'offlineMs'>, { offline, mode }: WantedSession): number {
  if (!offline) return SERVER_LIMITS.grantLifeMs;
  if (offlineMs === null || mode !== 'display') throw new FareboxError('grant/offline');
  return offlineMs;
}

/** @throws FareboxError `grant/offline` where the function does not grant so many at once, `credit/exhausted` where the credit does not cover all. */
function expectWhole(sequence: keyof typeof FRAME_BOUNDS, [from, to]: FrameRange, ranges: readonly FrameRange[]): void {
  if (countFrames(ranges) === to - from) return;
  throw new FareboxError(to - from > FRAME_BOUNDS[sequence] ? 'grant/offline' : 'credit/exhausted');
}

/** As many of these frames as the credit and the function allow. Pure. @throws FareboxError `credit/exhausted`. */
function affordableRanges(
  programme: Pick<VerifiedProgramme, 'priceMinor' | 'sequence'>,
  [from, to]: FrameRange,
  creditMinor: bigint,
  sequence: WantedSession['sequence'],
): readonly FrameRange[] {
  const bound = Math.min(to - from, FRAME_BOUNDS[sequence ?? programme.sequence]);
  if (programme.priceMinor === 0n) return [[from, from + bound]];
  const paidFrames = creditMinor / programme.priceMinor;
  if (paidFrames < 1n) throw new FareboxError('credit/exhausted');
  return [[from, from + (paidFrames < BigInt(bound) ? Number(paidFrames) : bound)]];
}
