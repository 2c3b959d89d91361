// What the display tells the host: the list of wanted frames when it changes, its state and figures four times a second
// and at each change, the first picture. Counts pictures and measures their distance from the sound.

import type { FareboxErrorCode } from '../../protocol/errors.ts';
import type { DisplayState, ModuleEvent } from '../events.ts';
import { DISPLAY_LIMITS } from './display-limits.ts';

type Needs = Pick<Extract<ModuleEvent, { type: 'wanted' }>, 'frames' | 'tracks' | 'sheets'>;

/** The reports of one session. */
export class DisplayReporter {
  readonly #session: string;
  readonly #emit: (event: ModuleEvent) => void;
  #wanted = '';
  #state: DisplayState | null = null;
  #rate = 1;
  #lastEventMs = Number.NEGATIVE_INFINITY;
  #picturesDrawn = 0;
  #picturesDropped = 0;
  #soundOffsetMs: number | null = null;
  #awaitsPicture = true;

  constructor(session: string, emit: (event: ModuleEvent) => void) {
    this.#session = session;
    this.#emit = emit;
  }

  wanted(needs: Needs): void {
    const { frames, tracks, sheets } = needs;
    const list = [frames, tracks, sheets].join(';');
    if (list === this.#wanted) return;
    this.#wanted = list;
    this.#emit({ type: 'wanted', session: this.#session, frames, tracks, sheets });
  }

  /** The next wanted list is told even where it is the same as the last. */
  forgetWanted(): void {
    this.#wanted = '';
  }

  /** After play begins or a seek, the next picture drawn is told. */
  awaitPicture(): void {
    this.#awaitsPicture = true;
    this.#soundOffsetMs = null;
  }

  /** `heardMs`: place of the sound heard at this moment, null without sound. */
  drawn(frame: number, pictureMs: number, heardMs: number | null): void {
    this.#picturesDrawn += 1;
    if (heardMs !== null) this.#soundOffsetMs = heardMs - pictureMs;
    if (!this.#awaitsPicture) return;
    this.#awaitsPicture = false;
    this.#emit({ type: 'picture', session: this.#session, frame });
  }

  dropped(pictures: number): void {
    this.#picturesDropped += pictures;
  }

  failed(code: FareboxErrorCode): void {
    this.#emit({ type: 'failed', session: this.#session, code });
  }

  /** Tells state, place and speed where any but the place has changed, and four times a second while it plays. */
  state(state: DisplayState, positionMs: number, rate: number, nowMs: number): void {
    const due = state === 'playing' && nowMs - this.#lastEventMs >= DISPLAY_LIMITS.displayEventMs;
    if (state === this.#state && rate === this.#rate && !due) return;
    this.#rate = rate;
    this.#state = state;
    this.#lastEventMs = nowMs;
    this.#emit({
      type: 'display',
      session: this.#session,
      state,
      positionMs: Math.round(positionMs),
      rate,
      statistics: {
        picturesDrawn: this.#picturesDrawn,
        picturesDropped: this.#picturesDropped,
        soundOffsetMs: this.#soundOffsetMs,
      },
    });
  }
}
