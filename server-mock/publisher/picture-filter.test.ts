// Pictures of other depths, ranges and directions become plain ones.

import { AV_PIX_FMT_YUV420P, AVCOL_RANGE_MPEG, FFmpegError, Filter, FilterGraph, FilterInOut, Frame } from 'node-av';
import { expect, test } from 'vitest';
import './media.ts';
import { makePictureFilter, type Orientation, rungChain, stillChain } from './picture-filter.ts';

const UPRIGHT: Orientation = { rotation: 0, flip: false };

/** One picture of FFmpeg's test source, 320×180, after these filters. */
async function drawPicture(filters: string): Promise<Frame> {
  const graph = new FilterGraph();
  graph.alloc();
  const sink = Filter.getByName('buffersink');
  const exit = sink === null ? null : graph.createFilter(sink, 'exit');
  if (exit === null) throw new Error('no filters');
  const outputs = FilterInOut.createList([{ name: 'out', filterCtx: exit, padIdx: 0 }]);
  FFmpegError.throwIfError(graph.parsePtr(`testsrc2=size=320x180:rate=1,${filters}[out]`, outputs, null), 'read');
  FFmpegError.throwIfError(await graph.config(), 'open');
  const frame = new Frame();
  frame.alloc();
  FFmpegError.throwIfError(await exit.buffersinkGetFrame(frame), 'draw');
  graph.free();
  return frame;
}

const lumaAt = (picture: Frame, x: number, y: number): number =>
  picture.data?.[0]?.[y * (picture.linesize[0] ?? 0) + x] ?? -1;

test.each([
  ['8-bit 4:4:4', 'format=yuv444p'],
  ['10-bit', 'format=yuv420p10le'],
  ['HLG', 'format=yuv420p10le,setparams=color_trc=arib-std-b67:colorspace=bt2020nc:color_primaries=bt2020:range=tv'],
  ['PQ', 'format=yuv420p10le,setparams=color_trc=smpte2084:colorspace=bt2020nc:color_primaries=bt2020:range=tv'],
  ['full range', 'format=yuvj420p'],
  ['RGB', 'format=rgb24'],
])('BT-1: %s pictures become 8-bit 4:2:0 of studio range', async (_, filters) => {
  const source = await drawPicture(filters);
  const filter = makePictureFilter(rungChain(UPRIGHT, 160, 90));
  const made = await filter.apply(source);
  expect([made.width, made.height, made.format]).toEqual([160, 90, AV_PIX_FMT_YUV420P]);
  expect(made.colorRange).toBe(AVCOL_RANGE_MPEG);
  const levels = Array.from({ length: 160 }, (_unused, x) => lumaAt(made, x, 45));
  expect(Math.max(...levels) - Math.min(...levels)).toBeGreaterThan(60);
  for (const frame of [source, made]) frame.free();
  filter.close();
});

test('BT-1: a picture that fits already keeps every pixel', async () => {
  const source = await drawPicture('format=yuv420p');
  const filter = makePictureFilter(rungChain(UPRIGHT, 320, 180));
  const made = await filter.apply(source);
  for (const [x, y] of [
    [0, 0],
    [319, 179],
    [77, 101],
  ] as const) {
    expect(lumaAt(made, x, y)).toBe(lumaAt(source, x, y));
  }
  for (const frame of [source, made]) frame.free();
  filter.close();
});

test('BT-1: a turn moves the top left corner where it belongs', async () => {
  const source = await drawPicture('format=yuv420p');
  const filter = makePictureFilter(rungChain({ rotation: 90, flip: false }, 180, 320));
  const made = await filter.apply(source);
  expect([made.width, made.height]).toEqual([180, 320]);
  // A quarter turn clockwise brings the left column, read upwards, to the top row.
  expect(Math.abs(lumaAt(made, 150, 40) - lumaAt(source, 40, 29))).toBeLessThan(3);
  for (const frame of [source, made]) frame.free();
  filter.close();
});

test('pictures may change their size on the way', async () => {
  const filter = makePictureFilter(stillChain(UPRIGHT, 64, 36));
  for (const filters of ['format=yuv420p', 'scale=640:360,format=yuv420p']) {
    const source = await drawPicture(filters);
    const made = await filter.apply(source);
    expect([made.width, made.height]).toEqual([64, 36]);
    for (const frame of [source, made]) frame.free();
  }
  filter.close();
});
