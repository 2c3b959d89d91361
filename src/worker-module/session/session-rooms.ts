// The sessions of this tab: opens, resumes, plays, ends. Called by commands/. Keeps the one active session; everything that must
// outlast the tab is in the record.

import { FareboxError } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import type { LiveReach } from '../../protocol/live-line.ts';
import { decodeManifest, type Manifest, type ManifestPart } from '../../protocol/manifest.ts';
import { hashObject } from '../../protocol/programme.ts';
import type { ClearPart, PartKey, SealedPart } from '../commands.ts';
import type { Core } from '../core.ts';
import type { FrameSink, MakeFrameSink } from '../frame-gateway.ts';
import { MODULE_LIMITS } from '../limits.ts';
import type { Hints } from '../store/hints.ts';
import { type Locks, tabLockName } from '../store/locks.ts';
import {
  type ActiveSession,
  expectDisplay,
  expectHost,
  type HostMode,
  makeActive,
  stopActive,
} from './active-session.ts';
import { deliverFrame } from './deliver.ts';
import { extendLine } from './extend-line.ts';
import { endSession, failInterrupted, noteStall } from './frame-life.ts';
import { type HandOver, handOverFrame, handOverKeys } from './hand-over.ts';
import { commitSession, type FirstReserved, type OpeningWish, type SessionObjects } from './open-session.ts';
import { deliverSheet } from './open-sheet.ts';
import { openSessionRow } from './session-codec.ts';
import type { LoadedSession } from './session-state.ts';
import { makeSessionTime } from './session-time.ts';

/** What the commands of play need. */
export type SessionRooms = {
  /** @throws FareboxError as `commitSession`. */
  open(objects: SessionObjects, wish: OpeningWish): Promise<LoadedSession>;
  /** @throws FareboxError `session/unknown`, `session/closed`, `grant/expired`, `programme/other-manifest`. */
  resume(session: SessionId, manifest: Uint8Array): Promise<LoadedSession>;
  /** Tells the live session of this tab of more frames. @throws FareboxError `session/not-active`, and what extendLine throws. */
  extend(session: SessionId, updates: readonly Uint8Array[]): Promise<LoadedSession>;
  /** How far its live programme is known in this tab; null for any other session. */
  reachOf(session: SessionId): LiveReach | null;
  /** Newest first. */
  list(): Promise<readonly LoadedSession[]>;
  /** @throws FareboxError `session/unknown`, `session/closed`, `session/not-active`, `session/mode`, and what deliverFrame throws. */
  deliver(session: SessionId, frame: number, parts: readonly SealedPart[]): Promise<{ readonly replay: boolean }>;
  /** @throws FareboxError as `deliver`, and what handOverFrame throws. */
  openFrame(
    session: SessionId,
    frame: number,
    parts: readonly SealedPart[],
  ): Promise<{ readonly replay: boolean; readonly parts: readonly ClearPart[] }>;
  /** @throws FareboxError as `deliver`, and what handOverKeys throws. */
  frameKeys(
    session: SessionId,
    frame: number,
    labels: readonly string[],
  ): Promise<{ readonly replay: boolean; readonly keys: readonly PartKey[] }>;
  /** @throws FareboxError `session/not-active`, `session/mode`. */
  play(session: SessionId): void;
  pause(session: SessionId): Promise<void>;
  seek(session: SessionId, positionMs: number): Promise<void>;
  /** @throws FareboxError as `play`; `frame/unknown-part` for a label that is no sound of the programme. */
  setSound(session: SessionId, label: string): void;
  /** @throws FareboxError as `setSound`. */
  setCaptions(session: SessionId, label: string | null): void;
  setRate(session: SessionId, rate: number): void;
  preview(session: SessionId, positionMs: number | null, at: number): void;
  /** @throws FareboxError `session/not-active`, `session/mode`, `grant/expired`. */
  deliverSheet(session: SessionId, sheet: number, sealed: ArrayBuffer): Promise<void>;
  /** Ends a session: its frames in this tab are withheld first. Does nothing to one that has ended. @throws FareboxError `session/unknown`. */
  end(session: SessionId): Promise<void>;
  /** Settles what tabs that are gone have left reserved, and ends a session that they opened and nobody has watched. */
  settleInterrupted(session: SessionId): Promise<void>;
  /** Another tab says that this session has ended: looks for itself. */
  noticeEnd(session: SessionId): void;
  /** Stops play in this tab for good: what is not counted is withheld. Sessions stay open. */
  stop(): Promise<void>;
};

/**
 * Whether nobody will miss a session where the tabs that reserved its first frames are gone: opened for the display, perhaps ahead of a press that never
 * came, and no frame of it has come to any outcome.
 */
function isUntouched({ terms, progress }: LoadedSession): boolean {
  const isPlain = terms.mode === 'display' && terms.live === null && !terms.offline;
  return isPlain && progress.count === 0 && progress.failures.size === 0 && progress.reservations.size > 0;
}

/** Makes the rooms of this worker. */
export function makeSessionRooms(
  core: Core,
  outside: { readonly makeSink: MakeFrameSink; readonly locks: Locks; readonly hints: Hints },
): SessionRooms {
  let active: ActiveSession | null = null;
  let seeks = 0;

  const expectActive = (session: SessionId): ActiveSession => {
    if (active?.session !== session || active.stopping) throw new FareboxError('session/not-active', { session });
    return active;
  };

  /** The display of the active session, for a track that the programme has. @throws FareboxError `frame/unknown-part`. */
  function sinkForTrack(session: SessionId, kind: ManifestPart['kind'], label: string | null): FrameSink {
    const playing = expectActive(session);
    const { sink } = expectDisplay(playing);
    const known = playing.manifest.parts.some((part) => part.kind === kind && part.label === label);
    if (label !== null && !known) throw new FareboxError('frame/unknown-part', { label });
    return sink;
  }

  /** The session to take frames of. @throws FareboxError `session/unknown`, `session/closed`, `session/not-active`. */
  async function expectTaking(session: SessionId): Promise<ActiveSession> {
    if (active?.session === session) return active;
    const { state } = await expectSession(session);
    throw new FareboxError(state === 'open' ? 'session/not-active' : 'session/closed', { session });
  }

  async function handingOver(session: SessionId, frame: number, mode: HostMode): Promise<HandOver> {
    const taking = await expectTaking(session);
    return { core, active: taking, way: expectHost(taking, mode), frame, onClosed: () => noticeClosed(session) };
  }

  async function activate(
    loaded: LoadedSession,
    manifest: Manifest,
    first: FirstReserved | null = null,
  ): Promise<void> {
    // A live one is joined anew: whoever takes it up again may not know what it was told meanwhile.
    const goesOn = active?.session === loaded.session && !active.stopping;
    if (goesOn && loaded.terms.live === null) return;
    const earlier = active;
    active = null;
    if (earlier !== null) await stopActive(earlier);
    const noteOwnStall = (frame: number, ms: number) => keepStall(loaded, frame, ms);
    active = makeActive(loaded, manifest, core.clock, outside.makeSink, noteOwnStall, first);
  }

  /** The session was found closed in the store: another tab has done it. */
  function noticeClosed(session: SessionId): void {
    const gone = active;
    if (gone?.session !== session || gone.stopping) return;
    active = null;
    core.emit({ type: 'closed', session });
    stopActive(gone).catch(() => core.emit({ type: 'failed', session, code: 'module/internal' }));
  }

  async function look(session: SessionId): Promise<void> {
    core.committer.refresh();
    const row = await core.store.session(session);
    if (row?.state !== 'open') noticeClosed(session);
  }

  async function keepPosition(session: SessionId, positionMs: number): Promise<void> {
    await core.committer.commit({
      sessions: [session],
      apply: (draft) => {
        if (draft.session(session).state === 'open') draft.change(session).progress.positionMs = positionMs;
      },
    });
  }

  /** Only a contract asks for it: without one nothing is written. */
  async function keepStall({ session, terms }: LoadedSession, frame: number, ms: number): Promise<void> {
    if (terms.contract === null) return;
    await core.committer.commit({ sessions: [session], apply: (draft) => noteStall(draft, session, frame, ms) });
  }

  async function expectSession(session: SessionId): Promise<LoadedSession> {
    const loaded = await core.committer.read(session);
    if (loaded === null) throw new FareboxError('session/unknown', { session });
    return loaded;
  }

  async function settleInterrupted(session: SessionId, endsUntouched: boolean): Promise<void> {
    let living: ReadonlySet<string> = new Set();
    await core.committer.commit({
      sessions: [session],
      // Asked under the record's lock: a tab that came since may have reserved a frame by now, and is alive.
      prepare: async () => {
        living = await outside.locks.heldNames();
      },
      apply: (draft) => {
        const mayEnd = endsUntouched && isUntouched(draft.session(session));
        failInterrupted(draft, session, (tab) => !living.has(tabLockName(tab)));
        if (mayEnd && draft.session(session).progress.reservations.size === 0) endSession(draft, session);
      },
    });
  }

  return {
    settleInterrupted: (session) => settleInterrupted(session, true),
    noticeEnd: (session) => {
      // A look that the store refuses is no loss: the next frame of the session finds out.
      if (active?.session === session) look(session).catch(() => undefined);
    },
    stop: async () => {
      const stopping = active;
      active = null;
      if (stopping !== null) await stopActive(stopping);
    },
    open: async (objects, wish) => {
      const { loaded, manifest, first } = await commitSession(core, objects, wish);
      // What is kept for later leaves the display as it is, and so does what was ended with its opening.
      if (!loaded.terms.offline && loaded.state === 'open') await activate(loaded, manifest, first);
      return loaded;
    },
    resume: async (session, manifestBytes) => {
      core.committer.refresh();
      const found = await expectSession(session);
      const { state, terms } = found;
      if (state !== 'open') throw new FareboxError('session/closed', { session });
      makeSessionTime(core.clock, found).expectGranted();
      if (hashObject(manifestBytes) !== terms.manifestHash) throw new FareboxError('programme/other-manifest');
      const manifest = decodeManifest(manifestBytes);
      await settleInterrupted(session, false);
      if (terms.offline) await keepPosition(session, found.progress.positionMs);
      const loaded = await expectSession(session);
      await activate(loaded, manifest);
      return loaded;
    },
    extend: async (session, updates) => {
      const growing = expectActive(session);
      await extendLine(core, growing, await expectSession(session), updates);
      return expectSession(session);
    },
    reachOf: (session) => (active?.session === session ? (active.line?.reach() ?? null) : null),
    list: async () => {
      const rows = await core.store.sessions(MODULE_LIMITS.listedSessions);
      return Promise.all(rows.map((row) => openSessionRow(row, core.keys)));
    },
    deliver: async (session, frame, parts) => {
      const taking = await expectTaking(session);
      const way = expectDisplay(taking);
      return deliverFrame({ core, active: taking, way, frame, parts, onClosed: () => noticeClosed(session) });
    },
    openFrame: async (session, frame, parts) => handOverFrame(await handingOver(session, frame, 'frames'), parts),
    frameKeys: async (session, frame, labels) => handOverKeys(await handingOver(session, frame, 'keys'), labels),
    play: (session) => expectDisplay(expectActive(session)).sink.play(),
    pause: async (session) => {
      const { sink } = expectDisplay(expectActive(session));
      sink.pause();
      await keepPosition(session, Math.floor(sink.positionMs()));
    },
    seek: async (session, positionMs) => {
      // The place is kept behind the picture: what counts the frame there keeps it as well.
      seeks += 1;
      const own = seeks;
      await expectDisplay(expectActive(session)).sink.seek(positionMs);
      // Play went elsewhere meanwhile: that place is the one to keep.
      if (own === seeks) await keepPosition(session, positionMs);
    },
    setSound: (session, label) => sinkForTrack(session, 'audio', label).setSound(label),
    setCaptions: (session, label) => sinkForTrack(session, 'captions', label).setCaptions(label),
    setRate: (session, rate) => expectDisplay(expectActive(session)).sink.setRate(rate),
    preview: (session, positionMs, at) => expectDisplay(expectActive(session)).sink.preview(positionMs, at),
    deliverSheet: async (session, sheet, sealed) => {
      const playing = expectActive(session);
      await deliverSheet(core, playing, expectDisplay(playing), { sheet, sealed });
    },
    end: async (session) => {
      await expectSession(session);
      if (active?.session === session) {
        const ending = active;
        active = null;
        await stopActive(ending);
      }
      await core.committer.commit({ sessions: [session], apply: (draft) => endSession(draft, session) });
      outside.hints.announce({ kind: 'session-ended', session });
    },
  };
}
