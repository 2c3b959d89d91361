// The light that runs round the dial once a second, with the trail it leaves. It is drawn over the same ring of pixels each time,
// which are found once, so that a picture costs some ten thousand blends. scene.ts owns one.

import type { Ink, Raster } from './raster.ts';

/** Where the light runs. */
export type DialPlace = { readonly centreX: number; readonly centreY: number; readonly radius: number };

/** Half the width of the trail, and the radius of the light, in pixels. */
const TRAIL_HALF = 4;
const LIGHT_RADIUS = 12;
/** Length of the trail, in turns. */
const TRAIL_TURNS = 0.72;

/** Pixels of one plane near the ring. */
type Ring = {
  /** Places in the picture's bytes. */
  readonly at: Uint32Array;
  readonly x: Float32Array;
  readonly y: Float32Array;
  /** Turns from twelve o'clock, clockwise, 0 to 1. */
  readonly turn: Float32Array;
  /** How much of the trail's width covers the pixel, 0 to 1. */
  readonly across: Float32Array;
};

/** Draws the light. */
export type Dial = {
  /**
   * Draws light and trail over `base` into `raster`.
   * @param turn turns since the last whole second, 0 (at twelve o'clock) to 1.
   */
  readonly draw: (raster: Raster, base: Raster, turn: number, ink: Ink) => void;
};

/** Finds the ring's pixels in pictures of this size. */
export function makeDial(width: number, height: number, place: DialPlace): Dial {
  const luma = findRing(width, height, 1, 0, place);
  const chroma = findRing(width, height, 2, width * height, place);
  const quarter = (width * height) / 4;
  return {
    draw: (raster, base, turn, ink) => {
      const lightX = place.centreX + place.radius * Math.sin(2 * Math.PI * turn);
      const lightY = place.centreY - place.radius * Math.cos(2 * Math.PI * turn);
      const blend = (ring: Ring, offset: number, level: number): void => {
        const { at, x, y } = ring;
        for (let index = 0; index < at.length; index++) {
          const cover = coverOf(ring, index, turn, Math.hypot((x[index] ?? 0) - lightX, (y[index] ?? 0) - lightY));
          const to = (at[index] ?? 0) + offset;
          const under = base.bytes[to] ?? 0;
          raster.bytes[to] = cover === 0 ? under : Math.round(under + (level - under) * cover);
        }
      };
      blend(luma, 0, ink.y);
      blend(chroma, 0, ink.u);
      blend(chroma, quarter, ink.v);
    },
  };
}

function coverOf(ring: Ring, index: number, turn: number, fromLight: number): number {
  const light = Math.min(1, Math.max(0, LIGHT_RADIUS + 0.5 - fromLight));
  const across = ring.across[index] ?? 0;
  if (across === 0) return light;
  const behind = (turn - (ring.turn[index] ?? 0) + 1) % 1;
  const trail = behind < TRAIL_TURNS ? across * 0.85 * (1 - behind / TRAIL_TURNS) ** 2 : 0;
  return Math.max(light, trail);
}

/** @param step pixels of the picture for one of the plane, each way. @param offset where the plane begins in the bytes. */
function findRing(width: number, height: number, step: number, offset: number, place: DialPlace): Ring {
  const { centreX, centreY, radius } = place;
  const reach = LIGHT_RADIUS + 2;
  const found: number[][] = [];
  for (let row = 0; row < height / step; row++) {
    for (let column = 0; column < width / step; column++) {
      const x = (column + 0.5) * step;
      const y = (row + 0.5) * step;
      const away = Math.abs(Math.hypot(x - centreX, y - centreY) - radius);
      if (away > reach) continue;
      const turn = (Math.atan2(x - centreX, centreY - y) / (2 * Math.PI) + 1) % 1;
      const across = Math.min(1, Math.max(0, (TRAIL_HALF - away) / step + 0.5));
      found.push([offset + row * (width / step) + column, x, y, turn, across]);
    }
  }
  const pick = (member: number): number[] => found.map((pixel) => pixel[member] ?? 0);
  return {
    at: Uint32Array.from(pick(0)),
    x: Float32Array.from(pick(1)),
    y: Float32Array.from(pick(2)),
    turn: Float32Array.from(pick(3)),
    across: Float32Array.from(pick(4)),
  };
}
