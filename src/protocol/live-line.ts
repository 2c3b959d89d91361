// The line of a live programme as one reader knows it (docs/protocol.md §20): updates in, a manifest that grows out. Used by host
// and module alike; only the module's updates are verified. Nothing that it once knew is ever changed.

import { FareboxError } from './errors.ts';
import type { ContentHash } from './ids.ts';
import { LIMITS } from './limits.ts';
import type { LiveTerms } from './live-terms.ts';
import type { ReadLiveUpdate } from './live-update.ts';
import { COMMITMENT_LENGTH_BYTES, isBoardManifest, isLiveManifest, type Manifest, type Segment } from './manifest.ts';

const CODE = 'live/malformed';

/** How far a line is known. */
export type LiveReach = Readonly<{
  /** First frame that is known; the line begins where its reader joined. */
  first: number;
  /** Frames that are out: one past the last that is known. */
  edge: number;
  /** Number of the newest update. */
  number: number;
  /** True once nothing more comes. */
  ended: boolean;
}>;

/** A line that grows. */
export type LiveLine = Readonly<{
  terms: LiveTerms;
  /** The programme's manifest with the segments and commitments that are known; the same object all the time. */
  manifest: Manifest;
  /** Null before the first update. */
  reach(): LiveReach | null;
  /**
   * Takes an update. Answers false for one that is known already.
   * Errors: `live/gap` where one before it is missing, `live/equivocation` (detail `number`: the update it contradicts), `live/ended`
   * for one after the last, `live/malformed` for one of another programme, with other parts, with other frames than the next ones,
   * beyond the programme's end, or of frames that had not begun when it was signed or read.
   */
  extend(update: ReadLiveUpdate, now: number): boolean;
  /** The bytes of a newer update; null for one that is not kept any more. */
  bytesOf(number: number): Uint8Array | null;
}>;

/** The line of a programme before any update. Errors: `live/not-live` for a manifest that has its frames. */
export function makeLiveLine(described: Manifest, terms: LiveTerms): LiveLine {
  if (!isLiveManifest(described)) throw new FareboxError('live/not-live');
  const { frameCount, frameDurationMs } = described;
  const segmentsOf = new Map<string, (Segment | null)[]>(described.parts.map(({ label }) => [label, []]));
  const commitments = new Uint8Array(COMMITMENT_LENGTH_BYTES * frameCount);
  /** Of a board; the frames of anything else begin when their number says. */
  const begins: number[] | null = isBoardManifest(described) ? [] : null;
  const manifest: Manifest = Object.freeze({
    ...described,
    parts: described.parts.map((part) => ({ ...part, segments: segmentsOf.get(part.label) ?? [] })),
    commitments,
    ...(begins === null ? {} : { begins }),
  });
  /** Names of the known updates, the first of them `firstNumber`. */
  const hashes: ContentHash[] = [];
  const kept = new Map<number, Uint8Array>();
  let firstNumber = 0;
  let reach: LiveReach | null = null;

  const refuse = (claim: string): never => {
    throw new FareboxError(CODE, { claim });
  };

  /** True for a known one. */
  function isKnown({ number, updateHash }: ReadLiveUpdate): boolean {
    if (reach === null || number > reach.number) return false;
    if (number < firstNumber) throw new FareboxError('live/gap', { number });
    if (hashes[number - firstNumber] !== updateHash) throw new FareboxError('live/equivocation', { number });
    return true;
  }

  function checkPlace({ number, previous, from }: ReadLiveUpdate): void {
    if (reach === null) return;
    if (reach.ended) throw new FareboxError('live/ended', { number });
    if (number > reach.number + 1) throw new FareboxError('live/gap', { number: reach.number + 1 });
    // It goes on from another update than the one that was signed under that number.
    if (previous !== hashes.at(-1)) throw new FareboxError('live/equivocation', { number: reach.number });
    if (from !== reach.edge) refuse('from');
  }

  function checkForm(update: ReadLiveUpdate, now: number): void {
    const { programme, from, to, segments, issuedAt } = update;
    if (programme !== described.programme) refuse('programme');
    if (to > frameCount) refuse('to');
    if (segments.size !== segmentsOf.size) refuse('segments');
    for (const label of segments.keys()) if (!segmentsOf.has(label)) refuse('segments');
    checkBegan(update);
    // What has not begun cannot have been filmed: without this a line could be as long as a liar likes.
    const lastBegins =
      terms.startTime + (update.began?.at(-1) ?? lastBeganMs(begins) ?? Math.max(from, to - 1) * frameDurationMs);
    if (lastBegins > issuedAt + LIMITS.clockToleranceMs) refuse('iat');
    if (issuedAt > now + LIMITS.clockToleranceMs) refuse('iat');
  }

  /** Strokes say when they began, each after the one before, and every frame of a board is one. */
  function checkBegan({ from, began, segments }: ReadLiveUpdate): void {
    if ((begins !== null) !== (began !== undefined)) refuse('began');
    if (begins === null || began === undefined) return;
    const before = begins[from - 1];
    if (before !== undefined && (began[0] ?? before + 1) <= before) refuse('began');
    if ([...segments.values()].flat().includes(null)) refuse('segments');
  }

  return Object.freeze({
    terms,
    manifest,
    reach: () => reach,
    extend(update: ReadLiveUpdate, now: number) {
      if (update.programme === described.programme && isKnown(update)) return false;
      checkForm(update, now);
      checkPlace(update);
      const { number, from, to, ended } = update;
      if (reach === null) firstNumber = number;
      hashes.push(update.updateHash);
      kept.set(number, update.bytes);
      kept.delete(number - LIMITS.liveUpdatesKept);
      for (const [label, added] of update.segments) {
        const known = segmentsOf.get(label);
        for (const [at, segment] of added.entries()) if (known !== undefined) known[from + at] = segment;
      }
      for (const [at, beganMs] of (update.began ?? []).entries()) if (begins !== null) begins[from + at] = beganMs;
      commitments.set(update.commitments, from * COMMITMENT_LENGTH_BYTES);
      reach = Object.freeze({ first: reach?.first ?? from, edge: to, number, ended });
      return true;
    },
    bytesOf: (number: number) => kept.get(number) ?? null,
  });
}

/** Of a board before its first stroke 0; null for what is no board. */
function lastBeganMs(begins: readonly number[] | null): number | null {
  return begins === null ? null : (begins.at(-1) ?? 0);
}
