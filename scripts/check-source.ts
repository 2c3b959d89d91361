// Checks what the compiler and the linter do not: import directions, file sizes, banned calls. Called by test.mjs.
// Prints one line per finding and ends with 1 where there is any.
import { join } from 'node:path';
import { checkBannedCalls } from './source/banned.ts';
import { checkDirections } from './source/directions.ts';
import { readSources } from './source/read.ts';
import { checkSizes } from './source/sizes.ts';

const files = readSources(join(import.meta.dirname, '..'));
const findings = [...checkDirections(files), ...checkSizes(files), ...checkBannedCalls(files)];
for (const { path, problem } of findings) process.stdout.write(`${path} ${problem}\n`);
process.stdout.write(`${files.length} files, ${findings.length} findings\n`);
process.exitCode = findings.length === 0 ? 0 : 1;
