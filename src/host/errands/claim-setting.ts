// Whether claims are made without a press: the person's choice on this device, in the page's own notes. Read by claims.ts, set by a screen.

import type { HostNotes } from './parts.ts';

const NOTE = 'claim-by-itself';

/** As it was set; no where it never was. */
export function claimsByItself(notes: HostNotes): boolean {
  return notes.read(NOTE) === 'yes';
}

/** Sets it. */
export function setClaimsByItself(notes: HostNotes, byItself: boolean): void {
  notes.write(NOTE, byItself ? 'yes' : 'no');
}
