// What is wrong with a person's WebVTT file, as a code with the line where it is. Thrown by everything in this folder that reads one.

import { basename } from 'node:path';
import { FareboxError, type FareboxErrorCode } from '../../../src/protocol/errors.ts';

/** Where something is wrong. */
export type VttPlace = {
  readonly file: string;
  /** From 1, as editors count. */
  readonly line: number;
};

/** Codes about a WebVTT file. */
export type VttCode = Extract<FareboxErrorCode, `publish/vtt-${string}`>;

/** @param reason one sentence for the person who wrote the file. */
export function vttError(code: VttCode, { file, line }: VttPlace, reason: string): FareboxError {
  return new FareboxError(code, { file: basename(file), line, reason });
}
