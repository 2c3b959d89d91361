// The display of one session: takes prepared frames, decodes them, counts each just before it is due, draws and lets sound
// out. Made by display.ts for session/. It must never draw a picture or let out a sample of a frame whose `count` has not
// resolved, and what it counted it shows.
//
//   idle ──play──► settling ──► preroll ──first picture counted and drawn──► running ──end──► ended
//                     ▲            │                                            │              │
//                     └── seek ────┴────────────────────────────────────────────┴── play ──────┘     stop, from any: stopped
//
// settling: frames that were counted are still shown, the rest is withheld. preroll: waits for the picture to begin with.

import { FareboxError, toErrorData } from '../../protocol/errors.ts';
import type { DisplayState } from '../events.ts';
import type { FrameSink, PreparedFrame } from '../frame-gateway.ts';
import { DISPLAY_LIMITS } from './display-limits.ts';
import type { DisplayReporter } from './display-reporter.ts';
import type { Painter } from './painter.ts';
import { PictureTrack } from './picture-track.ts';
import type { PictureTransform } from './picture-transform.ts';
import { PlayClock } from './play-clock.ts';
import { Signal } from './signal.ts';
import { type Slot, SlotWindow } from './slot-window.ts';
import type { SoundDevice } from './sound-device.ts';
import { SoundTrack } from './sound-track.ts';
import type { Timeline } from './timeline.ts';

/** What a show is made of. */
export type ShowParts = {
  readonly timeline: Timeline;
  readonly painter: Painter;
  readonly transform: PictureTransform;
  readonly device: SoundDevice;
  readonly reporter: DisplayReporter;
  readonly startMs: number;
  /** Monotonic milliseconds. */
  readonly nowMs: () => number;
  /** Called once when the show has stopped. */
  readonly onStopped: () => void;
};

type Phase = 'idle' | 'settling' | 'preroll' | 'running' | 'ended' | 'stopped';

/** One session's display. */
export class Show implements FrameSink {
  readonly #parts: ShowParts;
  readonly #changed = new Signal();
  readonly #clock = new PlayClock();
  readonly #window: SlotWindow;
  readonly #pictures: PictureTrack;
  readonly #sound: SoundTrack | null;
  #phase: Phase = 'idle';
  #playing = false;
  #targetMs: number;
  #epoch = 0;
  /** Frame to be counted next. */
  #nextFrame: number;
  #stalledSinceMs: number | null = null;
  #silenceTold = false;

  constructor(parts: ShowParts) {
    const { timeline, device, reporter, painter, transform } = parts;
    this.#parts = parts;
    this.#window = new SlotWindow(timeline.frameCount);
    this.#targetMs = timeline.clampMs(parts.startMs);
    this.#nextFrame = timeline.frameAt(this.#targetMs);
    this.#window.advance(this.#nextFrame);
    const shared = { timeline, window: this.#window, reporter, changed: this.#changed };
    this.#pictures = new PictureTrack({ ...shared, painter, transform });
    const rateHz = timeline.sampleRateHz;
    this.#sound = rateHz === null ? null : new SoundTrack({ ...shared, device, clock: this.#clock }, rateHz);
    this.#sound?.openDevice();
    reporter.wanted(this.#window.wanted(0));
    this.#report();
  }

  accept(prepared: PreparedFrame): void {
    if (this.#phase === 'stopped') {
      this.#guard(prepared.withhold());
      return;
    }
    this.#guard(
      this.#window.accept(prepared, this.#parts.nowMs()).then((slot) => {
        if (slot === null) return;
        this.#changed.notify();
        this.#tellWanted();
      }),
    );
  }

  play(): void {
    if (this.#phase === 'stopped') return;
    this.#playing = true;
    this.#sound?.openDevice();
    if (this.#phase === 'idle') this.#guard(this.#moveTo(this.#targetMs));
    else if (this.#phase === 'ended') this.#guard(this.#moveTo(0));
    else if (this.#phase === 'running') this.#go();
    this.#report();
  }

  pause(): void {
    this.#playing = false;
    if (this.#phase === 'running') this.#hold();
    this.#report();
  }

  seek(positionMs: number): void {
    if (this.#phase === 'stopped') return;
    const targetMs = this.#parts.timeline.clampMs(positionMs);
    if (this.#phase !== 'idle') {
      this.#guard(this.#moveTo(targetMs));
      return;
    }
    // Not begun: the place moves, nothing is shown yet.
    this.#targetMs = targetMs;
    this.#nextFrame = this.#parts.timeline.frameAt(targetMs);
    this.#guard(this.#window.moveTo(this.#nextFrame).then(() => this.#tellWanted()));
    this.#report();
  }

  positionMs(): number {
    if (this.#phase === 'ended') return this.#parts.timeline.endMs;
    if (this.#phase !== 'running') return this.#targetMs;
    return this.#clock.positionMs(this.#parts.nowMs());
  }

  async stop(): Promise<void> {
    if (this.#phase === 'stopped') return;
    this.#targetMs = this.positionMs();
    this.#epoch += 1;
    this.#phase = 'stopped';
    this.#hold();
    this.#sound?.close();
    try {
      await this.#showCounted();
      await this.#window.clear();
    } finally {
      this.#pictures.reset();
      this.#parts.onStopped();
    }
  }

  /** One refresh of the screen. */
  tick(nowMs: number): void {
    if (this.#phase !== 'preroll' && this.#phase !== 'running') return;
    const moving = this.#phase === 'running' && this.#playing;
    const positionMs = moving ? this.#clock.positionMs(nowMs) : this.#targetMs;
    if (moving) {
      this.#window.advance(this.#parts.timeline.frameAt(positionMs));
      this.#sound?.send(positionMs);
      this.#pictures.drawDue(positionMs, this.#clock.heardMs(nowMs));
    }
    if (moving || this.#phase === 'preroll') {
      this.#countNext(positionMs, nowMs);
      this.#tellWanted();
    }
    if (moving && this.#isOver(positionMs)) this.#end();
    this.#report();
  }

  /** Goes to a place: shows what was counted, withholds what was not, begins anew there. The newest call wins. */
  async #moveTo(targetMs: number): Promise<void> {
    const { timeline, reporter } = this.#parts;
    const epoch = ++this.#epoch;
    this.#phase = 'settling';
    this.#targetMs = targetMs;
    this.#hold();
    this.#report();
    await this.#showCounted();
    if (epoch !== this.#epoch) return;
    this.#pictures.reset();
    this.#nextFrame = timeline.frameAt(targetMs);
    this.#clock.begin(targetMs, timeline.startOf(this.#nextFrame));
    this.#sound?.begin(targetMs);
    this.#phase = 'preroll';
    reporter.awaitPicture();
    reporter.forgetWanted();
    const withheld = this.#window.moveTo(this.#nextFrame);
    this.#tellWanted();
    const isStale = () => epoch !== this.#epoch;
    const onBroken = (slot: Slot, thrown: unknown) => this.#break(slot, thrown);
    const decodeLag = () => this.positionMs();
    const following = [this.#pictures.follow({ fromMs: targetMs, isStale, onBroken, positionMs: decodeLag })];
    if (this.#sound !== null) following.push(this.#sound.follow({ fromMs: targetMs, isStale, onBroken }));
    await Promise.all([withheld, ...following]);
  }

  /** Counts the next frame once it is close, ready and here. */
  #countNext(positionMs: number, nowMs: number): void {
    const { timeline } = this.#parts;
    const frame = this.#nextFrame;
    if (frame >= timeline.frameCount) return;
    const dueMs = timeline.startOf(frame);
    if (positionMs < dueMs - DISPLAY_LIMITS.countAheadMs) return;
    const isStalled = this.#phase === 'running' && this.#isStalled(positionMs);
    if (isStalled) this.#stalledSinceMs ??= nowMs;
    const slot = this.#window.at(frame);
    if (slot?.state === 'broken' && (isStalled || this.#phase === 'preroll')) this.#passOver(frame);
    if (slot?.state !== 'held' || !slot.ready) return;
    const late = this.#stalledSinceMs !== null && slot.deliveredAtMs - this.#stalledSinceMs > DISPLAY_LIMITS.lateMs;
    this.#nextFrame = frame + 1;
    const epoch = this.#epoch;
    this.#guard(
      this.#window.count(slot, late).then(() => {
        if (epoch === this.#epoch) this.#onCounted(slot);
      }),
    );
  }

  #onCounted(slot: Slot): void {
    this.#stalledSinceMs = null;
    this.#clock.setLimit(this.#parts.timeline.endOf(slot.frame));
    if (this.#phase === 'preroll') {
      this.#pictures.drawFirstOf(slot);
      this.#phase = 'running';
      if (this.#playing) this.#go();
    }
    this.tick(this.#parts.nowMs());
  }

  /** What was counted, or is just being, was promised to be shown: shows one picture of each such frame. */
  async #showCounted(): Promise<void> {
    for (const slot of this.#window.all()) {
      if (slot.state === 'counting') await slot.counting;
      if (slot.state === 'counted' && !slot.shown) this.#pictures.drawFirstOf(slot);
    }
  }

  /** A frame that cannot be decoded. Not counted: withheld and passed over. Counted: its sound or what was shown of it stands. */
  async #break(slot: Slot, thrown: unknown): Promise<void> {
    this.#parts.reporter.failed(thrown instanceof FareboxError ? thrown.code : 'frame/undecodable');
    if (slot.state === 'held') await this.#window.breakUp(slot);
  }

  #passOver(frame: number): void {
    const { timeline } = this.#parts;
    if (frame + 1 >= timeline.frameCount) this.#end();
    else this.#guard(this.#moveTo(timeline.startOf(frame + 1)));
  }

  /** Play has come to the end of what is counted, or the sound just before it. */
  #isStalled(positionMs: number): boolean {
    if (this.#nextFrame >= this.#parts.timeline.frameCount) return false;
    const slackMs = this.#sound?.isStarved === true ? DISPLAY_LIMITS.starvedSlackMs : 0;
    return positionMs >= this.#parts.timeline.startOf(this.#nextFrame) - slackMs;
  }

  #isOver(positionMs: number): boolean {
    const { frameCount, endMs } = this.#parts.timeline;
    const last = this.#window.at(frameCount - 1);
    return last?.state === 'counted' && positionMs >= endMs - DISPLAY_LIMITS.endSlackMs;
  }

  #go(): void {
    this.#sound?.hold(false);
    this.#clock.run(this.#parts.nowMs(), this.#sound?.isExpected === true);
  }

  #hold(): void {
    const nowMs = this.#parts.nowMs();
    this.#clock.hold(nowMs);
    this.#sound?.hold(true);
  }

  #end(): void {
    this.#hold();
    this.#playing = false;
    this.#phase = 'ended';
  }

  #tellWanted(): void {
    if (this.#phase === 'stopped' || this.#phase === 'settling') return;
    this.#parts.reporter.wanted(this.#window.wanted(this.#phase === 'idle' ? 0 : DISPLAY_LIMITS.framesAhead));
  }

  #displayState(): DisplayState {
    if (this.#phase === 'idle' || this.#phase === 'ended') return this.#phase;
    if (this.#phase === 'stopped') return 'idle';
    if (!this.#playing) return 'paused';
    if (this.#phase !== 'running') return 'waiting';
    return this.#stalledSinceMs === null ? 'playing' : 'waiting';
  }

  #report(): void {
    this.#reportSilence();
    this.#parts.reporter.state(this.#displayState(), this.positionMs(), this.#parts.nowMs());
  }

  #reportSilence(): void {
    if (this.#silenceTold || this.#sound?.isAbsent !== true) return;
    this.#silenceTold = true;
    this.#parts.reporter.failed('media/no-sound');
  }

  /** The record refused an outcome: play cannot go on, because nothing may be shown that is not written down. */
  #guard(outcome: Promise<unknown>): void {
    outcome.catch((thrown: unknown) => {
      this.pause();
      this.#parts.reporter.failed(toErrorData(thrown).code);
    });
  }
}
