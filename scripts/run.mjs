// Starts other programs for the scripts: waits for them, hands signals on, and gives back what they ended with.
// Runs on any Node from 20 and imports no package.
import { spawn } from 'node:child_process';
import { inProject, pinnedNode, root } from './paths.mjs';

/**
 * Where Node keeps what it has compiled, for all of the project's programs: half of what a command takes to start. It is keyed by content, so
 * it is never stale; a folder that somebody named already stays.
 */
process.env.NODE_COMPILE_CACHE ??= inProject('node_modules', '.cache', 'node');

/**
 * Runs a program in the project's folder until it ends. SIGINT and SIGTERM to us go to it, so that it can stop in order.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ stdio?: import('node:child_process').StdioOptions, env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 * @returns {Promise<number>} exit code; 128 + n where a signal ended it
 */
export function run(program, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd ?? root,
      stdio: options.stdio ?? 'inherit',
      env: options.env ?? process.env,
    });
    /** @param {NodeJS.Signals} signal */
    const handOn = (signal) => child.kill(signal);
    process.on('SIGINT', handOn);
    process.on('SIGTERM', handOn);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      process.off('SIGINT', handOn);
      process.off('SIGTERM', handOn);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}

/**
 * Runs a program quietly and collects what it prints.
 * @param {string} program
 * @param {readonly string[]} args
 * @returns {Promise<{ code: number, output: string }>} code 127 where it cannot be started
 */
export function runQuietly(program, args) {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    /** @type {Buffer[]} */
    const chunks = [];
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    child.once('error', () => resolve({ code: 127, output: '' }));
    child.once('close', (code) => resolve({ code: code ?? 1, output: Buffer.concat(chunks).toString('utf8') }));
  });
}

/**
 * Runs a script, TypeScript or not, with the pinned Node.
 * @param {string} script path from the project's folder
 * @param {readonly string[]} args
 * @param {{ stdio?: import('node:child_process').StdioOptions, env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 */
export function runPinned(script, args, options) {
  return run(pinnedNode, [script, ...args], options);
}
