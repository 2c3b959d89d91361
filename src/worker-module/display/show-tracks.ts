// What a show is made of and what it shows: its parts, and the tracks made from them. Called by show.ts once for each session.

import type { PictureScreen, WorkerToFrame } from '../frame-messages.ts';
import { CaptionTrack } from './caption-track.ts';
import type { DisplayReporter } from './display-reporter.ts';
import type { Painter } from './painter.ts';
import { PictureTrack } from './picture-track.ts';
import type { PictureTransform } from './picture-transform.ts';
import type { PlayClock } from './play-clock.ts';
import { decodeWithBrowser, PreviewShelf } from './preview-shelf.ts';
import type { Signal } from './signal.ts';
import type { Slot, SlotWindow } from './slot-window.ts';
import type { SoundDevice } from './sound-device.ts';
import { SoundTrack } from './sound-track.ts';
import type { Timeline } from './timeline.ts';

/** What a show is made of. */
export type ShowParts = {
  readonly timeline: Timeline;
  readonly painter: Painter;
  /** What the painter paints on. */
  readonly screenKind: PictureScreen['kind'];
  readonly transform: PictureTransform;
  readonly device: SoundDevice;
  readonly reporter: DisplayReporter;
  readonly startMs: number;
  /** Label of the picture that is to come first; null where nobody has said. */
  readonly firstRung: string | null;
  /** Reaches the module's frame, which draws captions and previews. */
  readonly post: (message: WorkerToFrame, transfer?: Transferable[]) => void;
  /** Writes a stall down, durably; before its frame is counted, or when play goes elsewhere. */
  readonly noteStall: (frame: number, ms: number) => Promise<void>;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
};

/** Everything that is shown beside each other. */
export type ShowTracks = {
  readonly pictures: PictureTrack;
  /** Null for a silent programme. */
  readonly sound: SoundTrack | null;
  readonly captions: CaptionTrack;
  readonly previews: PreviewShelf;
};

/** Makes them. `onPreviews`: the list of wanted sheets may have changed. */
export function makeTracks(
  parts: ShowParts,
  own: { readonly window: SlotWindow; readonly clock: PlayClock; readonly changed: Signal; onPreviews(): void },
): ShowTracks {
  const { timeline, reporter, post, device } = parts;
  const { window, changed, clock, onPreviews } = own;
  const shared = { timeline, window, reporter, changed };
  const label = timeline.mainSound;
  const sampleRateHz = timeline.sampleRateOf(label);
  const pictures = new PictureTrack({ ...shared, painter: parts.painter, transform: parts.transform });
  if (parts.firstRung !== null) pictures.expect(parts.firstRung);
  return {
    pictures,
    sound:
      label === null || sampleRateHz === null
        ? null
        : new SoundTrack({ ...shared, device, clock }, { label, sampleRateHz }),
    captions: new CaptionTrack({ ...shared, post }),
    previews: new PreviewShelf({
      ...{ reporter, post, decode: decodeWithBrowser, onChange: onPreviews },
      previews: timeline.previews,
    }),
  };
}

/** Labels that are chosen, that a frame has something of, and that it came without. */
export function lackingOf(slot: Slot, timeline: Timeline, { sound, captions }: ShowTracks): readonly string[] {
  if (slot.state === 'broken' || slot.state === 'refused') return [];
  return [sound?.chosen ?? null, captions.chosen].flatMap((label) =>
    label !== null && timeline.has(label, slot.frame) && !slot.parts.has(label) ? [label] : [],
  );
}
