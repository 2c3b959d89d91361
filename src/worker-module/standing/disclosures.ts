// What left the module and when, from the record read backwards. Called by commands/. Reading is bounded: an evening of frames lies between
// two contacts, and years between the first and the last; what lies further back than the bound is not looked for.

import { decodeEntry, type RecordEntry } from '../../protocol/record-entry.ts';
import type { DisclosureView } from '../commands.ts';
import type { Core } from '../core.ts';
import { MODULE_LIMITS } from '../limits.ts';
import { openPage } from '../record/page.ts';
import type { PageRow } from '../store/rows.ts';

type ReadingCore = Pick<Core, 'store' | 'keys' | 'committer'>;
type Disclosing = Extract<RecordEntry, { kind: 'disclosed' | 'receipt' }>;

/** Newest first, at most MODULE_LIMITS.listedDisclosures, none further back than MODULE_LIMITS.disclosureReads reads of the record. @throws FareboxError `store/altered`. */
export async function listDisclosures(core: ReadingCore): Promise<readonly DisclosureView[]> {
  const header = await core.store.meta('header');
  const found: Disclosing[] = [];
  let last = header?.counter ?? 0;
  for (let reads = 0; last > 0 && reads < MODULE_LIMITS.disclosureReads; reads += 1) {
    const span = await readBackFrom(core, last);
    if (span === null) break;
    found.push(...span.entries.filter(isDisclosing).reverse());
    if (found.length >= MODULE_LIMITS.listedDisclosures) break;
    last = span.firstCounter - 1;
  }
  return Promise.all(found.slice(0, MODULE_LIMITS.listedDisclosures).map((entry) => viewEntry(core, entry)));
}

/** Entries up to `last`, ascending, from one read; null where the record begins after `last`, as one does that was recovered. */
async function readBackFrom(
  core: ReadingCore,
  last: number,
): Promise<{ readonly firstCounter: number; readonly entries: readonly RecordEntry[] } | null> {
  const pages = await pagesUpTo(core, last);
  const firstCounter = pages[0]?.firstCounter;
  if (firstCounter === undefined) return null;
  const opened = await Promise.all(pages.map((page) => openPage(page, core.keys.recordKey)));
  return { firstCounter, entries: opened.flat().map(decodeEntry) };
}

async function pagesUpTo({ store }: ReadingCore, last: number): Promise<readonly PageRow[]> {
  // A page has one entry or more, so that many pages reach `last` from there.
  let from = Math.max(1, last - MODULE_LIMITS.pagesPerRead + 1);
  for (;;) {
    const pages = await store.pages(from, MODULE_LIMITS.pagesPerRead);
    if (pages.length > 0 || from === last) return pages.filter((page) => page.firstCounter <= last);
    // The record begins between the two: half as far back.
    from += Math.ceil((last - from) / 2);
  }
}

function isDisclosing(entry: RecordEntry): entry is Disclosing {
  return entry.kind === 'disclosed' || entry.kind === 'receipt';
}

async function viewEntry(core: ReadingCore, entry: Disclosing): Promise<DisclosureView> {
  const { counter, time } = entry;
  if (entry.kind === 'disclosed') return { counter, time, what: entry.what, to: entry.to };
  const loaded = await core.committer.read(entry.session);
  return { counter, time, what: 'receipt', to: loaded?.terms.provider ?? null };
}
