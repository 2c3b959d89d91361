// The size check: a file that has grown past what a person can hold in mind is split before it goes on growing.
// Called by scripts/check-source.ts.
import type { Finding, SourceFile } from './read.ts';

/** Longest file, in lines. Most stay far below; orchestrators are where this is needed. */
export const MOST_LINES = 400;

/** Every file that is longer. */
export function checkSizes(files: readonly SourceFile[]): Finding[] {
  return files.flatMap((file) => {
    const lines = file.text.split('\n').length - 1;
    return lines > MOST_LINES
      ? [{ path: file.path, problem: `has ${lines} lines; split it before ${MOST_LINES}` }]
      : [];
  });
}
