// Seals segments under their frame's key and stores them, one by one as they come. publish.ts makes one for each programme; it holds
// the seed while it works and never writes a clear byte anywhere.

import { concatBytes } from '../../src/protocol/bytes.ts';
import type { ProgrammeId } from '../../src/protocol/ids.ts';
import { commitFrameKey, sealPart } from '../../src/protocol/parts.ts';
import { derivePreviewKey, sealPreview } from '../../src/protocol/previews.ts';
import { type SequenceName, sequenceFunction } from '../../src/protocol/sequence/sequence.ts';
import { webCryptoSuite } from '../../src/protocol/suite/webcrypto.ts';
import type { ProgrammeFile } from '../catalogue/registry.ts';
import type { Segment } from './segment.ts';
import type { Staging } from './staging.ts';

/** Seals the parts of one programme. */
export type Sealer = {
  /** Seals and stores one segment of a part. */
  readonly add: (label: string, segment: Segment) => Promise<void>;
  /** What a part has in each of the programme's slots; null where nothing was added. */
  readonly segmentsOf: (label: string) => readonly (ProgrammeFile | null)[];
  /** Seals and stores one sheet of previews; sheets come in order. */
  readonly addSheet: (sheet: number, jpeg: Uint8Array) => Promise<void>;
  /** All sheets so far. */
  readonly sheets: () => readonly ProgrammeFile[];
  /** Commitments to all frame keys, 32 bytes each, in order. */
  readonly commitments: () => Uint8Array;
};

/** What sealing needs. */
export type SealerOptions = {
  readonly programme: ProgrammeId;
  /** 32 bytes. */
  readonly seed: Uint8Array;
  readonly sequence: SequenceName;
  /** Slots of the programme. */
  readonly frameCount: number;
  readonly staging: Staging;
};

/** Makes a sealer. */
export function makeSealer({ programme, seed, sequence, frameCount, staging }: SealerOptions): Sealer {
  const { keyAt } = sequenceFunction(sequence);
  const parts = new Map<string, (ProgrammeFile | null)[]>();
  const sheets: ProgrammeFile[] = [];

  const slotsOf = (label: string): (ProgrammeFile | null)[] => {
    const known = parts.get(label);
    if (known !== undefined) return known;
    const made = new Array<ProgrammeFile | null>(frameCount).fill(null);
    parts.set(label, made);
    return made;
  };

  return {
    add: async (label, { slot, bytes }) => {
      const slots = slotsOf(label);
      if (slot < 0 || slot >= frameCount || slots[slot] !== null)
        throw new Error(`${label} has no place for slot ${slot}.`);
      const frameKey = keyAt(seed, slot);
      try {
        const sealed = await sealPart({ frameKey, programme, label, frame: slot, clear: bytes, suite: webCryptoSuite });
        slots[slot] = await staging.put(sealed);
      } finally {
        frameKey.fill(0);
      }
    },
    addSheet: async (sheet, jpeg) => {
      if (sheet !== sheets.length) throw new Error(`Sheet ${sheet} came after ${sheets.length} others.`);
      const previewKey = derivePreviewKey(seed, programme);
      try {
        const sealed = await sealPreview({ previewKey, programme, sheet, clear: jpeg, suite: webCryptoSuite });
        sheets.push(await staging.put(sealed));
      } finally {
        previewKey.fill(0);
      }
    },
    sheets: () => sheets,
    segmentsOf: (label) => slotsOf(label),
    commitments: () =>
      concatBytes(
        ...Array.from({ length: frameCount }, (_, frame) => {
          const frameKey = keyAt(seed, frame);
          const commitment = commitFrameKey(programme, frame, frameKey);
          frameKey.fill(0);
          return commitment;
        }),
      ),
  };
}
