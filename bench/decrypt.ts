// What the module costs over bare decryption: sealed parts go in by message, are recorded, decrypted and counted durably; beside it, in the
// same browser and in turns, WebCrypto decrypts parts of the same size that lie ready in a worker, with as many in flight.
import { type Bench, figureOf, ratioAtLeast } from './figure.ts';
import type { DecryptLoad } from './page/messages.ts';
import { withBenchPage } from './rig/bench-page.ts';

const ROUNDS = 7;
/** 256 MiB a round, held whole by the page; the parts before them warm the code up and are not timed. */
const LOAD: DecryptLoad = { warmUpParts: 32, parts: 256, partBytes: 1024 * 1024, inFlight: 16 };
const GOAL_RATIO = 0.8;
const BYTES_PER_MB = 1_000_000;

export const decryptBench: Bench = {
  about: `${LOAD.parts} parts of 1 MiB a round, ${LOAD.inFlight} in flight, in turns with bare WebCrypto`,
  run: ({ runs, say }) =>
    withBenchPage(async (measure) => {
      const module: number[] = [];
      const bare: number[] = [];
      for (let round = 0; round < (runs ?? ROUNDS); round += 1) {
        bare.push(...(await measure({ kind: 'bare-decrypt', load: LOAD })).map(megabytes));
        module.push(...(await measure({ kind: 'module-decrypt', load: LOAD })).map(megabytes));
        say(`round ${round + 1}: module ${module.at(-1)?.toFixed(0)} MB/s, bare ${bare.at(-1)?.toFixed(0)} MB/s`);
      }
      const peer = { name: 'bare WebCrypto AES-256-GCM in one worker', rounds: bare };
      return [figureOf({ name: 'decrypt', unit: 'MB/s', rounds: module, peer, goal: ratioAtLeast(GOAL_RATIO) })];
    }),
};

function megabytes(bytes: number): number {
  return bytes / BYTES_PER_MB;
}
