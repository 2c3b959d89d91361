// The display of the module: screen and sound device, and the session that plays on them. Made once by worker.ts;
// session/ asks it for a sink for each session that becomes active. Only one session plays at a time.

import type { ModuleEvent } from '../events.ts';
import type { FrameSink, MakeFrameSink, TabDisplay } from '../frame-gateway.ts';
import type { PictureScreen, SoundFrameMessage, WorkerToFrame } from '../frame-messages.ts';
import { DisplayReporter } from './display-reporter.ts';
import { boardTools, makeBoardSinks, strokesPartOf } from './make-board.ts';
import { makePainter } from './painter.ts';
import { unchangedPictures } from './picture-transform.ts';
import { Show } from './show.ts';
import { SoundDevice } from './sound-device.ts';
import { Timeline } from './timeline.ts';

/** What the display needs of the worker. */
export type DisplayParts = {
  readonly screen: PictureScreen;
  /** Reaches the module's frame. */
  readonly post: (message: WorkerToFrame, transfer?: Transferable[]) => void;
  readonly emit: (event: ModuleEvent) => void;
};

/** The module's display. */
export type Display = TabDisplay & {
  readonly makeSink: MakeFrameSink;
  /** A message of the frame about the sound device. */
  takeSound(message: SoundFrameMessage): void;
};

/** Puts the display together. The screen belongs to it from here on. */
export function createDisplay({ screen, post, emit }: DisplayParts): Display {
  const painter = makePainter(screen);
  const device = new SoundDevice(post, performance.timeOrigin);

  const makeBoardSink = makeBoardSinks(boardTools(painter, emit));

  const makeSink: MakeFrameSink = (order): FrameSink => {
    const board = strokesPartOf(order.manifest);
    if (board !== null) return makeBoardSink(order, board);
    const { session, manifest, startMs, endFrame, noteStall, firstRung = null } = order;
    return new Show({
      timeline: new Timeline(manifest, endFrame),
      painter,
      screenKind: screen.kind,
      transform: unchangedPictures,
      device,
      reporter: new DisplayReporter(session, emit),
      startMs,
      firstRung,
      post,
      noteStall,
      nowMs: () => performance.now(),
    });
  };

  return {
    makeSink,
    setVolume: (volume, muted) => device.setVolume(volume, muted),
    setCaptionStyle: (style) => post({ type: 'caption-style', style }),
    takeSound: (message) => device.take(message),
  };
}
