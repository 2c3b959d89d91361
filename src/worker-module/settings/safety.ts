// How safe what is stored is from the browser itself: whether it promised not to evict, whether a backup was shown to open, and how full it
// is. Called by `status`, and by whatever sets money aside. Says what is so; it changes nothing.

import type { StorageSafety } from '../commands.ts';
import type { Core } from '../core.ts';
import { MODULE_LIMITS } from '../limits.ts';
import type { BackupRow, SettingsRow } from '../store/rows.ts';
import { settingsOf } from './settings.ts';

/** The browser's estimate of its storage for this origin, in bytes; null where it gives none. Never throws. */
export type EstimateStorage = () => Promise<{ readonly usageBytes: number | null; readonly quotaBytes: number | null }>;

/** The estimate of the browser this worker runs in. */
export const browserEstimate: EstimateStorage = async () => {
  try {
    const { usage, quota } = await navigator.storage.estimate();
    return { usageBytes: usage ?? null, quotaBytes: quota ?? null };
  } catch {
    // A browser without the estimate, or one that refuses it: not known, which is what the screen then says.
    return { usageBytes: null, quotaBytes: null };
  }
};

/** True where an eviction would lose nothing that cannot be brought back: storage is persistent, or a backup was verified. */
export function isSafe(settings: SettingsRow, backup: BackupRow | null): boolean {
  return settings.persistent || (backup !== null && backup.verifiedTime !== null);
}

/** The state of storage as the screens show it. */
export async function readSafety(core: Pick<Core, 'store'>, estimate: EstimateStorage): Promise<StorageSafety> {
  const [row, backup, { usageBytes, quotaBytes }] = await Promise.all([
    core.store.meta('settings'),
    core.store.meta('backup'),
    estimate(),
  ]);
  return {
    persistent: settingsOf(row).persistent,
    backup: backupState(backup),
    backupTime: backup?.madeTime ?? null,
    backupPasskey: (backup?.passkeys ?? []).length > 0,
    usageBytes,
    quotaBytes,
    unsafeLimitMinor: MODULE_LIMITS.unsafeValueMinor,
  };
}

function backupState(backup: BackupRow | null): StorageSafety['backup'] {
  if (backup === null) return 'none';
  return backup.verifiedTime === null ? 'unverified' : 'verified';
}
