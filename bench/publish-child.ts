// One publishing in a process of its own, so that its memory is its own: `publish-child.ts FILE FOLDER`. Prints what publish.ts, which
// starts it, reads: one line of JSON. It lists the programme nowhere.

import type { PublishedProgramme } from '../server-mock/catalogue/registry.ts';
import { configFromEnvironment } from '../server-mock/config.ts';
import { openContentStore } from '../server-mock/content/store.ts';
import { openKeys } from '../server-mock/keys.ts';
import { publishFile } from '../server-mock/publisher/publish.ts';

const [file, dataDir] = process.argv.slice(2);
if (file === undefined || dataDir === undefined) throw new Error('FILE and FOLDER are missing');
const content = await openContentStore(dataDir);
const { provider: signer } = await openKeys(dataDir);
const config = configFromEnvironment({ FAREBOX_DATA: dataDir });
const listed: PublishedProgramme[] = [];
const registry = {
  add: async (programme: PublishedProgramme) => void listed.push(programme),
  list: async () => [],
  remove: async () => undefined,
  removeUnlisted: async () => undefined,
};
const startedMs = performance.now();
const { durationMs, rungs } = await publishFile({ file, title: 'Measured', config, signer, content, registry });
const elapsedMs = performance.now() - startedMs;
if (listed.length !== 1) throw new Error('nothing was listed');
// maxRSS is in kibibytes on every system Node runs on.
const peakBytes = process.resourceUsage().maxRSS * 1024;
process.stdout.write(`${JSON.stringify({ elapsedMs, durationMs, rungs: rungs.length, peakBytes })}\n`);
