// What the display's test page and its worker say to each other. Test code: the display in between is the product's own.

import type { Manifest } from '../../../protocol/manifest.ts';
import type { ModuleEvent } from '../../events.ts';
import type { PictureScreen, SoundFrameMessage, WorkerToFrame } from '../../frame-messages.ts';

/** One picture as it reached the screen. */
export type DrawnPicture = {
  readonly atMs: number;
  readonly pictureMs: number;
  readonly width: number;
  /** True when the frame it belongs to had been counted by then. */
  readonly counted: boolean;
};

/** What the worker saw. */
export type DisplayLog = {
  readonly drawn: readonly DrawnPicture[];
  readonly counted: readonly { readonly frame: number; readonly late: boolean; readonly atMs: number }[];
  readonly withheld: readonly number[];
  readonly events: readonly ModuleEvent[];
};

/** How the source of frames behaves. */
export type SourceRules = {
  /** Rung of each frame. */
  readonly rungs: readonly string[];
  /** Frames that are not delivered until `release`. */
  readonly withhold: readonly number[];
  /** Frames whose video is spoilt. */
  readonly spoilt: readonly number[];
  /** The device has no sound. */
  readonly soundless: boolean;
};

/** Page → worker. */
export type ToDisplayWorker =
  | { readonly type: 'start'; readonly screen: PictureScreen }
  | {
      readonly type: 'open';
      readonly manifest: Manifest;
      readonly segments: ReadonlyMap<string, readonly Uint8Array[]>;
      readonly startMs: number;
      readonly rules: SourceRules;
    }
  | { readonly type: 'act'; readonly name: 'play' | 'pause' | 'stop' | 'log'; readonly request: number }
  | { readonly type: 'seek'; readonly positionMs: number; readonly request: number }
  | { readonly type: 'release'; readonly request: number }
  | SoundFrameMessage;

/** Worker → page. */
export type FromDisplayWorker =
  | WorkerToFrame
  | { readonly type: 'answer'; readonly request: number; readonly log: DisplayLog; readonly positionMs: number };
