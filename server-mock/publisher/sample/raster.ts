// A picture as the encoder takes it (I420, BT.709, studio range) and the few ways the sample programme draws on it: a mask of
// coverage in one colour. Pure memory; scene.ts draws with it. Masks lie on even pixels, so that brightness and colour agree.

/** A colour in the picture's own numbers. */
export type Ink = { readonly y: number; readonly u: number; readonly v: number };

/** Coverage of each pixel, 0 to 255; width and height are even. */
export type Mask = { readonly width: number; readonly height: number; readonly coverage: Uint8Array };

/** Three planes, one after another in `bytes`. */
export type Raster = {
  readonly width: number;
  readonly height: number;
  readonly bytes: Uint8Array;
};

/** ITU-R BT.709 numbers of a colour written `#rrggbb`. */
export function inkOf(hex: string): Ink {
  const channel = (at: number): number => Number.parseInt(hex.slice(at, at + 2), 16) / 255;
  const [r, g, b] = [channel(1), channel(3), channel(5)];
  const luma = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return { y: 16 + 219 * luma, u: 128 + (224 * (b - luma)) / 1.8556, v: 128 + (224 * (r - luma)) / 1.5748 };
}

/** A picture of one colour; width and height even. */
export function makeRaster(width: number, height: number, ink: Ink): Raster {
  const bytes = new Uint8Array((width * height * 3) / 2);
  const size = width * height;
  bytes.fill(Math.round(ink.y), 0, size);
  bytes.fill(Math.round(ink.u), size, (size * 5) / 4);
  bytes.fill(Math.round(ink.v), (size * 5) / 4);
  return { width, height, bytes };
}

/**
 * Lays a colour over the picture where the mask covers it.
 * @param left, top place of the mask; even, and the mask inside the picture.
 */
export function paint(raster: Raster, mask: Mask, left: number, top: number, ink: Ink): void {
  const { width, height, bytes } = raster;
  const { coverage } = mask;
  for (let y = 0; y < mask.height; y++) {
    let at = (top + y) * width + left;
    for (let from = y * mask.width; from < (y + 1) * mask.width; from++, at++) {
      const cover = coverage[from] ?? 0;
      if (cover !== 0) bytes[at] = mix(bytes[at] ?? 0, ink.y, cover);
    }
  }
  const size = width * height;
  const quarter = size / 4;
  for (let y = 0; y < mask.height; y += 2) {
    let at = size + ((top + y) >> 1) * (width >> 1) + (left >> 1);
    for (let x = 0; x < mask.width; x += 2, at++) {
      const from = y * mask.width + x;
      const below = from + mask.width;
      const sum =
        (coverage[from] ?? 0) + (coverage[from + 1] ?? 0) + (coverage[below] ?? 0) + (coverage[below + 1] ?? 0);
      if (sum === 0) continue;
      bytes[at] = mix(bytes[at] ?? 0, ink.u, sum / 4);
      bytes[at + quarter] = mix(bytes[at + quarter] ?? 0, ink.v, sum / 4);
    }
  }
}

const mix = (under: number, over: number, cover: number): number => Math.round(under + ((over - under) * cover) / 255);

/** Copies a rectangle of `from` into `to`, both of one size; all four numbers even. */
export function restore(to: Raster, from: Raster, left: number, top: number, width: number, height: number): void {
  for (let y = top; y < top + height; y++) {
    const at = y * to.width + left;
    to.bytes.set(from.bytes.subarray(at, at + width), at);
  }
  const size = to.width * to.height;
  for (const plane of [size, (size * 5) / 4]) {
    for (let y = top >> 1; y < (top + height) >> 1; y++) {
      const at = plane + y * (to.width >> 1) + (left >> 1);
      to.bytes.set(from.bytes.subarray(at, at + (width >> 1)), at);
    }
  }
}
