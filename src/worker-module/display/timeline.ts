// Where frames lie in time and which parts they come with, read from the manifest. Pure.

import { type Manifest, type ManifestPart, mainSoundOf } from '../../protocol/manifest.ts';
import type { Previews } from '../../protocol/previews.ts';
import type { ClearParts } from '../frame-gateway.ts';

/** A part of a prepared frame, as the demuxer needs it. */
export type ClearPart = { readonly label: string; readonly init: Uint8Array; readonly segment: Uint8Array };

/** A programme's line of frames. Times in milliseconds. */
export class Timeline {
  readonly #manifest: Manifest;
  readonly #parts: ReadonlyMap<string, ManifestPart>;

  readonly #endFrame: () => number | null;

  /** `endFrame`: of a live programme the number of its frames for good, null while it goes on. */
  constructor(manifest: Manifest, endFrame: () => number | null = () => null) {
    this.#manifest = manifest;
    this.#endFrame = endFrame;
    this.#parts = new Map(manifest.parts.map((part) => [part.label, part]));
  }

  /** While a live programme goes on, as many frames as it may ever have. */
  get frameCount(): number {
    return this.#endFrame() ?? this.#manifest.frameCount;
  }

  /** Where play ends: the programme's own length, at most what its frames hold. */
  get endMs(): number {
    return Math.min(this.#manifest.durationMs, this.startOf(this.frameCount));
  }

  /** Start of a frame; of the frame after the last, the end of the last. */
  startOf(frame: number): number {
    return frame * this.#manifest.frameDurationMs;
  }

  /** End of a frame; the last one may be shorter. */
  endOf(frame: number): number {
    return Math.min(this.startOf(frame + 1), this.endMs);
  }

  /** The frame that holds a place of play. */
  frameAt(positionMs: number): number {
    const frame = Math.floor(positionMs / this.#manifest.frameDurationMs);
    return Math.min(Math.max(0, frame), this.frameCount - 1);
  }

  /** A place of play that exists. */
  clampMs(positionMs: number): number {
    return Math.min(Math.max(0, positionMs), this.endMs);
  }

  /** Label of the sound that is heard where nobody has chosen, or null for a silent programme. */
  get mainSound(): string | null {
    return mainSoundOf(this.#manifest)?.label ?? null;
  }

  get previews(): Previews | null {
    return this.#manifest.previews;
  }

  /** Width of the picture ÷ its height, the same in every rung. */
  get ratio(): number {
    const video = this.#manifest.parts.find((part) => part.kind === 'video');
    return video === undefined ? 16 / 9 : video.width / video.height;
  }

  /** The CMAF header of a video part; null for any other. */
  pictureInit(label: string): Uint8Array | null {
    const part = this.#parts.get(label);
    return part?.kind === 'video' ? part.init : null;
  }

  /** Sample rate of a sound, Hz, or null where it is none. */
  sampleRateOf(label: string | null): number | null {
    const part = label === null ? undefined : this.#parts.get(label);
    return part?.kind === 'audio' ? part.sampleRate : null;
  }

  /** Language of a sound or of captions, '' where it is not told. */
  languageOf(label: string): string {
    const part = this.#parts.get(label);
    return part === undefined || part.kind === 'video' || part.kind === 'strokes' ? '' : part.language;
  }

  /** What the manifest says of a part. */
  described(label: string): ManifestPart | undefined {
    return this.#parts.get(label);
  }

  /** Where a frame lies, as far as its slot goes. */
  slotOf(frame: number): { readonly startMs: number; readonly endMs: number } {
    return { startMs: this.startOf(frame), endMs: this.startOf(frame + 1) };
  }

  /** Whether a part has anything in a frame. */
  has(label: string, frame: number): boolean {
    const segment = this.#parts.get(label)?.segments[frame];
    return segment !== undefined && segment !== null;
  }

  /** The part of this kind among those of a frame: `preferred` where it is there, else any; null where there is none. */
  partOf(parts: ClearParts, kind: ManifestPart['kind'], preferred: string | null = null): ClearPart | null {
    const labels = [...parts.keys()].filter((label) => this.#parts.get(label)?.kind === kind);
    const label = labels.find((candidate) => candidate === preferred) ?? labels[0];
    if (label === undefined) return null;
    const [init, segment] = [this.#parts.get(label)?.init, parts.get(label)];
    return init === undefined || segment === undefined ? null : { label, init, segment };
  }
}
