// A Chromium with a profile of its own that can be killed, every process of it at once, as by a loss of power to the program (not to the
// disk). Used by the sigkill run.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { chromiumFlags, requireChromium } from '../../scripts/chromium.mjs';

/** A started browser on the fault page. */
export type KillableBrowser = {
  readonly page: Page;
  /** SIGKILL to every process of this profile; resolves when they are gone. */
  kill(): Promise<void>;
  /** Ends it as a person does. */
  close(): Promise<void>;
};

/** Starts Chromium on `profile` and opens `address`. */
export async function openKillableBrowser(profile: string, address: string): Promise<KillableBrowser> {
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: requireChromium(),
    args: chromiumFlags(),
  });
  const page = await context.newPage();
  await page.goto(address);
  await page.waitForFunction(() => 'faults' in window);
  return { page, close: () => context.close(), kill: () => killAll(profile, context) };
}

async function killAll(profile: string, context: BrowserContext): Promise<void> {
  const closed = new Promise<void>((resolve) => context.on('close', () => resolve()));
  for (let found = processesOf(profile); found.length > 0; found = processesOf(profile)) {
    for (const pid of found) killOne(pid);
  }
  await closed;
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // Gone between the look and the kill.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Every process that names the profile on its command line, and those that they started (they carry no profile of their own). */
function processesOf(profile: string): readonly number[] {
  const all = existsSync('/proc/self/stat') ? processesInProc() : processesByPs();
  const named = new Set(all.flatMap(({ pid, command }) => (command.includes(profile) ? [pid] : [])));
  for (let size = -1; size !== named.size; ) {
    size = named.size;
    for (const { pid, parent } of all) if (named.has(parent)) named.add(pid);
  }
  named.delete(process.pid);
  return [...named].filter((pid) => !all.some((found) => found.pid === pid && found.state.startsWith('Z')));
}

type Found = { readonly pid: number; readonly parent: number; readonly state: string; readonly command: string };

function processesInProc(): readonly Found[] {
  return readdirSync('/proc').flatMap((name) => (/^\d+$/.test(name) ? describe(Number(name)) : []));
}

/** Where there is no /proc: macOS. */
function processesByPs(): readonly Found[] {
  const { stdout, error } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,args='], { encoding: 'utf8' });
  if (error !== undefined) throw error;
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, state = '', command = ''] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), state, command }];
  });
}

function describe(pid: number): readonly Found[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // After the name, which is in brackets and may hold anything: state, parent.
    const [state = '', parent = ''] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return [{ pid, state, parent: Number(parent), command }];
  } catch {
    // A process that has just ended has nothing to kill.
    return [];
  }
}
