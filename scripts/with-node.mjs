// Runs one of our TypeScript programs with the pinned Node, setting up first where that is needed:
// `node scripts/with-node.mjs bench/cli.ts --json`. Standard output is the program's alone.
import { argv } from 'node:process';
import { runPinned } from './run.mjs';
import { setup } from './setup.mjs';
import { runMain, Stop } from './tell.mjs';

await runMain(async () => {
  const [script, ...args] = argv.slice(2);
  if (script === undefined) throw new Stop('name the program to run: node scripts/with-node.mjs FILE.ts [arguments].');
  await setup();
  return runPinned(script, args);
});
