// The captions of a show: which cues are on the screen at the place of play, told to the module's frame when they change. Kept by show.ts.
// Text of a frame that is not counted is never told, and none of it goes to the host.

import { type Cue, decodeCaptions } from '../../protocol/captions.ts';
import type { WorkerToFrame } from '../frame-messages.ts';
import type { DisplayReporter } from './display-reporter.ts';
import type { Slot, SlotWindow } from './slot-window.ts';
import type { Timeline } from './timeline.ts';

type CaptionParts = {
  readonly timeline: Timeline;
  readonly window: SlotWindow;
  readonly reporter: DisplayReporter;
  readonly post: (message: WorkerToFrame) => void;
};

/** The captions of one session. Times in milliseconds of the programme. */
export class CaptionTrack {
  readonly #parts: CaptionParts;
  /** Cues by the bytes that they were read from; they go with their frame. */
  readonly #read = new WeakMap<Uint8Array, readonly Cue[]>();
  #chosen: string | null = null;
  #told = '[]';

  constructor(parts: CaptionParts) {
    this.#parts = parts;
  }

  /** Label of the captions that are chosen, or null for none. */
  get chosen(): string | null {
    return this.#chosen;
  }

  choose(label: string | null): void {
    this.#chosen = label;
    this.clear();
  }

  /** Tells what is on the screen at this place of play. */
  show(positionMs: number): void {
    const { timeline, window } = this.#parts;
    const slot = window.at(timeline.frameAt(positionMs));
    const cues = slot?.state === 'counted' ? this.#cuesOf(slot) : [];
    this.#tell(cues.filter(({ startMs, endMs }) => startMs <= positionMs && positionMs < endMs));
  }

  clear(): void {
    this.#tell([]);
  }

  #tell(cues: readonly Cue[]): void {
    const shown = cues.map(({ lines, settings }) => ({ lines, settings }));
    const told = JSON.stringify(shown);
    if (told === this.#told) return;
    this.#told = told;
    const { timeline, post } = this.#parts;
    const language = this.#chosen === null ? '' : timeline.languageOf(this.#chosen);
    post({ type: 'captions', language, ratio: timeline.ratio, cues: shown });
  }

  /** The provider made them: whatever is wrong with them costs this frame its captions and nothing else. */
  #cuesOf({ frame, parts }: Slot): readonly Cue[] {
    const bytes = this.#chosen === null ? undefined : parts.get(this.#chosen);
    if (bytes === undefined) return [];
    const known = this.#read.get(bytes);
    if (known !== undefined) return known;
    const cues = this.#decode(bytes, frame);
    this.#read.set(bytes, cues);
    return cues;
  }

  #decode(bytes: Uint8Array, frame: number): readonly Cue[] {
    const { timeline, reporter } = this.#parts;
    try {
      return decodeCaptions(bytes, { startMs: timeline.startOf(frame), endMs: timeline.startOf(frame + 1) });
    } catch {
      reporter.failed('captions/malformed');
      return [];
    }
  }
}
