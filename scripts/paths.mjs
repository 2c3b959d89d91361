// Where things are, for the scripts. Runs on any Node from 20 and imports no package.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of package.json. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The pinned Node, which runs our TypeScript without a build. */
export const pinnedNode = join(root, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** Where test stages leave reports, screenshots and traces. */
export const testResults = join(root, 'test-results');

/**
 * A file inside the project.
 * @param {...string} parts
 */
export function inProject(...parts) {
  return join(root, ...parts);
}
