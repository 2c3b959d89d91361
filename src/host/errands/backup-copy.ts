// The provider's copies of the backup, docs/protocol.md §15: sealed by the module, carried as they are, one under the words' locator and one for
// each passkey. Renewed after receipts were settled, where something has changed, and not more than once an hour. Loaded when it is needed.

import type { SealedBackup } from '../../worker-module/commands.ts';
import { HOST_LIMITS } from '../limits.ts';
import type { InContact, RelayParts } from './parts.ts';

const NOTE = 'backup-copy';

/** Leaves a backup with the provider wherever it is looked for, and notes when: a cut or a refusal in between begins anew with the first. */
export async function leaveBackup(
  { module, provider, notes, wallClockMs }: RelayParts,
  inContact: InContact,
  { backup, locator, passkeyLocators }: SealedBackup,
  signal: AbortSignal,
): Promise<void> {
  const sent = Uint8Array.from(backup);
  for (const place of [locator, ...passkeyLocators]) {
    await inContact(signal, (contact) => provider.keepBackup({ ...contact, locator: place, backup: sent }));
  }
  // Carrying it is itself an entry of the record, so the counter is read afterwards.
  const { counter } = await module.call('status', {});
  notes.write(NOTE, `${wallClockMs()} ${counter}`);
}

/** Renews the provider's copy where it is time to. Returns whether it was. */
export async function renewBackup(parts: RelayParts, inContact: InContact, signal: AbortSignal): Promise<boolean> {
  const { safety, counter } = await parts.module.call('status', {});
  if (safety.backup === 'none' || !isDue(parts, counter)) return false;
  const copy = await parts.module.call('backupCopy', {});
  if (copy === null) return false;
  await leaveBackup(parts, inContact, copy, signal);
  return true;
}

/** A note that cannot be read, or that a clock set back has put into the future, is none. */
function isDue({ notes, wallClockMs }: RelayParts, counter: number): boolean {
  const [timeMs, notedCounter] = (notes.read(NOTE) ?? '').split(' ').map(Number);
  if (timeMs === undefined || notedCounter === undefined || !Number.isSafeInteger(timeMs)) return true;
  const ageMs = wallClockMs() - timeMs;
  return counter !== notedCounter && (ageMs < 0 || ageMs >= HOST_LIMITS.backupEveryMs);
}
