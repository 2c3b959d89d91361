// Places on a whiteboard (docs/protocol.md §22), whose frames are strokes with times of their own: where a session of it begins, and when it
// takes another one to go there. Asked by live-control.ts; for any other programme it is not asked.

import type { LiveReach } from '../../protocol/live-line.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import { PLAYER_LIMITS } from '../limits.ts';
import type { LiveNow } from '../player-state.ts';

/** How far a board is, as the screens show it. Nothing may be out yet. */
export function boardNow(manifest: Manifest, reach: LiveReach | null): LiveNow {
  const newestMs = newestOf(manifest);
  if (reach === null || newestMs === null) return { firstMs: 0, edgeMs: 0, liveMs: 0, ended: reach?.ended ?? false };
  // As far as the newest stroke may still be growing there.
  const edgeMs = newestMs + manifest.frameDurationMs;
  return { firstMs: 0, edgeMs, liveMs: newestMs + 1, ended: reach.ended };
}

/**
 * The stroke to begin with. Joins at the edge, on a bare board; one that has ended from its first stroke. `held`: the first stroke of a session that is open, or one
 * that the session has to begin with; what of it is older than the place is drawn at once.
 */
export function boardStart(
  { edge, ended }: Pick<LiveReach, 'edge' | 'ended'>,
  wantedMs: number | null,
  held: number | null,
): number {
  if (held !== null) return Math.min(held, edge);
  return ended || wantedMs === 0 ? 0 : edge;
}

/** The place that goes with it. */
export function boardStartMs(manifest: Manifest, reach: LiveReach | null, wantedMs: number | null): number {
  if (wantedMs !== null) return wantedMs;
  const newestMs = newestOf(manifest);
  return newestMs === null || reach?.ended === true ? 0 : newestMs + 1;
}

/** True where a place was drawn before the stroke that the session began with: going there takes a session from the first stroke on. */
export function isBeforeSession(manifest: Manifest, firstFrame: number, positionMs: number): boolean {
  const beforeMs = manifest.begins?.[firstFrame - 1];
  return firstFrame > 0 && (beforeMs === undefined || positionMs <= beforeMs);
}

/**
 * Where a step back stays: at the session's own beginning rather than a few seconds before it, since what is before takes another session,
 * and every stroke of it is paid. The very beginning is no slip.
 */
export function withoutSlip(manifest: Manifest, firstFrame: number, placeMs: number): number {
  const beforeMs = manifest.begins?.[firstFrame - 1];
  if (placeMs === 0 || beforeMs === undefined || !isBeforeSession(manifest, firstFrame, placeMs)) return placeMs;
  return beforeMs - placeMs < PLAYER_LIMITS.boardSlipMs ? beforeMs + 1 : placeMs;
}

function newestOf({ begins = [] }: Manifest): number | null {
  return begins.at(-1) ?? null;
}
