// The player: carries out what its machine asks for and turns what the module, the provider and the person do into events of
// that machine. Made once by the app. It moves sealed bytes and shows numbers; it never sees a clear byte or a key.

import { ERRORS, type FareboxErrorCode, toErrorData } from '../protocol/errors.ts';
import type { SessionView } from '../worker-module/commands.ts';
import type { ModuleEvent } from '../worker-module/events.ts';
import { createDelivery, type Delivery } from './delivery.ts';
import { PLAYER_LIMITS } from './limits.ts';
import { isActive, type MachineEffect, type MachineEvent, step } from './machine.ts';
import { frameAt, rungsOf } from './media-plan.ts';
import { PLAYER_AT_REST, type PlayerState } from './player-state.ts';
import type { ModuleLife, PlayerPorts } from './ports.ts';
import { createProgrammeLoader, findOpenSession, type LoadedProgramme } from './programme-loading.ts';
import type { RungChoice } from './rungs.ts';
import { createStore, type ReadableStore } from './store.ts';
import { tallyFrame, tallyOf } from './tally.ts';

/** What a screen may ask of the player. Every intent returns at once; what comes of it is in `state`. */
export type Player = {
  readonly state: ReadableStore<PlayerState>;
  /** Gets ready what opening this programme will need, because it probably will be opened. Nothing is shown and nothing counted. */
  prepare(programmeId: string): void;
  /** Opens a programme and plays; takes up its open session where it stood, unless `positionMs` says where. */
  open(programmeId: string, positionMs?: number): void;
  play(): void;
  pause(): void;
  seek(positionMs: number): void;
  /** Volume 0–1 of this tab's sound. */
  setVolume(volume: number, muted: boolean): void;
  setRung(choice: RungChoice): void;
  /** Ends the session and has its receipt made; `state` is `stopped` when it is durable. */
  stop(): void;
  /** After a failure: takes up what was going on. */
  retry(): void;
  /** Holds the session and lets go of everything else. */
  leave(): void;
  /** Ends listening to the module. Final. */
  destroy(): void;
};

/** Makes the one player of a terminal. */
export function createPlayer(ports: PlayerPorts): Player {
  const store = createStore<PlayerState>(PLAYER_AT_REST);
  let life: ModuleLife = 'starting';
  let errand = new AbortController();
  let delivery: Delivery | null = null;
  const loader = createProgrammeLoader(ports);
  // Events and answers come on two ports: a list may be here before the answer that names its session.
  let newestList: Extract<ModuleEvent, { type: 'wanted' }> | null = null;
  // Reports sent before the module took a seek would throw the place of play back.
  let seeksUnderway = 0;
  let failedFrame = 0;

  const change = (next: Partial<PlayerState>): void => store.set({ ...store.getSnapshot(), ...next });

  function dispatch(event: MachineEvent): void {
    const { state, effects } = step(store.getSnapshot(), event);
    change(state);
    for (const effect of effects) carryOut(effect);
  }

  // A dead worker comes back by itself: that is not a failure of what was asked, but a reason to take it up again.
  function reject(code: FareboxErrorCode): void {
    if (code === 'module/dead' && life !== 'failed') dispatch({ type: 'module-lost' });
    else if (code === 'session/closed') dispatch({ type: 'closed' });
    else dispatch({ type: 'failed', code });
  }

  function run(work: (signal: AbortSignal) => Promise<MachineEvent>): void {
    const { signal } = errand;
    work(signal).then(
      (event) => {
        if (!signal.aborted) dispatch(event);
      },
      (error: unknown) => {
        if (!signal.aborted) reject(toErrorData(error).code);
      },
    );
  }

  function carryOut(effect: MachineEffect): void {
    switch (effect.type) {
      case 'drop':
        errand.abort();
        errand = new AbortController();
        delivery?.stop();
        delivery = null;
        change({ buffered: [], trouble: null });
        break;
      case 'begin':
        change({ tally: null, pictureShown: false, statistics: null });
        run((signal) => begin(effect.programmeId, effect.seekMs, signal));
        break;
      case 'renew':
        run(async (signal) => {
          await ports.relay.settle(effect.session);
          return beginSession(effect.programmeId, effect.positionMs, signal);
        });
        break;
      case 'resume':
        run(async (signal) => takeUp(await load(effect.programmeId, signal), effect.session));
        break;
      case 'close':
        run(async () => {
          await ports.module.call('closeSession', { session: effect.session });
          // The receipt is durable; the provider's answer to it may come whenever there is a line.
          void ports.relay
            .settle(effect.session)
            .catch((error: unknown) => change({ trouble: toErrorData(error).code }));
          return { type: 'closed' };
        });
        break;
      case 'command':
        send(ports.module.call(effect.name, { session: effect.session }));
        break;
      case 'seek':
        delivery?.moveTo(effect.positionMs, true);
        seeksUnderway += 1;
        send(
          ports.module.call('seek', { session: effect.session, positionMs: effect.positionMs }).finally(() => {
            seeksUnderway -= 1;
          }),
        );
        break;
    }
  }

  function send(command: Promise<null>): void {
    const { signal } = errand;
    command.catch((error: unknown) => {
      if (!signal.aborted) reject(toErrorData(error).code);
    });
  }

  async function load(programmeId: string, signal: AbortSignal): Promise<LoadedProgramme> {
    const programme = await loader.load(programmeId, signal);
    const { frameCount, frameDurationMs, durationMs } = programme.manifest;
    change({ measures: { frameCount, frameDurationMs, durationMs, rungs: rungsOf(programme.manifest) } });
    return programme;
  }

  async function begin(programmeId: string, seekMs: number | null, signal: AbortSignal): Promise<MachineEvent> {
    loader.prepare(programmeId);
    const open = findOpenSession(await ports.module.call('sessions', {}), programmeId, ports.wallClockMs());
    if (open !== null) return takeUp(await load(programmeId, signal), open.session);
    return beginSession(programmeId, seekMs ?? 0, signal);
  }

  /** Programme and first frames are fetched while module and provider still agree, so that the first picture waits for neither. */
  async function beginSession(programmeId: string, positionMs: number, signal: AbortSignal): Promise<MachineEvent> {
    const delivering = load(programmeId, signal).then((programme) => {
      if (!signal.aborted) deliverFrom(programme, positionMs);
      return programme;
    });
    // Only the first frame's number is known without the manifest.
    const from = positionMs === 0 ? 0 : frameAt((await delivering).manifest, positionMs);
    const material = delivering.then(({ programme, manifestBytes }) => ({ programme, manifest: manifestBytes }));
    return activate(await ports.relay.beginSession({ programmeId, material, from, signal }), signal);
  }

  async function takeUp(from: LoadedProgramme, session: string): Promise<MachineEvent> {
    const { signal } = errand;
    const view = await ports.module.call('resumeSession', { session, manifest: from.manifestBytes });
    if (!signal.aborted) deliverFrom(from, view.positionMs);
    return activate(view, signal);
  }

  function activate(view: SessionView, signal: AbortSignal): MachineEvent {
    if (!signal.aborted) {
      change({ tally: tallyOf(view) });
      delivery?.activate(view.session, view.granted);
      if (newestList?.session === view.session) delivery?.want(newestList.frames);
    }
    return { type: 'opened', session: view.session, atMs: view.positionMs };
  }

  function deliverFrom({ manifest }: LoadedProgramme, positionMs: number): void {
    delivery?.stop();
    delivery = createDelivery({
      ports,
      manifest,
      positionMs,
      choice: store.getSnapshot().choice,
      listener: {
        onBuffered: (buffered) => change({ buffered }),
        onTrouble: (trouble) => change({ trouble }),
        onGrantOver: () => dispatch({ type: 'grant-over', positionMs: store.getSnapshot().positionMs }),
        onLost: (next) =>
          dispatch(
            next < manifest.frameCount
              ? { type: 'seek', positionMs: next * manifest.frameDurationMs }
              : { type: 'stop' },
          ),
        onFailed: reject,
      },
    });
  }

  function hear(event: ModuleEvent): void {
    const { session, phase, tally, trouble } = store.getSnapshot();
    if (event.type === 'wanted') newestList = event;
    const about = 'session' in event ? event.session : null;
    if (session === null || (about !== null && about !== session)) return;
    switch (event.type) {
      case 'wanted':
        delivery?.want(event.frames);
        break;
      case 'display':
        if (seeksUnderway > 0) break;
        if (isActive(phase)) change({ statistics: event.statistics });
        dispatch({ type: 'display', state: event.state, positionMs: event.positionMs });
        delivery?.moveTo(event.positionMs, false);
        if (event.state === 'waiting') delivery?.starve();
        break;
      case 'picture':
        change({ pictureShown: true });
        delivery?.begin();
        break;
      case 'frame':
        if (tally !== null) change({ tally: tallyFrame(tally, event) });
        if (event.outcome === 'failed') {
          failedFrame = event.frame;
          change({ trouble: event.code });
        } else if (trouble?.startsWith('frame/') && isOverWith(event)) change({ trouble: null });
        break;
      case 'closed':
        dispatch({ type: 'closed' });
        break;
      case 'failed':
        if (ERRORS[event.code].severity === 'error' || ERRORS[event.code].severity === 'fatal') reject(event.code);
        else change({ trouble: event.code });
        break;
      case 'surface':
      case 'changed':
        // The page's, not the player's.
        break;
    }
  }

  /** The failed frame came after all, or play is so far from it that the person has read of it. */
  function isOverWith({ frame, outcome }: Extract<ModuleEvent, { type: 'frame' }>): boolean {
    if (frame === failedFrame) return outcome !== 'withheld';
    return Math.abs(frame - failedFrame) > PLAYER_LIMITS.framesToRead;
  }

  function tellVolume(): void {
    const { volume, muted } = store.getSnapshot();
    // A module that cannot hear this now is told again when it is ready.
    ports.module.call('setVolume', { volume, muted }).catch(() => undefined);
  }

  const endEvents = ports.module.onEvent(hear);
  const endLife = ports.module.onState((next) => {
    life = next;
    if (next === 'restarting') dispatch({ type: 'module-lost' });
    if (next === 'ready') {
      tellVolume();
      dispatch({ type: 'module-ready' });
    }
    if (next === 'failed') dispatch({ type: 'failed', code: 'module/dead' });
  });

  return {
    state: store,
    prepare(programmeId) {
      loader.prepare(programmeId);
      // A module that cannot enrol now is told to again, and the person of it, when a session is begun.
      ports.relay.prepare().catch(() => undefined);
    },
    open: (programmeId, positionMs) => dispatch({ type: 'open', programmeId, positionMs: positionMs ?? null }),
    play: () => dispatch({ type: 'play' }),
    pause: () => dispatch({ type: 'pause' }),
    seek(positionMs) {
      const { measures } = store.getSnapshot();
      const lastMs = measures === null ? Number.MAX_SAFE_INTEGER : measures.durationMs - PLAYER_LIMITS.seekEndMs;
      dispatch({ type: 'seek', positionMs: Math.round(Math.max(0, Math.min(positionMs, lastMs))) });
    },
    setVolume(volume, muted) {
      change({ volume: Math.min(1, Math.max(0, volume)), muted });
      tellVolume();
    },
    setRung(choice) {
      change({ choice });
      delivery?.choose(choice);
    },
    stop: () => dispatch({ type: 'stop' }),
    retry: () => dispatch({ type: 'retry' }),
    leave: () => dispatch({ type: 'leave' }),
    destroy() {
      dispatch({ type: 'leave' });
      endEvents();
      endLife();
    },
  };
}
