// Masks of the sample programme's shapes, smooth at their edges: each is the distance of a pixel's middle to the shape's edge, one
// pixel wide from nothing to full. Pure; scene.ts asks for them once or for each picture.

import type { Mask } from './raster.ts';

/** Signed distance to an edge, negative inside, in pixels. */
export type Distance = (x: number, y: number) => number;

/** Coverage of a shape given by its distance; width and height even, coordinates from the mask's own corner. */
export function maskOf(width: number, height: number, distance: Distance): Mask {
  const coverage = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const inside = 0.5 - distance(x + 0.5, y + 0.5);
      if (inside > 0) coverage[y * width + x] = inside >= 1 ? 255 : Math.round(inside * 255);
    }
  }
  return { width, height, coverage };
}

/** A disc around a point. */
export const disc =
  (centreX: number, centreY: number, radius: number): Distance =>
  (x, y) =>
    Math.hypot(x - centreX, y - centreY) - radius;

/** A circle's line. @param stroke its width. */
export const circle =
  (centreX: number, centreY: number, radius: number, stroke: number): Distance =>
  (x, y) =>
    Math.abs(Math.hypot(x - centreX, y - centreY) - radius) - stroke / 2;

/** A rectangle with round corners. */
export const roundedBox =
  (left: number, top: number, width: number, height: number, corner: number): Distance =>
  (x, y) => {
    const dx = Math.abs(x - left - width / 2) - width / 2 + corner;
    const dy = Math.abs(y - top - height / 2) - height / 2 + corner;
    return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - corner;
  };

/** A line with round ends. */
export const line =
  (fromX: number, fromY: number, toX: number, toY: number, stroke: number): Distance =>
  (x, y) => {
    const [lengthX, lengthY] = [toX - fromX, toY - fromY];
    const along = ((x - fromX) * lengthX + (y - fromY) * lengthY) / (lengthX ** 2 + lengthY ** 2);
    const part = Math.min(1, Math.max(0, along));
    return Math.hypot(x - fromX - part * lengthX, y - fromY - part * lengthY) - stroke / 2;
  };

/** The first without the others. */
export const without =
  (shape: Distance, ...holes: readonly Distance[]): Distance =>
  (x, y) =>
    holes.reduce((distance, hole) => Math.max(distance, -hole(x, y)), shape(x, y));

/** All of them together. */
export const together =
  (...shapes: readonly Distance[]): Distance =>
  (x, y) =>
    shapes.reduce((distance, shape) => Math.min(distance, shape(x, y)), Number.POSITIVE_INFINITY);
