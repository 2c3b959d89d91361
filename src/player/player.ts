// The player: carries out what its machine asks for and turns what the module, the provider and the person do into events of
// that machine. Made once by the app. It moves sealed bytes and shows numbers; it never sees a clear byte or a key.

import { ERRORS, type FareboxErrorCode, toErrorData } from '../protocol/errors.ts';
import { coversFrame } from '../protocol/ranges.ts';
import type { SessionView } from '../worker-module/commands.ts';
import type { ModuleEvent } from '../worker-module/events.ts';
import { drawDeliveryId, encodeCmcd } from './cmcd.ts';
import { createDelivery, type Delivery } from './delivery.ts';
import { createForesight } from './foresight.ts';
import { PLAYER_LIMITS } from './limits.ts';
import { createLiveControl } from './live/live-control.ts';
import { isActive, type MachineEffect, type MachineEvent, step } from './machine.ts';
import { frameAt, rungsOf } from './media-plan.ts';
import type { Player } from './player-intents.ts';
import { PLAYER_AT_REST, type PlayerState } from './player-state.ts';
import type { ModuleLife, PlayerPorts } from './ports.ts';
import { createProgrammeLoader, findOpenSession, type LoadedProgramme } from './programme-loading.ts';
import { createSideDelivery, type SideDelivery } from './side-delivery.ts';
import { createStore } from './store.ts';
import { tallyFrame, tallyOf } from './tally.ts';
import { createTrackControl } from './track-control.ts';
import { isAboutMedia, isOverWith } from './trouble.ts';

export type { Player } from './player-intents.ts';

/** Makes the one player of a terminal. */
export function createPlayer(ports: PlayerPorts): Player {
  const store = createStore<PlayerState>(PLAYER_AT_REST);
  const change = (next: Partial<PlayerState>): void => store.set({ ...store.getSnapshot(), ...next });
  let life: ModuleLife = 'starting';
  let errand = new AbortController();
  let delivery: Delivery | null = null;
  let sideDelivery: SideDelivery | null = null;
  const loader = createProgrammeLoader(ports);
  const foresight = createForesight(ports, loader);
  const tracks = createTrackControl(
    ports,
    { getSnapshot: () => store.getSnapshot().tracks, set: (next) => change({ tracks: next }) },
    () => store.getSnapshot().session,
  );
  const live = createLiveControl(ports, {
    onLive: (next) => {
      const { measures } = store.getSnapshot();
      if (next !== null && measures !== null)
        change({ live: next, measures: { ...measures, durationMs: next.edgeMs } });
      else change({ live: next });
    },
    onGrown: () => delivery?.grow(),
    onTrouble: (trouble) => change({ trouble }),
    onFailed: (code) => reject(code),
  });
  // Events and answers come on two ports: a list may be here before the answer that names its session.
  let newestList: Extract<ModuleEvent, { type: 'wanted' }> | null = null;
  // Reports sent before the module took a seek would throw the place of play back.
  let seeksUnderway = 0;
  /** Whether the display last said that it waits for its next picture. */
  let standsStill = false;
  let failedFrame = 0;

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
        sideDelivery?.stop();
        delivery = null;
        sideDelivery = null;
        live.stop();
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
        run(async (signal) => {
          const programme = await load(effect.programmeId, signal);
          return programme.live === null
            ? takeUp(programme, effect.session)
            : beginLive(programme, store.getSnapshot().positionMs, signal);
        });
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
        seeksUnderway += 1;
        send(
          ports.module.call('seek', { session: effect.session, positionMs: effect.positionMs }).finally(() => {
            seeksUnderway -= 1;
            // It was said while the seek was under way, and is not said again while it stays so.
            if (seeksUnderway === 0 && standsStill) delivery?.starve();
          }),
        );
        // After the command, so that the display stands there when the frame comes.
        delivery?.moveTo(effect.positionMs, true);
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
    const { chapters, previews } = programme.manifest;
    const rungs = rungsOf(programme.manifest);
    change({ measures: { frameCount, frameDurationMs, durationMs, rungs, chapters, hasPreviews: previews !== null } });
    tracks.adopt(programme.manifest);
    return programme;
  }

  async function begin(programmeId: string, seekMs: number | null, signal: AbortSignal): Promise<MachineEvent> {
    loader.prepare(programmeId);
    const sessions = await foresight.sessions();
    const open = findOpenSession(sessions, programmeId, ports.wallClockMs());
    if (open?.live === null) return takeUp(await load(programmeId, signal), open.session);
    return beginSession(programmeId, seekMs, signal, sessions);
  }

  /** Programme and first frames are fetched while module and provider still agree, so that the first picture waits for neither. */
  async function beginSession(
    programmeId: string,
    placeMs: number | null,
    signal: AbortSignal,
    sessions?: readonly SessionView[],
  ): Promise<MachineEvent> {
    if ((await loader.terms(programmeId, signal)) !== null) {
      return beginLive(await load(programmeId, signal), placeMs, signal);
    }
    const positionMs = placeMs ?? 0;
    // Drawn before the first frame is asked for, and told with the session, so that the provider can put the two together.
    const deliveryId = drawDeliveryId();
    const delivering = load(programmeId, signal).then((programme) => {
      if (!signal.aborted) deliverFrom(programme, positionMs, deliveryId);
      return programme;
    });
    // Only the first frame's number is known without the manifest.
    const from = positionMs === 0 ? 0 : frameAt((await delivering).manifest, positionMs);
    const material = delivering.then(({ programme, manifestBytes }) => ({ programme, manifest: manifestBytes }));
    const order = { programmeId, material, from, ...(sessions === undefined ? {} : { sessions }) };
    const firstRung = () => delivery?.rungOf(from) ?? null;
    return activate(
      await ports.relay.beginSession({ ...order, firstRung, mode: 'display', deliveryId, signal }),
      deliveryId,
      signal,
    );
  }

  /** Where a live programme is to be joined only its news says; a session that does not reach there is ended first. */
  async function beginLive(
    programme: LoadedProgramme,
    placeMs: number | null,
    signal: AbortSignal,
  ): Promise<MachineEvent> {
    const deliveryId = drawDeliveryId();
    const { programmeId, programme: signed, manifestBytes } = programme;
    const { manifest, fromMs } = await live.join(programme, placeMs, signal);
    const from = frameAt(manifest, fromMs);
    const open = findOpenSession(await ports.module.call('sessions', {}), programmeId, ports.wallClockMs());
    if (open !== null && !coversFrame(open.granted, from)) await ports.relay.settle(open.session);
    const material = Promise.resolve({ programme: signed, manifest: manifestBytes });
    const view = await ports.relay.beginSession({ programmeId, material, from, mode: 'display', deliveryId, signal });
    signal.throwIfAborted();
    await ports.module.call('seek', { session: view.session, positionMs: fromMs });
    deliverFrom({ ...programme, manifest }, fromMs, view.contract?.deliveryId ?? deliveryId);
    await live.attach(view.session, signal);
    const { seekMs } = store.getSnapshot();
    if (seekMs !== null) change({ seekMs: live.wishedMs(seekMs) });
    return activate({ ...view, positionMs: fromMs }, deliveryId, signal);
  }

  async function takeUp(from: LoadedProgramme, session: string): Promise<MachineEvent> {
    const { signal } = errand;
    const view = await ports.module.call('resumeSession', { session, manifest: from.manifestBytes });
    const deliveryId = drawDeliveryId();
    if (!signal.aborted) deliverFrom(from, view.positionMs, view.contract?.deliveryId ?? deliveryId);
    return activate(view, deliveryId, signal);
  }

  /** A session that is gone on with keeps the delivery id of its contract. */
  function activate(view: SessionView, deliveryId: string, signal: AbortSignal): MachineEvent {
    if (!signal.aborted) {
      change({ tally: tallyOf(view) });
      delivery?.activate(view.session, view.granted, view.contract?.deliveryId ?? deliveryId);
      tracks.activate(view.session);
      if (newestList?.session === view.session) {
        delivery?.want(newestList.frames);
        sideDelivery?.want(view.session, newestList);
      }
    }
    return { type: 'opened', session: view.session, atMs: view.positionMs };
  }

  function deliverFrom({ manifest }: LoadedProgramme, positionMs: number, deliveryId: string): void {
    delivery?.stop();
    sideDelivery?.stop();
    const chosen = () => [store.getSnapshot().tracks.sound, store.getSnapshot().tracks.shownCaptions];
    const cmcd = encodeCmcd({ sid: deliveryId, cid: manifest.programme });
    sideDelivery = createSideDelivery({ ports, manifest, cmcd, labels: chosen });
    delivery = createDelivery({
      ports,
      manifest,
      positionMs,
      deliveryId,
      choice: store.getSnapshot().choice,
      tracks: chosen,
      edge: live.edge,
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
    if (event.type === 'changed' || event.type === 'closed') foresight.forget();
    const about = 'session' in event ? event.session : null;
    if (session === null || (about !== null && about !== session)) return;
    switch (event.type) {
      case 'wanted':
        delivery?.want(event.frames);
        sideDelivery?.want(event.session, event);
        break;
      case 'display':
        standsStill = event.state === 'waiting';
        if (seeksUnderway > 0) break;
        if (isActive(phase)) change({ statistics: event.statistics });
        dispatch({ type: 'display', state: event.state, positionMs: event.positionMs });
        delivery?.moveTo(event.positionMs, false);
        if (event.state === 'waiting') delivery?.starve();
        if (event.state === 'playing') followLive(session, event);
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
        } else if (isAboutMedia(trouble) && isOverWith(failedFrame, event)) change({ trouble: null });
        break;
      case 'closed':
        dispatch({ type: 'closed' });
        break;
      case 'failed':
        if (ERRORS[event.code].severity === 'error' || ERRORS[event.code].severity === 'fatal') reject(event.code);
        else {
          failedFrame = frameAtPlay();
          change({ trouble: event.code });
        }
        break;
      case 'surface':
      case 'changed':
        // The page's, not the player's.
        break;
    }
  }

  /** A place that has left the window is not on sale any more: play goes to the edge. */
  function followLive(session: string, { positionMs, rate }: Extract<ModuleEvent, { type: 'display' }>): void {
    const toMs = live.notice(session, positionMs, rate);
    if (toMs !== null) dispatch({ type: 'seek', positionMs: toMs });
  }

  function frameAtPlay(): number {
    const { measures, positionMs } = store.getSnapshot();
    return measures === null ? 0 : frameAt(measures, positionMs);
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
      tracks.tellLook();
      dispatch({ type: 'module-ready' });
    }
    if (next === 'failed') dispatch({ type: 'failed', code: 'module/dead' });
  });

  return {
    state: store,
    offer: (programmeId) => foresight.foresee(programmeId, false),
    prepare: (programmeId) => foresight.foresee(programmeId, true),
    open: (programmeId, positionMs) => dispatch({ type: 'open', programmeId, positionMs: positionMs ?? null }),
    play: () => dispatch({ type: 'play' }),
    pause() {
      live.leaveEdge();
      dispatch({ type: 'pause' });
    },
    seek(positionMs) {
      const { measures } = store.getSnapshot();
      if (live.edge() !== null) {
        live.leaveEdge();
        dispatch({ type: 'seek', positionMs: Math.round(live.clampMs(positionMs)) });
        return;
      }
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
    tracks,
    preview(positionMs, at) {
      const { session } = store.getSnapshot();
      if (session === null) return;
      const place = { positionMs: positionMs === null ? null : Math.max(0, positionMs), at };
      // Nobody waits for a preview: a display that has just gone shows none.
      ports.module.call('preview', { session, ...place }).catch(() => undefined);
    },
    goLive() {
      const positionMs = live.goLive();
      if (positionMs === null) return;
      dispatch({ type: 'seek', positionMs });
      dispatch({ type: 'play' });
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
