// The record of a version-1 database, opened page by page and checked entry by entry. Called by migrate-v1.ts only.

import { equalBytes } from '../../../protocol/bytes.ts';
import { type CborValue, decodeCbor } from '../../../protocol/cbor.ts';
import { FareboxError } from '../../../protocol/errors.ts';
import type { SessionId } from '../../../protocol/ids.ts';
import { decodeEntry, firstHead, nextHead, type RecordEntry } from '../../../protocol/record-entry.ts';
import { openBytes } from '../sealing.ts';
import { type PageRow1, VERSION_1, type Version1Database } from './rows.ts';

/** What a session's entries say was shown; times in ms since 1970, earliest and latest. */
export type ShownFrames = {
  readonly count: number;
  readonly rungs: ReadonlyMap<string, number>;
  readonly firstTime: number;
  readonly lastTime: number;
};

/** The record in clear bytes. */
export type OpenedRecord1 = {
  readonly pages: readonly { readonly page: PageRow1; readonly clear: Uint8Array }[];
  /** Sessions of which a frame was shown. */
  readonly shown: ReadonlyMap<SessionId, ShownFrames>;
  /** Head of the chain (32 bytes) after entry `counter`, or null beyond its end. */
  headAt(counter: number): Uint8Array | null;
};

/** Opens every page. @throws FareboxError `store/altered` at the first gap, broken link or page that does not open, or where the header says something else. */
export async function openRecord1(database: Version1Database, recordKey: CryptoKey): Promise<OpenedRecord1> {
  const heads: Uint8Array[] = [firstHead()];
  const pages: { readonly page: PageRow1; readonly clear: Uint8Array }[] = [];
  const shown = new Map<SessionId, ShownFrames>();
  for (const page of database.pages) {
    let head = heads.at(-1) ?? firstHead();
    if (page.firstCounter !== heads.length || !equalBytes(page.previousHead, head)) throw broken(page);
    const purpose = ['farebox/page', VERSION_1, page.firstCounter, page.count, page.previousHead] as const;
    const clear = await openBytes(recordKey, purpose, page);
    for (const bytes of entriesOf(page, clear)) {
      const entry = decodeEntry(bytes);
      if (entry.counter !== heads.length) throw broken(page);
      head = nextHead(head, bytes);
      heads.push(head);
      noteShown(shown, entry);
    }
    pages.push({ page, clear });
  }
  const { counter, head } = database.header;
  if (counter !== heads.length - 1 || !equalBytes(head, heads[counter] ?? firstHead())) {
    throw new FareboxError('store/altered', { row: 'header' });
  }
  return { pages, shown, headAt: (at) => heads[at] ?? null };
}

function entriesOf(page: PageRow1, clear: Uint8Array): readonly Uint8Array[] {
  const entries = decodeCbor(clear);
  if (!Array.isArray(entries) || entries.length !== page.count) throw broken(page);
  return entries.map((entry: CborValue) => {
    if (!(entry instanceof Uint8Array)) throw broken(page);
    return entry;
  });
}

function noteShown(shown: Map<SessionId, ShownFrames>, entry: RecordEntry): void {
  if (entry.kind !== 'decrypted') return;
  const before = shown.get(entry.session);
  const rungs = new Map(before?.rungs);
  rungs.set(entry.rung, (rungs.get(entry.rung) ?? 0) + 1);
  shown.set(entry.session, {
    count: (before?.count ?? 0) + 1,
    rungs,
    firstTime: Math.min(before?.firstTime ?? entry.time, entry.time),
    lastTime: Math.max(before?.lastTime ?? entry.time, entry.time),
  });
}

function broken(page: PageRow1): FareboxError {
  return new FareboxError('store/altered', { counter: page.firstCounter });
}
