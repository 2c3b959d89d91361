// A provider that seals what it should not: bytes that authenticate as a frame of a published programme, of the size that its manifest says, and are
// noise in which no decoder finds anything, or pictures of another time. Made with the provider's own keys, which a test has, before it runs.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgramme, listProgrammes } from '../../server-mock/catalogue/programmes.ts';
import { openSeed } from '../../server-mock/catalogue/seed-wrap.ts';
import { openDatabase } from '../../server-mock/db/open.ts';
import { openKeys } from '../../server-mock/keys.ts';
import type { Manifest, Segment } from '../../src/protocol/manifest.ts';
import { openPart, sealPart } from '../../src/protocol/parts.ts';
import { sequenceFunction } from '../../src/protocol/sequence/sequence.ts';
import { webCryptoSuite as suite } from '../../src/protocol/suite/webcrypto.ts';

/** What a provider in bad faith can put in place of a part. Each has the size that the manifest says. */
export type Forger = {
  noise(manifest: Manifest, label: string, frame: number): Promise<Buffer>;
  /** Pictures of a frame that lies two slots away at least, under the key of this one. */
  displaced(manifest: Manifest, label: string, frame: number): Promise<Buffer>;
};

/** Length and name of a box (ISO/IEC 14496-12) that a reader skips. */
const FREE_HEAD_BYTES = 8;

/** Learns the seed of a programme from a folder that no provider has open. */
export async function forgerOf(dataDir: string, title: string): Promise<Forger> {
  const keys = await openKeys(dataDir);
  const database = await openDatabase({ dataDir });
  try {
    const id = (await listProgrammes(database.queries)).find((programme) => programme.title === title)?.id;
    if (id === undefined) throw new Error(`${title} is not published`);
    const { sequence, wrappedSeed } = await findProgramme(database.queries, id);
    const seed = await openSeed({ suite, storageKey: keys.storageKey }, id, wrappedSeed);
    const placeOf = (label: string, frame: number) => ({
      ...{ frameKey: sequenceFunction(sequence).keyAt(seed, frame), programme: id },
      ...{ label, frame, suite },
    });
    /** Room for clear bytes in a part. */
    const roomOf = async (manifest: Manifest, label: string, frame: number): Promise<number> => {
      const overhead = await sealPart({ ...placeOf(label, frame), clear: new Uint8Array(0) });
      return segmentOf(manifest, label, frame).sizeBytes - overhead.length;
    };
    return {
      async noise(manifest, label, frame) {
        const clear = randomBytes(await roomOf(manifest, label, frame));
        return Buffer.from(await sealPart({ ...placeOf(label, frame), clear }));
      },
      async displaced(manifest, label, frame) {
        const roomBytes = await roomOf(manifest, label, frame);
        const { segments } = manifest.parts.find((part) => part.label === label) ?? { segments: [] };
        for (const [from, segment] of segments.entries()) {
          if (segment === null || Math.abs(from - frame) < 2) continue;
          const sealed = await readFile(join(dataDir, 'content', segment.hash.slice(0, 2), segment.hash));
          const clear = await openPart({ ...placeOf(label, from), sealed, sizeBytes: segment.sizeBytes });
          const restBytes = roomBytes - clear.length;
          if (restBytes >= FREE_HEAD_BYTES) {
            const padded = Buffer.concat([clear, freeBox(restBytes)]);
            return Buffer.from(await sealPart({ ...placeOf(label, frame), clear: padded }));
          }
        }
        throw new Error(`no frame is small enough to stand in for frame ${frame}`);
      },
    };
  } finally {
    await database.close();
  }
}

function segmentOf(manifest: Manifest, label: string, frame: number): Segment {
  const segment = manifest.parts.find((part) => part.label === label)?.segments[frame];
  if (!segment) throw new Error(`${label} has nothing in frame ${frame}`);
  return segment;
}

function freeBox(sizeBytes: number): Buffer {
  const box = Buffer.alloc(sizeBytes);
  box.writeUInt32BE(sizeBytes, 0);
  box.write('free', 4, 'latin1');
  return box;
}
