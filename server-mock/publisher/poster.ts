// The programme's poster: one good picture from its first third, as a JPEG. publish.ts asks once per programme.
// Black, white and flat pictures are passed over, because films begin with them.

import { toAvFrame } from '@mediabunny/server';
import { VideoSampleSink } from 'mediabunny';
import { Frame } from 'node-av';
import { FareboxError } from '../../src/protocol/errors.ts';
import { encodeJpeg } from './jpeg.ts';
import { PUBLISH_LIMITS } from './limits.ts';
import { makePictureFilter, stillChain } from './picture-filter.ts';
import type { Source } from './source.ts';

/** Where to look, as parts of the programme, in order of preference. */
const PLACES = [0.1, 0.16, 0.22, 0.3, 0.05] as const;
/** Spread of brightness (standard deviation, of 255) from which a picture shows something. */
const ENOUGH_SPREAD = 24;
/** Quantiser of the JPEG: 2 is best, 31 worst; at 3 no block shows on a large card. */
const JPEG_QUANTISER = 3;

/**
 * Makes the poster, at most `PUBLISH_LIMITS.posterWidth` wide.
 * @returns JPEG bytes. @throws FareboxError `publish/unreadable` where no picture can be decoded.
 */
export async function makePoster(source: Source, signal: AbortSignal): Promise<Uint8Array> {
  const scale = Math.min(1, PUBLISH_LIMITS.posterWidth / source.width);
  const width = Math.max(1, Math.round(source.width * scale));
  const height = Math.max(1, Math.round(source.height * scale));
  const filter = makePictureFilter(stillChain(source, width, height));
  const decoded = new Frame();
  decoded.alloc();
  let best: { readonly still: Frame; readonly spread: number } | undefined;
  try {
    const sink = new VideoSampleSink(source.video);
    for (const place of PLACES) {
      signal.throwIfAborted();
      const sample = await sink.getSample((source.originUs + source.pictureEndUs * place) / 1e6);
      if (sample === null) continue;
      decoded.unref();
      await toAvFrame(sample, decoded);
      sample.close();
      const still = await filter.apply(decoded);
      const spread = measureSpread(still);
      if (best === undefined || spread > best.spread) {
        best?.still.free();
        best = { still, spread };
      } else {
        still.free();
      }
      if (spread >= ENOUGH_SPREAD) break;
    }
    if (best === undefined) throw new FareboxError('publish/unreadable');
    return await encodeJpeg(best.still, JPEG_QUANTISER);
  } finally {
    best?.still.free();
    decoded.free();
    filter.close();
  }
}

/** Standard deviation of the brightness over every fourth pixel. */
function measureSpread(still: Frame): number {
  const luma = still.data?.[0];
  const stride = still.linesize[0] ?? 0;
  if (luma === undefined) return 0;
  let count = 0;
  let sum = 0;
  let squares = 0;
  for (let y = 0; y < still.height; y += 2) {
    for (let x = 0; x < still.width; x += 2) {
      const level = luma[y * stride + x] ?? 0;
      count++;
      sum += level;
      squares += level * level;
    }
  }
  return Math.sqrt(Math.max(0, squares / count - (sum / count) ** 2));
}
