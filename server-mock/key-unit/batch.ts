// A whole set customised in one go (docs/protocol.md §23, SD-5): commands from one file, answers to another, line by line in the same order.
// The answers on the disk are the state: cut at any moment, the same batch goes on behind the last whole line.

import { type FileHandle, open, readFile } from 'node:fs/promises';
import { z } from 'zod';
import { FareboxError } from '../../src/protocol/errors.ts';
import { SERVER_LIMITS } from '../limits.ts';
import { type ExportAnswer, type ExportCommand, exportAnswerSchema, exportCommandSchema } from './registry.ts';

/** A command that failed. `line` counts from 1; unit and reference are empty where the line was no command. */
export type FailedCommand = {
  readonly line: number;
  readonly unit: string;
  readonly reference: string;
  readonly error: string;
};

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
  /** Told after each piece that is on the disk: commands answered, of all. */
  readonly progress: (answered: number, commands: number) => void;
  readonly signal: AbortSignal;
};

/** What a line of the answers says beside the answer itself; `command` is the line of the commands as it stood there. */
const answeredSchema = z.strictObject({ line: z.number().int(), command: z.string(), answer: exportAnswerSchema });
type Answered = z.infer<typeof answeredSchema>;

/**
 * Runs a batch to its end, or to the piece in which it is stopped. @returns the report over all lines, those of earlier runs included.
 * @throws FareboxError `publish/unreadable` where a file cannot be read or written, `keys/malformed` where the answers belong to other
 * commands or there are too many; what `customize` throws: then what was answered before is kept.
 */
export async function runBatch(batch: Batch): Promise<BatchReport> {
  const lines = await readCommands(batch.unitsFile);
  const answers = await openFile(batch.answersFile);
  try {
    const done = await readAnswers(answers, lines);
    const resumed = done.length;
    const tally = new Tally(lines.length, resumed);
    for (const answered of done) tally.count(answered);
    let answered = resumed;
    while (answered < lines.length && !batch.signal.aborted) {
      const piece = lines.slice(answered, answered + SERVER_LIMITS.keyCommands);
      const made = await answerPiece(batch, piece, answered + 1);
      await answers.appendFile(made.map((line) => `${JSON.stringify(line)}\n`).join(''));
      await answers.datasync();
      for (const line of made) tally.count(line);
      answered += piece.length;
      batch.progress(answered, lines.length);
    }
    return tally.report(answered === lines.length);
  } finally {
    await answers.close();
  }
}

async function readCommands(path: string): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new FareboxError('publish/unreadable', { file: path }, { cause });
  });
  const lines = text.split('\n').map((line) => line.trim());
  while (lines.at(-1) === '') lines.pop();
  if (lines.length > SERVER_LIMITS.batchCommands) throw new FareboxError('keys/malformed', { commands: lines.length });
  return lines;
}

function openFile(path: string): Promise<FileHandle> {
  return open(path, 'a+', 0o600).catch((cause: unknown) => {
    throw new FareboxError('publish/unreadable', { file: path }, { cause });
  });
}

/** The whole lines of an earlier run; a line that was cut is taken away. */
async function readAnswers(file: FileHandle, commands: readonly string[]): Promise<readonly Answered[]> {
  const bytes = await file.readFile();
  const wholeBytes = bytes.lastIndexOf(0x0a) + 1;
  if (wholeBytes < bytes.length) await file.truncate(wholeBytes);
  const lines = bytes.subarray(0, wholeBytes).toString('utf8').split('\n').slice(0, -1);
  return lines.map((text, at) => {
    const answered = answeredSchema.safeParse(parseJson(text));
    const fits = answered.success && answered.data.line === at + 1 && answered.data.command === commands[at];
    if (!fits) throw new FareboxError('keys/malformed', { line: at + 1 });
    return answered.data;
  });
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

function readCommand(text: string): ExportCommand | null {
  const parsed = exportCommandSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : null;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Counts answers into a report. */
class Tally {
  readonly #commands: number;
  readonly #resumed: number;
  readonly #failed: FailedCommand[] = [];
  #customized = 0;

  constructor(commands: number, resumed: number) {
    this.#commands = commands;
    this.#resumed = resumed;
  }

  count({ line, command, answer }: Answered): void {
    if (!('error' in answer)) {
      this.#customized += 1;
      return;
    }
    const { unit = '', reference = '' } = readCommand(command) ?? {};
    this.#failed.push({ line, unit, reference, error: answer.error });
  }

  report(finished: boolean): BatchReport {
    const counted = { commands: this.#commands, resumed: this.#resumed, customized: this.#customized };
    return { ...counted, failed: this.#failed, finished };
  }
}
