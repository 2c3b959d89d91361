// The player as screens know it: what may be asked of it, and the state that says what came of it. Types only; player.ts makes it.

import type { ChosenSequence } from '../protocol/sequence/names.ts';
import type { PlayerState } from './player-state.ts';
import type { RungChoice } from './rungs.ts';
import type { ReadableStore } from './store.ts';
import type { TrackControl } from './track-control.ts';

/** What a screen may ask of the player. Every intent returns at once; what comes of it is in `state`. */
export type Player = {
  readonly state: ReadableStore<PlayerState>;
  /** A person sees this programme offered before all others: what opening it would need is asked for, as far as nothing comes of it by itself. */
  offer(programmeId: string): void;
  /** Gets ready what opening this programme will need, because it probably will be opened. Nothing is shown and nothing counted. */
  prepare(programmeId: string): void;
  /**
   * A person points at a programme: `prepare`, and, where they stay, a session of it that a press finds ready. Nothing of it is counted or opened. `pressed`: a
   * press on it has begun, and nothing is waited for.
   */
  point(programmeId: string, pressed?: boolean): void;
  /** They point at it no more. A session that was made ready and is not pressed for is ended, and what was set aside comes back. */
  unpoint(programmeId: string): void;
  /** Opens a programme and plays; takes up its open session where it stood, unless `positionMs` says where. */
  open(programmeId: string, positionMs?: number): void;
  play(): void;
  pause(): void;
  seek(positionMs: number): void;
  /** Volume 0–1 of this tab's sound. */
  setVolume(volume: number, muted: boolean): void;
  setRung(choice: RungChoice): void;
  /**
   * Goes on from here in a session of its own under another sequence function: null for the programme's own, `logistic` for the documents' one,
   * which is weak. It holds for this visit. What fits is for `decodeSequenceChoice` to say, before.
   */
  setSequence(choice: ChosenSequence | null): void;
  /** Sound, captions, speed, and how captions look. */
  readonly tracks: Pick<
    TrackControl,
    'setSound' | 'setCaptions' | 'toggleCaptions' | 'setRate' | 'stepRate' | 'setLook' | 'keepClear'
  >;
  /** Shows the preview of a place in the module's frame, at `at` of its width (0–1), or none. */
  preview(positionMs: number | null, at: number): void;
  /** Goes as near to the edge of a live programme as one can play, and stays there. */
  goLive(): void;
  /** Ends the session and has its receipt made; `state` is `stopped` when it is durable. */
  stop(): void;
  /** After a failure: takes up what was going on. */
  retry(): void;
  /** Holds the session and lets go of everything else. */
  leave(): void;
  /** Ends listening to the module. Final. */
  destroy(): void;
};
