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
import type { ClearParts, FrameSink, PreparedFrame } from '../frame-gateway.ts';
import { DISPLAY_LIMITS } from './display-limits.ts';
import { Landing } from './landing.ts';
import { countAheadMs, stallSlackMs } from './look-ahead.ts';
import { type Pace, startPace } from './pace.ts';
import { displayStateOf, type Phase } from './phase.ts';
import { PlayClock } from './play-clock.ts';
import { lackingOf, makeTracks, type ShowParts, type ShowTracks } from './show-tracks.ts';
import { Signal } from './signal.ts';
import { type Slot, SlotWindow } from './slot-window.ts';
import { StallMeter } from './stall-meter.ts';
import type { FollowJob } from './track.ts';

/** One session's display. */
export class Show implements FrameSink {
  readonly #parts: ShowParts;
  readonly #changed = new Signal();
  readonly #clock = new PlayClock();
  readonly #window: SlotWindow;
  readonly #tracks: ShowTracks;
  #phase: Phase = 'idle';
  #playing = false;
  #targetMs: number;
  #epoch = 0;
  /** Frame to be counted next. */
  #nextFrame: number;
  readonly #stall = new StallMeter();
  readonly #landing = new Landing((outcome) => this.#guard(outcome));
  readonly #pace: Pace;
  #silenceTold = false;

  constructor(parts: ShowParts) {
    const { timeline } = parts;
    this.#parts = parts;
    this.#window = new SlotWindow(timeline.frameCount);
    this.#targetMs = timeline.clampMs(parts.startMs);
    this.#nextFrame = timeline.frameAt(this.#targetMs);
    this.#window.advance(this.#nextFrame);
    const own = { window: this.#window, clock: this.#clock, changed: this.#changed };
    this.#tracks = makeTracks(parts, { ...own, onPreviews: () => this.#tellWanted() });
    this.#tracks.sound?.openDevice();
    this.#tellWanted();
    this.#report();
    this.#pace = startPace(parts.screenKind, (nowMs) => this.tick(nowMs));
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
    this.#tracks.sound?.openDevice();
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

  async seek(positionMs: number): Promise<void> {
    if (this.#phase === 'stopped') return;
    const targetMs = this.#parts.timeline.clampMs(positionMs);
    if (this.#phase !== 'idle') {
      this.#guard(this.#moveTo(targetMs));
      await this.#landing.arrived;
      return;
    }
    // Not begun: the place moves, nothing is shown yet.
    this.#targetMs = targetMs;
    this.#nextFrame = this.#parts.timeline.frameAt(targetMs);
    this.#landing.owe(this.#window.moveTo(this.#nextFrame));
    this.#tellWanted();
    this.#report();
  }

  grew(): void {
    if (this.#phase === 'stopped') return;
    const { frameCount } = this.#parts.timeline;
    this.#window.endAt(frameCount);
    // Whoever waited for a frame that never comes is at the end.
    if (this.#phase === 'preroll' && this.#nextFrame >= frameCount) this.#end();
    this.#tellWanted();
    this.#report();
  }

  lacks(frame: number): readonly string[] {
    const slot = this.#window.at(frame);
    return slot === undefined ? [] : lackingOf(slot, this.#parts.timeline, this.#tracks);
  }

  supplement(frame: number, parts: ClearParts): void {
    const slot = this.#window.at(frame);
    if (slot === undefined || this.#phase === 'stopped') return;
    for (const [label, bytes] of parts) slot.parts.set(label, bytes);
    // Its other sound may be on its way to the device already.
    const sound = this.#tracks.sound;
    if (sound !== null && parts.has(sound.chosen) && sound.hasBegun(frame)) this.#restartSound();
    this.#changed.notify();
    this.#tellWanted();
  }

  setSound(label: string): void {
    const sound = this.#tracks.sound;
    if (sound === null || sound.chosen === label) return;
    sound.choose(label);
    // What is here of it is heard now; the rest when it comes, and until then what came with the frames.
    const slot = this.#window.at(this.#parts.timeline.frameAt(this.positionMs()));
    if (slot?.parts.has(label) === true) this.#restartSound();
    this.#changed.notify();
    this.#tellWanted();
  }

  setCaptions(label: string | null): void {
    if (label === this.#tracks.captions.chosen) return;
    this.#tracks.captions.choose(label);
    this.#tellWanted();
  }

  setRate(rate: number): void {
    if (rate === this.#clock.rate) return;
    this.#clock.setRate(this.#parts.nowMs(), rate);
    this.#tracks.sound?.setRate(rate);
    this.#restartSound();
    this.#report();
  }

  preview(positionMs: number | null, at: number): void {
    if (this.#phase !== 'stopped') this.#guard(this.#tracks.previews.ask(positionMs, at));
  }

  takeSheet(sheet: number, jpeg: Uint8Array | null): void {
    if (this.#phase !== 'stopped') this.#guard(this.#tracks.previews.take(sheet, jpeg));
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
    const stall = this.#endStall();
    this.#tracks.sound?.close();
    this.#tracks.captions.clear();
    this.#tracks.previews.close();
    try {
      await this.#landing.land();
      await stall;
      await this.#showCounted();
      await this.#window.clear();
    } finally {
      this.#tracks.pictures.close();
      this.#pace.end();
    }
  }

  /** Something may be due. */
  tick(nowMs: number): void {
    const moving = this.#phase === 'running' && this.#playing;
    this.#pace.next(moving || this.#phase === 'preroll' ? DISPLAY_LIMITS.waitTickMs : DISPLAY_LIMITS.mostTickMs);
    if (this.#phase !== 'preroll' && this.#phase !== 'running') return;
    const positionMs = moving ? this.#clock.positionMs(nowMs) : this.#targetMs;
    if (moving) {
      this.#window.advance(this.#parts.timeline.frameAt(positionMs));
      this.#tracks.sound?.send(positionMs);
      const inMs = this.#tracks.pictures.drawDue(positionMs, this.#clock.heardMs(nowMs), this.#clock.rate);
      if (inMs !== null) this.#pace.next(inMs);
    }
    if (this.#phase === 'running') this.#tracks.captions.show(positionMs);
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
    void this.#landing.expect();
    this.#phase = 'settling';
    this.#targetMs = targetMs;
    this.#hold();
    this.#tracks.captions.clear();
    this.#guard(this.#endStall());
    this.#report();
    await this.#showCounted();
    if (epoch !== this.#epoch) return;
    this.#tracks.pictures.reset();
    this.#nextFrame = timeline.frameAt(targetMs);
    this.#clock.begin(targetMs, timeline.startOf(this.#nextFrame));
    this.#tracks.sound?.begin(targetMs);
    this.#phase = 'preroll';
    reporter.awaitPicture();
    reporter.forgetWanted();
    this.#landing.owe(this.#window.moveTo(this.#nextFrame));
    this.#tellWanted();
    const job = this.#followFrom(targetMs);
    const following = [this.#tracks.pictures.follow(job)];
    if (this.#tracks.sound !== null) following.push(this.#tracks.sound.follow(job));
    await Promise.all(following);
  }

  /** Begins the sound anew where play stands: another track, or another speed. */
  #restartSound(): void {
    if (this.#tracks.sound === null || (this.#phase !== 'running' && this.#phase !== 'preroll')) return;
    const fromMs = this.positionMs();
    this.#tracks.sound.begin(fromMs);
    this.#guard(this.#tracks.sound.follow(this.#followFrom(fromMs)));
  }

  /** A run over the frames from a place on, until play goes elsewhere. */
  #followFrom(fromMs: number): FollowJob & { positionMs(): number } {
    const epoch = this.#epoch;
    return {
      fromMs,
      isStale: () => epoch !== this.#epoch,
      onBroken: (slot, thrown) => this.#break(slot, thrown),
      positionMs: () => this.positionMs(),
      // Not at the next refresh of the screen, but now: a person waits for the first picture.
      onProgress: () => {
        if (epoch !== this.#epoch || this.#phase !== 'preroll') return;
        this.#countNext(this.#targetMs, this.#parts.nowMs());
        this.#begin();
      },
    };
  }

  /** Counts the next frame once it is close, ready and here. */
  #countNext(positionMs: number, nowMs: number): void {
    const { timeline } = this.#parts;
    const frame = this.#nextFrame;
    if (frame >= timeline.frameCount) return;
    const dueMs = timeline.startOf(frame);
    if (positionMs < dueMs - countAheadMs(this.#clock.rate, this.#tracks.sound)) return;
    const isStalled = this.#phase === 'running' && this.#isStalled(positionMs);
    if (isStalled) this.#stall.begin(nowMs);
    const slot = this.#window.at(frame);
    if (slot?.state === 'broken' && (isStalled || this.#phase === 'preroll')) this.#passOver(frame);
    // Counting goes on beside decoding up to the place of a seek; nothing is drawn before both are done.
    if (slot?.state !== 'held' || !slot.decoded) return;
    const late = this.#stall.atMs(slot.deliveredAtMs) > DISPLAY_LIMITS.lateMs;
    this.#guard(this.#endStall());
    this.#nextFrame = frame + 1;
    const epoch = this.#epoch;
    this.#guard(
      this.#window.count(slot, late).then(() => {
        if (epoch === this.#epoch) this.#onCounted(slot);
      }),
    );
  }

  #onCounted(slot: Slot): void {
    this.#clock.setLimit(this.#parts.timeline.endOf(slot.frame));
    this.#begin();
    this.tick(this.#parts.nowMs());
  }

  /** Draws the picture to begin with, once it is counted and decoded, and runs from there. */
  #begin(): void {
    const slot = this.#window.at(this.#nextFrame - 1);
    if (this.#phase !== 'preroll' || slot?.state !== 'counted' || !slot.ready) return;
    this.#tracks.pictures.drawFirstOf(slot);
    this.#phase = 'running';
    if (this.#playing) this.#go();
    this.#guard(this.#landing.land());
    this.#tellWanted();
  }

  /** The frame that play stood still for comes, or play goes elsewhere: both are written down in the order in which they are asked for. */
  async #endStall(): Promise<void> {
    const ms = this.#stall.end(this.#parts.nowMs());
    if (ms > DISPLAY_LIMITS.lateMs) await this.#parts.noteStall(this.#nextFrame, ms);
  }

  /** What was counted, or is just being, was promised to be shown: shows one picture of each such frame. */
  async #showCounted(): Promise<void> {
    for (const slot of this.#window.all()) {
      if (slot.state === 'counting') await slot.counting;
      if (slot.state === 'counted' && !slot.shown) this.#tracks.pictures.drawFirstOf(slot);
    }
  }

  /** A frame that cannot be decoded. Not counted: withheld and passed over. Counted: its sound or what was shown of it stands. */
  async #break(slot: Slot, thrown: unknown): Promise<void> {
    this.#parts.reporter.failed(thrown instanceof FareboxError ? thrown.code : 'frame/undecodable');
    if (slot.state === 'held') await this.#window.breakUp(slot);
    else this.#begin();
    this.#changed.notify();
  }

  #passOver(frame: number): void {
    const { timeline } = this.#parts;
    if (frame + 1 >= timeline.frameCount) this.#end();
    else this.#guard(this.#moveTo(timeline.startOf(frame + 1)));
  }

  /** Play has come to the end of what is counted, or the sound just before it. */
  #isStalled(positionMs: number): boolean {
    if (this.#nextFrame >= this.#parts.timeline.frameCount) return false;
    const slackMs = stallSlackMs(this.#clock.rate, this.#tracks.sound);
    return positionMs >= this.#parts.timeline.startOf(this.#nextFrame) - slackMs;
  }

  #isOver(positionMs: number): boolean {
    const { frameCount, endMs } = this.#parts.timeline;
    const last = this.#window.at(frameCount - 1);
    // Of a live programme that ends while play waits behind its last frame, that frame is gone from the window already.
    const isShown = last === undefined ? this.#nextFrame >= frameCount : last.state === 'counted';
    return isShown && positionMs >= endMs - DISPLAY_LIMITS.endSlackMs;
  }

  #go(): void {
    this.#tracks.sound?.hold(false);
    this.#clock.run(this.#parts.nowMs(), this.#tracks.sound?.isExpected === true);
    this.#pace.next(0);
  }

  #hold(): void {
    const nowMs = this.#parts.nowMs();
    this.#clock.hold(nowMs);
    this.#stall.hold(nowMs);
    this.#tracks.sound?.hold(true);
  }

  #end(): void {
    this.#hold();
    this.#tracks.captions.clear();
    this.#playing = false;
    this.#phase = 'ended';
  }

  #tellWanted(): void {
    if (this.#phase === 'stopped' || this.#phase === 'settling') return;
    const { timeline } = this.#parts;
    // What follows would only stand in the way of the picture to begin with: its commits, its opening.
    const isWaiting = this.#phase === 'idle' || this.#phase === 'preroll';
    const held = this.#window.all().sort((one, other) => one.frame - other.frame);
    this.#parts.reporter.wanted({
      frames: this.#window.wanted(isWaiting ? 0 : DISPLAY_LIMITS.framesAhead),
      tracks: held.flatMap((slot) => (lackingOf(slot, timeline, this.#tracks).length > 0 ? [slot.frame] : [])),
      sheets: this.#tracks.previews.wanted(),
    });
  }

  #report(): void {
    if (!this.#silenceTold && this.#tracks.sound?.isAbsent === true) {
      this.#silenceTold = true;
      this.#parts.reporter.failed('media/no-sound');
    }
    const state = displayStateOf(this.#phase, this.#playing, this.#stall.isRunning);
    this.#parts.reporter.state(state, this.positionMs(), this.#clock.rate, this.#parts.nowMs());
  }

  /** The record refused an outcome: play cannot go on, because nothing may be shown that is not written down. */
  #guard(outcome: Promise<unknown>): void {
    outcome.catch((thrown: unknown) => {
      this.pause();
      this.#parts.reporter.failed(toErrorData(thrown).code);
    });
  }
}
