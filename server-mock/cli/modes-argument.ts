// Reads `--modes`: the ways out of the module that a programme offers (docs/protocol.md §18). For `publish` and `live`. Pure.

import { OUTPUT_MODES, type OutputMode } from '../../src/protocol/output-modes.ts';
import { UsageError } from './command.ts';

/** For the usage. */
export const MODES_USAGE =
  '  --modes  display, which is always offered; frames gives clear frames to the page, keys the keys of the frames';

/** Ways out in their order. Every terminal can play `display`, so that what is on sale can be watched by whoever buys it. @throws UsageError. */
export function readModes(list: string): readonly OutputMode[] {
  const names = list.split(',').map((name) => name.trim());
  const unknown = names.find((name) => !OUTPUT_MODES.some((mode) => mode === name));
  if (unknown !== undefined) throw new UsageError(`--modes is a list of display, frames and keys, not "${unknown}"`);
  if (!names.includes('display')) throw new UsageError('--modes has to name display, which every terminal plays');
  return OUTPUT_MODES.filter((mode) => names.includes(mode));
}
