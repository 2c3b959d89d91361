// Reads the whole stored record of this origin with the module's own reader and holds it against the invariants of docs/protocol.md §8 with
// a few lines of its own: no gap, an unbroken chain, no frame counted twice, no outcome without a reservation. One answer, then it is ended.
import { FareboxError } from '../../src/protocol/errors.ts';
import { deriveModuleKeys } from '../../src/worker-module/keys/root.ts';
import { readRecord } from '../../src/worker-module/record/read-record.ts';
import { openIndexedDbStore } from '../../src/worker-module/store/indexed-db.ts';
import type { RecordStore } from '../../src/worker-module/store/record-store.ts';

/** What was found; `fault` names the first thing that does not hold. */
export type Scan = {
  readonly fault: string | null;
  readonly entries: number;
  readonly counter: number;
  /** Session → frames with a `decrypted` entry. */
  readonly decrypted: Readonly<Record<string, readonly number[]>>;
};

async function scan(): Promise<Scan> {
  const store = await openIndexedDbStore();
  const header = await store.meta('header');
  const slot = (await store.meta('vault'))?.slots.find(({ kind }) => kind === 'device');
  if (header === null || slot?.kind !== 'device') return { fault: 'no record', entries: 0, counter: 0, decrypted: {} };
  const { recordKey } = await deriveModuleKeys(slot.rootKey);
  const first = await findFirst(store, header.counter);
  const decrypted: Record<string, number[]> = {};
  const reserved = new Map<string, number>();
  let entries = 0;
  let last = 0;
  let fault: string | null = null;
  const note = (what: string): void => {
    fault ??= what;
  };
  try {
    for await (const { entry } of readRecord(store, recordKey, first)) {
      if (last !== 0 && entry.counter !== last + 1) note(`gap before ${entry.counter}`);
      last = entry.counter;
      entries += 1;
      if (!('frame' in entry)) continue;
      const name = `${entry.session}/${entry.frame}`;
      const open = reserved.get(name) ?? 0;
      if (entry.kind === 'reserved') reserved.set(name, open + 1);
      else if (open === 0) note(`${entry.kind} of ${name} without a reservation`);
      else reserved.set(name, entry.kind === 'decrypted' ? 0 : open - 1);
      if (entry.kind !== 'decrypted') continue;
      decrypted[entry.session] ??= [];
      if (decrypted[entry.session]?.includes(entry.frame)) note(`${name} counted twice`);
      decrypted[entry.session]?.push(entry.frame);
    }
  } catch (error) {
    if (!(error instanceof FareboxError)) throw error;
    note(`${error.code} after ${last}`);
  }
  if (last !== header.counter) note(`header says ${header.counter}, the record ends at ${last}`);
  return { fault, entries, counter: header.counter, decrypted };
}

/** Counter of the oldest entry there is: 1, or the first one after a recovery. */
async function findFirst(store: Pick<RecordStore, 'pages'>, last: number): Promise<number> {
  let first = last;
  for (;;) {
    const [page] = await store.pages(first, 1);
    if (page === undefined || page.firstCounter <= 1) return page?.firstCounter ?? first;
    const [before] = await store.pages(page.firstCounter - 1, 1);
    if (before === undefined || before.firstCounter >= page.firstCounter) return page.firstCounter;
    first = before.firstCounter;
  }
}

scan().then(
  (found) => self.postMessage(found),
  (error: unknown) => {
    throw error;
  },
);
