// The sound of a show: follows the frames as they come, decodes ahead, lets counted samples through to the device, and
// tells the clock where the sound stands. Without a device it decodes on, so that sound can begin when one wakes up.

import { demuxSound } from './demux.ts';
import type { PlayClock } from './play-clock.ts';
import type { Slot } from './slot-window.ts';
import { SoundDecoder } from './sound-decoder.ts';
import type { SoundDevice } from './sound-device.ts';
import { SoundFeed } from './sound-feed.ts';
import { type FollowJob, followFrames, type TrackParts } from './track.ts';

type SoundTrackParts = TrackParts & { readonly device: SoundDevice; readonly clock: PlayClock };

/** The sound of one session. */
export class SoundTrack {
  readonly #parts: SoundTrackParts;
  readonly #sampleRateHz: number;
  readonly #feed: SoundFeed;
  readonly #decoder: SoundDecoder;
  #held = true;
  #starved = false;

  constructor(parts: SoundTrackParts, sampleRateHz: number) {
    this.#parts = parts;
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

  begin(positionMs: number): void {
    this.#decoder.reset();
    this.#starved = false;
    this.#feed.begin(positionMs);
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

  /** Decodes frame after frame from a place of play on. */
  async follow(job: FollowJob): Promise<void> {
    await followFrames(this.#parts, job, (slot) => this.#decodeSlot(slot, job));
  }

  async #decodeSlot(slot: Slot, job: FollowJob): Promise<void> {
    const { timeline } = this.#parts;
    const part = timeline.partOf(slot.prepared, 'audio');
    if (part !== null) {
      const coded = await demuxSound(part.label, part.init, part.segment);
      if (job.isStale()) return;
      await this.#decoder.decode({ frame: slot.frame, coded, isStale: job.isStale });
    }
    const isLast = slot.frame === timeline.frameCount - 1;
    if (part !== null && !isLast) return;
    await this.#decoder.finish();
    if (!job.isStale()) this.#feed.padTo(slot.frame, timeline.endOf(slot.frame));
  }
}
