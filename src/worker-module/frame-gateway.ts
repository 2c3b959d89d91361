// The seam between record and display. The record's side (session/) makes prepared frames; the display's side (display/)
// shows them. It exists so that neither can skip the order of docs/protocol.md §8: reserve, derive, count, show.

import type { Manifest } from '../protocol/manifest.ts';

/** A frame whose key was reserved durably and whose parts are open in this worker's memory. Exactly one of `count`, `withhold` is called, once. */
export type PreparedFrame = {
  readonly frame: number;
  /** Label of the video part it came with, or of the only part. */
  readonly rung: string;
  /** Label → clear CMAF segment. */
  readonly parts: ReadonlyMap<string, Uint8Array>;
  /** True where this frame was counted before: shown again, not counted again. */
  readonly replay: boolean;
  /** Durable `decrypted` entry; resolves when the first picture may be drawn. */
  count(outcome: { readonly late: boolean }): Promise<void>;
  /** Durable `failed` entry, `frame/withheld`: it will not be shown from this preparation. */
  withhold(): Promise<void>;
};

/** What shows the frames of one active session: the real display, or a sink that discards (bench). */
export type FrameSink = {
  /** Takes over the prepared frame and its buffers. */
  accept(frame: PreparedFrame): void;
  /** Withholds everything not yet counted, shows nothing more; resolves when all outcomes are durable. */
  stop(): Promise<void>;
  play(): void;
  pause(): void;
  seek(positionMs: number): void;
  /** Where play stands, milliseconds of the programme, with fractions. */
  positionMs(): number;
};

/** Makes the sink of a session that has just become active in this tab. */
export type MakeFrameSink = (session: {
  readonly session: string;
  readonly manifest: Manifest;
  readonly startMs: number;
}) => FrameSink;
