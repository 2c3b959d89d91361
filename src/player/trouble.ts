// What a piece of trouble means for play, by its code in the error table: whether play goes on in spite of it, and how long the player speaks
// of it. Kept by player.ts for one visit after another; it stops nothing itself.

import { ERRORS, type FareboxErrorCode } from '../protocol/errors.ts';
import type { ModuleEvent } from '../worker-module/events.ts';
import { PLAYER_LIMITS } from './limits.ts';

type FrameEvent = Extract<ModuleEvent, { type: 'frame' }>;

/** Trouble with one piece of the programme, which is past when play is. */
export function isAboutMedia(code: FareboxErrorCode | null): boolean {
  return code !== null && ['frame/', 'captions/', 'previews/'].some((area) => code.startsWith(area));
}

/** What the player remembers of trouble. */
export type TroubleWatch = {
  /** Trouble with this frame is spoken of from now on. */
  note(frame: number): void;
  /** Whether a frame's outcome ends what is spoken of: the frame came after all, or play is so far from it that the person has read of it. */
  isOverWith(event: FrameEvent): boolean;
  /** Whether play goes on though the display said this. `lower` goes to another rung, and answers whether there was one. */
  ridesOver(code: FareboxErrorCode, lower: () => boolean): boolean;
};

/** Makes a watch that knows of no trouble. */
export function createTroubleWatch(): TroubleWatch {
  let frameInTrouble = 0;
  let brokenInRow = 0;
  return {
    note(frame) {
      frameInTrouble = frame;
    },
    isOverWith({ frame, outcome }) {
      // A picture on the screen: what could not be decoded was a piece, and not all of it.
      if (outcome === 'decrypted' || outcome === 'replayed') brokenInRow = 0;
      if (frame === frameInTrouble) return outcome !== 'withheld';
      return Math.abs(frame - frameInTrouble) > PLAYER_LIMITS.framesToRead;
    },
    ridesOver(code, lower) {
      const { did, severity } = ERRORS[code];
      const most = PLAYER_LIMITS.undecodableInRow;
      if (did === 'skipped' || did === 'lowered') brokenInRow += 1;
      if (did === 'skipped') return brokenInRow <= most;
      // The display may hold frames of the rung that was just left: what breaks of those says nothing about the next one.
      if (did === 'lowered') return brokenInRow % (most + 1) === 1 ? lower() : true;
      return severity === 'info' || severity === 'warning';
    },
  };
}
