// What a download says of itself, in words: how far it is, why it stands still, until when it can be watched. Pure.

import type { DownloadView } from '../../player/offline/downloads-state.ts';
import { formatMoment, formatSize } from '../format.ts';

/** How far it is, and why it stands still where it does. */
export function sayPhase({
  phase,
  doneBytes,
  sizeBytes,
}: Pick<DownloadView, 'phase' | 'doneBytes' | 'sizeBytes'>): string {
  const amount = `${formatSize(doneBytes)} of ${formatSize(sizeBytes)}`;
  switch (phase) {
    case 'waiting':
      return `Waits for its turn, ${amount}`;
    case 'fetching':
      return `Coming, ${amount}`;
    case 'no-line':
      return `Waits for the connection, ${amount}`;
    case 'paused':
      return `Paused, ${amount}`;
    case 'failed':
      return `Stopped, ${amount}`;
    case 'here':
      return `On this device, ${formatSize(sizeBytes)}`;
  }
}

/** Until when it can be watched, or why it cannot any more. */
export function sayTerm({ term, untilTime }: Pick<DownloadView, 'term' | 'untilTime'>): string {
  switch (term) {
    case 'open':
      return `until ${formatMoment(untilTime)}`;
    case 'ended':
      return 'ended, its receipt is made';
    case 'over':
      return `its time ended ${formatMoment(untilTime)}`;
  }
}

/** `3 days`, `1 day`, `36 hours`: how long a programme may be kept. */
export function sayLength(termMs: number): string {
  const hours = Math.floor(termMs / 3_600_000);
  if (hours % 24 !== 0) return hours === 1 ? '1 hour' : `${hours} hours`;
  return hours === 24 ? '1 day' : `${hours / 24} days`;
}

/** The share that is here, 0 to 1. */
export function shareOf({ doneBytes, sizeBytes }: Pick<DownloadView, 'doneBytes' | 'sizeBytes'>): number {
  return sizeBytes === 0 ? 1 : doneBytes / sizeBytes;
}
