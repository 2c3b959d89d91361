// The sample programme's tracks beside its video, written to files as anybody's would be: captions in two languages, a second sound,
// chapters. ensure-sample.ts publishes them with the video.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AudioSample, AudioSampleSource, FilePathTarget, Output, WavOutputFormat } from 'mediabunny';
import '../media.ts';
import type { TrackOptions } from '../tracks/programme-tracks.ts';
import { composeMorseSecond, MORSE_RATE } from './morse.ts';
import { SAMPLE } from './scene.ts';
import { englishCaptions, germanSubtitles, quarters } from './words.ts';

/** Writes the files. @param seconds length of the video. @returns what to publish with it. */
export async function makeSampleTracks(folder: string, seconds: number = SAMPLE.seconds): Promise<TrackOptions> {
  const write = async (name: string, text: string): Promise<string> => {
    const file = join(folder, name);
    await writeFile(file, text);
    return file;
  };
  const morse = join(folder, 'morse.wav');
  await writeMorse(morse, seconds);
  const captions = [
    { file: await write('en.vtt', englishCaptions(seconds)), language: 'en', name: 'English', role: 'captions' },
    { file: await write('de.vtt', germanSubtitles(seconds)), language: 'de', name: 'Deutsch', role: 'subtitles' },
  ] as const;
  const sounds = [{ file: morse, language: 'en', name: 'The time in Morse code', role: 'description' }] as const;
  return { captions, sounds, chapters: await write('chapters.vtt', quarters(seconds)), language: 'en' };
}

async function writeMorse(file: string, seconds: number): Promise<void> {
  const output = new Output({ format: new WavOutputFormat(), target: new FilePathTarget(file) });
  const audio = new AudioSampleSource({ codec: 'pcm-s16' });
  output.addAudioTrack(audio);
  await output.start();
  for (let second = 0; second < seconds; second += 1) {
    const sample = new AudioSample({
      data: composeMorseSecond(second),
      format: 'f32-planar',
      numberOfChannels: 1,
      sampleRate: MORSE_RATE,
      timestamp: second,
    });
    await audio.add(sample);
    sample.close();
  }
  await output.finalize();
}
