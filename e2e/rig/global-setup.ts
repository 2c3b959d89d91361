// Before all tests in Chromium: publishes two short programmes once, with the command line a person uses, into a folder that every
// provider of the run starts from a copy of. Removed when the run ends.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeClip } from '../../server-mock/publisher/test-clip.ts';
import { runFarebox } from './processes.ts';
import { PROGRAMMES, PUBLISHED_FOLDER_VARIABLE } from './programmes.ts';

/** Called by Playwright; what it returns is called at the end. */
export default async function publishProgrammes(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'farebox-e2e-'));
  const dataDir = join(folder, 'data');
  // At once, as two people at one folder might: each waits for its turn with the database by itself.
  await Promise.all(
    PROGRAMMES.map(async ({ title, durationS, width, height, modes, contract, offlineDays }) => {
      const file = join(folder, `${title}.mp4`);
      await makeClip({ file, durationS, width, height });
      const promised = contract === null ? [] : ['--contract', contract];
      const kept = offlineDays === null ? [] : ['--offline', String(offlineDays)];
      const { code, err } = await runFarebox(
        ['publish', file, '--title', title, '--modes', modes, ...promised, ...kept],
        {
          FAREBOX_DATA: dataDir,
        },
      );
      if (code !== 0) throw new Error(`publishing ${title} failed: ${err}`);
    }),
  );
  process.env[PUBLISHED_FOLDER_VARIABLE] = dataDir;
  return () => rm(folder, { recursive: true, force: true });
}
