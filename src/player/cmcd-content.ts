// Which content request says what about itself: its part of the manifest, and how play stands at that moment. Called by delivery.ts for
// frames, by programme-loading.ts, side-delivery.ts and outputs/frame-source.ts for what is beside them. Pure: it is told all that it says.

import type { Manifest } from '../protocol/manifest.ts';
import { type Cmcd, type CmcdObjectType, encodeCmcd } from './cmcd.ts';
import type { PartAddress } from './part-fetcher.ts';

const OBJECT_TYPES: Readonly<Record<string, CmcdObjectType>> = { video: 'v', audio: 'a', captions: 'c' };

/** How much faster than play the rest of the buffer is asked for: with this a buffer fills while it plays. */
const REQUESTED_SHARE = 5;

/** Of a manifest, whose session may not be known yet. */
export function manifestCmcd(programme: string, isLive: boolean): string {
  return encodeCmcd({ cid: programme, ot: 'm', sf: 'o', st: isLive ? 'l' : 'v', su: true });
}

/** Of a file that is kept to be watched later: no session has it yet, and nothing plays. */
export function keptCmcd(programme: string): string {
  return encodeCmcd({ cid: programme, pr: 0, sf: 'o', st: 'v' });
}

/** Of a sheet of previews, or of a track for a frame that the module has already: play does not wait for it. */
export function sideCmcd(manifest: Manifest, isLive: boolean, sid: string): (part: PartAddress) => string {
  return ({ label }) => {
    const kind = manifest.parts.find((part) => part.label === label)?.kind ?? '';
    return encodeCmcd({ ...commonOf(manifest, isLive, sid), ot: OBJECT_TYPES[kind] ?? 'o' });
  };
}

/** How play stands when a frame is asked for. */
export type CmcdMoment = {
  /** The delivery: 32 hex digits. */
  readonly sid: string;
  readonly isLive: boolean;
  /** Left out where nobody knows. */
  readonly bufferedMs?: number;
  readonly bitsPerSecond: number | null;
  /** Speed of play, 0 where it does not play; left out where nobody knows. */
  readonly rate?: number | undefined;
  /** Play stood still since the request before. */
  readonly starved: boolean;
  /** Play waits for this. */
  readonly urgent: boolean;
};

/** Of one part of a frame. */
export function frameCmcd(manifest: Manifest, frame: number, label: string, moment: CmcdMoment): string {
  const part = manifest.parts.find((candidate) => candidate.label === label);
  const { bufferedMs, bitsPerSecond } = moment;
  const ot = OBJECT_TYPES[part?.kind ?? ''] ?? 'o';
  const plays = ot === 'v' || ot === 'a';
  const sizeBytes = part?.segments[frame]?.sizeBytes;
  return encodeCmcd({
    ...commonOf(manifest, moment.isLive, moment.sid),
    ot,
    bs: moment.starved,
    su: moment.urgent,
    d: durationOf(manifest, frame),
    mtp: bitsPerSecond === null ? undefined : bitsPerSecond / 1_000,
    nor: part?.segments[frame + 1]?.hash,
    pr: moment.rate,
    br: plays && part !== undefined ? part.bitrate / 1_000 : undefined,
    bl: plays ? bufferedMs : undefined,
    tb: plays ? topOf(manifest, part?.kind) : undefined,
    // What has to come within what is buffered; where nothing is, as fast as can be.
    rtp:
      sizeBytes !== undefined && bufferedMs !== undefined && bufferedMs > 0
        ? (sizeBytes * 8 * REQUESTED_SHARE) / bufferedMs
        : undefined,
  });
}

function commonOf({ programme }: Manifest, isLive: boolean, sid: string): Cmcd {
  return { cid: programme, sf: 'o', sid, st: isLive ? 'l' : 'v' };
}

/** The last frame of a programme may be shorter than the others. */
function durationOf({ frameDurationMs, durationMs }: Manifest, frame: number): number {
  return Math.max(0, Math.min(frameDurationMs, durationMs - frame * frameDurationMs));
}

function topOf({ parts }: Manifest, kind: string | undefined): number {
  return Math.max(0, ...parts.flatMap((part) => (part.kind === kind ? [part.bitrate / 1_000] : [])));
}
