// The answers of a batch on the disk (docs/protocol.md §23): what a line says, and reading whole lines one by one, so that a file of any
// length is never in memory at once. Called by batch.ts, which writes them, and by the desk, which shows what came of them.

import { createReadStream } from 'node:fs';
import { z } from 'zod';
import { FareboxError } from '../../src/protocol/errors.ts';
import { SERVER_LIMITS } from '../limits.ts';
import { type ExportCommand, exportAnswerSchema, exportCommandSchema } from './registry.ts';

/** A command that failed. `line` counts from 1; unit and reference are empty where the line was no command. */
export type FailedCommand = {
  readonly line: number;
  readonly unit: string;
  readonly reference: string;
  readonly error: string;
};

/** What a line of the answers says beside the answer itself; `command` is the line of the commands as it stood there. */
const answeredSchema = z.strictObject({ line: z.number().int(), command: z.string(), answer: exportAnswerSchema });

/** One line of the answers. */
export type Answered = z.infer<typeof answeredSchema>;

/** A line of the commands; null where it is none. */
export function readCommand(text: string): ExportCommand | null {
  const parsed = exportCommandSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : null;
}

/** A line of the answers that is the one of this number. @throws FareboxError `keys/malformed`. */
export function readAnswered(text: string, line: number): Answered {
  const parsed = answeredSchema.safeParse(parseJson(text));
  if (!parsed.success || parsed.data.line !== line) throw new FareboxError('keys/malformed', { line });
  return parsed.data;
}

/** What failed and why; null for a command that was answered with a key. */
export function failureOf({ line, command, answer }: Answered): FailedCommand | null {
  if (!('error' in answer)) return null;
  const { unit = '', reference = '' } = readCommand(command) ?? {};
  return { line, unit, reference, error: answer.error };
}

/**
 * Whole lines of a file, without their ends; a last one that was cut is left out, as is everything behind the longest that a line may be.
 * A file that is not there has none. @throws FareboxError `publish/unreadable`, `keys/malformed` for a line that is too long.
 */
export async function* wholeLines(path: string): AsyncGenerator<string> {
  let rest = '';
  try {
    for await (const piece of createReadStream(path, { encoding: 'utf8' })) {
      rest += String(piece);
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > SERVER_LIMITS.batchLineLength) throw new FareboxError('keys/malformed', { file: path });
      yield* lines;
    }
  } catch (cause) {
    if (cause instanceof FareboxError) throw cause;
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return;
    throw new FareboxError('publish/unreadable', { file: path }, { cause });
  }
}

/** Every answer of a file in order. @throws FareboxError as `wholeLines` and `readAnswered`. */
export async function* answersIn(path: string): AsyncGenerator<Answered> {
  let line = 0;
  for await (const text of wholeLines(path)) {
    line += 1;
    yield readAnswered(text, line);
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
