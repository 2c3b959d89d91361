// The player's one state machine: a pure step from state and event to state and effects, as a table with a cell for every pair.
// Called by player.ts, which carries the effects out and feeds their results back as events. It does no work of its own and
// keeps no clock; what is buffered, fetched or shown lives elsewhere.
//
//                 open                opened                  display: playing
//        idle ───────────► opening ─────────────► waiting ◄────────────────────► playing
//          ▲                  │ failed             │  ▲   display: waiting, seek    │
//          │ leave            ▼                    │  └────── play ─────┐           │
//          └───────────── failed ◄── failed ───────┤                paused ◄─ pause ┤
//                             │ retry              │                                │
//             opening / stopping                   │ grant-over                     │
//                                                  ├──────────► renewing ─ opened ─► waiting
//                                                  │ module-lost                    │
//                                                  ├──────────► resuming ─ opened ─► waiting
//                                                  │ stop, display: ended, not kept │
//                                                  └──────────► stopping ─ closed ─► stopped ─ open ─► opening
//
// From every phase `leave` goes to idle and `open` to opening. `waiting`, `playing` and `paused` take the same events alike:
// which of the three it is follows from what the person wants (`wantsPlay`) and what the display says.

import type { FareboxErrorCode } from '../protocol/errors.ts';
import type { DisplayState } from '../worker-module/events.ts';

/** Where playback stands, as the screens name it. */
export const PLAYER_PHASES = [
  'idle',
  'opening',
  'waiting',
  'playing',
  'paused',
  'renewing',
  'resuming',
  'stopping',
  'stopped',
  'failed',
] as const;
export type PlayerPhase = (typeof PLAYER_PHASES)[number];

/** State of the machine. `goal` says what to take up again after a failure: watching, or the receipt. */
export type MachineState = {
  readonly phase: PlayerPhase;
  /** 32 hex digits; null only when idle. */
  readonly programmeId: string | null;
  /** The session that plays or was just closed; null before one exists. */
  readonly session: string | null;
  readonly positionMs: number;
  /** Where to go once a session is active; null for where that session stands. */
  readonly seekMs: number | null;
  readonly wantsPlay: boolean;
  /** Whether the session is kept until its time is over: at the end of the programme it stays open, to be watched again. */
  readonly kept: boolean;
  readonly goal: 'watch' | 'receipt';
  /** Why it failed; null in every other phase. */
  readonly code: FareboxErrorCode | null;
};

/** What may happen to a player. The first seven are a person's intents. */
export type MachineEvent =
  | { readonly type: 'open'; readonly programmeId: string; readonly positionMs: number | null }
  | { readonly type: 'play' }
  | { readonly type: 'pause' }
  | { readonly type: 'seek'; readonly positionMs: number }
  | { readonly type: 'stop' }
  | { readonly type: 'retry' }
  | { readonly type: 'leave' }
  /** A session is active in this tab and its display stands at `atMs`. */
  | { readonly type: 'opened'; readonly session: string; readonly atMs: number; readonly kept?: boolean }
  | { readonly type: 'display'; readonly state: DisplayState; readonly positionMs: number }
  /** The grant does not reach what the display needs next. */
  | { readonly type: 'grant-over'; readonly positionMs: number }
  | { readonly type: 'module-lost' }
  | { readonly type: 'module-ready' }
  /** The session has its receipt, made here or in another tab. */
  | { readonly type: 'closed' }
  | { readonly type: 'failed'; readonly code: FareboxErrorCode };

/** Work for player.ts, in order. */
export type MachineEffect =
  /** Load the programme, take up its open session or begin one there; `seekMs` null for where the session stood, else the start. */
  | { readonly type: 'begin'; readonly programmeId: string; readonly seekMs: number | null }
  /** Close and settle this session, then begin one from there. */
  | { readonly type: 'renew'; readonly programmeId: string; readonly session: string; readonly positionMs: number }
  /** Take this session up again in the restarted module. */
  | { readonly type: 'resume'; readonly programmeId: string; readonly session: string }
  | { readonly type: 'close'; readonly session: string }
  | { readonly type: 'command'; readonly name: 'play' | 'pause'; readonly session: string }
  | { readonly type: 'seek'; readonly session: string; readonly positionMs: number }
  /** Forget buffers, fetches and results on the way. */
  | { readonly type: 'drop' };

/** What one step gives. */
export type MachineStep = { readonly state: MachineState; readonly effects: readonly MachineEffect[] };

/** State before anything was opened. */
export const IDLE: MachineState = Object.freeze({
  phase: 'idle',
  programmeId: null,
  session: null,
  positionMs: 0,
  seekMs: null,
  wantsPlay: false,
  kept: false,
  goal: 'watch',
  code: null,
});

type EventOf<K extends MachineEvent['type']> = Extract<MachineEvent, { readonly type: K }>;
type Cell<K extends MachineEvent['type']> = (state: MachineState, event: EventOf<K>) => MachineStep;
type Row = { readonly [K in MachineEvent['type']]: Cell<K> };

const stay = (state: MachineState): MachineStep => ({ state, effects: [] });

const begin = (programmeId: string, seekMs: number | null): MachineStep => ({
  state: { ...IDLE, phase: 'opening', programmeId, positionMs: seekMs ?? 0, seekMs, wantsPlay: true },
  effects: [{ type: 'drop' }, { type: 'begin', programmeId, seekMs }],
});

const open: Cell<'open'> = (_state, event) => begin(event.programmeId, event.positionMs);

const rest = (): MachineStep => ({ state: IDLE, effects: [{ type: 'drop' }] });

// Leaving holds the session, so that coming back goes on where it stood; its receipt is made by stopping.
const leaveActive: Cell<'leave'> = ({ session }) => ({
  state: IDLE,
  effects: [...(session === null ? [] : [{ type: 'command', name: 'pause', session } as const]), { type: 'drop' }],
});

const fail: Cell<'failed'> = (state, { code }) => ({
  state: { ...state, phase: 'failed', seekMs: state.positionMs, code },
  effects: [{ type: 'drop' }],
});

const close = (state: MachineState): MachineStep =>
  state.session === null
    ? rest()
    : {
        state: { ...state, phase: 'stopping', goal: 'receipt', wantsPlay: false, code: null },
        effects: [{ type: 'drop' }, { type: 'close', session: state.session }],
      };

const opened: Cell<'opened'> = (state, { session, atMs, kept = false }) => {
  if (state.goal === 'receipt') return close({ ...state, session, kept });
  const placeMs = state.seekMs ?? atMs;
  return {
    state: {
      ...state,
      phase: state.wantsPlay ? 'waiting' : 'paused',
      session,
      positionMs: placeMs,
      seekMs: null,
      kept,
      code: null,
    },
    effects: [
      ...(placeMs === atMs ? [] : [{ type: 'seek', session, positionMs: placeMs } as const]),
      ...(state.wantsPlay ? [{ type: 'command', name: 'play', session } as const] : []),
    ],
  };
};

const closed: Cell<'closed'> = (state) => ({
  state: { ...state, phase: 'stopped', goal: 'watch', wantsPlay: false, code: null },
  effects: [{ type: 'drop' }],
});

const loseModule: Cell<'module-lost'> = (state) => ({
  state: { ...state, phase: 'resuming', seekMs: state.session === null ? state.seekMs : state.positionMs },
  effects: [{ type: 'drop' }],
});

// The session of a renewal that was cut may be closed already, so the new one is asked for afresh.
const loseRenewal: Cell<'module-lost'> = (state) => loseModule({ ...state, session: null }, { type: 'module-lost' });

const takeUp = (state: MachineState): MachineStep => {
  const { programmeId, session } = state;
  if (state.goal === 'receipt') return close(state);
  if (programmeId === null) return rest();
  if (session !== null) return { state, effects: [{ type: 'resume', programmeId, session }] };
  return { state: { ...state, phase: 'opening' }, effects: [{ type: 'begin', programmeId, seekMs: state.seekMs }] };
};

const retry: Cell<'retry'> = (state) => {
  if (state.goal === 'receipt') return close(state);
  return state.programmeId === null ? rest() : begin(state.programmeId, state.seekMs);
};

const renew: Cell<'grant-over'> = (state, { positionMs }) => {
  const { programmeId, session } = state;
  if (programmeId === null || session === null) return rest();
  return {
    state: { ...state, phase: 'renewing', positionMs, seekMs: positionMs },
    effects: [{ type: 'drop' }, { type: 'renew', programmeId, session, positionMs }],
  };
};

const command =
  (name: 'play' | 'pause') =>
  (state: MachineState): MachineStep => ({
    state: { ...state, wantsPlay: name === 'play', phase: name === 'play' ? 'waiting' : 'paused' },
    effects: state.session === null ? [] : [{ type: 'command', name, session: state.session }],
  });

const seekNow: Cell<'seek'> = (state, { positionMs }) => ({
  state: { ...state, positionMs, phase: state.wantsPlay ? 'waiting' : 'paused' },
  effects: state.session === null ? [] : [{ type: 'seek', session: state.session, positionMs }],
});

// What is kept is not given back at its end: it stands at its beginning again, and the person says when it is done with.
const rewind = (state: MachineState): MachineStep => ({
  state: { ...state, positionMs: 0, wantsPlay: false, phase: 'paused' },
  effects:
    state.session === null
      ? []
      : [
          { type: 'command', name: 'pause', session: state.session },
          { type: 'seek', session: state.session, positionMs: 0 },
        ],
});

// A report that was on its way when the person pressed pause must not flip the phase back: their wish decides first.
const display: Cell<'display'> = (state, { state: shown, positionMs }) => {
  if (shown === 'ended') return state.kept ? rewind(state) : close({ ...state, positionMs });
  if (shown === 'idle') return stay(state);
  return stay({
    ...state,
    positionMs,
    phase: !state.wantsPlay ? 'paused' : shown === 'playing' ? 'playing' : 'waiting',
  });
};

/** Nothing goes on: only opening and leaving mean something. */
const RESTING: Row = {
  open,
  play: stay,
  pause: stay,
  seek: stay,
  stop: stay,
  retry: stay,
  leave: rest,
  opened: stay,
  display: stay,
  'grant-over': stay,
  'module-lost': stay,
  'module-ready': stay,
  closed: stay,
  failed: stay,
};

/** Something is being fetched or agreed: wishes are kept for when it is done. */
const BUSY: Row = {
  ...RESTING,
  play: (state) => stay({ ...state, wantsPlay: true }),
  pause: (state) => stay({ ...state, wantsPlay: false }),
  seek: (state, { positionMs }) => stay({ ...state, positionMs, seekMs: positionMs }),
  opened,
  'module-lost': loseModule,
  failed: fail,
};

/** A session is on the display. */
const ACTIVE: Row = {
  open,
  play: command('play'),
  pause: command('pause'),
  seek: seekNow,
  stop: close,
  retry: stay,
  leave: leaveActive,
  opened: stay,
  display,
  'grant-over': renew,
  'module-lost': loseModule,
  'module-ready': stay,
  closed,
  failed: fail,
};

const TRANSITIONS: Readonly<Record<PlayerPhase, Row>> = {
  idle: RESTING,
  opening: { ...BUSY, stop: rest },
  waiting: ACTIVE,
  playing: { ...ACTIVE, play: stay },
  paused: { ...ACTIVE, pause: stay },
  // Stopping in the middle of a renewal waits for the new session and closes that: the old one is being settled already.
  renewing: { ...BUSY, stop: (state) => stay({ ...state, goal: 'receipt' }), 'module-lost': loseRenewal },
  resuming: {
    ...BUSY,
    stop: (state) => (state.session === null ? rest() : stay({ ...state, goal: 'receipt' })),
    'module-lost': stay,
    'module-ready': takeUp,
    closed,
  },
  stopping: { ...RESTING, 'module-lost': loseModule, closed, failed: fail },
  stopped: RESTING,
  failed: { ...RESTING, retry, stop: close, closed },
};

/** Takes one event: the next state and the work it asks for. Total: every phase has a cell for every event. */
export function step<K extends MachineEvent['type']>(state: MachineState, event: EventOf<K>): MachineStep {
  const row: { readonly [E in K]: Cell<E> } = TRANSITIONS[state.phase];
  return row[event.type](state, event);
}

/** Whether a session is on the display in this phase. */
export function isActive(phase: PlayerPhase): boolean {
  return phase === 'waiting' || phase === 'playing' || phase === 'paused';
}
