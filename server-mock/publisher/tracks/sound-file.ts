// A file that a further sound track comes from, opened and checked like a programme's own. Its time 0 is the programme's. publish.ts
// opens all of them before anything is encoded, so that a mistake in the last is told at once.

import type { InputAudioTrack } from 'mediabunny';
import { FareboxError } from '../../../src/protocol/errors.ts';
import { SOUND_FORMATS } from '../media.ts';
import { checkFile, decodableSound, openInput } from '../source.ts';

/** An open file with sound. */
export type SoundFile = { readonly track: InputAudioTrack; readonly close: () => void };

/** @throws FareboxError `publish/unreadable`, `publish/not-media`, `publish/no-sound`, `publish/cut-short`. */
export async function openSoundFile(file: string): Promise<SoundFile> {
  await checkFile(file);
  const input = openInput(file, SOUND_FORMATS);
  try {
    if (!(await input.canRead())) throw new FareboxError('publish/not-media', { file });
    if ((await input.getTracks()).length === 0) throw new FareboxError('publish/cut-short', { file });
    const track = await decodableSound(input);
    if (track === null) throw new FareboxError('publish/no-sound', { file });
    return { track, close: () => input.dispose() };
  } catch (cause) {
    input.dispose();
    throw cause instanceof FareboxError ? cause : new FareboxError('publish/unreadable', { file }, { cause });
  }
}
