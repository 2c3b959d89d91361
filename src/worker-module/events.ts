// What the module tells the host unasked: one discriminated union, outward only, every field a plain value.
// The worker builds each event by shape (event-port.ts); nothing else can leave on that port.

import type { FareboxErrorCode } from '../protocol/errors.ts';

/** Play as the display has it. `waiting`: the picture it needs next is not here. */
export type DisplayState = 'idle' | 'waiting' | 'playing' | 'paused' | 'ended';

/** Counts of the display since the session was taken up in this tab. */
export type DisplayStatistics = {
  readonly picturesDrawn: number;
  readonly picturesDropped: number;
  /** Milliseconds; the newest measured distance of drawn picture and heard sound, positive when the picture is late. Null without sound. */
  readonly soundOffsetMs: number | null;
};

/** One event on the event port. */
export type ModuleEvent =
  /**
   * What the display needs, soonest first; the host delivers it when it has it. Sent again when any of it changes. `tracks`: frames that are
   * here without the sound or the captions that the person has chosen since; `sheets`: previews.
   */
  | {
      readonly type: 'wanted';
      readonly session: string;
      readonly frames: readonly number[];
      readonly tracks: readonly number[];
      readonly sheets: readonly number[];
    }
  /** Four times a second while playing and at every change. */
  | {
      readonly type: 'display';
      readonly session: string;
      readonly state: DisplayState;
      readonly positionMs: number;
      /** Speed of play, 1 as it was made. */
      readonly rate: number;
      readonly statistics: DisplayStatistics;
    }
  /** The first picture of this session in this tab, or after a seek, is on the screen. */
  | { readonly type: 'picture'; readonly session: string; readonly frame: number }
  /** A frame came to an outcome. `replayed`: shown again under the replay policy, no count. */
  | {
      readonly type: 'frame';
      readonly session: string;
      readonly frame: number;
      readonly outcome: 'decrypted' | 'replayed' | 'failed' | 'withheld';
      readonly late: boolean;
      readonly rung: string;
      readonly code: FareboxErrorCode | null;
      readonly count: number;
      readonly amountMinor: number;
      readonly counter: number;
    }
  /** The module's surface asks the person something (`shown`: the host brings the module's frame to the front, whole and uncovered) or has done with it. */
  | { readonly type: 'surface'; readonly state: 'shown' | 'hidden' }
  /** Something that the screens show has changed, here or in another tab: read it again. */
  | { readonly type: 'changed'; readonly what: 'status' | 'receipts' | 'operations' | 'keys' }
  /** The session was closed in another tab. */
  | { readonly type: 'closed'; readonly session: string }
  /** Something the module could not do on its own account; the host shows it. */
  | { readonly type: 'failed'; readonly session: string | null; readonly code: FareboxErrorCode };
