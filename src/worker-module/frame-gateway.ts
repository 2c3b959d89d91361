// The seam between record and display. The record's side (session/) makes prepared frames; the display's side (display/)
// shows them. It exists so that neither can skip the order of docs/protocol.md §8: reserve, derive, count, show.

import type { Manifest } from '../protocol/manifest.ts';
import type { CaptionStyle } from './commands.ts';

/** A frame whose key was reserved durably and whose parts are open in this worker's memory. Exactly one of `count`, `withhold` is called, once. */
export type PreparedFrame = {
  readonly frame: number;
  /** Label of the video part it came with, or of the only part. */
  readonly rung: string;
  /** Label → clear CMAF segment, or captions; captions that did not open are empty. */
  readonly parts: ClearParts;
  /** True where this frame was counted before: shown again, not counted again. */
  readonly replay: boolean;
  /** Durable `decrypted` entry; resolves when the first picture may be drawn. */
  count(outcome: { readonly late: boolean }): Promise<void>;
  /** Durable `failed` entry, `frame/withheld`: it will not be shown from this preparation. */
  withhold(): Promise<void>;
};

/** Label → clear bytes of a part. */
export type ClearParts = ReadonlyMap<string, Uint8Array>;

/** What shows the frames of one active session: the real display, or a sink that discards (bench). */
export type FrameSink = {
  /** Takes over the prepared frame and its buffers. */
  accept(frame: PreparedFrame): void;
  /** Withholds everything not yet counted, shows nothing more; resolves when all outcomes are durable. */
  stop(): Promise<void>;
  play(): void;
  pause(): void;
  /** Resolves when its picture is there, or is not to be waited for. */
  seek(positionMs: number): Promise<void>;
  /** Labels of the sound and captions that are chosen and that the display has not for a frame which it holds; none for any other frame. */
  lacks(frame: number): readonly string[];
  /** Takes over parts that a frame lacked. What it holds of that frame goes on; nothing is counted. */
  supplement(frame: number, parts: ClearParts): void;
  /** Chooses a sound part of the manifest. */
  setSound(label: string): void;
  /** Chooses a captions part of the manifest, or none. */
  setCaptions(label: string | null): void;
  /** Speed of play, within MODULE_LIMITS. */
  setRate(rate: number): void;
  /** Shows the preview of a place at `at`, 0 the left edge and 1 the right one, or none. */
  preview(positionMs: number | null, at: number): void;
  /** Takes an opened sheet of previews; null where it did not open. */
  takeSheet(sheet: number, jpeg: Uint8Array | null): void;
  /** Where play stands, milliseconds of the programme, with fractions. */
  positionMs(): number;
  /** A live programme has more frames now, or has ended. */
  grew(): void;
};

/** What of the display belongs to the tab rather than to a session: volume 0–1, and how captions look. */
export type TabDisplay = {
  setVolume(volume: number, muted: boolean): void;
  setCaptionStyle(style: CaptionStyle): void;
};

/** Makes the sink of a session that has just become active in this tab. */
export type MakeFrameSink = (session: {
  readonly session: string;
  readonly manifest: Manifest;
  readonly startMs: number;
  /** First frame that the session may open: a board begins with it. */
  readonly firstFrame?: number;
  /** Label of the picture that is to come first, where it is known: the display gets ready to decode it. */
  readonly firstRung?: string;
  /** Of a live programme: the number of its frames for good, null while it goes on. Left out for one that is whole. */
  readonly endFrame?: () => number | null;
  /** Writes down that play stood still for this frame, durably; to be called before the frame is counted, or when play goes elsewhere. */
  readonly noteStall: (frame: number, ms: number) => Promise<void>;
}) => FrameSink;
