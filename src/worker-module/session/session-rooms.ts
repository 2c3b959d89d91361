// The sessions of this tab: opens, resumes, plays, ends. Called by commands/. Keeps the one active session; everything that must
// outlast the tab is in the record.

import { FareboxError } from '../../protocol/errors.ts';
import type { SessionId } from '../../protocol/ids.ts';
import { decodeManifest, type Manifest } from '../../protocol/manifest.ts';
import { hashObject } from '../../protocol/programme.ts';
import type { SealedPart } from '../commands.ts';
import type { Core } from '../core.ts';
import type { MakeFrameSink } from '../frame-gateway.ts';
import { MODULE_LIMITS } from '../limits.ts';
import type { Hints } from '../store/hints.ts';
import { type Locks, tabLockName } from '../store/locks.ts';
import { type ActiveSession, stopActive } from './active-session.ts';
import { deliverFrame } from './deliver.ts';
import { endSession, failInterrupted } from './frame-life.ts';
import { commitSession, type SessionObjects } from './open-session.ts';
import { openSessionRow } from './session-codec.ts';
import type { LoadedSession } from './session-state.ts';
import { makeTurns } from './turns.ts';

/** What the commands of play need. */
export type SessionRooms = {
  /** @throws FareboxError as `commitSession`. */
  open(objects: SessionObjects): Promise<LoadedSession>;
  /** @throws FareboxError `session/unknown`, `session/closed`, `grant/expired`, `programme/other-manifest`. */
  resume(session: SessionId, manifest: Uint8Array): Promise<LoadedSession>;
  /** Newest first. */
  list(): Promise<readonly LoadedSession[]>;
  /** @throws FareboxError `session/unknown`, `session/closed`, `session/not-active`, and what deliverFrame throws. */
  deliver(session: SessionId, frame: number, parts: readonly SealedPart[]): Promise<{ readonly replay: boolean }>;
  /** @throws FareboxError `session/not-active`. */
  play(session: SessionId): void;
  pause(session: SessionId): Promise<void>;
  seek(session: SessionId, positionMs: number): Promise<void>;
  /** Ends a session: its frames in this tab are withheld first. Does nothing to one that has ended. @throws FareboxError `session/unknown`. */
  end(session: SessionId): Promise<void>;
  /** Settles what tabs that are gone have left reserved. */
  settleInterrupted(session: SessionId): Promise<void>;
  /** Another tab says that this session has ended: looks for itself. */
  noticeEnd(session: SessionId): void;
  /** Stops play in this tab for good: what is not counted is withheld. Sessions stay open. */
  stop(): Promise<void>;
};

/** Makes the rooms of this worker. */
export function makeSessionRooms(
  core: Core,
  outside: { readonly makeSink: MakeFrameSink; readonly locks: Locks; readonly hints: Hints },
): SessionRooms {
  let active: ActiveSession | null = null;

  const expectActive = (session: SessionId): ActiveSession => {
    if (active?.session !== session || active.stopping) throw new FareboxError('session/not-active', { session });
    return active;
  };

  async function activate(loaded: LoadedSession, manifest: Manifest): Promise<void> {
    if (active?.session === loaded.session && !active.stopping) return;
    const earlier = active;
    active = null;
    if (earlier !== null) await stopActive(earlier);
    const { session, terms } = loaded;
    const sink = outside.makeSink({ session, manifest, startMs: loaded.progress.positionMs });
    active = { session, terms, manifest, sink, inFlight: new Map(), openingTurns: makeTurns(), stopping: false };
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

  async function expectSession(session: SessionId): Promise<LoadedSession> {
    const loaded = await core.committer.read(session);
    if (loaded === null) throw new FareboxError('session/unknown', { session });
    return loaded;
  }

  async function settleInterrupted(session: SessionId): Promise<void> {
    let living: ReadonlySet<string> = new Set();
    await core.committer.commit({
      sessions: [session],
      // Asked under the record's lock: a tab that came since may have reserved a frame by now, and is alive.
      prepare: async () => {
        living = await outside.locks.heldNames();
      },
      apply: (draft) => failInterrupted(draft, session, (tab) => !living.has(tabLockName(tab))),
    });
  }

  return {
    settleInterrupted,
    noticeEnd: (session) => {
      // A look that the store refuses is no loss: the next frame of the session finds out.
      if (active?.session === session) look(session).catch(() => undefined);
    },
    stop: async () => {
      const stopping = active;
      active = null;
      if (stopping !== null) await stopActive(stopping);
    },
    open: async (objects) => {
      const { loaded, manifest } = await commitSession(core, objects);
      await activate(loaded, manifest);
      return loaded;
    },
    resume: async (session, manifestBytes) => {
      core.committer.refresh();
      const { state, terms } = await expectSession(session);
      if (state !== 'open') throw new FareboxError('session/closed', { session });
      if (core.clock.now() >= terms.expires) throw new FareboxError('grant/expired', { expires: terms.expires });
      if (hashObject(manifestBytes) !== terms.manifestHash) throw new FareboxError('programme/other-manifest');
      const manifest = decodeManifest(manifestBytes);
      await settleInterrupted(session);
      const loaded = await expectSession(session);
      await activate(loaded, manifest);
      return loaded;
    },
    list: async () => {
      const rows = await core.store.sessions(MODULE_LIMITS.listedSessions);
      return Promise.all(rows.map((row) => openSessionRow(row, core.keys)));
    },
    deliver: async (session, frame, parts) => {
      if (active?.session !== session) {
        const { state } = await expectSession(session);
        throw new FareboxError(state === 'open' ? 'session/not-active' : 'session/closed', { session });
      }
      return deliverFrame({ core, active, frame, parts, onClosed: () => noticeClosed(session) });
    },
    play: (session) => expectActive(session).sink.play(),
    pause: async (session) => {
      const { sink } = expectActive(session);
      sink.pause();
      await keepPosition(session, Math.floor(sink.positionMs()));
    },
    seek: async (session, positionMs) => {
      expectActive(session).sink.seek(positionMs);
      await keepPosition(session, positionMs);
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
