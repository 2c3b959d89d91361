// A live programme of the vectors (docs/protocol.md §20): its description, and three updates that bring four frames and end it.
// For tests and build.ts.

import { concatBytes } from '../bytes.ts';
import { hashObject, type ProgrammeId } from '../ids.ts';
import type { LiveTerms } from '../live-terms.ts';
import { type LiveUpdate, NO_UPDATE, signLiveUpdate } from '../live-update.ts';
import { encodeManifest, type Manifest } from '../manifest.ts';
import { commitFrameKey } from '../parts.ts';
import { signProgramme, type VerifiedProgramme, verifyProgramme } from '../programme.ts';
import { treeSequence } from '../sequence/tree.ts';
import { webCryptoSuite as suite } from '../suite/webcrypto.ts';
import { bytesOf, type Cast, NOW } from './cast.ts';

/** Frames that the live programme may have, and how many of them its updates bring. */
export const LIVE_FRAMES = { most: 8, brought: 4 } as const;

/** It began when everything happens, and is on sale for three frames. */
export const LIVE_TERMS: LiveTerms = { startTime: NOW, windowFrames: 3 };

/** A live programme and its updates as they are signed. */
export type LiveCast = Readonly<{
  manifest: Manifest;
  manifestBytes: Uint8Array;
  programmeBytes: Uint8Array;
  programme: VerifiedProgramme;
  /** What the updates say. */
  said: readonly LiveUpdate[];
  updates: readonly Uint8Array[];
}>;

/** What an update says of these frames; the third has no sound. */
export function updateOf(
  cast: Cast,
  place: Pick<LiveUpdate, 'number' | 'previous' | 'from' | 'to' | 'ended'>,
): LiveUpdate {
  const frames = Array.from({ length: place.to - place.from }, (_none, at) => place.from + at);
  const programme: ProgrammeId = cast.programme.programme;
  const segmentsOf = (label: string) =>
    frames.map((frame) => ({ hash: hashObject(bytesOf(`live ${label} ${frame}`)), sizeBytes: 2_000 + frame }));
  return {
    ...place,
    programme,
    segments: new Map([
      ['video/720p', segmentsOf('video/720p')],
      ['audio/main', segmentsOf('audio/main').map((segment, at) => (place.from + at === 2 ? null : segment))],
    ]),
    commitments: concatBytes(
      ...frames.map((frame) => commitFrameKey(programme, frame, treeSequence.keyAt(cast.seed, frame))),
    ),
  };
}

/** Makes them; the same each time. */
export async function makeLiveCast(cast: Cast): Promise<LiveCast> {
  const { manifest: whole, programmeTerms } = cast;
  const manifest: Manifest = {
    ...whole,
    durationMs: LIVE_FRAMES.most * whole.frameDurationMs,
    parts: whole.parts.slice(0, 2).map((part) => ({ ...part, segments: [] })),
    commitments: new Uint8Array(0),
    chapters: [],
    previews: null,
  };
  const manifestBytes = encodeManifest(manifest);
  const { signer, certificate } = cast.provider;
  const programmeBytes = await signProgramme({
    signer,
    programme: { ...programmeTerms, title: 'A clock, live', manifest: hashObject(manifestBytes), live: LIVE_TERMS },
    issuedAt: NOW,
  });
  const programme = await verifyProgramme({ bytes: programmeBytes, certificate, suite });
  const said: LiveUpdate[] = [];
  const updates: Uint8Array[] = [];
  for (const [from, to] of [
    [0, 1],
    [1, 3],
    [3, LIVE_FRAMES.brought],
  ] as const) {
    const last = updates.at(-1);
    const place = { number: said.length, previous: last === undefined ? NO_UPDATE : hashObject(last), from, to };
    const update = updateOf(cast, { ...place, ended: to === LIVE_FRAMES.brought });
    said.push(update);
    updates.push(await signLiveUpdate({ signer, update, issuedAt: NOW + to * manifest.frameDurationMs }));
  }
  return { manifest, manifestBytes, programmeBytes, programme, said, updates };
}
