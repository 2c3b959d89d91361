// Sets, changes and removes the lock, and what is set for it. Called by commands/. The order is the promise: the person approves, a present
// factor is proven, the new one is made, and one commit puts the new vault in place of the old one; then the checkpoint's slots follow.
// Cut anywhere, the old or the new factors open the module.

import type { Bytes } from '../../protocol/bytes.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { LockFactor } from '../commands.ts';
import type { Core } from '../core.ts';
import type { SurfaceAnswer } from '../frame-messages.ts';
import {
  equalVaults,
  factorsOf,
  makeDeviceSlot,
  openDeviceSlot,
  sealPasskeySlot,
  sealPassphraseSlot,
} from '../keys/vault.ts';
import { MODULE_LIMITS } from '../limits.ts';
import { expectApproved } from '../settings/approval.ts';
import { settingsOf } from '../settings/settings.ts';
import { ROW_VERSION, type VaultSlot } from '../store/rows.ts';
import { approvalOfChange, approvalOfIdle, approvalOfRemoval } from './lock-approvals.ts';
import { proveFactor, type WrongTries } from './prove-factor.ts';

const PRF_SALT_BYTES = 32;
const USER_ID_BYTES = 16;

/**
 * Sets or changes a factor, beside the others; `none` takes all of them away. Durable on return, the checkpoint included.
 * @throws FareboxError `lock/bound-keys`, `lock/no-passkey`, `lock/wrong`, `lock/too-many`, `consent/*`, `store/conflict` where another tab
 * changed the lock meanwhile.
 */
export async function changeLock(core: Core, factor: LockFactor | 'none', tries: WrongTries): Promise<void> {
  const identity = await core.store.meta('identity');
  if (factor !== 'none' && identity?.keys.kind === 'bound') throw new FareboxError('lock/bound-keys');
  const before = await readVault(core);
  const factors = factorsOf(before);
  if (factor === 'none' && factors.length === 0) return;
  await expectApproved(core, approvalOfChange(factor, factors));
  const rootKey = openDeviceSlot(before) ?? (await proveFactor(core, before, tries));
  try {
    const slot = factor === 'none' ? makeDeviceSlot(rootKey) : await askForSlot(core, factor, rootKey);
    const others = before.filter(({ kind }) => kind !== 'device' && kind !== slot.kind);
    await commitVault(core, before, slot.kind === 'device' ? [slot] : [...others, slot]);
  } finally {
    rootKey.fill(0);
  }
}

/**
 * Removes one factor, durable on return, the checkpoint included; nothing happens where there is none of that kind. Proven is a factor that
 * stays: whoever holds any factor can take the whole lock away, so that this keeps nobody out, but a person who removes what they lost, or the
 * wrong one, can come in afterwards. Where none stays the lock goes, as with `none`, and the last factor itself is proven.
 * @throws FareboxError `lock/wrong`, `lock/too-many`, `lock/no-passkey`, `consent/*`, `store/conflict` where another tab changed the lock meanwhile.
 */
export async function removeFactor(core: Core, factor: LockFactor, tries: WrongTries): Promise<void> {
  const before = await readVault(core);
  const staying = before.filter(({ kind }) => kind !== factor);
  if (staying.length === before.length) return;
  const isLast = staying.length === 0;
  await expectApproved(core, approvalOfRemoval(factor, factorsOf(staying)));
  const rootKey = await proveFactor(core, isLast ? before : staying, tries);
  try {
    await commitVault(core, before, isLast ? [makeDeviceSlot(rootKey)] : staying);
  } finally {
    rootKey.fill(0);
  }
}

/**
 * Sets after how much idleness the module locks itself, in milliseconds, or null for never; durable on return. A longer wait is a weaker
 * lock and is the person's to approve. @throws FareboxError `lock/none` where there is no lock, `consent/*`.
 */
export async function changeIdleLock(core: Core, idleLockMs: number | null): Promise<void> {
  if (factorsOf(await readVault(core)).length === 0) throw new FareboxError('lock/none');
  const present = settingsOf(await core.store.meta('settings')).idleLockMs;
  const isWeaker = present !== null && (idleLockMs === null || idleLockMs > present);
  if (isWeaker) await expectApproved(core, approvalOfIdle(idleLockMs));
  await core.committer.commit({
    sessions: [],
    apply: (draft) => draft.putMeta({ ...settingsOf(draft.meta('settings')), idleLockMs }),
  });
}

async function readVault(core: Core): Promise<readonly VaultSlot[]> {
  const row = await core.store.meta('vault');
  if (row === null) throw new FareboxError('store/wiped');
  return row.slots;
}

async function commitVault(core: Core, before: readonly VaultSlot[], slots: readonly VaultSlot[]): Promise<void> {
  await core.committer.commit({
    sessions: [],
    apply: (draft) => {
      const stored = draft.meta('vault')?.slots ?? [];
      // Built on another vault: writing it would bring back a factor that was changed meanwhile.
      if (!equalVaults(stored, before)) throw new FareboxError('store/conflict');
      draft.putMeta({ name: 'vault', version: ROW_VERSION, slots });
      // An idle lock belongs to a lock.
      if (factorsOf(slots).length === 0) draft.putMeta({ ...settingsOf(draft.meta('settings')), idleLockMs: null });
    },
  });
  await core.checkpointer.rewriteBoth();
}

async function askForSlot(core: Core, factor: LockFactor, rootKey: Bytes): Promise<VaultSlot> {
  const { ask, random, passphraseCost } = core;
  if (factor === 'passphrase') {
    const answer = await ask({ kind: 'new-passphrase', minLength: MODULE_LIMITS.passphraseLengthMin });
    if (answer.kind !== 'passphrase') throw refusalOf(answer);
    return sealPassphraseSlot(rootKey, answer.passphrase, passphraseCost, random);
  }
  const prfSalt = random(PRF_SALT_BYTES);
  // A new user for each passkey: an authenticator replaces the passkey of a user that it knows, and the old one must open until the commit.
  const answer = await ask({
    kind: 'new-passkey',
    userName: await nameForPasskey(core),
    userId: random(USER_ID_BYTES),
    prfSalt,
  });
  if (answer.kind !== 'passkey') throw refusalOf(answer);
  return sealPasskeySlot(rootKey, { ...answer, prfSalt }, random);
}

async function nameForPasskey(core: Core): Promise<string> {
  const identity = await core.store.meta('identity');
  return identity === null ? 'Farebox' : `Farebox module ${identity.moduleId.slice(0, 8)}`;
}

function refusalOf(answer: SurfaceAnswer): FareboxError {
  if (answer.kind === 'unavailable') return new FareboxError('lock/no-passkey');
  return new FareboxError(answer.kind === 'covered' ? 'consent/covered' : 'consent/refused');
}
