// Turns decoded pictures into those of a rung or a poster: upright, square pixels, the size wanted, 8 bits, high dynamic range brought
// down to standard. One filter graph for each use, kept as long as the source's pictures keep their form. It never changes its input.

import {
  AV_BUFFERSRC_FLAG_KEEP_REF,
  AV_PIX_FMT_YUV420P,
  AVCOL_RANGE_JPEG,
  AVCOL_TRC_ARIB_STD_B67,
  AVCOL_TRC_SMPTE2084,
  AVERROR_EAGAIN,
  FFmpegError,
  Filter,
  type FilterContext,
  FilterGraph,
  FilterInOut,
  Frame,
} from 'node-av';

/** What the filter needs to know of the source beside its pictures. */
export type Orientation = {
  /** Clockwise turn that makes the picture upright. */
  readonly rotation: 0 | 90 | 180 | 270;
  /** Mirrored left to right after the turn. */
  readonly flip: boolean;
};

/** A picture filter; one call at a time. */
export type PictureFilter = {
  /** @returns a picture of the target size that the caller frees; the input stays the caller's. */
  readonly apply: (picture: Frame) => Promise<Frame>;
  readonly close: () => void;
};

const TURNS = { 0: [], 90: ['transpose=clock'], 180: ['hflip', 'vflip'], 270: ['transpose=cclock'] } as const;

/** True for pictures whose brightness goes beyond what an 8-bit rung can say. */
export const isHighDynamicRange = (picture: Frame): boolean =>
  picture.colorTrc === AVCOL_TRC_SMPTE2084 || picture.colorTrc === AVCOL_TRC_ARIB_STD_B67;

/** Filters for one form of input, as FFmpeg writes them. */
export type DescribeChain = (picture: Frame) => string;

/** @param describeChain asked anew whenever the pictures change their form. */
export function makePictureFilter(describeChain: DescribeChain): PictureFilter {
  let graph: FilterGraph | undefined;
  let entry: FilterContext | undefined;
  let exit: FilterContext | undefined;
  let form = '';

  const build = async (picture: Frame): Promise<void> => {
    graph?.free();
    graph = new FilterGraph();
    graph.alloc();
    // One thread: the rungs and the decoder already fill the processors.
    graph.nbThreads = 1;
    const source = Filter.getByName('buffer');
    const sink = Filter.getByName('buffersink');
    if (source === null || sink === null) throw new Error('This build of FFmpeg has no filters.');
    entry = graph.createFilter(source, 'entry', describeInput(picture)) ?? undefined;
    exit = graph.createFilter(sink, 'exit') ?? undefined;
    if (entry === undefined || exit === undefined) throw new Error('The picture filter could not be made.');
    const inputs = FilterInOut.createList([{ name: 'out', filterCtx: exit, padIdx: 0 }]);
    const outputs = FilterInOut.createList([{ name: 'in', filterCtx: entry, padIdx: 0 }]);
    FFmpegError.throwIfError(
      graph.parsePtr(`[in]${describeChain(picture)}[out]`, inputs, outputs),
      'read the picture filter',
    );
    FFmpegError.throwIfError(await graph.config(), 'connect the picture filter');
  };

  return {
    apply: async (picture) => {
      const next = describeInput(picture);
      if (next !== form) {
        await build(picture);
        form = next;
      }
      if (entry === undefined || exit === undefined) throw new Error('The picture filter is closed.');
      // KEEP_REF leaves the input frame to the caller, who feeds it to the other rungs too.
      FFmpegError.throwIfError(await entry.buffersrcAddFrame(picture, AV_BUFFERSRC_FLAG_KEEP_REF), 'filter a picture');
      const made = new Frame();
      made.alloc();
      const answer = await exit.buffersinkGetFrame(made);
      if (answer === AVERROR_EAGAIN) throw new Error('The picture filter kept a picture back.');
      FFmpegError.throwIfError(answer, 'filter a picture');
      return made;
    },
    close: () => {
      graph?.free();
      graph = undefined;
      entry = undefined;
      exit = undefined;
    },
  };
}

function describeInput(picture: Frame): string {
  const aspect = picture.sampleAspectRatio;
  return [
    `video_size=${picture.width}x${picture.height}`,
    `pix_fmt=${picture.format}`,
    'time_base=1/1000000',
    `pixel_aspect=${aspect.num}/${Math.max(1, aspect.den)}`,
    `colorspace=${picture.colorSpace}`,
    `range=${picture.colorRange}`,
  ].join(':');
}

/** Makes the pictures of a rung. @param width, height both even. */
export function rungChain(orientation: Orientation, width: number, height: number): DescribeChain {
  return (picture) => {
    const turns = describeTurns(orientation);
    const fits =
      turns.length === 0 &&
      picture.width === width &&
      picture.height === height &&
      picture.format === AV_PIX_FMT_YUV420P &&
      picture.colorRange !== AVCOL_RANGE_JPEG;
    const scale = fits ? [] : [`scale=${width}:${height}:flags=bicubic:out_range=tv`];
    return [...turns, ...scale, ...describeToneMap(picture), 'format=yuv420p', 'setsar=1'].join(',');
  };
}

/** Makes a still of full range and BT.601, which is what JPEG means by its numbers. */
export function stillChain(orientation: Orientation, width: number, height: number): DescribeChain {
  return (picture) =>
    [
      ...describeTurns(orientation),
      ...describeToneMap(picture),
      `scale=${width}:${height}:flags=lanczos:out_range=pc:out_color_matrix=bt601`,
      'format=yuvj444p',
      'setsar=1',
    ].join(',');
}

const describeTurns = ({ rotation, flip }: Orientation): string[] => [...TURNS[rotation], ...(flip ? ['hflip'] : [])];

const describeToneMap = (picture: Frame): string[] =>
  isHighDynamicRange(picture)
    ? ['tonemapx=tonemap=bt2390:transfer=bt709:matrix=bt709:primaries=bt709:range=tv:format=yuv420p']
    : [];
