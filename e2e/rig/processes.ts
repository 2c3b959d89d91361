// Runs the project's own programs as a person does, in a process of their own, and collects what they print.
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pinnedNode, root } from '../../scripts/paths.mjs';

/** What a program ended with and what it said. */
export type Ended = { readonly code: number; readonly out: string; readonly err: string };

/** A program of the project that goes on until it is stopped. */
export type Running = {
  /** The first line of its output that fits; rejects where it ends without one. */
  said(line: RegExp): Promise<string>;
  /** Interrupts it, as Ctrl-C does; answers what it ended with. */
  interrupt(): Promise<Ended>;
  /** Ends it at once, with nothing put in order. */
  kill(): Promise<Ended>;
};

/** Starts `npm run farebox -- …args` without npm. It ends with the run at the latest. */
export function startFarebox(args: readonly string[], environment: Readonly<Record<string, string>>): Running {
  const { child, ended } = spawnFarebox(args, environment);
  const said = (line: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      let out = '';
      child.stdout?.on('data', (chunk: Buffer) => {
        out += chunk.toString('utf8');
        const found = out
          .split('\n')
          .slice(0, -1)
          .find((each) => line.test(each));
        if (found !== undefined) resolve(found);
      });
      void ended.then(({ err }) => reject(new Error(`it ended without saying ${line}: ${err}`)));
    });
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  const stop = (signal: NodeJS.Signals): Promise<Ended> => {
    process.off('exit', end);
    child.kill(signal);
    return ended;
  };
  return { said, interrupt: () => stop('SIGINT'), kill: () => stop('SIGKILL') };
}

/**
 * Runs `npm run farebox -- …args` without npm, to its end.
 * @param environment settings over those of this process; `FAREBOX_DATA` names the provider's folder
 */
export function runFarebox(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<Ended> {
  return spawnFarebox(args, environment).ended;
}

function spawnFarebox(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const child = spawn(pinnedNode, [join(root, 'server-mock/cli.ts'), ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.once('error', reject);
    child.once('close', (code) =>
      resolve({ code: code ?? -1, out: Buffer.concat(out).toString('utf8'), err: Buffer.concat(err).toString('utf8') }),
    );
  });
  return { child, ended };
}
