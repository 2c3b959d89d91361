// The row of downloaded keys as somebody alters it who writes into the module's database and makes its sum anew: a bit within the seal turns.
import { createHash } from 'node:crypto';
import type { Page } from '@playwright/test';

const DATABASE_NAME = 'farebox-module';
const SUM_BYTES = 8;

/** Alters it in the profile of this page, whose module is open. */
export async function alterKeys(page: Page, moduleOrigin: string): Promise<void> {
  const frame = page.frames().find((candidate) => new URL(candidate.url()).origin === moduleOrigin);
  if (frame === undefined) throw new Error('the module has no frame on this page');
  const row = await frame.evaluate(readRow, DATABASE_NAME);
  row.sealed[40] = (row.sealed[40] ?? 0) ^ 1;
  await frame.evaluate(writeRow, { database: DATABASE_NAME, ...row, sum: sumOf(row) });
}

/** The sum that the module keeps beside such a row: over its byte strings, then over everything else as a text. */
function sumOf({ version, nonce, sealed }: Stored): number[] {
  const text = `m4:4:namestring4:keys5:nonceb${nonce.length}:6:sealedb${sealed.length}:7:versionnumber1:${version}`;
  const hash = createHash('sha256').update(Uint8Array.from(nonce)).update(Uint8Array.from(sealed)).update(text);
  return [...hash.digest().subarray(0, SUM_BYTES)];
}

type Stored = { readonly version: number; readonly nonce: number[]; readonly sealed: number[] };

/** Runs in the module's document. */
async function readRow(database: string): Promise<Stored> {
  const open = indexedDB.open(database);
  await new Promise((resolve, reject) => Object.assign(open, { onsuccess: resolve, onerror: reject }));
  const asked = open.result.transaction('meta').objectStore('meta').get('keys');
  await new Promise((resolve, reject) => Object.assign(asked, { onsuccess: resolve, onerror: reject }));
  open.result.close();
  const row: unknown = asked.result;
  const member = (name: string): unknown => (typeof row === 'object' && row !== null ? Reflect.get(row, name) : null);
  const bytes = (name: string): number[] => {
    const value = member(name);
    if (!(value instanceof Uint8Array)) throw new Error(`the row has no ${name}`);
    return [...value];
  };
  return { version: Number(member('version')), nonce: bytes('nonce'), sealed: bytes('sealed') };
}

/** Runs in the module's document. */
async function writeRow({
  database,
  version,
  nonce,
  sealed,
  sum,
}: Stored & { readonly database: string; readonly sum: number[] }): Promise<void> {
  const open = indexedDB.open(database);
  await new Promise((resolve, reject) => Object.assign(open, { onsuccess: resolve, onerror: reject }));
  const writing = open.result.transaction('meta', 'readwrite', { durability: 'strict' });
  const bytes = { nonce: Uint8Array.from(nonce), sealed: Uint8Array.from(sealed), sum: Uint8Array.from(sum) };
  writing.objectStore('meta').put({ name: 'keys', version, ...bytes });
  await new Promise((resolve, reject) => Object.assign(writing, { oncomplete: resolve, onerror: reject }));
  open.result.close();
}
