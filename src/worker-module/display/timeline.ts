// Where frames lie in time and which parts they come with, read from the manifest. Pure.

import type { Manifest, ManifestPart } from '../../protocol/manifest.ts';
import type { PreparedFrame } from '../frame-gateway.ts';

/** A part of a prepared frame, as the demuxer needs it. */
export type ClearPart = { readonly label: string; readonly init: Uint8Array; readonly segment: Uint8Array };

/** A programme's line of frames. Times in milliseconds. */
export class Timeline {
  readonly #manifest: Manifest;
  readonly #parts: ReadonlyMap<string, ManifestPart>;

  constructor(manifest: Manifest) {
    this.#manifest = manifest;
    this.#parts = new Map(manifest.parts.map((part) => [part.label, part]));
  }

  get frameCount(): number {
    return this.#manifest.frameCount;
  }

  /** Where play ends: the programme's own length, at most what its frames hold. */
  get endMs(): number {
    return Math.min(this.#manifest.durationMs, this.startOf(this.#manifest.frameCount));
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

  /** Sample rate of the sound, Hz, or null for a silent programme. */
  get sampleRateHz(): number | null {
    for (const part of this.#parts.values()) if (part.kind === 'audio') return part.sampleRate;
    return null;
  }

  /** The part of this kind a prepared frame came with, or null. */
  partOf(prepared: PreparedFrame, kind: ManifestPart['kind']): ClearPart | null {
    for (const [label, segment] of prepared.parts) {
      const part = this.#parts.get(label);
      if (part?.kind === kind) return { label, init: part.init, segment };
    }
    return null;
  }
}
