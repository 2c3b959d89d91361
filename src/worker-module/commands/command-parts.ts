// What every group of commands acts on, and how a command gets at an open module. Made by module.ts, called by the handlers of this folder.

import { FareboxError, type FareboxErrorCode } from '../../protocol/errors.ts';
import type { Surroundings } from '../core.ts';
import type { TabDisplay } from '../frame-gateway.ts';
import type { ModuleLife, Opened } from '../life.ts';
import type { StorageHealth } from '../store/health.ts';

/** What the commands act on. */
export type CommandParts = {
  readonly life: ModuleLife;
  readonly health: StorageHealth;
  readonly around: Surroundings;
  /** Calls that the gate dropped since this worker started. */
  readonly droppedCalls: () => number;
  readonly display: TabDisplay;
};

/** The open module, for a command that only reads. @throws FareboxError `module/locked`, `store/*`. */
export function expectOpened({ life, health }: CommandParts): Opened {
  const opened = life.opened();
  if (opened !== null) return opened;
  throw new FareboxError(life.lockState() === 'locked' ? 'module/locked' : storageCode(health));
}

/** The open module, for a command that writes or plays: a lost store refuses before anything is begun. @throws FareboxError `module/locked`, `store/*`. */
export function expectWritable(parts: CommandParts): Opened {
  const refusal = parts.health.refusal();
  if (refusal !== null) throw new FareboxError(refusal);
  return expectOpened(parts);
}

function storageCode(health: StorageHealth): FareboxErrorCode {
  const state = health.state();
  return state === 'ready' ? 'module/internal' : `store/${state}`;
}
