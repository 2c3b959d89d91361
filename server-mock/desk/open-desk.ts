// Opens the desk: one socket on this machine alone, an address with a fresh token, and everything behind it. `farebox keys desk` calls it.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { acquireLock } from '../db/lock.ts';
import { type ListenerLimits, openListener } from '../http/listener.ts';
import { SERVER_LIMITS } from '../limits.ts';
import { BatchShelf } from './batch-shelf.ts';
import { deskApp } from './desk-app.ts';
import { deskSite } from './desk-site.ts';
import { KeyLease, type OpenedKeys } from './key-lease.ts';
import { Runs } from './runs.ts';

/** What a desk is opened with. */
export type DeskOptions = {
  /** Folder of the provider. */
  readonly dataDir: string;
  /** 0 lets the system choose. */
  readonly port: number;
  /** Opens the key unit, wherever it is at that moment. */
  readonly openKeys: () => Promise<OpenedKeys>;
  /** ms since 1970. */
  readonly clock: () => number;
};

/** An open desk. */
export type Desk = {
  /** The one address that opens it, token and all. */
  readonly url: string;
  /** Stops what runs behind its last answer, then listens no more. */
  readonly close: () => Promise<void>;
};

/** With no server running the database is held that long after its last use: while a person looks at a page, not while they are at lunch. */
const KEYS_IDLE_MS = 3_000;
/** A large file over a slow disk; everything else is as for the provider's own interfaces. */
const DESK_LISTENER: ListenerLimits = { ...SERVER_LIMITS, requestTimeoutMs: 600_000, stopGraceMs: 1_000 };

/** Opens it. @throws FareboxError `server/locked` where another desk has the folder, `server/port-in-use`, `server/no-permission`. */
export async function openDesk({ dataDir, port, openKeys, clock }: DeskOptions): Promise<Desk> {
  const shelf = new BatchShelf(dataDir, clock);
  await shelf.prepare();
  const lock = await acquireLock(join(shelf.folder, 'desk.lock'));
  try {
    await shelf.clear();
    const keys = new KeyLease(openKeys, KEYS_IDLE_MS);
    const runs = new Runs(keys, clock);
    const token = randomBytes(32).toString('base64url');
    const listener = await openListener('127.0.0.1', port, DESK_LISTENER);
    listener.serve(deskApp({ keys, shelf, runs, site: await deskSite(), token, port: () => listener.port }).fetch);
    const close = async (): Promise<void> => {
      await runs.stop();
      await listener.close();
      await keys.close();
      await lock.release();
    };
    return Object.freeze({ url: `http://127.0.0.1:${listener.port}/#${token}`, close });
  } catch (cause) {
    await lock.release();
    throw cause;
  }
}
