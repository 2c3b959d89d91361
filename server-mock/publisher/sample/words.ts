// Captions and chapters of the sample programme, as the WebVTT files a person would bring: every cue tells the second and the slot it
// is shown in, so that captions which are late, or of another place, can be seen to be. Pure text; sample-tracks.ts writes it.

import { SAMPLE } from './scene.ts';

/** Seconds from the beginning of one cue to that of the next, and how long it stays. */
const CUE_EVERY_S = 4;
const CUE_LENGTH_S = 3.5;
/** The bell of sound.ts. */
const BELL_EVERY_S = 10;
const BELL_LENGTH_S = 1.6;

type Cue = { readonly startS: number; readonly endS: number; readonly settings: string; readonly text: string };

const QUARTERS = ['First quarter', 'Second quarter', 'Third quarter', 'Last quarter'] as const;

/** English captions: what is seen, and what is heard at the top of the picture. */
export function englishCaptions(seconds: number): string {
  const bells = Array.from({ length: Math.ceil(seconds / BELL_EVERY_S) }, (_, bell): Cue => {
    const startS = bell * BELL_EVERY_S;
    return { startS, endS: startS + BELL_LENGTH_S, settings: ' line:1', text: '<i>[a bell rings]</i>' };
  });
  return writeVtt([...tellTime(seconds, (second, slot) => `Second <b>${second}</b>, slot ${slot}`), ...bells]);
}

/** German subtitles: what is seen, in two lines. */
export function germanSubtitles(seconds: number): string {
  return writeVtt(
    tellTime(
      seconds,
      (second, slot) => `Sekunde <b>${second}</b>\nAbschnitt ${slot} von ${seconds / SAMPLE.slotSeconds}`,
    ),
  );
}

/** Four chapters of one length. */
export function quarters(seconds: number): string {
  const lengthS = seconds / QUARTERS.length;
  return writeVtt(QUARTERS.map((text, at) => ({ startS: at * lengthS, endS: (at + 1) * lengthS, settings: '', text })));
}

function tellTime(seconds: number, say: (second: number, slot: number) => string): Cue[] {
  return Array.from({ length: Math.ceil(seconds / CUE_EVERY_S) }, (_, at) => {
    const startS = at * CUE_EVERY_S;
    const text = say(startS, startS / SAMPLE.slotSeconds + 1);
    return { startS, endS: startS + CUE_LENGTH_S, settings: '', text };
  });
}

function writeVtt(cues: readonly Cue[]): string {
  const blocks = cues
    .toSorted((one, other) => one.startS - other.startS)
    .map(({ startS, endS, settings, text }) => `${formatTime(startS)} --> ${formatTime(endS)}${settings}\n${text}\n`);
  return ['WEBVTT\n', ...blocks].join('\n');
}

function formatTime(timeS: number): string {
  const minutes = String(Math.floor(timeS / 60)).padStart(2, '0');
  return `${minutes}:${(timeS % 60).toFixed(3).padStart(6, '0')}`;
}
