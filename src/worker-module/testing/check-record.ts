// Reads a browser's stored record and holds it against the invariants of docs/protocol.md §8, with its own few lines of chain and count.
// Called by tests after every cut, kill and interleaving.

import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes, equalBytes, utf8 } from '../../protocol/bytes.ts';
import { decodeEntry, type RecordEntry } from '../../protocol/record-entry.ts';
import type { ModuleKeys } from '../core.ts';
import { deriveModuleKeys } from '../keys/root.ts';
import { openDeviceSlot } from '../keys/vault.ts';
import { openPage } from '../record/page.ts';
import type { MemoryRows } from '../store/testing/memory-store.ts';

/**
 * Every entry, in order. `recordKey` is needed where a lock is set; else the vault's own root key gives it. A record that was restored begins
 * with its `alarm` entry, after what the old one knew.
 * @throws an Error that names the first invariant that does not hold.
 */
export async function checkRecord(rows: MemoryRows, recordKey?: CryptoKey): Promise<readonly RecordEntry[]> {
  const { header } = rows.meta;
  if (header === null) throw new Error('there is no record');
  const pageKey = recordKey ?? (await openKeys(rows)).recordKey;
  const entries: RecordEntry[] = [];
  const pages = [...rows.pages.values()].sort((a, b) => a.firstCounter - b.firstCounter);
  const before = (pages[0]?.firstCounter ?? 1) - 1;
  let head: Uint8Array = before === 0 ? new Uint8Array(32) : (pages[0]?.previousHead ?? new Uint8Array(32));
  for (const page of pages) {
    if (!equalBytes(page.previousHead, head)) throw new Error(`broken chain before ${page.firstCounter}`);
    for (const bytes of await openPage(page, pageKey)) {
      head = sha256(concatBytes(utf8('farebox/1 record'), head, bytes));
      const entry = decodeEntry(bytes);
      entries.push(entry);
      if (entry.counter !== before + entries.length) throw new Error(`gap at ${entry.counter}`);
    }
  }
  if (before > 0 && entries[0]?.kind !== 'alarm') throw new Error('a record that begins late without an alarm');
  const counter = before + entries.length;
  if (header.counter !== counter) throw new Error(`header says ${header.counter}, record has ${counter}`);
  if (!equalBytes(header.head, head)) throw new Error('header has another head');
  checkFrames(entries);
  return entries;
}

/** The keys of a module without a lock, from its stored vault. */
export async function openKeys(rows: MemoryRows): Promise<ModuleKeys> {
  const rootKey = openDeviceSlot(rows.meta.vault?.slots ?? []);
  if (rootKey === null) throw new Error('this module has a lock');
  return deriveModuleKeys(rootKey);
}

/** Frames with a `decrypted` entry, ascending. */
export function decryptedFrames(entries: readonly RecordEntry[]): readonly number[] {
  return entries.flatMap((entry) => (entry.kind === 'decrypted' ? [entry.frame] : [])).sort((a, b) => a - b);
}

function checkFrames(entries: readonly RecordEntry[]): void {
  const open = new Map<string, number>();
  const counted = new Set<string>();
  const closed = new Set<string>();
  for (const entry of entries) {
    if (!('session' in entry)) continue;
    if (closed.has(entry.session) && entry.kind !== 'receipt' && entry.kind !== 'acknowledged') {
      throw new Error(`${entry.kind} after the end at ${entry.counter}`);
    }
    if (entry.kind === 'closed') {
      if ([...open].some(([name, count]) => name.startsWith(entry.session) && count > 0)) {
        throw new Error(`closed over a frame without outcome at ${entry.counter}`);
      }
      closed.add(entry.session);
    }
    // Play may stand still for a frame that never came to be reserved.
    if (!('frame' in entry) || entry.kind === 'stalled') continue;
    const name = `${entry.session}/${entry.frame}`;
    const reservations = open.get(name) ?? 0;
    if (entry.kind === 'reserved') open.set(name, reservations + 1);
    else if (reservations === 0) throw new Error(`outcome without reservation at ${entry.counter}`);
    else open.set(name, entry.kind === 'decrypted' ? 0 : reservations - 1);
    if (entry.kind === 'reserved' && counted.has(name)) throw new Error(`reserved after its count at ${entry.counter}`);
    if (entry.kind === 'decrypted') {
      if (counted.has(name)) throw new Error(`counted twice at ${entry.counter}`);
      counted.add(name);
    }
  }
}
