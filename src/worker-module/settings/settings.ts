// What the person has set, read with its defaults. Called by the duties that keep to it and by the commands that change it. The row is
// written by the first change; until then, and after a restore of a backup without one, the defaults below hold.

import { MODULE_LIMITS } from '../limits.ts';
import { ROW_VERSION, type SettingsRow } from '../store/rows.ts';

/** The settings as stored, or as a new module has them: no idle lock, the default allowance, storage that the browser may evict. */
export function settingsOf(row: SettingsRow | null): SettingsRow {
  if (row !== null) return row;
  const { allowanceMinor } = MODULE_LIMITS;
  return { name: 'settings', version: ROW_VERSION, idleLockMs: null, allowanceMinor, persistent: false };
}
