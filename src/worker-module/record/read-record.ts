// Reads the record back, entry by entry, and checks the chain while reading. Called when a receipt is made, by restores and at start.
// Reading never changes the record: this file has no access to anything that writes.

import { equalBytes } from '../../protocol/bytes.ts';
import { FareboxError } from '../../protocol/errors.ts';
import { decodeEntry, firstHead, nextHead, type RecordEntry } from '../../protocol/record-entry.ts';
import { MODULE_LIMITS } from '../limits.ts';
import type { RecordStore } from '../store/record-store.ts';
import { openPage } from './page.ts';

/** An entry and the chain's head after it (32 bytes). */
export type ReadEntry = { readonly entry: RecordEntry; readonly head: Uint8Array };

/**
 * Every entry from the page that holds `fromCounter` to the end.
 * @throws FareboxError `store/altered` at the first gap, broken link or page that does not open.
 */
export async function* readRecord(
  store: Pick<RecordStore, 'pages'>,
  recordKey: CryptoKey,
  fromCounter: number,
): AsyncGenerator<ReadEntry> {
  let head: Uint8Array | null = null;
  let next = fromCounter;
  for (;;) {
    const pages = await store.pages(next, MODULE_LIMITS.pagesPerRead);
    for (const page of pages) {
      // The store gives the last page before `next` where there is none that holds it.
      if (page.firstCounter + page.count <= next) continue;
      if (head !== null && (page.firstCounter !== next || !equalBytes(page.previousHead, head))) throw broken(next);
      head = page.previousHead;
      next = page.firstCounter;
      for (const bytes of await openPage(page, recordKey)) {
        const entry = decodeEntry(bytes);
        if (entry.counter !== next) throw broken(next);
        head = nextHead(head, bytes);
        next += 1;
        yield { entry, head };
      }
    }
    if (pages.length < MODULE_LIMITS.pagesPerRead) return;
  }
}

/**
 * The head (32 bytes) after entry `counter`, or null where the record does not reach from before it to it. Reads a page or two, whatever the
 * length of the record. @throws FareboxError `store/altered` where the page does not open or does not hold what it says.
 */
export async function readHeadAt(
  store: Pick<RecordStore, 'pages'>,
  recordKey: CryptoKey,
  counter: number,
): Promise<Uint8Array | null> {
  if (counter === 0) return firstHead();
  const [page] = await store.pages(counter, 1);
  if (page === undefined || page.firstCounter > counter || page.firstCounter + page.count <= counter) {
    // A record that was taken up again begins with a page of its own, which says what came before it.
    const [next] = await store.pages(counter + 1, 1);
    return next?.firstCounter === counter + 1 ? next.previousHead : null;
  }
  let head = page.previousHead;
  for (const bytes of (await openPage(page, recordKey)).slice(0, counter - page.firstCounter + 1)) {
    head = nextHead(head, bytes);
  }
  return head;
}

function broken(counter: number): FareboxError {
  return new FareboxError('store/altered', { counter });
}
