// The pictures of the sample programme: a dial whose light passes twelve on every whole second, a clock, a ticket with the number of
// the picture and of the slot, and a strip that fills up slot by slot. So a lost frame, a late sound or a wrong seek can be seen.
// make-sample.ts asks for one picture after another; only what changes is drawn anew.

import { makeDial } from './dial.ts';
import { inkOf, type Mask, makeRaster, paint, type Raster, restore } from './raster.ts';
import { circle, disc, line, maskOf, roundedBox, together, without } from './shapes.ts';
import { LETTER_WIDTH, setLetters, setText } from './text.ts';

/** Size and pace of the sample programme. */
export const SAMPLE = Object.freeze({ width: 1280, height: 720, pictureRate: 30, seconds: 72, slotSeconds: 2 });

const { width: WIDTH, height: HEIGHT } = SAMPLE;
const SLOTS = SAMPLE.seconds / SAMPLE.slotSeconds;

const NIGHT = inkOf('#0e0f13');
const RAISED = inkOf('#23252d');
const TEXT = inkOf('#f2f1ec');
const MUTED = inkOf('#9a9ba3');
const PAPER = inkOf('#f7f3ea');
const RULE = inkOf('#d9d2c3');
const INK = inkOf('#1a1a1e');
const FADED_INK = inkOf('#77736a');
const SIGNAL = inkOf('#ff5b1f');

const DIAL = { centreX: 340, centreY: 318, radius: 212 };
const SECONDS_RADIUS = 172;
const CLOCK = { left: 640, top: 92, size: 180 };
const TICKET = { left: 648, top: 356, width: 536, height: 176 };
const STRIP = { left: 112, top: 632, cell: 22, gap: 8, height: 20 };

/** Draws the pictures. */
export type Scene = {
  /**
   * Draws one picture; the same memory is given each time.
   * @param picture 0 up to `SAMPLE.seconds * SAMPLE.pictureRate - 1`; in order, or from anywhere.
   */
  readonly draw: (picture: number) => Raster;
};

/** Sets the letters and draws what stays. */
export async function makeScene(): Promise<Scene> {
  const base = await drawBase();
  const raster: Raster = { ...base, bytes: base.bytes.slice() };
  const dial = makeDial(WIDTH, HEIGHT, DIAL);
  const clock = await setLetters('0123456789:', CLOCK.size, 500);
  const large = await setLetters('0123456789', 64, 600);
  const small = await setLetters('0123456789/', 64, 400);
  const dot = maskOf(12, 12, disc(6, 6, 3.6));
  const cells = Array.from({ length: STRIP.cell + 1 }, (_, filled) => cellMask(filled));
  // No larger than the light, whose place is drawn anew each time.
  const flash = maskOf(24, 24, disc(12, 12, 11));

  const write = (
    letters: ReadonlyMap<string, Mask>,
    text: string,
    size: number,
    left: number,
    top: number,
    ink = TEXT,
  ): void => {
    [...text].forEach((letter, index) => {
      const mask = letters.get(letter);
      if (mask !== undefined) paint(raster, mask, even(left + index * size * LETTER_WIDTH), top, ink);
    });
  };

  const drawOrbits = (time: number): void => {
    const side = 2 * ORBITS.reach;
    restore(raster, base, DIAL.centreX - ORBITS.reach, DIAL.centreY - ORBITS.reach, side, side);
    for (const orbit of ORBITS.bodies) {
      const angle = (2 * Math.PI * time) / orbit.periodS;
      const x = DIAL.centreX + orbit.radius * Math.sin(angle);
      const y = DIAL.centreY - orbit.radius * Math.cos(angle);
      const [left, top] = [even(x - orbit.size - 2), even(y - orbit.size - 2)];
      const box = even(2 * orbit.size + 6);
      paint(raster, maskOf(box, box, disc(x - left, y - top, orbit.size)), left, top, orbit.ink);
    }
  };

  const drawSecondDots = (second: number): void => {
    const inMinute = second % 60;
    for (let mark = 0; mark < 60; mark++) {
      const angle = (2 * Math.PI * mark) / 60;
      const left = even(DIAL.centreX + SECONDS_RADIUS * Math.sin(angle) - 6);
      const top = even(DIAL.centreY - SECONDS_RADIUS * Math.cos(angle) - 6);
      restore(raster, base, left, top, 12, 12);
      paint(raster, dot, left, top, mark === inMinute ? SIGNAL : mark < inMinute ? MUTED : RAISED);
    }
  };

  const drawTicket = (picture: number, slot: number): void => {
    restore(raster, base, TICKET.left + 28, TICKET.top + 72, TICKET.width - 60, 84);
    write(large, String(picture).padStart(5, '0'), 64, TICKET.left + 32, TICKET.top + 68, INK);
    write(large, String(slot + 1).padStart(2, '0'), 64, TICKET.left + 316, TICKET.top + 68, INK);
    write(small, `/${SLOTS}`, 64, TICKET.left + 316 + 77, TICKET.top + 68, FADED_INK);
  };

  const drawStrip = (slot: number, share: number): void => {
    for (let cell = 0; cell < SLOTS; cell++) {
      const filled = cell < slot ? STRIP.cell : cell === slot ? Math.round(share * STRIP.cell) : 0;
      const mask = cells[filled];
      const left = even(STRIP.left + cell * (STRIP.cell + STRIP.gap));
      restore(raster, base, left, STRIP.top, STRIP.cell + 2, STRIP.height);
      if (mask !== undefined && filled > 0) paint(raster, mask, left, STRIP.top, SIGNAL);
    }
  };

  return {
    draw: (picture) => {
      const time = picture / SAMPLE.pictureRate;
      const second = Math.floor(picture / SAMPLE.pictureRate);
      const slot = Math.floor(second / SAMPLE.slotSeconds);
      const turn = (picture % SAMPLE.pictureRate) / SAMPLE.pictureRate;
      drawOrbits(time);
      drawSecondDots(second);
      dial.draw(raster, base, turn, SIGNAL);
      // The light at twelve is white for two pictures: the moment to hear the tick.
      if (turn < 2 / SAMPLE.pictureRate)
        paint(raster, flash, DIAL.centreX - 12, even(DIAL.centreY - DIAL.radius - 12), TEXT);
      restore(raster, base, CLOCK.left, CLOCK.top, 560, 252);
      const minutes = String(Math.floor(second / 60)).padStart(2, '0');
      write(clock, `${minutes}:${String(second % 60).padStart(2, '0')}`, CLOCK.size, CLOCK.left, CLOCK.top);
      drawTicket(picture, slot);
      drawStrip(slot, (time - slot * SAMPLE.slotSeconds + 1 / SAMPLE.pictureRate) / SAMPLE.slotSeconds);
      return raster;
    },
  };
}

/** Bodies that go round inside the dial, at their own pace. */
const ORBITS = {
  reach: 138,
  bodies: [
    { radius: 110, periodS: 12, size: 20, ink: PAPER },
    { radius: 66, periodS: 5, size: 11, ink: MUTED },
    { radius: 0, periodS: 1, size: 7, ink: SIGNAL },
  ],
} as const;

async function drawBase(): Promise<Raster> {
  const base = makeRaster(WIDTH, HEIGHT, NIGHT);
  drawDialFace(base);
  await drawTicketPaper(base);
  for (let cell = 0; cell < SLOTS; cell++) {
    paint(base, cellMask(STRIP.cell), even(STRIP.left + cell * (STRIP.cell + STRIP.gap)), STRIP.top, RAISED);
  }
  paint(base, await setText('SECOND HAND', 24, 600), 652, 76, TEXT);
  paint(base, await setText('A FAREBOX SAMPLE', 24, 400), 652 + 182, 76, MUTED);
  return base;
}

function drawDialFace(base: Raster): void {
  const { centreX, centreY, radius } = DIAL;
  const reach = radius + 40;
  const [left, top, side] = [centreX - reach, centreY - reach, 2 * reach];
  const face = (shape: Parameters<typeof maskOf>[2], ink: typeof NIGHT): void =>
    paint(base, maskOf(side, side, shape), left, top, ink);
  face(circle(reach, reach, radius, 8), RAISED);
  face(together(circle(reach, reach, 110, 1.5), circle(reach, reach, 66, 1.5)), RAISED);
  const marks = Array.from({ length: 12 }, (_, mark) => {
    const [sine, cosine] = [Math.sin((Math.PI * mark) / 6), -Math.cos((Math.PI * mark) / 6)];
    const [from, to] = [radius + 18, radius + (mark === 0 ? 34 : 26)];
    return line(reach + from * sine, reach + from * cosine, reach + to * sine, reach + to * cosine, mark === 0 ? 6 : 3);
  });
  face(together(...marks.slice(1)), MUTED);
  const [noon] = marks;
  if (noon !== undefined) face(noon, SIGNAL);
}

/** A ticket: round corners, a bite at each end of the line it tears along, and that line. */
async function drawTicketPaper(base: Raster): Promise<void> {
  const { left, top, width, height } = TICKET;
  const tear = 288;
  const bites = [disc(tear, 0, 12), disc(tear, height, 12)];
  paint(base, maskOf(width, height, without(roundedBox(0, 0, width, height, 10), ...bites)), left, top, PAPER);
  const dashes = Array.from({ length: 11 }, (_, index) => line(tear, 24 + index * 13, tear, 29 + index * 13, 2));
  paint(base, maskOf(width, height, together(...dashes)), left, top, RULE);
  paint(base, await setText('PICTURE', 22, 500), left + 32, top + 28, FADED_INK);
  paint(base, await setText('SLOT', 22, 500), left + 316, top + 28, FADED_INK);
}

/** One cell of the strip, filled from the left. */
function cellMask(filled: number): Mask {
  const whole = roundedBox(0, 0, STRIP.cell, STRIP.height, 4);
  return maskOf(STRIP.cell + 2, STRIP.height, (x, y) => Math.max(whole(x, y), x - filled));
}

const even = (place: number): number => 2 * Math.round(place / 2);
