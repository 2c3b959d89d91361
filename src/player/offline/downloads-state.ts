// Kept programmes as the screens show them, and what tabs tell each other of one that is being fetched. Types, and the reading of what another tab
// said: that is foreign data like any other.

import { type FareboxErrorCode, isErrorCode } from '../../protocol/errors.ts';
import type { KeptEntry } from './kept-entry.ts';
import type { Progress } from './kept-progress.ts';

/**
 * Where a download stands. `waiting`: its turn comes; `no-line`: it goes on by itself when the line is good; `failed`: it goes on when the person
 * says so; `here`: all of it.
 */
export type DownloadPhase = 'waiting' | 'fetching' | 'no-line' | 'paused' | 'failed' | 'here';

/** What may still be watched of it. `ended`: its session was closed and has its receipt; `over`: its time is. */
export type DownloadTerm = 'open' | 'ended' | 'over';

/** One kept programme. */
export type DownloadView = Pick<
  KeptEntry,
  'programmeId' | 'session' | 'title' | 'untilTime' | 'catalogueEntry' | 'labels' | 'sizeBytes' | 'frameCount'
> &
  Progress & {
    readonly phase: DownloadPhase;
    /** Why it waits for the line, or failed. */
    readonly code: FareboxErrorCode | null;
    readonly term: DownloadTerm;
  };

/** What the browser says of its room, in bytes: used by all of this origin, and what it may use. */
export type Space = { readonly usedBytes: number; readonly allowedBytes: number };

/** All of them. */
export type DownloadsState = {
  /** False until they were read for the first time. */
  readonly read: boolean;
  readonly list: readonly DownloadView[];
  /** Null where the browser does not say. */
  readonly space: Space | null;
  /** Whether the browser has promised not to clear it by itself. */
  readonly persistent: boolean;
};

/** What the tab that fetches tells of it. */
export type Told = Progress & Pick<DownloadView, 'programmeId' | 'phase' | 'code'>;

/** What tabs say to each other: something was changed on the shelf; the person wants this one tried again; how far one is. */
export type TabMessage =
  | { readonly type: 'changed' }
  | { readonly type: 'retry'; readonly programmeId: string }
  | ({ readonly type: 'told' } & Told);

const PHASES: readonly DownloadPhase[] = ['waiting', 'fetching', 'no-line', 'paused', 'failed', 'here'];

/** Reads what another tab said; null for what is no message of this version. */
export function decodeTabMessage(data: unknown): TabMessage | null {
  if (typeof data !== 'object' || data === null) return null;
  const members = new Map<string, unknown>(Object.entries(data));
  const type = members.get('type');
  if (type === 'changed') return { type };
  const programmeId = members.get('programmeId');
  if (typeof programmeId !== 'string') return null;
  if (type === 'retry') return { type, programmeId };
  const phase = PHASES.find((known) => known === members.get('phase'));
  const code = members.get('code');
  const [doneBytes, doneFrames] = [members.get('doneBytes'), members.get('doneFrames')];
  if (type !== 'told' || phase === undefined || (code !== null && !isErrorCode(code))) return null;
  if (typeof doneBytes !== 'number' || typeof doneFrames !== 'number') return null;
  return { type, programmeId, phase, code, doneBytes, doneFrames };
}
