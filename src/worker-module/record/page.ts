// Pages of the record: the entries of one commit, sealed together under the record key with their place in the chain. Written by
// committer.ts, read by read-record.ts. A page says nothing outside the seal but how many entries it has and which head came before.

import { decodeCbor, encodeCbor } from '../../protocol/cbor.ts';
import { FareboxError } from '../../protocol/errors.ts';
import type { RandomBytes } from '../../protocol/ids.ts';
import { type PageRow, ROW_VERSION } from '../store/rows.ts';
import { openBytes, type SealPurpose, sealBytes } from '../store/sealing.ts';
import type { RecordPlace } from './draft.ts';

/** Seals `entries` (encoded, in order) as the page that follows `before`. */
export async function sealPage(
  entries: readonly Uint8Array[],
  before: RecordPlace,
  recordKey: CryptoKey,
  random: RandomBytes,
): Promise<PageRow> {
  const place = { firstCounter: before.counter + 1, count: entries.length, previousHead: before.head };
  const body = await sealBytes(recordKey, purposeOf(place), encodeCbor(entries), random);
  return { ...place, version: ROW_VERSION, ...body };
}

/** The encoded entries of a page. @throws FareboxError `store/altered` where it does not open or does not hold what it says. */
export async function openPage(page: PageRow, recordKey: CryptoKey): Promise<readonly Uint8Array[]> {
  const entries = decodeCbor(await openBytes(recordKey, purposeOf(page), page));
  if (!Array.isArray(entries) || entries.length !== page.count)
    throw new FareboxError('store/altered', { row: 'page' });
  return entries.map((entry: unknown) => {
    if (!(entry instanceof Uint8Array)) throw new FareboxError('store/altered', { row: 'page' });
    return entry;
  });
}

function purposeOf(place: Pick<PageRow, 'firstCounter' | 'count' | 'previousHead'>): SealPurpose {
  return ['farebox/page', ROW_VERSION, place.firstCounter, place.count, place.previousHead];
}
