// Keeps a database folder to one process: a lock file with the owner's process id, taken before PGlite opens the folder
// and given back after it has closed. A lock whose owner is gone is taken over. It never waits and never ends a process.

import { randomUUID } from 'node:crypto';
import { link, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { FareboxError } from '../../src/protocol/errors.ts';
import { SERVER_LIMITS } from '../limits.ts';

const ownerSchema = z.object({
  pid: z.number().int().positive(),
  /** Start of the process in clock ticks where the system tells it, so that a reused process id is not taken for the owner. */
  startTicks: z.string().nullable(),
  token: z.uuid(),
});
type Owner = z.infer<typeof ownerSchema>;

/** A held lock. */
export type FolderLock = {
  /** Gives the folder free; a second call does nothing. */
  readonly release: () => Promise<void>;
};

/**
 * Takes the lock at a path.
 * @throws FareboxError `server/locked` with the owner's process id where a living process holds it.
 */
export async function acquireLock(path: string): Promise<FolderLock> {
  const owner: Owner = { pid: process.pid, startTicks: await startTicksOf(process.pid), token: randomUUID() };
  if (!(await claim(path, owner))) {
    await takeOver(path, owner);
  }
  return Object.freeze({
    release: async () => {
      const current = await readOwner(path);
      if (current?.token === owner.token) await rm(path, { force: true });
    },
  });
}

/** Puts the whole file in place in one step; false where there is one already. */
async function claim(path: string, owner: Owner): Promise<boolean> {
  const draft = `${path}.${owner.token}`;
  await writeFile(draft, JSON.stringify(owner), { mode: 0o600, flag: 'wx' });
  try {
    // A hard link fails where the name exists, and never shows a half-written file.
    await link(draft, path);
    return true;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return false;
    throw cause;
  } finally {
    await unlink(draft);
  }
}

/** Replaces a dead owner. A second lock stands around it, so that two newcomers do not remove each other's. */
async function takeOver(path: string, owner: Owner): Promise<void> {
  const guard = `${path}.takeover`;
  const age = await stat(guard).then(
    (found) => Date.now() - found.mtimeMs,
    () => 0,
  );
  if (age > SERVER_LIMITS.lockTakeoverMs) await rm(guard, { force: true });
  if (!(await claim(guard, owner))) throw new FareboxError('server/locked');
  try {
    const current = await readOwner(path);
    if (current !== null && (await isAlive(current))) throw new FareboxError('server/locked', { pid: current.pid });
    await rm(path, { force: true });
    if (!(await claim(path, owner))) throw new FareboxError('server/locked');
  } finally {
    await rm(guard, { force: true });
  }
}

/** The owner as written, or null where there is no readable lock file. */
async function readOwner(path: string): Promise<Owner | null> {
  try {
    const parsed = ownerSchema.safeParse(JSON.parse(await readFile(path, 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

async function isAlive(owner: Owner): Promise<boolean> {
  try {
    process.kill(owner.pid, 0);
  } catch (cause) {
    // EPERM: the process is there and belongs to somebody else.
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EPERM')) return false;
  }
  return owner.startTicks === null || owner.startTicks === (await startTicksOf(owner.pid));
}

/** Field 22 of /proc/PID/stat (proc(5)), or null on systems without it. */
async function startTicksOf(pid: number): Promise<string | null> {
  try {
    const line = await readFile(`/proc/${pid}/stat`, 'utf8');
    // The second field is the command in brackets and may hold spaces; what follows it starts at field 3.
    return line.slice(line.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  } catch {
    return null;
  }
}
