// Challenges (docs/protocol.md §5): issues them with what is expected of the module that asks, and uses each at most once.
// The challenge route issues; contact.ts spends. What the answer is worth, judge.ts says.

import { and, eq, isNull } from 'drizzle-orm';
import { toHex } from '../../src/protocol/bytes.ts';
import { CHALLENGE_LENGTH_BYTES, makeChallenge } from '../../src/protocol/challenge.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import type { ModuleId } from '../../src/protocol/ids.ts';
import { LIMITS } from '../../src/protocol/limits.ts';
import type { Queries } from '../db/open.ts';
import { challenges, modules } from '../db/schema.ts';
import type { Provider } from '../provider.ts';
import type { Asked } from './judge.ts';

/** Bytes of a head. */
const HEAD_BYTES = 32;

/** Draws and remembers a challenge for a module, or for nobody named. @returns its COSE bytes. */
export async function issueChallenge(provider: Provider, tx: Queries, module: ModuleId | null): Promise<Uint8Array> {
  const now = provider.clock();
  const challenge = provider.random(CHALLENGE_LENGTH_BYTES);
  const place = await expectedOf(tx, module);
  await tx.insert(challenges).values({
    challenge: toHex(challenge),
    moduleId: module,
    ...place,
    issuedTime: now,
    expiresTime: now + LIMITS.challengeLifetimeMs,
  });
  return makeChallenge({ signer: provider.keys.provider, now, challenge, counter: Number(place.expectedCounter) });
}

type Expected = { readonly epoch: number | null; readonly expectedCounter: bigint; readonly expectedHead: Uint8Array };

/** Where the module stood when last met in its present epoch. */
async function expectedOf(tx: Queries, module: ModuleId | null): Promise<Expected> {
  const known =
    module === null
      ? undefined
      : (
          await tx
            .select({
              epoch: modules.epoch,
              expectedCounter: modules.lastCounter,
              expectedHead: modules.lastHead,
            })
            .from(modules)
            .where(eq(modules.id, module))
        )[0];
  return known ?? { epoch: null, expectedCounter: 0n, expectedHead: new Uint8Array(HEAD_BYTES) };
}

/**
 * Uses a challenge up, in the transaction of what it allows.
 * @returns what was expected when it was issued.
 * @throws FareboxError `challenge/unknown`, `challenge/expired`, `challenge/replayed`.
 */
export async function spendChallenge(provider: Provider, tx: Queries, challenge: Uint8Array): Promise<Asked> {
  const now = provider.clock();
  const name = toHex(challenge);
  const [issued] = await tx.select().from(challenges).where(eq(challenges.challenge, name)).for('update');
  if (issued === undefined) throw new FareboxError('challenge/unknown');
  if (now >= issued.expiresTime) throw new FareboxError('challenge/expired');
  const used = await tx
    .update(challenges)
    .set({ usedTime: now })
    .where(and(eq(challenges.challenge, name), isNull(challenges.usedTime)))
    .returning({ challenge: challenges.challenge });
  if (used.length === 0) throw new FareboxError('challenge/replayed');
  const { moduleId: module, epoch, expectedCounter: counter, expectedHead: head } = issued;
  return { module, epoch, counter, head };
}
