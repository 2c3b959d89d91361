// The module's state as its holder may see it. Called by handlers.ts; reads only. Of a locked module it says that it is locked, by what it opens,
// and how its storage is: nothing that stands under the lock.

import { firstHead } from '../../protocol/record-entry.ts';
import type { ModuleStatus } from '../commands.ts';
import type { Core } from '../core.ts';
import { factorsOf } from '../keys/vault.ts';
import { MODULE_LIMITS } from '../limits.ts';
import { readAllowance } from '../session/spending.ts';
import { browserEstimate, readSafety } from '../settings/safety.ts';
import { settingsOf } from '../settings/settings.ts';
import { readStanding } from '../standing/read-standing.ts';
import type { CommandParts } from './command-parts.ts';

const MINUTE_MS = 60_000;

type WithoutStore = Pick<ModuleStatus, 'storage' | 'lock' | 'factors' | 'droppedCalls'>;

/** The status at this moment. */
export async function readStatus({ life, health, droppedCalls }: CommandParts): Promise<ModuleStatus> {
  const opened = life.opened();
  const outside: WithoutStore = {
    storage: health.state(),
    lock: life.lockState(),
    factors: life.lockState() === 'none' ? [] : factorsOf(life.vault()),
    droppedCalls: droppedCalls(),
  };
  // A lost store is readable by chance only; what can be said of it for sure is that it was lost.
  if (opened === null || life.lost() !== null) return { ...outside, ...UNKNOWN };
  return { ...outside, ...(await readOpen(opened.core)) };
}

/** What is said where nothing can be read. */
const UNKNOWN: Omit<ModuleStatus, keyof WithoutStore> = {
  moduleId: null,
  certificate: null,
  epoch: 0,
  epochPending: false,
  counter: 0,
  head: firstHead(),
  idleLockMinutes: null,
  keysMovable: true,
  standing: 'unknown',
  safety: {
    persistent: false,
    backup: 'none',
    backupTime: null,
    backupPasskey: false,
    usageBytes: null,
    quotaBytes: null,
    unsafeLimitMinor: MODULE_LIMITS.unsafeValueMinor,
  },
  allowance: { dayMinor: 0, leftMinor: 0 },
};

async function readOpen(core: Core): Promise<Omit<ModuleStatus, keyof WithoutStore>> {
  const [header, identity, settings, standing, safety, allowance] = await Promise.all([
    core.store.meta('header'),
    core.store.meta('identity'),
    core.store.meta('settings'),
    readStanding(core),
    readSafety(core, browserEstimate),
    readAllowance(core),
  ]);
  const { idleLockMs } = settingsOf(settings);
  const certificate = identity?.certificate ?? null;
  return {
    moduleId: certificate === null || identity === null ? null : identity.moduleId,
    certificate,
    epoch: certificate === null || identity === null ? 0 : identity.epoch,
    epochPending: identity !== null && identity.pending !== null,
    counter: header?.counter ?? 0,
    head: header?.head ?? firstHead(),
    idleLockMinutes: idleLockMs === null ? null : idleLockMs / MINUTE_MS,
    keysMovable: identity?.keys.kind !== 'bound',
    standing,
    safety,
    allowance,
  };
}
