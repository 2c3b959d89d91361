import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runs } from '../protocol/testing/runs.ts';
import {
  IDLE,
  isActive,
  type MachineEvent,
  type MachineState,
  PLAYER_PHASES,
  type PlayerPhase,
  step,
} from './machine.ts';

const EVENTS: readonly MachineEvent[] = [
  { type: 'open', programmeId: 'p1', positionMs: null },
  { type: 'open', programmeId: 'p2', positionMs: 4_000 },
  { type: 'play' },
  { type: 'pause' },
  { type: 'seek', positionMs: 8_000 },
  { type: 'stop' },
  { type: 'retry' },
  { type: 'leave' },
  { type: 'opened', session: 's1', atMs: 0 },
  { type: 'display', state: 'playing', positionMs: 500 },
  { type: 'display', state: 'waiting', positionMs: 600 },
  { type: 'display', state: 'paused', positionMs: 700 },
  { type: 'display', state: 'ended', positionMs: 9_000 },
  { type: 'opened', session: 's3', atMs: 0, kept: true },
  { type: 'grant-over', positionMs: 6_000 },
  { type: 'module-lost' },
  { type: 'module-ready' },
  { type: 'closed' },
  { type: 'failed', code: 'network/unreachable' },
];

const run = (...events: readonly MachineEvent[]): MachineState =>
  events.reduce<MachineState>((state, event) => step(state, event).state, IDLE);
const OPEN: MachineEvent = { type: 'open', programmeId: 'p1', positionMs: null };
const OPENED: MachineEvent = { type: 'opened', session: 's1', atMs: 0 };
const PLAYS: MachineEvent = { type: 'display', state: 'playing', positionMs: 100 };
const playing = [OPEN, OPENED, PLAYS];

/** A way to every phase. */
const WAYS: Readonly<Record<PlayerPhase, readonly MachineEvent[]>> = {
  idle: [],
  opening: [OPEN],
  waiting: [OPEN, OPENED],
  playing,
  paused: [...playing, { type: 'pause' }],
  renewing: [...playing, { type: 'grant-over', positionMs: 5 }],
  resuming: [...playing, { type: 'module-lost' }],
  stopping: [...playing, { type: 'stop' }],
  stopped: [...playing, { type: 'stop' }, { type: 'closed' }],
  failed: [...playing, { type: 'failed', code: 'store/full' }],
};

/** The diagram of machine.ts, arrow by arrow. */
const ARROWS: readonly (readonly [from: PlayerPhase, to: PlayerPhase, by: MachineEvent])[] = [
  ['idle', 'opening', OPEN],
  ['opening', 'waiting', OPENED],
  ['opening', 'failed', { type: 'failed', code: 'network/timeout' }],
  ['opening', 'resuming', { type: 'module-lost' }],
  ['opening', 'idle', { type: 'stop' }],
  ['waiting', 'playing', PLAYS],
  ['playing', 'waiting', { type: 'display', state: 'waiting', positionMs: 1 }],
  ['playing', 'waiting', { type: 'seek', positionMs: 5 }],
  ['playing', 'paused', { type: 'pause' }],
  ['paused', 'waiting', { type: 'play' }],
  ['playing', 'renewing', { type: 'grant-over', positionMs: 5 }],
  ['renewing', 'waiting', { type: 'opened', session: 's2', atMs: 0 }],
  ['renewing', 'failed', { type: 'failed', code: 'credit/exhausted' }],
  ['playing', 'resuming', { type: 'module-lost' }],
  ['resuming', 'waiting', OPENED],
  ['resuming', 'failed', { type: 'failed', code: 'module/dead' }],
  ['playing', 'stopping', { type: 'stop' }],
  ['playing', 'stopping', { type: 'display', state: 'ended', positionMs: 9 }],
  ['playing', 'stopped', { type: 'closed' }],
  ['playing', 'failed', { type: 'failed', code: 'store/full' }],
  ['stopping', 'stopped', { type: 'closed' }],
  ['stopping', 'failed', { type: 'failed', code: 'store/full' }],
  ['stopped', 'opening', OPEN],
  ['failed', 'opening', { type: 'retry' }],
  ['failed', 'stopping', { type: 'stop' }],
];

describe('the player machine', () => {
  it.each(ARROWS)('takes the arrow from %s to %s', (from, to, by) => {
    expect(run(...WAYS[from], by).phase).toBe(to);
  });

  it.each(PLAYER_PHASES)('has an answer to every event while %s', (phase) => {
    const state = run(...WAYS[phase]);
    expect(state.phase).toBe(phase);
    for (const event of EVENTS) expect(PLAYER_PHASES).toContain(step(state, event).state.phase);
  });

  it('takes up a stop that failed where it was: at the receipt', () => {
    const failed = run(...WAYS.stopping, { type: 'failed', code: 'store/full' });
    expect(step(failed, { type: 'retry' }).effects).toContainEqual({ type: 'close', session: 's1' });
  });

  it('leaves a kept session open at the end, at its beginning again, and closes it when told to', () => {
    const kept = run(OPEN, { type: 'opened', session: 's1', atMs: 0, kept: true }, PLAYS);
    const { state, effects } = step(kept, { type: 'display', state: 'ended', positionMs: 9 });
    expect(state).toMatchObject({ phase: 'paused', positionMs: 0, session: 's1' });
    expect(effects).toEqual([
      { type: 'command', name: 'pause', session: 's1' },
      { type: 'seek', session: 's1', positionMs: 0 },
    ]);
    expect(step(state, { type: 'stop' }).effects).toContainEqual({ type: 'close', session: 's1' });
    // One that is not kept, opened after it, is closed at its end as ever.
    const next = run(OPEN, { type: 'opened', session: 's1', atMs: 0, kept: true }, OPEN, OPENED, PLAYS);
    expect(step(next, { type: 'display', state: 'ended', positionMs: 9 }).state.phase).toBe('stopping');
  });

  it('holds its invariants whatever happens', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...EVENTS), { maxLength: 40 }), (events) => {
        const state = run(...events);
        expect(state.code !== null).toBe(state.phase === 'failed');
        expect(state.programmeId === null).toBe(state.phase === 'idle');
        if (isActive(state.phase) || state.phase === 'stopping') expect(state.session).not.toBeNull();
        if (state.phase === 'playing') expect(state.wantsPlay).toBe(true);
        if (state.phase === 'paused') expect(state.wantsPlay).toBe(false);
      }),
      { numRuns: runs(2_000) },
    );
  });

  it('can always be opened anew and always be left', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...EVENTS), { maxLength: 40 }), (events) => {
        expect(run(...events, { type: 'leave' })).toEqual(IDLE);
        expect(run(...events, { type: 'open', programmeId: 'p9', positionMs: null })).toMatchObject({
          phase: 'opening',
          programmeId: 'p9',
          session: null,
        });
      }),
    );
  });

  it('is not thrown out of a pause by a report that was on its way', () => {
    expect(run(...playing, { type: 'pause' }, { type: 'display', state: 'playing', positionMs: 300 })).toMatchObject({
      phase: 'paused',
      positionMs: 300,
    });
  });

  it('keeps a seek made while opening and goes there once a session is active', () => {
    const before = run({ type: 'open', programmeId: 'p1', positionMs: null }, { type: 'seek', positionMs: 12_000 });
    const { state, effects } = step(before, { type: 'opened', session: 's1', atMs: 0 });
    expect(state.positionMs).toBe(12_000);
    expect(effects).toContainEqual({ type: 'seek', session: 's1', positionMs: 12_000 });
  });

  it('goes on from its place after a restart of the module', () => {
    const lost = run(...playing, { type: 'display', state: 'playing', positionMs: 7_300 }, { type: 'module-lost' });
    expect(step(lost, { type: 'module-ready' }).effects).toEqual([
      { type: 'resume', programmeId: 'p1', session: 's1' },
    ]);
    expect(step(lost, { type: 'opened', session: 's1', atMs: 6_000 }).effects).toContainEqual({
      type: 'seek',
      session: 's1',
      positionMs: 7_300,
    });
  });

  it('closes the session that a restart cut while its receipt was asked for', () => {
    const lost = run(...playing, { type: 'stop' }, { type: 'module-lost' });
    expect(step(lost, { type: 'module-ready' }).effects).toContainEqual({ type: 'close', session: 's1' });
  });

  it('stops the new session when stop is pressed in the middle of a renewal', () => {
    const renewing = run(...playing, { type: 'grant-over', positionMs: 5 }, { type: 'stop' });
    expect(step(renewing, { type: 'opened', session: 's2', atMs: 0 })).toMatchObject({
      state: { phase: 'stopping', session: 's2' },
    });
  });
});
