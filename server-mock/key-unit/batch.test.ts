import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FareboxError } from '../../src/protocol/errors.ts';
import { SERVER_LIMITS } from '../limits.ts';
import { type Batch, runBatch } from './batch.ts';
import type { ExportAnswer, ExportCommand } from './registry.ts';

const COMMANDS = 450;

describe('SD-5: a batch', () => {
  let folder: string;
  let unitsFile: string;
  let answersFile: string;
  const lines = Array.from({ length: COMMANDS }, (_, at) =>
    JSON.stringify({ unit: at.toString(16).padStart(32, '0'), reference: 'wallet', random: 'ab'.repeat(16) }),
  );
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'farebox-batch-'));
    unitsFile = join(folder, 'units');
    answersFile = join(folder, 'answers');
    await writeFile(unitsFile, `${lines.join('\n')}\n`);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Answers with the unit's own name, and refuses units whose number ends in 7. */
  const asked: ExportCommand[] = [];
  const answer = async (commands: readonly ExportCommand[]): Promise<ExportAnswer[]> => {
    asked.push(...commands);
    return commands.map(({ unit }) =>
      unit.endsWith('7')
        ? { error: 'keys/unknown-unit' }
        : { sealedKey: 'A', slot: unit, signature: 'B', certificate: 'C' },
    );
  };
  const run = (change: Partial<Batch> = {}) => {
    asked.length = 0;
    const progress = () => undefined;
    return runBatch({
      unitsFile,
      answersFile,
      customize: answer,
      progress,
      signal: new AbortController().signal,
      ...change,
    });
  };
  const answered = async () => (await readFile(answersFile, 'utf8')).trimEnd().split('\n');
  const failures = lines.flatMap((_, at) => (at % 16 === 7 ? [at + 1] : []));

  it('answers each command in one line of the same place, tells its progress, and reports what failed and why', async () => {
    const told: number[] = [];
    const report = await run({ progress: (done) => told.push(done) });
    expect(report).toMatchObject({
      commands: COMMANDS,
      resumed: 0,
      customized: COMMANDS - failures.length,
      finished: true,
    });
    expect(report.failed.map(({ line }) => line)).toEqual(failures);
    expect(report.failed[0]).toEqual({
      line: 8,
      unit: `${'0'.repeat(31)}7`,
      reference: 'wallet',
      error: 'keys/unknown-unit',
    });
    expect(told).toEqual([0, 200, 400, 450]);
    const written = await answered();
    expect(written).toHaveLength(COMMANDS);
    for (const [at, line] of written.entries()) {
      expect(JSON.parse(line)).toMatchObject({ line: at + 1, command: lines[at] });
    }
  });

  it.each([
    ['within the first line', 10],
    ['behind the first piece', -1],
    ['within the second piece', 60_000],
  ])('cut %s, goes on behind the last whole line and ends as if it had not been cut', async (_, sizeBytes) => {
    const whole = await run();
    const bytes = await readFile(answersFile, 'utf8');
    const keptBytes =
      sizeBytes < 0 ? bytes.split('\n').slice(0, SERVER_LIMITS.keyCommands).join('\n').length + 1 : sizeBytes;
    await truncate(answersFile, keptBytes);
    const wholeLines = bytes.slice(0, keptBytes).split('\n').length - 1;
    const report = await run();
    expect(report).toEqual({ ...whole, resumed: wholeLines });
    expect(asked).toHaveLength(COMMANDS - wholeLines);
    expect(await readFile(answersFile, 'utf8')).toBe(bytes);
  });

  it('that failed on the way keeps what was answered and goes on from there', async () => {
    let calls = 0;
    const failing = async (commands: readonly ExportCommand[]) => {
      calls += 1;
      if (calls === 2) throw new FareboxError('network/unreachable');
      return answer(commands);
    };
    await expect(run({ customize: failing })).rejects.toThrow('network/unreachable');
    expect(await answered()).toHaveLength(200);
    expect(await run()).toMatchObject({ resumed: 200, finished: true });
  });

  it('that was stopped says so, and goes on when it is run again', async () => {
    const stopping = new AbortController();
    const report = await run({ progress: (done) => done > 0 && stopping.abort(), signal: stopping.signal });
    expect(report).toMatchObject({ finished: false, commands: COMMANDS });
    expect(await answered()).toHaveLength(200);
    expect(await run()).toMatchObject({ finished: true, resumed: 200 });
  });

  it('names lines that are no commands and does not ask for them', async () => {
    const wrong = ['', '{', '[]', '{"unit":"1"}', lines[0]?.replace('wallet', 'w'.repeat(40)) ?? ''];
    await writeFile(unitsFile, [...wrong, lines[1], ''].join('\n'));
    const report = await run();
    expect(report.failed.map(({ line, error }) => [line, error])).toEqual(
      wrong.map((_, at) => [at + 1, 'keys/malformed']),
    );
    expect(asked).toHaveLength(1);
  });

  it('does not go on with the answers of another batch', async () => {
    await run();
    await writeFile(unitsFile, `${[...lines].reverse().join('\n')}\n`);
    await expect(run()).rejects.toThrow('keys/malformed');
    await writeFile(unitsFile, `${lines.join('\n')}\n`);
    await appendFile(answersFile, '{"line":1}\n');
    await expect(run()).rejects.toThrow('keys/malformed');
  });

  describe('keeps its answers to one run', () => {
    const lock = () => `${answersFile}.lock`;
    const held = (pid: number, startTicks: string | null) =>
      writeFile(lock(), JSON.stringify({ pid, startTicks, token: crypto.randomUUID() }));

    it('SD-5: a second run on the same answers is refused, however they are named, and the first one ends as if it were alone', async () => {
      const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
      const { promise: waiting, resolve: goOn } = Promise.withResolvers<void>();
      const slow = async (commands: readonly ExportCommand[]) => {
        begin();
        await waiting;
        return answer(commands);
      };
      const first = run({ customize: slow });
      await begun;
      const other = join(folder, 'link');
      await symlink(answersFile, other);
      for (const name of [answersFile, other]) {
        await expect(run({ answersFile: name })).rejects.toMatchObject({ code: 'keys/busy' });
      }
      expect(await readFile(answersFile, 'utf8')).toBe('');
      goOn();
      expect(await first).toMatchObject({ finished: true, resumed: 0 });
      expect(await answered()).toHaveLength(COMMANDS);
      await expect(stat(lock())).rejects.toThrow('ENOENT');
    });

    it('is refused while a living process has them', async () => {
      await held(process.ppid, null);
      await expect(run()).rejects.toMatchObject({ code: 'keys/busy', detail: { pid: process.ppid } });
      expect(asked).toEqual([]);
    });

    it('SD-5: takes them over from a process that has died, also where its number was given to another one', async () => {
      const dead = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
      await once(dead, 'exit');
      await held(dead.pid ?? 0, null);
      expect(await run()).toMatchObject({ finished: true });
      await rm(answersFile);
      // Where the system tells when a process began, this one cannot be it.
      if (process.platform !== 'linux') return;
      await held(process.ppid, '1');
      expect(await run()).toMatchObject({ finished: true });
    });

    it('gives them free where it failed', async () => {
      const failing = () => Promise.reject(new FareboxError('network/unreachable'));
      await expect(run({ customize: failing })).rejects.toThrow('network/unreachable');
      expect(await run()).toMatchObject({ finished: true });
    });
  });

  it('refuses commands with a line that is longer than any command, and asks for none of them', async () => {
    await writeFile(unitsFile, `${lines[0]}\n${'x'.repeat(SERVER_LIMITS.batchCommandLength + 1)}\n`);
    await expect(run()).rejects.toMatchObject({ code: 'keys/malformed', detail: { line: 2 } });
    expect(asked).toEqual([]);
  });

  it('says which file it cannot read', async () => {
    await expect(run({ unitsFile: join(folder, 'none') })).rejects.toThrow('publish/unreadable');
    await expect(run({ answersFile: join(folder, 'none/answers') })).rejects.toThrow('publish/unreadable');
  });
});
