// The sample programme's sound, computed: a tick on every whole second, higher where a slot begins, a bell every ten seconds, over a
// quiet chord that moves. A tick begins at the very sample its second begins, which is when the light on the dial passes twelve.

/** Samples a second. */
export const SAMPLE_SOUND_RATE = 48_000;

const TICK_S = 0.06;
const BELL_S = 1.6;
/** Chords of the bed, in hertz, eight seconds each: A minor 9, F major 7, C major 9, G 6. */
const CHORDS: readonly (readonly number[])[] = [
  [110, 164.81, 246.94, 329.63],
  [87.31, 130.81, 220, 329.63],
  [65.41, 130.81, 196, 293.66],
  [98, 146.83, 246.94, 329.63],
];
const CHORD_S = 8;
/** Seconds over which a chord gives way to the next. */
const CROSSING_S = 2;
const BED_LEVEL = 0.035;

/** One second of stereo sound, left samples then right ones. @param second whole second of the programme. */
export function composeSecond(second: number): Float32Array {
  const planes = new Float32Array(2 * SAMPLE_SOUND_RATE);
  for (let index = 0; index < SAMPLE_SOUND_RATE; index++) {
    const time = second + index / SAMPLE_SOUND_RATE;
    const tick = tickAt(second, index / SAMPLE_SOUND_RATE) + bellAt(time);
    planes[index] = tick + bedAt(time, -1);
    planes[SAMPLE_SOUND_RATE + index] = tick + bedAt(time, 1);
  }
  return planes;
}

/** A short wooden knock; the even seconds, where a slot begins, a fifth higher. @param since seconds since the whole second. */
function tickAt(second: number, since: number): number {
  if (since >= TICK_S) return 0;
  const pitch = second % 2 === 0 ? 1_320 : 880;
  const decay = Math.exp(-since * 90);
  // Cosine, so that the first sample already sounds.
  return (
    0.42 * decay * (0.8 * Math.cos(2 * Math.PI * pitch * since) + 0.2 * Math.cos(2 * Math.PI * pitch * 2.76 * since))
  );
}

/** A bell on every tenth second. */
function bellAt(time: number): number {
  const since = time % 10;
  if (since >= BELL_S) return 0;
  const rise = Math.min(1, since * 200);
  return (
    0.1 *
    rise *
    Math.exp(-since * 3.2) *
    (Math.sin(2 * Math.PI * 1_318.5 * since) + 0.4 * Math.sin(2 * Math.PI * 3_560 * since))
  );
}

/** The chord of the time, crossing into the next; the sides are a little out of tune, which makes it wide. */
function bedAt(time: number, side: -1 | 1): number {
  const place = time / CHORD_S;
  const chord = Math.floor(place);
  const left = (1 - (place - chord)) * CHORD_S;
  const next = left < CROSSING_S ? 0.5 - 0.5 * Math.cos(Math.PI * (1 - left / CROSSING_S)) : 0;
  const breath = 0.8 + 0.2 * Math.sin((2 * Math.PI * time) / 5.3);
  return (
    BED_LEVEL *
    breath *
    (chordAt(time, chord, side) * Math.sqrt(1 - next) + chordAt(time, chord + 1, side) * Math.sqrt(next))
  );
}

function chordAt(time: number, chord: number, side: -1 | 1): number {
  const notes = CHORDS[chord % CHORDS.length] ?? [];
  let sum = 0;
  for (const note of notes) {
    const phase = 2 * Math.PI * (note + side * 0.35) * time;
    sum += Math.sin(phase) + 0.25 * Math.sin(2 * phase);
  }
  return sum;
}
