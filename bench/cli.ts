// `npm run bench -- [--json] [NAME…] [--runs N]`: runs the named benches, or all, one after the other, and prints their figures: a table,
// or with --json one JSON object per line. Ends with 1 where a goal is missed. Progress goes to standard error.
import { parseArgs } from 'node:util';
import type { Bench, BenchFigure } from './figure.ts';
import { removeSample } from './rig/sample.ts';

/** Every bench by name, loaded only when it runs. */
const BENCHES: ReadonlyMap<string, () => Promise<Bench>> = new Map([
  ['decrypt', async () => (await import('./decrypt.ts')).decryptBench],
  ['record', async () => (await import('./record.ts')).recordBench],
  ['keys', async () => (await import('./keys.ts')).keysBench],
  ['sign-in', async () => (await import('./sign-in.ts')).signInBench],
  ['customize', async () => (await import('./customize.ts')).customizeBench],
  ['derive', async () => (await import('./derive.ts')).deriveBench],
  ['first-picture', async () => (await import('./first-picture.ts')).firstPictureBench],
  ['first-picture/pointed', async () => (await import('./first-picture.ts')).pointedBench],
  ['seek', async () => (await import('./seek.ts')).seekBench],
  ['cpu', async () => (await import('./cpu.ts')).cpuBench],
  ['squeeze', async () => (await import('./squeeze.ts')).squeezeBench],
  ['fan-out', async () => (await import('./fan-out.ts')).fanOutBench],
  ['memory', async () => (await import('./memory.ts')).memoryBench],
  ['smooth', async () => (await import('./smooth.ts')).smoothBench],
  ['publish', async () => (await import('./publish.ts')).publishBench],
  ['weight', async () => (await import('./weight.ts')).weightBench],
  ['store', async () => (await import('./store.ts')).storeBench],
  ['resume', async () => (await import('./resume.ts')).resumeBench],
  ['restore', async () => (await import('./restore.ts')).restoreBench],
  ['kill', async () => (await import('./kill.ts')).killBench],
  ['sigkill', async () => (await import('./sigkill.ts')).sigkillBench],
  ['clone', async () => (await import('./clone.ts')).cloneBench],
  ['tabs', async () => (await import('./tabs.ts')).tabsBench],
]);

/** More rounds than this would run for hours; it is a mistake in typing. */
const MOST_RUNS = 100_000;

type Request = { readonly json: boolean; readonly runs: number | null; readonly names: readonly string[] };

/** A line for the person who typed the command wrongly. */
class UsageError extends Error {}

function requestFrom(args: readonly string[]): Request {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: { json: { type: 'boolean', default: false }, runs: { type: 'string' } },
  });
  const unknown = positionals.filter((name) => !BENCHES.has(name));
  if (unknown.length > 0)
    throw new UsageError(`no bench is named ${unknown.join(', ')}; there are ${[...BENCHES.keys()].join(', ')}`);
  const runs = values.runs === undefined ? null : Number(values.runs);
  if (runs !== null && !(Number.isInteger(runs) && runs >= 1 && runs <= MOST_RUNS)) {
    throw new UsageError(`--runs takes a whole number from 1 to ${MOST_RUNS}`);
  }
  return { json: values.json, runs, names: positionals.length > 0 ? positionals : [...BENCHES.keys()] };
}

function print(figure: BenchFigure, json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify(figure)}\n`);
    return;
  }
  const { name, value, unit, peer, peerValue, ratio, goal, ok, spread } = figure;
  const range = spread === undefined ? '' : ` (${spread.low} to ${spread.high}, ${spread.rounds} rounds)`;
  const against = peer === null ? '' : `; ${peer}: ${peerValue} ${unit}, ratio ${ratio}`;
  process.stdout.write(
    `${ok ? 'met   ' : 'MISSED'}  ${name.padEnd(20)} ${value} ${unit}${range}${against}; goal ${goal}\n`,
  );
}

async function main(args: readonly string[]): Promise<number> {
  const { json, runs, names } = requestFrom(args);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  let missed = 0;
  for (const name of names) {
    const bench = await BENCHES.get(name)?.();
    if (bench === undefined) throw new UsageError(`no bench is named ${name}`);
    say(`== ${name}: ${bench.about}`);
    for (const figure of await bench.run({ runs, say })) {
      print(figure, json);
      if (!figure.ok) missed += 1;
    }
  }
  return missed === 0 ? 0 : 1;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isUsage = error instanceof UsageError || (error instanceof TypeError && 'code' in error);
  process.stderr.write(`bench: ${error instanceof Error ? (isUsage ? error.message : error.stack) : String(error)}\n`);
  process.exitCode = isUsage ? 2 : 1;
} finally {
  await removeSample();
}
