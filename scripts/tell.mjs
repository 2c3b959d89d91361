// How the scripts speak: progress on standard error (standard output belongs to the program that is run), and one clear line
// when something cannot go on. Runs on any Node from 20. It must never import a package: nothing is installed yet when it runs.

/** A reason to stop that a person can act on. Its message is one line and is all that is printed. */
export class Stop extends Error {}

/**
 * Prints one line of progress.
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * Runs a script's main function and turns what it throws into one line and exit code 1.
 * @param {() => Promise<number>} main resolves with the exit code
 */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    say(`farebox: ${reasonOf(error)}`);
    process.exitCode = 1;
  }
}

/**
 * @param {unknown} error
 * @returns {string}
 */
function reasonOf(error) {
  if (error instanceof Stop) return error.message;
  if (error instanceof Error && 'code' in error) {
    const path = 'path' in error ? ` ${error.path}` : '';
    if (error.code === 'EACCES' || error.code === 'EPERM' || error.code === 'EROFS') {
      return `no permission to write${path}. Change its owner or work in a folder of your own.`;
    }
    if (error.code === 'ENOSPC')
      return `the disk is full${path === '' ? '' : ` (writing${path})`}. Free some space and try again.`;
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
