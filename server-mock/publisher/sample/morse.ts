// The sample programme's second sound: every four seconds the second that the clock shows, in Morse code (ITU-R M.1677), so that whoever
// does not see the picture can hear where it is. Computed like the first one; sample-tracks.ts writes it to a file.

/** Samples a second: enough for one tone. */
export const MORSE_RATE = 24_000;
/** Seconds from the beginning of one number to that of the next. */
export const MORSE_EVERY_S = 4;

/** Length of a dot. */
const UNIT_S = 0.06;
const PITCH = 660;
const LEVEL = 0.3;
/** Rise and fall of a sign, so that it does not click. */
const EDGE_S = 0.005;

/** A digit as lengths of its five signs in dots: 1 is a dot and four dashes, 6 a dash and four dots. */
function signsOf(digit: number): number[] {
  const dots = digit <= 5 ? [0, digit] : [digit - 5, 5];
  const [from = 0, to = 0] = dots;
  return Array.from({ length: 5 }, (_, at) => {
    const isInside = at >= from && at < to;
    return isInside ? 1 : 3;
  });
}

/** Where the signs of a number of two digits begin and end, in seconds from its beginning. */
export function signTimes(number: number): readonly (readonly [fromS: number, toS: number])[] {
  const times: [number, number][] = [];
  let at = 0;
  for (const digit of String(number).padStart(2, '0')) {
    for (const length of signsOf(Number(digit))) {
      times.push([at * UNIT_S, (at + length) * UNIT_S]);
      at += length + 1;
    }
    // Three dots of silence between two digits, of which one has passed.
    at += 2;
  }
  return times;
}

/** One second of sound, one channel. @param second whole second of the programme. */
export function composeMorseSecond(second: number): Float32Array {
  const plane = new Float32Array(MORSE_RATE);
  const spoken = Math.floor(second / MORSE_EVERY_S) * MORSE_EVERY_S;
  for (const [fromS, toS] of signTimes(spoken % 100)) {
    const first = Math.max(0, Math.ceil((spoken + fromS - second) * MORSE_RATE));
    const end = Math.min(MORSE_RATE, Math.ceil((spoken + toS - second) * MORSE_RATE));
    for (let index = first; index < end; index += 1) {
      const sinceS = second - spoken + index / MORSE_RATE;
      const edge = Math.min(1, (sinceS - fromS) / EDGE_S, (toS - sinceS) / EDGE_S);
      plane[index] = LEVEL * edge * Math.sin(2 * Math.PI * PITCH * sinceS);
    }
  }
  return plane;
}
