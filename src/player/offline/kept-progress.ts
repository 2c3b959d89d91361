// How far a kept programme is here: which files are missing, and what that is in bytes and frames. Changed by downloads.ts as files come.

import type { KeptFile } from './keep-plan.ts';

/** Bytes and frames that are here. */
export type Progress = { readonly doneBytes: number; readonly doneFrames: number };

/** Counts what is missing. */
export type KeptProgress = {
  /** In the order of play. */
  missing(): readonly KeptFile[];
  /** It is here now. */
  came(file: KeptFile): void;
  read(): Progress;
};

/** Of these files, those in `here` are here. A frame of which nothing is kept counts as here. */
export function makeKeptProgress(
  files: readonly KeptFile[],
  frameCount: number,
  here: ReadonlySet<string>,
): KeptProgress {
  const missing = new Map<string, KeptFile>();
  /** Frame → files of it that are missing. */
  const gaps = new Map<number, number>();
  let doneBytes = 0;
  for (const file of files) {
    if (here.has(file.hash)) {
      doneBytes += file.sizeBytes;
      continue;
    }
    missing.set(file.hash, file);
    if (file.frame !== null) gaps.set(file.frame, (gaps.get(file.frame) ?? 0) + 1);
  }
  return {
    missing: () => [...missing.values()],
    came({ hash, sizeBytes, frame }) {
      if (!missing.delete(hash)) return;
      doneBytes += sizeBytes;
      if (frame === null) return;
      const left = (gaps.get(frame) ?? 0) - 1;
      if (left > 0) gaps.set(frame, left);
      else gaps.delete(frame);
    },
    read: () => ({ doneBytes, doneFrames: frameCount - gaps.size }),
  };
}
