// Where the parts of each slot of a live programme come together: a slot goes on once every part has it, or once the sound has kept
// the pictures waiting too long. One slot after the other, none twice. Pure but for what it is given.

import type { Segment } from '../segment.ts';
import { LIVE_LIMITS } from './limits.ts';

/** Label → clear segment; a part that has nothing in the slot is not there. */
export type SlotParts = ReadonlyMap<string, Uint8Array>;

/** Collects segments. */
export type Board = {
  /** Adds one; waits where many slots wait to go on. A segment of a slot that went on without it is dropped. */
  readonly add: (label: string, segment: Segment) => Promise<void>;
  /** Says that the programme ends before this slot: what was begun of it is dropped, and nobody pays for a piece of a slot. */
  readonly endAt: (endSlot: number) => void;
  /** Sends on what has not gone on, up to the end. Resolves when all is taken. */
  readonly finish: () => Promise<void>;
};

/** @param take takes one slot after the other; once it has thrown, every call throws the same. */
export function makeBoard(
  labels: { readonly pictures: readonly string[]; readonly sound: string | null },
  firstSlot: number,
  take: (slot: number, parts: SlotParts) => Promise<void>,
): Board {
  const waiting = new Map<number, Map<string, Uint8Array>>();
  /** Label → first slot that may still come. */
  const next = new Map<string, number>();
  let slot = firstSlot;
  let end = Number.POSITIVE_INFINITY;
  let taking: Promise<void> = Promise.resolve();
  let queued = 0;

  const reached = (label: string): number => next.get(label) ?? firstSlot;

  function isWhole(): boolean {
    if (slot >= end) return false;
    const pictures = Math.min(...labels.pictures.map(reached));
    if (pictures <= slot) return false;
    if (labels.sound === null || reached(labels.sound) > slot) return true;
    const patience = slot === firstSlot ? LIVE_LIMITS.firstPatienceSlots : LIVE_LIMITS.patienceSlots;
    return pictures > slot + patience;
  }

  function send(): void {
    const parts: SlotParts = waiting.get(slot) ?? new Map();
    const sent = slot;
    waiting.delete(slot);
    slot += 1;
    queued += 1;
    taking = taking.then(async () => {
      await take(sent, parts);
      queued -= 1;
    });
    // Who adds or finishes meets it; here it only must not go unheard of before.
    taking.catch(() => undefined);
  }

  return {
    add: async (label, segment) => {
      next.set(label, segment.slot + 1);
      if (segment.slot >= slot) {
        const parts = waiting.get(segment.slot) ?? new Map<string, Uint8Array>();
        waiting.set(segment.slot, parts.set(label, segment.bytes));
      }
      while (isWhole()) send();
      if (queued > LIVE_LIMITS.waitingSlots) await taking;
    },
    endAt: (endSlot) => {
      end = endSlot;
    },
    finish: async () => {
      while (slot < Math.min(end, ...labels.pictures.map(reached))) send();
      waiting.clear();
      await taking;
    },
  };
}
