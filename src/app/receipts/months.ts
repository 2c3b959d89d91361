// Puts receipts into the drawer's compartments, one a month. Pure; called by receipts-page.tsx.

import type { ReceiptView } from '../../worker-module/commands.ts';
import { formatMonth } from '../format.ts';

/** A compartment: its month in words, and its receipts, newest first. */
export type Month = { readonly month: string; readonly receipts: readonly ReceiptView[] };

/** Newest month first, newest receipt first in each. Months are those of this device's zone. */
export function byMonth(receipts: readonly ReceiptView[]): readonly Month[] {
  const sorted = receipts.toSorted((a, b) => b.closedTime - a.closedTime);
  const months = Map.groupBy(sorted, ({ closedTime }) => formatMonth(closedTime));
  return [...months].map(([month, inMonth]) => ({ month, receipts: inMonth }));
}
