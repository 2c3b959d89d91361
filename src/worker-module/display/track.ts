// What the picture track and the sound track of a show have in common: whose frames they follow and whom they tell.

import type { DisplayReporter } from './display-reporter.ts';
import type { Signal } from './signal.ts';
import type { Slot, SlotWindow } from './slot-window.ts';
import type { Timeline } from './timeline.ts';

/** Shared by both tracks. */
export type TrackParts = {
  readonly timeline: Timeline;
  readonly window: SlotWindow;
  readonly reporter: DisplayReporter;
  /** Notified at every change either track may wait for. */
  readonly changed: Signal;
};

/** One run over the frames from a place of play on; ends when stale or at the end of the programme. */
export type FollowJob = {
  readonly fromMs: number;
  isStale(): boolean;
  /** A frame is decoded so far that it can be counted, or shown. */
  onProgress(): void;
  /** A frame that cannot be decoded; the track goes on with the next. */
  onBroken(slot: Slot, thrown: unknown): Promise<void>;
};

/** Goes from frame to frame as they come, from the place of play on, and has each decoded. */
export async function followFrames(
  parts: TrackParts,
  job: FollowJob,
  decodeSlot: (slot: Slot) => Promise<void>,
): Promise<void> {
  const { timeline } = parts;
  for (let frame = timeline.frameAt(job.fromMs); frame < timeline.frameCount; frame++) {
    const slot = await slotWhenHere(parts, frame, job.isStale);
    if (slot === null) return;
    try {
      await decodeSlot(slot);
    } catch (thrown) {
      if (job.isStale()) return;
      await job.onBroken(slot, thrown);
    }
  }
}

/** Waits for a frame to be delivered. Null when the run is stale. */
async function slotWhenHere(parts: TrackParts, frame: number, isStale: () => boolean): Promise<Slot | null> {
  for (;;) {
    if (isStale()) return null;
    const slot = parts.window.at(frame);
    if (slot !== undefined) return slot;
    await parts.changed.wait();
  }
}
