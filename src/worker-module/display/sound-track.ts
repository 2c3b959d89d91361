// The sound of a show: follows the frames as they come, decodes ahead, lets counted samples through to the device, and
// tells the clock where the sound stands. Without a device it decodes on, so that sound can begin when one wakes up.

import { checkCoded } from './check-coded.ts';
import { demuxSound } from './demux.ts';
import { DISPLAY_LIMITS } from './display-limits.ts';
import type { PlayClock } from './play-clock.ts';
import type { Slot } from './slot-window.ts';
import { SoundDecoder } from './sound-decoder.ts';
import type { SoundDevice } from './sound-device.ts';
import { SoundFeed } from './sound-feed.ts';
import type { ClearPart } from './timeline.ts';
import { type FollowJob, followFrames, type TrackParts } from './track.ts';

type SoundTrackParts = TrackParts & { readonly device: SoundDevice; readonly clock: PlayClock };
type SoundJob = FollowJob & { /** Where play stands. */ positionMs(): number };

/** The sound of one session. */
export class SoundTrack {
  readonly #parts: SoundTrackParts;
  #sampleRateHz: number;
  /** Label of the sound that is chosen. */
  #chosen: string;
  #rate = 1;
  /** Which line of samples is being made: a run over the frames ends with it. */
  #line = 0;
  /** Newest frame that this line has begun to decode, and the label of what it decoded last. */
  #begunFrame = -1;
  #label: string | null = null;
  readonly #feed: SoundFeed;
  readonly #decoder: SoundDecoder;
  #held = true;
  #starved = false;

  constructor(parts: SoundTrackParts, main: { readonly label: string; readonly sampleRateHz: number }) {
    const { label, sampleRateHz } = main;
    this.#parts = parts;
    this.#chosen = label;
    this.#sampleRateHz = sampleRateHz;
    this.#feed = new SoundFeed(parts.device, sampleRateHz);
    this.#decoder = new SoundDecoder(this.#feed, parts.changed);
    parts.device.listen({
      onState: () => this.#onDevice(),
      onReport: (run, heard, starved) => {
        if (run !== this.#feed.run) return;
        this.#starved = starved;
        parts.clock.follow(heard);
      },
    });
  }

  /** True where the device is there or on its way, so that the clock should wait for it. */
  get isExpected(): boolean {
    return this.#parts.device.state === 'running' || this.#parts.device.state === 'opening';
  }

  get isAbsent(): boolean {
    return this.#parts.device.state === 'absent';
  }

  /** True while the device would play but has no samples. */
  get isStarved(): boolean {
    return this.#starved;
  }

  openDevice(): void {
    this.#parts.device.open(this.#sampleRateHz);
  }

  /** The sound that is chosen. */
  get chosen(): string {
    return this.#chosen;
  }

  /** From the next line on. */
  choose(label: string): void {
    this.#chosen = label;
  }

  /** From the next line on. */
  setRate(rate: number): void {
    this.#rate = rate;
  }

  /** Whether samples of this frame may be on their way already. */
  hasBegun(frame: number): boolean {
    return frame <= this.#begunFrame;
  }

  /** Starts a line of samples at this place, of the sound and at the speed that are chosen; `follow` fills it. */
  begin(positionMs: number): void {
    const sampleRateHz = this.#parts.timeline.sampleRateOf(this.#chosen) ?? this.#sampleRateHz;
    this.#line += 1;
    this.#begunFrame = -1;
    this.#label = null;
    this.#decoder.reset();
    this.#starved = false;
    if (sampleRateHz !== this.#sampleRateHz) {
      this.#sampleRateHz = sampleRateHz;
      this.openDevice();
    }
    this.#feed.begin(positionMs, { sampleRateHz, rate: this.#rate });
  }

  hold(held: boolean): void {
    this.#held = held;
    this.#starved = false;
    this.#feed.hold(held);
  }

  close(): void {
    this.#parts.device.listen(null);
    this.#decoder.reset();
    this.#feed.begin(0);
    this.#parts.device.rest();
  }

  /** Lets counted samples through, or forgets what passed unheard. */
  send(positionMs: number): void {
    if (this.#parts.device.state === 'running') {
      this.#feed.sendCounted(positionMs, (frame) => this.#isCounted(frame));
    } else {
      this.#feed.dropBefore(positionMs);
    }
    this.#parts.changed.notify();
  }

  /** A frame that has left the window was counted and is past. */
  #isCounted(frame: number): boolean {
    const slot = this.#parts.window.at(frame);
    return slot === undefined || slot.state === 'counted';
  }

  #onDevice(): void {
    const { device, clock } = this.#parts;
    const nowMs = performance.now();
    clock.loseSound(nowMs);
    if (device.state !== 'running') return;
    this.#feed.beginAgain(clock.positionMs(nowMs));
    this.#feed.hold(this.#held);
  }

  /** Decodes frame after frame from a place of play on, until another line is begun. */
  async follow(given: SoundJob): Promise<void> {
    const line = this.#line;
    const job = { ...given, isStale: () => line !== this.#line || given.isStale() };
    await followFrames(this.#parts, job, (slot) => this.#decodeSlot(slot, job));
  }

  async #decodeSlot(slot: Slot, job: SoundJob): Promise<void> {
    const { timeline } = this.#parts;
    await this.#pictureReady(slot, job);
    await this.#chosenOrDue(slot, job);
    if (job.isStale()) return;
    this.#begunFrame = slot.frame;
    const part = this.#partOf(slot);
    if (part !== null) {
      const coded = await demuxSound(part.label, part.init, part.segment);
      checkCoded(coded, timeline.described(part.label), timeline.slotOf(slot.frame));
      if (!job.isStale() && this.#label !== null && this.#label !== part.label) await this.#endTrack();
      if (job.isStale()) return;
      this.#label = part.label;
      await this.#decoder.decode({ frame: slot.frame, coded, fromMs: job.fromMs, isStale: job.isStale });
    }
    const isLast = slot.frame === timeline.frameCount - 1;
    if (part !== null && !isLast) return;
    await this.#decoder.finish();
    // At the end of the programme the stretch has to be filled once more, or its last samples would stay inside.
    const tailMs = isLast && this.#rate !== 1 ? DISPLAY_LIMITS.stretchTailMs : 0;
    if (!job.isStale()) this.#feed.padTo(slot.frame, timeline.endOf(slot.frame) + tailMs);
  }

  /** Another track has another decoder: the one before lets out what it still holds. */
  async #endTrack(): Promise<void> {
    await this.#decoder.finish();
    this.#decoder.reset();
  }

  /** The sound of a frame that this line can take: one of another sample rate would sound at another pitch. */
  #partOf(slot: Slot): ClearPart | null {
    const { timeline } = this.#parts;
    const part = timeline.partOf(slot.parts, 'audio', this.#chosen);
    return part !== null && timeline.sampleRateOf(part.label) === this.#sampleRateHz ? part : null;
  }

  /** Where play begins, a person waits for the picture: decoding two seconds of sound would take the worker from it. */
  async #pictureReady(slot: Slot, job: SoundJob): Promise<void> {
    const isFirst = slot.frame === this.#parts.timeline.frameAt(job.fromMs);
    while (isFirst && !job.isStale() && !slot.ready && slot.state !== 'broken') await this.#parts.changed.wait();
  }

  /** Waits while the frame lacks the sound that is chosen and there is time for it to come. */
  async #chosenOrDue(slot: Slot, job: SoundJob): Promise<void> {
    const { timeline, changed } = this.#parts;
    const waitUntilMs = timeline.startOf(slot.frame) - DISPLAY_LIMITS.trackWaitMs * this.#rate;
    const lacks = () => timeline.has(this.#chosen, slot.frame) && !slot.parts.has(this.#chosen);
    while (!job.isStale() && lacks() && job.positionMs() < waitUntilMs) await changed.wait();
  }
}
