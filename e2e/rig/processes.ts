// Runs the project's own programs as a person does, in a process of their own, and collects what they print.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { pinnedNode, root } from '../../scripts/paths.mjs';

/** What a program ended with and what it said. */
export type Ended = { readonly code: number; readonly out: string; readonly err: string };

/**
 * Runs `npm run farebox -- …args` without npm, to its end.
 * @param environment settings over those of this process; `FAREBOX_DATA` names the provider's folder
 */
export function runFarebox(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(pinnedNode, [join(root, 'server-mock/cli.ts'), ...args], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({ code: code ?? -1, out: Buffer.concat(out).toString('utf8'), err: Buffer.concat(err).toString('utf8') }),
    );
  });
}
