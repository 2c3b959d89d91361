// The strip chart of delivery as columns: one for each frame in the order in which it came to an outcome, as high as its quality, with what
// became of it. Pure; drawn by delivery-chart.tsx.

import { type DeliveredFrame, FRAME_MARKS } from '../../player/tally.ts';
import { formatRung } from '../format.ts';

/** One column: how high it stands, 0–1, and what it is. */
export type Column = { readonly key: string; readonly height: number; readonly kind: 'on-time' | 'late' | 'lost' };

/** Columns of what was delivered last. `rungs`: labels, lowest first. */
export function columnsOf(recent: readonly DeliveredFrame[], rungs: readonly string[]): readonly Column[] {
  return recent.map(({ order, mark, rung }) => {
    const rank = rungs.indexOf(rung);
    const height = mark === FRAME_MARKS.failed || rank < 0 ? 1 : (rank + 1) / rungs.length;
    const kind = mark === FRAME_MARKS.failed ? 'lost' : mark === FRAME_MARKS.late ? 'late' : 'on-time';
    return { key: String(order), height, kind };
  });
}

/** The chart in one sentence. */
export function describeDelivery(recent: readonly DeliveredFrame[]): string {
  const countOf = (wanted: number): number => recent.filter(({ mark }) => mark === wanted).length;
  const last = recent.findLast(({ mark }) => mark !== FRAME_MARKS.failed);
  const quality = last === undefined ? '' : `; now at ${formatRung(last.rung)}`;
  const counts = `${countOf(FRAME_MARKS.decrypted)} on time, ${countOf(FRAME_MARKS.late)} late, ${countOf(FRAME_MARKS.failed)} lost`;
  return recent.length === 0 ? 'No frame was delivered yet' : `The last ${recent.length} frames: ${counts}${quality}`;
}
