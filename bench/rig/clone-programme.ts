// A programme whose frames open: real parts sealed under the keys of its own sequence, signed by the provider that sells it and listed with it.
// Used by the clone measure, where the real module opens them; pictures are of no interest there, so each is a line of text.
import { randomBytes } from 'node:crypto';
import { directRegistry } from '../../server-mock/catalogue/direct-registry.ts';
import type { Provider } from '../../server-mock/provider.ts';
import { concatBytes, utf8 } from '../../src/protocol/bytes.ts';
import { makeProgrammeId, type ProgrammeId } from '../../src/protocol/ids.ts';
import { encodeManifest } from '../../src/protocol/manifest.ts';
import { commitFrameKey, sealPart } from '../../src/protocol/parts.ts';
import { signProgramme } from '../../src/protocol/programme.ts';
import { sequenceFunction } from '../../src/protocol/sequence/sequence.ts';
import type { SealedPart } from '../../src/worker-module/commands.ts';

/** Frames of such a programme: one session of a story shows a few of them. */
export const CLONE_FRAMES = 16;

const LABEL = 'video/360p';
const FRAME_DURATION_MS = 2_000;
const PRICE_MINOR = 20;

/** A programme on sale, and its sealed frames. */
export type CloneProgramme = {
  readonly id: ProgrammeId;
  readonly programmeBytes: Uint8Array<ArrayBuffer>;
  readonly manifestBytes: Uint8Array<ArrayBuffer>;
  /** Parts of a frame, in new buffers each time: they are transferred. */
  partsOf(frame: number): readonly SealedPart[];
};

/** Seals, signs and lists one. */
export async function publishCloneProgramme(provider: Provider, title: string): Promise<CloneProgramme> {
  const id = makeProgrammeId(provider.random);
  const seed = new Uint8Array(randomBytes(32));
  const keys = Array.from({ length: CLONE_FRAMES }, (_none, frame) => sequenceFunction('tree').keyAt(seed, frame));
  const sealed = await Promise.all(
    keys.map((frameKey, frame) =>
      sealPart({
        ...{ frameKey, programme: id, label: LABEL, frame },
        ...{ clear: utf8(`${title} ${frame}`), suite: provider.suite },
      }),
    ),
  );
  const segments = await Promise.all(sealed.map((bytes) => provider.content.put(bytes)));
  const poster = await provider.content.put(randomBytes(64));
  const durationMs = CLONE_FRAMES * FRAME_DURATION_MS;
  const described = { frameCount: CLONE_FRAMES, frameDurationMs: FRAME_DURATION_MS };
  const manifestBytes = encodeManifest({
    ...{ programme: id, ...described, durationMs, poster: poster.hash, playlists: new Map() },
    ...{ chapters: [], previews: null },
    parts: [
      {
        ...{ label: LABEL, kind: 'video', codec: 'avc1.64001e', bitrate: 800_000, width: 640, height: 360 },
        ...{ pictureRate: 30_000, init: new Uint8Array([1]), segments },
      },
    ],
    commitments: concatBytes(...keys.map((frameKey, frame) => commitFrameKey(id, frame, frameKey))),
  });
  const manifest = await provider.content.put(manifestBytes);
  const terms = { title, ...described, sequence: 'tree', currency: provider.config.currency } as const;
  const programmeBytes = await signProgramme({
    signer: provider.keys.provider,
    issuedAt: provider.clock(),
    programme: {
      ...{ ...terms, programme: id, priceMinor: BigInt(PRICE_MINOR) },
      ...{ modes: ['display'], replay: 'session', manifest: manifest.hash },
    },
  });
  await directRegistry(provider).add({
    ...{ ...terms, id, programmeBytes, manifestHash: manifest.hash, posterHash: poster.hash, seed, durationMs },
    ...{ priceMinor: PRICE_MINOR, rungs: ['360p'], modes: ['display'], files: [poster, ...segments, manifest] },
  });
  return {
    ...{ id, programmeBytes: Uint8Array.from(programmeBytes), manifestBytes: Uint8Array.from(manifestBytes) },
    partsOf: (frame) => {
      const bytes = sealed[frame];
      if (bytes === undefined) throw new RangeError(`there is no frame ${frame}`);
      return [{ label: LABEL, sealed: bytes.slice().buffer }];
    },
  };
}
