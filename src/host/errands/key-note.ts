// What the page notes of its module's keys (docs/protocol.md §24): with whom they hold, or that they are to be fetched. Read before every contact,
// so it is a few lines; whoever writes something else there has a contact made by P1, or one request more.

import { HOST_LIMITS } from '../limits.ts';
import type { HostNotes } from './parts.ts';

const NOTE = 'keys';
const HELD = 'held';
const DUE = 'due';
const LOST = 'lost';

type Noted = { readonly notes: HostNotes };

/** The state as one word, and the provider's id where it is known. */
function read({ notes }: Noted): readonly [state: string, provider: string | undefined] {
  const [state = DUE, provider] = (notes.read(NOTE) ?? DUE).split(' ');
  return [state, provider];
}

/** The provider that the module's keys were last of, whether they hold or not; undefined before the first. */
export function keyProvider(parts: Noted): string | undefined {
  return read(parts)[1];
}

/** The provider that a contact may be made with by fig. 2; undefined where it is to be made by P1. */
export function agreedProvider(parts: Noted): string | undefined {
  const [state, provider] = read(parts);
  return state === HELD ? provider : undefined;
}

/** An agreement with this provider (id in hex) was accepted. */
export function noteKeysHeld({ notes }: Noted, provider: string): void {
  notes.write(NOTE, `${HELD} ${provider}`);
}

/** What was agreed is over, or may be: keys are fetched next time. */
export function noteKeysDue(parts: Noted): void {
  parts.notes.write(NOTE, [DUE, keyProvider(parts)].join(' ').trim());
}

/** What is here of it does not serve any more, whatever is agreed: keys are fetched next time as if there were none. */
export function noteKeysLost(parts: Noted): void {
  parts.notes.write(NOTE, [LOST, keyProvider(parts)].join(' ').trim());
}

/** Whether that was noted last. */
export function areKeysLost(parts: Noted): boolean {
  return read(parts)[0] === LOST;
}

/** The provider had none at this moment (ms), or none that are good: it is asked again a day later. */
export function noteKeysRefused(parts: Noted, nowMs: number): void {
  parts.notes.write(NOTE, [nowMs, keyProvider(parts)].join(' ').trim());
}

/** Whether keys are to be fetched without being asked to. A note that a clock set back has put into the future is none. */
export function areKeysDue(parts: Noted & { readonly wallClockMs: () => number }): boolean {
  const [state] = read(parts);
  const ageMs = parts.wallClockMs() - Number(state);
  return state !== HELD && !(ageMs >= 0 && ageMs < HOST_LIMITS.keysEveryMs);
}
