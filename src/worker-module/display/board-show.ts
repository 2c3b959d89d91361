// The display of one session of a whiteboard (docs/protocol.md §22): takes prepared strokes in their order, counts each when it is due, and
// only then draws it, in its own time. Made by display.ts for session/. What is on the board is what was counted, and nothing else.
//
//   idle ──play──► running ──last stroke of a board that has ended──► ended        stop, from any: stopped
//                     └── seek ──┘

import { toErrorData } from '../../protocol/errors.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import { decodeStroke, type Stroke, strokeLengthMs } from '../../protocol/strokes.ts';
import type { DisplayState } from '../events.ts';
import type { FrameSink, PreparedFrame } from '../frame-gateway.ts';
import type { BoardPainter } from './board-painter.ts';
import { BoardSheet } from './board-sheet.ts';
import { DISPLAY_LIMITS } from './display-limits.ts';
import type { DisplayReporter } from './display-reporter.ts';
import { type Slot, SlotWindow } from './slot-window.ts';

/** What a board's show is made of. Times in milliseconds of the board's clock unless said otherwise. */
export type BoardParts = {
  readonly manifest: Manifest;
  /** First frame of the session's grant: the board begins with it. */
  readonly firstFrame: number;
  /** What is on the board from the session before, which this one goes on from. */
  readonly earlier: readonly Stroke[];
  readonly startMs: number;
  /** The number of its strokes for good, null while it goes on. */
  readonly endFrame: () => number | null;
  readonly painter: BoardPainter;
  readonly reporter: DisplayReporter;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  /** Called once when the show has stopped, with all that is on the board and the number of the next stroke. */
  readonly onStopped: (left: { readonly strokes: readonly Stroke[]; readonly next: number }) => void;
};

type Phase = 'idle' | 'running' | 'ended' | 'stopped';
type Made = { readonly beganMs: number; readonly stroke: Stroke };

/** One session's board. */
export class BoardShow implements FrameSink {
  readonly #parts: BoardParts;
  readonly #sheet: BoardSheet;
  readonly #window: SlotWindow;
  readonly #read = new WeakMap<Slot, Stroke>();
  /** Counted in this session, in order; the first `#drawn` of them are on the sheet. */
  readonly #made: Made[] = [];
  #drawn = 0;
  /** Frame to be counted next. */
  #next: number;
  #phase: Phase = 'idle';
  #playing = false;
  #positionMs: number;
  #atMs: number;
  #rate = 1;
  /** Nobody waits before the first stroke, nor at the edge: the clock goes to the next stroke as soon as it is here. */
  #waitsForNobody = true;
  #epoch = 0;
  /** The stroke that is being counted, until it is on the sheet. */
  #counting: Promise<void> = Promise.resolve();
  /** Moves that wait for it; nothing more is counted before them. */
  #moves = 0;
  /** Since when the stroke that is due is not here, on the monotonic clock. */
  #missingSinceMs: number | null = null;

  constructor(parts: BoardParts) {
    this.#parts = parts;
    this.#sheet = new BoardSheet(parts.painter);
    this.#sheet.reset(parts.earlier);
    this.#next = parts.firstFrame;
    this.#positionMs = parts.startMs;
    this.#atMs = parts.nowMs();
    this.#window = new SlotWindow(parts.endFrame() ?? parts.manifest.frameCount);
    this.#window.advance(this.#next);
    this.#tellWanted();
    this.#report();
  }

  accept(prepared: PreparedFrame): void {
    if (this.#phase === 'stopped') {
      this.#guard(prepared.withhold());
      return;
    }
    this.#guard(this.#take(prepared));
  }

  play(): void {
    if (this.#phase === 'stopped') return;
    this.tick(this.#parts.nowMs());
    this.#playing = true;
    if (this.#phase === 'ended') this.#guard(this.#moveTo(this.#made[0]?.beganMs ?? 0));
    if (this.#phase === 'idle') {
      this.#phase = 'running';
      // A bare board is a picture, too.
      this.#parts.reporter.drawn(this.#next, this.#positionMs, null);
    }
    this.tick(this.#parts.nowMs());
  }

  pause(): void {
    this.tick(this.#parts.nowMs());
    this.#playing = false;
    this.#report();
  }

  async seek(positionMs: number): Promise<void> {
    const targetMs = Math.max(0, positionMs);
    if (this.#phase === 'idle') this.#positionMs = targetMs;
    else if (this.#phase !== 'stopped') this.#guard(this.#moveTo(targetMs));
    this.#report();
  }

  grew(): void {
    if (this.#phase === 'stopped') return;
    this.#window.endAt(this.#parts.endFrame() ?? this.#parts.manifest.frameCount);
    this.tick(this.#parts.nowMs());
    this.#tellWanted();
  }

  setRate(rate: number): void {
    this.tick(this.#parts.nowMs());
    this.#rate = rate;
    this.#report();
  }

  positionMs(): number {
    return this.#positionMs;
  }

  async stop(): Promise<void> {
    if (this.#phase === 'stopped') return;
    this.#epoch += 1;
    this.#phase = 'stopped';
    this.#playing = false;
    try {
      await this.#counting.catch(() => undefined);
      // What was counted was promised to be shown.
      for (const { stroke } of this.#made.slice(this.#drawn)) this.#sheet.put(stroke);
      this.#drawn = this.#made.length;
      this.#sheet.finish();
      await this.#window.clear();
    } finally {
      this.#parts.onStopped({ strokes: this.#sheet.made, next: this.#next });
    }
  }

  /** One refresh of the screen. */
  tick(nowMs: number): void {
    const elapsedMs = (nowMs - this.#atMs) * this.#rate;
    this.#atMs = nowMs;
    if (this.#phase !== 'running') return;
    if (this.#playing)
      this.#positionMs = Math.max(this.#positionMs, Math.min(this.#positionMs + elapsedMs, this.#limitMs()));
    this.#draw();
    this.#countNext(nowMs);
    this.#report();
  }

  // A board has neither sounds, captions nor previews; the session refuses to choose one.
  lacks(): readonly string[] {
    return [];
  }
  supplement(): void {}
  setSound(): void {}
  setCaptions(): void {}
  preview(): void {}
  takeSheet(): void {}

  async #take(prepared: PreparedFrame): Promise<void> {
    const slot = await this.#window.accept(prepared, this.#parts.nowMs());
    if (slot === null) return;
    this.#tellWanted();
    const [bytes] = slot.parts.values();
    try {
      this.#read.set(slot, decodeStroke(bytes ?? new Uint8Array(), this.#parts.manifest.frameDurationMs));
    } catch (thrown) {
      this.#parts.reporter.failed(toErrorData(thrown).code);
      await this.#window.breakUp(slot);
    }
    this.tick(this.#parts.nowMs());
  }

  /** Where the clock stands still: at the next stroke until that is counted, and at the edge when everything is drawn. */
  #limitMs(): number {
    if (this.#drawn < this.#made.length) return Number.POSITIVE_INFINITY;
    return this.#beganMs(this.#next) ?? this.#drawnToMs();
  }

  /** When a stroke began; null for one that is not out. */
  #beganMs(frame: number): number | null {
    return this.#parts.manifest.begins?.[frame] ?? null;
  }

  /** When the newest stroke on the sheet is whole. */
  #drawnToMs(): number {
    const newest = this.#made[this.#drawn - 1];
    return newest === undefined ? this.#positionMs : newest.beganMs + strokeLengthMs(newest.stroke);
  }

  /** Draws of what is counted all that is due. */
  #draw(): void {
    for (let due = this.#made[this.#drawn]; due !== undefined; due = this.#made[this.#drawn]) {
      if (due.beganMs > this.#positionMs && !this.#waitsForNobody) break;
      this.#positionMs = Math.max(this.#positionMs, due.beganMs);
      this.#waitsForNobody = false;
      this.#sheet.put(due.stroke);
      this.#drawn += 1;
    }
    const newest = this.#made[this.#drawn - 1];
    if (newest !== undefined) this.#sheet.move(this.#positionMs - newest.beganMs);
  }

  /** Counts the next stroke once everything before it is drawn, and it is due and here. */
  #countNext(nowMs: number): void {
    if (!this.#playing || this.#moves > 0 || this.#drawn < this.#made.length) return;
    const beganMs = this.#beganMs(this.#next);
    if (beganMs === null) {
      this.#missingSinceMs = null;
      this.#standAtEdge();
      return;
    }
    if (this.#positionMs < beganMs && !this.#waitsForNobody) return;
    const slot = this.#window.at(this.#next);
    if (slot === undefined) this.#missingSinceMs ??= nowMs;
    else this.#missingSinceMs = null;
    if (slot?.state === 'broken') this.#goOn();
    const stroke = slot === undefined ? undefined : this.#read.get(slot);
    if (slot?.state !== 'held' || stroke === undefined) return;
    this.#counting = this.#window.count(slot, false).then(() => {
      this.#made.push({ beganMs, stroke });
      this.#parts.reporter.drawn(slot.frame, beganMs, null);
      this.#goOn();
    });
    this.#guard(this.#counting);
  }

  /** The stroke is done with, or lost. */
  #goOn(): void {
    this.#next += 1;
    if (this.#phase === 'stopped') return;
    this.#window.advance(this.#next);
    this.#tellWanted();
    this.tick(this.#parts.nowMs());
  }

  #standAtEdge(): void {
    if (this.#positionMs < this.#drawnToMs()) return;
    const endFrame = this.#parts.endFrame();
    if (endFrame !== null && this.#next >= endFrame) {
      this.#playing = false;
      this.#phase = 'ended';
    } else this.#waitsForNobody = true;
  }

  /** A place on a board is everything that was drawn before it: ahead opens what lies between, back takes away what came later. */
  async #moveTo(targetMs: number): Promise<void> {
    const epoch = ++this.#epoch;
    this.#moves += 1;
    // What is just being counted was promised to be shown.
    await this.#counting.catch(() => undefined);
    this.#moves -= 1;
    if (epoch !== this.#epoch) return;
    this.tick(this.#parts.nowMs());
    if (targetMs < this.#positionMs) {
      const later = this.#made.findIndex(({ beganMs }) => beganMs > targetMs);
      this.#drawn = later < 0 ? this.#made.length : later;
      const newest = this.#made[this.#drawn - 1];
      const whole = this.#made.slice(0, Math.max(0, this.#drawn - 1)).map(({ stroke }) => stroke);
      this.#sheet.reset([...this.#parts.earlier, ...whole]);
      if (newest !== undefined) this.#sheet.put(newest.stroke);
    }
    this.#positionMs = targetMs;
    this.#waitsForNobody = false;
    this.#phase = 'running';
    this.#parts.reporter.forgetWanted();
    this.tick(this.#parts.nowMs());
    this.#tellWanted();
  }

  #tellWanted(): void {
    if (this.#phase === 'stopped') return;
    const frames = this.#window.wanted(DISPLAY_LIMITS.framesAhead);
    this.#parts.reporter.wanted({ frames, tracks: [], sheets: [] });
  }

  #report(): void {
    const nowMs = this.#parts.nowMs();
    this.#parts.reporter.state(this.#state(nowMs), this.#positionMs, this.#rate, nowMs);
  }

  #state(nowMs: number): DisplayState {
    if (this.#phase === 'idle' || this.#phase === 'ended') return this.#phase;
    if (this.#phase === 'stopped') return 'idle';
    if (!this.#playing) return 'paused';
    const missingMs = this.#missingSinceMs === null ? 0 : nowMs - this.#missingSinceMs;
    return missingMs > DISPLAY_LIMITS.lateMs ? 'waiting' : 'playing';
  }

  /** The record refused an outcome: play cannot go on, because nothing may be shown that is not written down. */
  #guard(outcome: Promise<unknown>): void {
    outcome.catch((thrown: unknown) => {
      this.pause();
      this.#parts.reporter.failed(toErrorData(thrown).code);
    });
  }
}
