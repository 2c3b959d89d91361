// How fast the key unit customises units (docs/protocol.md §23): a batch as `farebox keys customize` runs it, from commands in a file to
// answers on the disk, database and all. Per second of one core: the processor time that the process took, so that other work on the machine
// changes nothing.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runBatch } from '../server-mock/key-unit/batch.ts';
import { directKeys } from '../server-mock/key-unit/direct-registry.ts';
import { SERVER_LIMITS } from '../server-mock/limits.ts';
import { systemRandom } from '../server-mock/provider.ts';
import { openTestProvider } from '../server-mock/testing/test-provider.ts';
import { toHex } from '../src/protocol/bytes.ts';
import { atLeast, type Bench, figureOf } from './figure.ts';

const ROUNDS = 5;
const UNITS = 4_000;
const GOAL = 1_000;

export const customizeBench: Bench = {
  about: `one batch of ${UNITS} units, one application key each, answers on the disk`,
  run: async ({ runs }) => {
    const at = await openTestProvider();
    const folder = await mkdtemp(join(tmpdir(), 'farebox-customize-'));
    try {
      const keys = directKeys(at.provider);
      await keys.addSet('bench');
      await keys.addApp('bench', { reference: 'wallet', kind: 'key', count: 0 });
      const units = Array.from({ length: UNITS }, () => toHex(systemRandom(16)));
      for (let first = 0; first < UNITS; first += SERVER_LIMITS.keyCommands) {
        await keys.addUnits('bench', units.slice(first, first + SERVER_LIMITS.keyCommands));
      }
      const rounds: number[] = [];
      // One round more than is counted: the first one also compiles.
      for (let round = 0; round <= (runs ?? ROUNDS); round += 1) {
        const unitsFile = join(folder, `units-${round}`);
        const lines = units.map((unit) =>
          JSON.stringify({ unit, reference: 'wallet', random: toHex(systemRandom(16)) }),
        );
        await writeFile(unitsFile, lines.join('\n'));
        const before = process.cpuUsage();
        const report = await runBatch({
          unitsFile,
          answersFile: `${unitsFile}.out`,
          customize: (commands) => keys.customize('bench', commands),
          progress: () => undefined,
          signal: new AbortController().signal,
        });
        const { user, system } = process.cpuUsage(before);
        if (report.customized !== UNITS) throw new Error(`${report.failed.length} units failed`);
        if (round > 0) rounds.push((1e6 * UNITS) / (user + system));
      }
      return [figureOf({ name: 'customize', unit: 'units/s', rounds, goal: atLeast(GOAL) })];
    } finally {
      await at.close();
      await rm(folder, { recursive: true, force: true });
    }
  },
};
