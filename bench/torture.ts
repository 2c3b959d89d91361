// `npm run torture -- NAME`: the tests of `npm test` repeated far more often, and the fault runs of the bench at full size, with other seeds each time. A seed that fails is printed
// and becomes a test of its own. n clean repetitions bound the rate of failures below 3/n at 95 %, of this generator and no more.
import { spawn } from 'node:child_process';
import { pinnedNode, root } from '../scripts/paths.mjs';
import { readSources } from '../scripts/source/read.ts';

type Torture =
  /** Tests with properties, repeated. */
  | { readonly about: string; readonly timesAsMany: number; readonly files: RegExp }
  /** A fault run of the bench at full size. */
  | { readonly about: string; readonly bench: string; readonly runs: number };

const PROPERTIES = /\bfast-check\b/;

const TORTURES: ReadonlyMap<string, Torture> = new Map([
  ['properties', { about: 'every property test', timesAsMany: 200, files: /\.test\.tsx?$/ }],
  [
    'decoders',
    { about: 'structured garbage for the decoders', timesAsMany: 50, files: /^src\/protocol\/.*\.test\.ts$/ },
  ],
  [
    'gate',
    { about: 'hostile messages for the gate', timesAsMany: 50, files: /^src\/worker-module\/gate\/.*\.test\.ts$/ },
  ],
  [
    'models',
    {
      about: 'record, player and ledger against their models',
      timesAsMany: 70,
      files: /^(src\/worker-module\/record|src\/player|server-mock\/ledger)\/.*\.test\.ts$/,
    },
  ],
  [
    'kill',
    {
      about: 'every operation cut at every commit and message, and seeded cuts in memory',
      bench: 'kill',
      runs: 10_000,
    },
  ],
  ['sigkill', { about: 'Chromium killed while it writes, bytes of its database flipped', bench: 'sigkill', runs: 100 }],
  ['clone', { about: 'copied profiles met in every order, and honest restarts', bench: 'clone', runs: 10_000 }],
  ['memory', { about: 'two hours of programme played fast, the module’s heap looked at', bench: 'memory', runs: 120 }],
  ['tabs', { about: 'two and three tabs over one database', bench: 'tabs', runs: 600 }],
]);

function run(torture: Torture): Promise<number> {
  if ('bench' in torture) return runPinned(['bench/cli.ts', torture.bench, '--runs', String(torture.runs)], {});
  const files = readSources(root)
    .filter(({ path, text }) => torture.files.test(path) && PROPERTIES.test(text))
    .map(({ path }) => path);
  if (files.length === 0) throw new Error('no test has properties to repeat');
  // Repeating takes as long as it takes; only a hang of hours is a failure.
  return runPinned(['node_modules/vitest/vitest.mjs', 'run', '--testTimeout=36000000', ...files], {
    FAREBOX_RUNS: String(torture.timesAsMany),
  });
}

function runPinned(args: readonly string[], environment: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(pinnedNode, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...environment } });
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

const names = process.argv.slice(2);
const unknown = names.filter((name) => !TORTURES.has(name));
if (names.length === 0 || unknown.length > 0) {
  const list = [...TORTURES].map(
    ([name, torture]) =>
      `  ${name.padEnd(12)} ${torture.about}, ${'bench' in torture ? `${torture.runs} runs` : `${torture.timesAsMany} times as often`}`,
  );
  process.stderr.write(`Name what to torture: npm run torture -- NAME…\n${list.join('\n')}\n`);
  process.exitCode = 2;
} else {
  for (const name of names) {
    const torture = TORTURES.get(name);
    if (torture !== undefined && (await run(torture)) !== 0) process.exitCode = 1;
  }
}
