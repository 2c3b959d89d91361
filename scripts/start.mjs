// `npm start`: sets up, builds what is stale, and runs the provider, which serves both origins and prints their address.
// Ctrl-C and SIGTERM reach the provider, which stops in order. Runs on any Node from 20.
import { build } from './build.mjs';
import { runPinned } from './run.mjs';
import { setup } from './setup.mjs';
import { runMain } from './tell.mjs';

await runMain(async () => {
  await setup();
  await build();
  return runPinned('server-mock/main.ts', process.argv.slice(2));
});
