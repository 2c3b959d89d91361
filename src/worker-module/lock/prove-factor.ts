// Has the person prove a factor on the module's surface, and gives the root key for it. Called by `unlock`, and before a lock is changed.
// Wrong factors are counted in memory: each makes the next question wait longer, and after too many the module asks no more for a while. The
// count is lost with the worker; what slows guessing in earnest is the cost of the passphrase and the authenticator's own counter.

import type { Bytes } from '../../protocol/bytes.ts';
import { equalBytes } from '../../protocol/bytes.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { Clock } from '../clock.ts';
import type { Surroundings } from '../core.ts';
import type { SurfaceAnswer } from '../frame-messages.ts';
import { openPasskeySlot, openPassphraseSlot, type PasskeySlot, type PassphraseSlot } from '../keys/vault.ts';
import { MODULE_LIMITS } from '../limits.ts';
import type { VaultSlot } from '../store/rows.ts';

/** Wrong factors in a row, in this worker. */
export type WrongTries = { count: number; lastTime: number };

/** None yet. */
export function makeWrongTries(): WrongTries {
  return { count: 0, lastTime: 0 };
}

/**
 * The root key (32 bytes) of a locked vault; the caller wipes it.
 * @throws FareboxError `lock/wrong` after MODULE_LIMITS.wrongTriesInOneCommand wrong factors, `lock/too-many`, `lock/no-passkey`, `consent/*`.
 */
export async function proveFactor(
  { ask, clock }: Pick<Surroundings, 'ask' | 'clock'>,
  vault: readonly VaultSlot[],
  tries: WrongTries,
): Promise<Bytes> {
  const passkeys = vault.filter((slot) => slot.kind === 'passkey');
  const passphrases = vault.filter((slot) => slot.kind === 'passphrase');
  for (let asked = 0; asked < MODULE_LIMITS.wrongTriesInOneCommand; asked += 1) {
    refuseTooMany(tries, clock.now());
    await untilNextTry(tries, clock);
    const answer = await ask({
      kind: 'unlock',
      passphrase: passphrases.length > 0,
      passkeys: passkeys.map(({ credentialId, prfSalt }) => ({ credentialId, prfSalt })),
      wrongTries: tries.count,
    });
    const rootKey = await openWith(answer, passkeys, passphrases);
    if (answer.kind === 'passkey') answer.prfOutput.fill(0);
    if (rootKey !== null) {
      tries.count = 0;
      return rootKey;
    }
    tries.count += 1;
    tries.lastTime = clock.now();
  }
  refuseTooMany(tries, clock.now());
  throw new FareboxError('lock/wrong', { tries: tries.count });
}

/** The root key, or null where the factor is wrong. */
async function openWith(
  answer: SurfaceAnswer,
  passkeys: readonly PasskeySlot[],
  passphrases: readonly PassphraseSlot[],
): Promise<Bytes | null> {
  switch (answer.kind) {
    case 'passphrase':
      return firstOpened(passphrases, (slot) => openPassphraseSlot(slot, answer.passphrase));
    case 'passkey': {
      const fitting = passkeys.filter((slot) => equalBytes(slot.credentialId, answer.credentialId));
      return firstOpened(fitting, (slot) => openPasskeySlot(slot, answer.prfOutput));
    }
    case 'covered':
      throw new FareboxError('consent/covered');
    case 'unavailable':
      throw new FareboxError('lock/no-passkey');
    default:
      throw new FareboxError('consent/refused');
  }
}

async function firstOpened<Slot>(slots: readonly Slot[], open: (slot: Slot) => Promise<Bytes>): Promise<Bytes | null> {
  for (const slot of slots) {
    try {
      return await open(slot);
    } catch (error) {
      if (!(error instanceof FareboxError) || error.code !== 'lock/wrong') throw error;
    }
  }
  return null;
}

/** After too many, one more try each time the wait is over: the count stays, so that a success alone ends it. */
function refuseTooMany(tries: WrongTries, now: number): void {
  if (tries.count < MODULE_LIMITS.wrongTries) return;
  const waitedMs = Math.max(0, now - tries.lastTime);
  const waitMs = MODULE_LIMITS.tooManyTriesMs - waitedMs;
  if (waitMs > 0) throw new FareboxError('lock/too-many', { waitMs });
}

function untilNextTry(tries: WrongTries, clock: Clock): Promise<void> {
  const waits = MODULE_LIMITS.wrongTryWaitsMs;
  const waitMs = tries.count === 0 ? 0 : (waits[Math.min(tries.count, waits.length) - 1] ?? 0);
  const leftMs = waitMs - Math.max(0, clock.now() - tries.lastTime);
  if (leftMs <= 0) return Promise.resolve();
  return new Promise((resolve) => {
    clock.after(leftMs, resolve);
  });
}
