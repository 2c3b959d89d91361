// A whole set customised in one go (docs/protocol.md §23, SD-5): commands from one file, answers to another, line by line in the same order.
// The answers on the disk are the state: cut at any moment, the same batch goes on behind the last whole line.

import { type FileHandle, open, readFile } from 'node:fs/promises';
import { FareboxError } from '../../src/protocol/errors.ts';
import { SERVER_LIMITS } from '../limits.ts';
import { type Answered, answersIn, type FailedCommand, failureOf, readCommand } from './batch-answers.ts';
import { lockAnswers } from './batch-lock.ts';
import type { ExportAnswer, ExportCommand } from './registry.ts';

/** What came of a batch. `resumed`: commands that an earlier, cut run had answered. */
export type BatchReport = {
  readonly commands: number;
  readonly resumed: number;
  readonly customized: number;
  readonly failed: readonly FailedCommand[];
  /** False where it was stopped before the last command. */
  readonly finished: boolean;
};

/** What a batch works on and with. */
export type Batch = {
  /** Path of the commands, one JSON object a line. */
  readonly unitsFile: string;
  /** Path of the answers; begun where it is not there. */
  readonly answersFile: string;
  /** EXPORTKEY for at most `SERVER_LIMITS.keyCommands` commands at once. */
  readonly customize: (commands: readonly ExportCommand[]) => Promise<readonly ExportAnswer[]>;
  /** Told before the first piece and after each one that is on the disk: commands answered, of all, and how many of them failed. */
  readonly progress: (answered: number, commands: number, failed: number) => void;
  readonly signal: AbortSignal;
};

/**
 * Runs a batch to its end, or to the piece in which it is stopped. @returns the report over all lines, those of earlier runs included.
 * @throws FareboxError `publish/unreadable` where a file cannot be read or written, `keys/malformed` where the answers belong to other
 * commands or there are too many, `keys/busy` while another run has the answers; what `customize` throws: then what was answered before is
 * kept.
 */
export async function runBatch(batch: Batch): Promise<BatchReport> {
  const lines = await readCommands(batch.unitsFile);
  const answers = await openFile(batch.answersFile);
  try {
    const lock = await lockAnswers(batch.answersFile);
    try {
      return await goOn(batch, lines, answers);
    } finally {
      await lock.release();
    }
  } finally {
    await answers.close();
  }
}

async function goOn(batch: Batch, lines: readonly string[], answers: FileHandle): Promise<BatchReport> {
  await dropCutLine(answers, batch.answersFile);
  const tally = new Tally(lines.length);
  for await (const earlier of answersIn(batch.answersFile)) {
    if (earlier.command !== lines[tally.answered]) throw new FareboxError('keys/malformed', { line: earlier.line });
    tally.count(earlier);
  }
  const resumed = tally.answered;
  const tell = (): void => batch.progress(tally.answered, lines.length, tally.failed);
  tell();
  while (tally.answered < lines.length && !batch.signal.aborted) {
    const piece = lines.slice(tally.answered, tally.answered + SERVER_LIMITS.keyCommands);
    const made = await answerPiece(batch, piece, tally.answered + 1);
    await answers.appendFile(made.map((line) => `${JSON.stringify(line)}\n`).join(''));
    await answers.datasync();
    for (const line of made) tally.count(line);
    tell();
  }
  return tally.report(resumed);
}

async function readCommands(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new FareboxError('publish/unreadable', { file: path }, { cause });
  });
  const lines = text.split('\n').map((line) => line.trim());
  while (lines.at(-1) === '') lines.pop();
  if (lines.length > SERVER_LIMITS.batchCommands) throw new FareboxError('keys/malformed', { commands: lines.length });
  const long = lines.findIndex((line) => line.length > SERVER_LIMITS.batchCommandLength);
  if (long >= 0) throw new FareboxError('keys/malformed', { line: long + 1 });
  return lines;
}

function openFile(path: string): Promise<FileHandle> {
  return open(path, 'a+', 0o600).catch((cause: unknown) => {
    throw new FareboxError('publish/unreadable', { file: path }, { cause });
  });
}

/** Takes a last line away that was cut while it was written. @throws FareboxError `keys/malformed` where it is longer than any answer. */
async function dropCutLine(file: FileHandle, path: string): Promise<void> {
  const { size } = await file.stat();
  // Of three bytes a character at most, so that a whole line is never taken for a cut one.
  const tail = Buffer.alloc(Math.min(size, 3 * SERVER_LIMITS.batchLineLength));
  await file.read(tail, 0, tail.length, size - tail.length);
  const cutBytes = tail.length - 1 - tail.lastIndexOf(0x0a);
  if (cutBytes === tail.length && size > tail.length) throw new FareboxError('keys/malformed', { file: path });
  if (cutBytes > 0) await file.truncate(size - cutBytes);
}

async function answerPiece(batch: Batch, piece: readonly string[], firstLine: number): Promise<readonly Answered[]> {
  const parsed = piece.map((text) => readCommand(text));
  const commands = parsed.filter((command) => command !== null);
  const answers = commands.length === 0 ? [] : await batch.customize(commands);
  if (answers.length !== commands.length) throw new FareboxError('network/wrong-content');
  const rest = [...answers];
  return piece.map((command, at) => ({
    line: firstLine + at,
    command,
    answer: (parsed[at] === null ? undefined : rest.shift()) ?? { error: 'keys/malformed' },
  }));
}

/** Counts answers into a report. */
class Tally {
  readonly #commands: number;
  readonly #failed: FailedCommand[] = [];
  #customized = 0;

  constructor(commands: number) {
    this.#commands = commands;
  }

  get answered(): number {
    return this.#customized + this.#failed.length;
  }

  get failed(): number {
    return this.#failed.length;
  }

  count(answered: Answered): void {
    const failure = failureOf(answered);
    if (failure === null) this.#customized += 1;
    else this.#failed.push(failure);
  }

  report(resumed: number): BatchReport {
    const counted = { commands: this.#commands, resumed, customized: this.#customized };
    return { ...counted, failed: this.#failed, finished: this.answered === this.#commands };
  }
}
