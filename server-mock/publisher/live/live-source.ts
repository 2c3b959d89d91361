// What is put on the air: a file, once or again and again, or what comes through a pipe. publish-live.ts opens one; the pumps read it.
// Of a pipe nothing is known beforehand but what its first packets say.

import type { Readable } from 'node:stream';
import { Input, MATROSKA, MP4, MPEG_TS, ReadableStreamSource, WEBM } from 'mediabunny';
import { FareboxError } from '../../../src/protocol/errors.ts';
import { decodableSound, openSource, type Source } from '../source.ts';
import { LIVE_LIMITS } from './limits.ts';

/** An open source. Times are microseconds. */
export type LiveSource = Pick<
  Source,
  'video' | 'sound' | 'width' | 'height' | 'rotation' | 'flip' | 'pictureRate' | 'originUs' | 'close'
> & {
  /** After this long it begins again; null where it ends when it ends. */
  readonly roundUs: number | null;
};

/** A file. @throws FareboxError as `openSource`. */
export async function openLiveFile(file: string, loop: boolean): Promise<LiveSource> {
  const source = await openSource(file);
  return { ...source, roundUs: loop ? source.durationUs : null };
}

/** A pipe: MPEG-TS, Matroska, WebM or fragmented MP4. @throws FareboxError `publish/not-media`, `publish/no-video`, `publish/unreadable`. */
export async function openLivePipe(pipe: Readable): Promise<LiveSource> {
  const input = new Input({
    source: new ReadableStreamSource(bytesOf(pipe), { maxCacheSize: LIVE_LIMITS.pipeCacheBytes }),
    formats: [MPEG_TS, MATROSKA, WEBM, MP4],
  });
  const close = (): void => {
    input.dispose();
    pipe.destroy();
  };
  try {
    if (!(await input.canRead())) throw new FareboxError('publish/not-media');
    const video = await input.getPrimaryVideoTrack();
    if (video === null) throw new FareboxError('publish/no-video');
    if (!(await video.canDecode())) throw new FareboxError('publish/unreadable', { track: 'video' });
    const { averagePacketRate } = await video.computePacketStats(LIVE_LIMITS.ratePackets);
    const sound = await decodableSound(input);
    const starts = await Promise.all(
      [video, ...(sound === null ? [] : [sound])].map((track) => track.getFirstTimestamp()),
    );
    return {
      ...{ video, sound, close },
      width: await video.getDisplayWidth(),
      height: await video.getDisplayHeight(),
      rotation: await video.getRotation(),
      flip: await video.getFlip(),
      pictureRate: Math.min(60, Math.max(1, averagePacketRate)),
      originUs: Math.round(Math.max(0, Math.min(...starts)) * 1e6),
      roundUs: null,
    };
  } catch (cause) {
    close();
    throw cause instanceof FareboxError ? cause : new FareboxError('publish/unreadable', undefined, { cause });
  }
}

function bytesOf(pipe: Readable): ReadableStream<Uint8Array> {
  const pieces: AsyncIterator<unknown> = pipe[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await pieces.next();
        if (done === true) controller.close();
        else if (value instanceof Uint8Array) controller.enqueue(value);
        else throw new FareboxError('publish/unreadable');
      },
      cancel: () => void pipe.destroy(),
    },
    { highWaterMark: 0 },
  );
}
