// The ladder of picture sizes a source is published in. Pure; publish.ts asks once per file.
// It never makes a rung larger than its source.

import type { ContractTerms } from '../../src/protocol/contract-terms.ts';
import { FareboxError } from '../../src/protocol/errors.ts';
import { PUBLISH_LIMITS } from './limits.ts';

/** One picture size of a programme. */
export type Rung = {
  /** As people name it, `720p`: the shorter side of the picture. */
  readonly name: string;
  /** Label of the part, docs/protocol.md §4. */
  readonly label: string;
  readonly width: number;
  readonly height: number;
  /** Ceiling of the encoder over one slot, in bits per second. */
  readonly peakBitrate: number;
};

const HEIGHTS = [1080, 720, 360] as const;

/** Bits a second that a picture of this many pixels needs at its worst; measured on film at the encoder's quality. */
const bitsPerSecond = (pixels: number): number => Math.round(2_900_000 * (pixels / (1280 * 720)) ** 0.8);

/**
 * The sizes for a source, best first; never empty.
 * @param width, height size as shown: rotated, in square pixels.
 */
export function deriveRungs(width: number, height: number): readonly Rung[] {
  const side = Math.min(width, height);
  const sides = HEIGHTS.filter((rung) => rung <= side);
  return (sides.length > 0 ? sides : [side]).map((rung) => deriveRung(width, height, rung));
}

/** Nobody can hold a provider to a rung that the programme has not. @throws FareboxError `request/malformed`. */
export function checkContract(contract: ContractTerms | undefined, rungs: readonly Rung[]): void {
  const least = contract?.leastRung ?? '';
  if (least !== '' && !rungs.some(({ label }) => label === least))
    throw new FareboxError('request/malformed', { member: 'leastRung' });
}

function deriveRung(width: number, height: number, side: number): Rung {
  const scale = Math.min(side / Math.min(width, height), PUBLISH_LIMITS.pictureWidth / Math.max(width, height));
  const size = { width: toEven(width * scale), height: toEven(height * scale) };
  const name = `${side}p`;
  return { name, label: `video/${name}`, ...size, peakBitrate: bitsPerSecond(size.width * size.height) };
}

/** 4:2:0 halves both sides; rounded down so that no rung outgrows its source. */
function toEven(length: number): number {
  return Math.max(2, 2 * Math.floor(Math.round(length) / 2));
}
