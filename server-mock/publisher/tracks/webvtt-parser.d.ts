// What vtt-cues.ts uses of the package `webvtt-parser`, which has no types of its own.

declare module 'webvtt-parser' {
  /** A node of a cue's text. */
  type Node =
    | { readonly type: 'text'; readonly value: string }
    | { readonly type: 'timestamp'; readonly value: number }
    | { readonly type: 'object'; readonly name: string; readonly children: readonly Node[] };

  type ParsedCue = {
    /** Seconds. */
    readonly startTime: number;
    readonly endTime: number;
    readonly direction: 'horizontal' | 'rl' | 'lr';
    readonly snapToLines: boolean;
    readonly linePosition: number | 'auto';
    readonly lineAlign: 'start' | 'center' | 'end';
    readonly textPosition: number | 'auto';
    readonly positionAlign: 'auto' | 'line-left' | 'center' | 'line-right';
    readonly alignment: 'start' | 'center' | 'end' | 'left' | 'right';
    readonly text: string;
    readonly tree: { readonly children: readonly Node[] };
  };

  /** `line` from 1. `col` from 1: in the line of the times, or in the text of the cue as a whole. */
  type ParseError = { readonly message: string; readonly line: number; readonly col?: number };

  class WebVTTParser {
    /** @param entities `&amp;` → `&`, each with its semicolon. */
    constructor(entities: Readonly<Record<string, string>>);
    parse(
      input: string,
      mode?: 'metadata' | 'chapters',
    ): { readonly cues: readonly ParsedCue[]; readonly errors: readonly ParseError[] };
  }

  const webvtt: { readonly WebVTTParser: typeof WebVTTParser };

  export { type Node, type ParsedCue };
  // biome-ignore lint/style/noDefaultExport: what a CommonJS package is to an import.
  export default webvtt;
}
