// The previews of a programme: one small picture for each interval, laid out on sheets, while the pictures are encoded anyway. So no
// picture is decoded twice for them. encode-pictures.ts offers every picture it shows; publish.ts takes the sheets and has them sealed.

import { AV_PIX_FMT_YUVJ444P, type Frame } from 'node-av';
import type { Previews } from '../../src/protocol/previews.ts';
import { encodeJpeg } from './jpeg.ts';
import { PUBLISH_LIMITS } from './limits.ts';
import { copyToFrame } from './own-frame.ts';
import { makePictureFilter, type Orientation, stillChain } from './picture-filter.ts';

/** Everything of previews but the sheets. */
export type PreviewForm = Omit<Previews, 'sheets'>;

/** Takes the pictures of a programme in order. One call at a time. */
export type PreviewMaker = {
  /** Offers a picture and when it begins; the picture stays the caller's. */
  readonly add: (picture: Frame, atUs: number) => Promise<void>;
  /** Fills the last sheet; after it nothing may be added. */
  readonly finish: () => Promise<void>;
  readonly close: () => void;
};

/** Quantiser of the sheets: small pictures, seen for a moment. */
const JPEG_QUANTISER = 6;
const PLANES = 3;
const BLACK = [0, 128, 128] as const;

/** What the previews of a video of this size and length look like. @param durationMs of the programme, above 0. */
export function previewForm(
  size: { readonly width: number; readonly height: number },
  durationMs: number,
): PreviewForm {
  const { previewWidth, previewHeight, previewGrid, previews } = PUBLISH_LIMITS;
  const scale = Math.min(previewWidth / size.width, previewHeight / size.height, 1);
  const intervalMs = Math.max(2_000, 1_000 * Math.ceil(durationMs / previews / 1_000));
  const count = Math.ceil(durationMs / intervalMs);
  const columns = Math.min(previewGrid, count);
  return {
    width: Math.max(1, Math.round(size.width * scale)),
    height: Math.max(1, Math.round(size.height * scale)),
    columns,
    rows: Math.min(previewGrid, Math.ceil(count / columns)),
    intervalMs,
  };
}

/** @param sink takes the sheets in order, as JPEG; the next picture waits for it. */
export function makePreviews(
  form: PreviewForm,
  orientation: Orientation,
  durationMs: number,
  sink: (sheet: number, jpeg: Uint8Array) => Promise<void>,
): PreviewMaker {
  const filter = makePictureFilter(stillChain(orientation, form.width, form.height));
  const count = Math.ceil(durationMs / form.intervalMs);
  const perSheet = form.columns * form.rows;
  const sheet = makeSheet(form);
  let shown: Frame | undefined;
  let next = 0;

  /** Draws every preview whose time is before `untilUs` from the picture that is shown until then. */
  const draw = async (untilUs: number): Promise<void> => {
    if (shown === undefined || next >= count || next * form.intervalMs * 1000 >= untilUs) return;
    const small = await filter.apply(shown);
    try {
      while (next < count && next * form.intervalMs * 1000 < untilUs) {
        sheet.put(small, next % perSheet);
        next += 1;
        if (next % perSheet === 0 || next === count) {
          await sink(Math.ceil(next / perSheet) - 1, await sheet.encode());
        }
      }
    } finally {
      small.free();
    }
  };

  return {
    add: async (picture, atUs) => {
      await draw(atUs);
      shown?.free();
      // Refers to the same memory; nothing is copied.
      shown = picture.clone() ?? undefined;
      if (shown === undefined) throw new Error('A picture could not be kept.');
    },
    finish: () => draw(Number.POSITIVE_INFINITY),
    close: () => {
      shown?.free();
      shown = undefined;
      filter.close();
    },
  };
}

type Sheet = { readonly put: (small: Frame, place: number) => void; readonly encode: () => Promise<Uint8Array> };

/** A sheet that is drawn over and over; black where nothing was put since it was last encoded. */
function makeSheet({ width, height, columns, rows }: PreviewForm): Sheet {
  const [sheetWidth, sheetHeight] = [width * columns, height * rows];
  const planeBytes = sheetWidth * sheetHeight;
  const pixels = new Uint8Array(PLANES * planeBytes);
  const clear = (): void => {
    for (const [plane, level] of BLACK.entries()) pixels.fill(level, plane * planeBytes, (plane + 1) * planeBytes);
  };
  clear();
  return {
    put: (small, place) => {
      const [left, top] = [(place % columns) * width, Math.floor(place / columns) * height];
      for (let plane = 0; plane < PLANES; plane += 1) {
        const source = small.data?.[plane];
        const stride = small.linesize[plane] ?? 0;
        if (source === undefined) throw new Error('A preview has no picture.');
        for (let y = 0; y < height; y += 1) {
          const row = source.subarray(y * stride, y * stride + width);
          pixels.set(row, plane * planeBytes + (top + y) * sheetWidth + left);
        }
      }
    },
    encode: async () => {
      const size = { width: sheetWidth, height: sheetHeight };
      const frame = copyToFrame(pixels, { ...size, format: AV_PIX_FMT_YUVJ444P, shrinks: [1, 1, 1] });
      try {
        return await encodeJpeg(frame, JPEG_QUANTISER);
      } finally {
        frame.free();
        clear();
      }
    },
  };
}
