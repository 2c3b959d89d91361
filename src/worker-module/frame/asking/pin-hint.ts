// Whether a PIN is one of those that are tried first. A hint to the person, no more: it is told and never refused, since nothing here can
// be guessed quickly (docs/protocol.md §24, tries).

/** Down the middle of a number pad, down its sides, and across it: what a hand draws without thinking. */
const DRAWN = new Set([
  '2580',
  '0852',
  '1379',
  '1397',
  '1470',
  '1478',
  '3690',
  '1590',
  '7531',
  '9512',
  '147258',
  '258456',
  '456852',
]);

/** Years that people have reason to remember. */
const YEAR = /^(?:19\d\d|20[0-3]\d)$/;

/** True for one digit over and over, digits that count up or down, a piece that repeats, a year, and shapes of the number pad. */
export function isOftenTried(pin: string): boolean {
  return isRow(pin) || isRepetition(pin) || YEAR.test(pin) || DRAWN.has(pin);
}

/** 1234, 9876, 7890: each digit the same step after the one before, with 0 after 9. */
function isRow(pin: string): boolean {
  const digits = [...pin].map(Number);
  const stepAt = (at: number) => ((digits[at] ?? 0) - (digits[at - 1] ?? 0) + 10) % 10;
  const step = stepAt(1);
  return (step === 1 || step === 9) && digits.every((_, at) => at === 0 || stepAt(at) === step);
}

/** 0000, 1212, 123123, 470470: one piece of at most half its length, again and again. */
function isRepetition(pin: string): boolean {
  for (let length = 1; length <= pin.length / 2; length += 1) {
    if (pin === pin.slice(0, length).repeat(pin.length / length) && pin.length % length === 0) return true;
  }
  return false;
}
