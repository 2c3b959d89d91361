// The player: carries out what its machine asks for and turns what the module, the provider and the person do into events of
// that machine. Made once by the app. It moves sealed bytes and shows numbers; it never sees a clear byte or a key.

import { type FareboxErrorCode, toErrorData } from '../protocol/errors.ts';
import { runsForwards } from '../protocol/sequence/names.ts';
import type { SessionView } from '../worker-module/commands.ts';
import type { ModuleEvent } from '../worker-module/events.ts';
import { drawDeliveryId } from './cmcd.ts';
import type { DeliveryListener } from './delivery.ts';
import { createForesight } from './foresight.ts';
import { joinLive } from './live/join-live.ts';
import { createLiveControl } from './live/live-control.ts';
import { isActive, type MachineEffect, type MachineEvent, step } from './machine.ts';
import { eventBehind, frameAt, measuresOf } from './media-plan.ts';
import { createOwnSessions } from './own-sessions.ts';
import type { Player } from './player-intents.ts';
import { PLAYER_AT_REST, type PlayerState } from './player-state.ts';
import { createPointing, type OpenAhead, type ReadySession } from './pointing.ts';
import type { ModuleLife, PlayerPorts } from './ports.ts';
import { createProgrammeLoader, findOpenSession, type LoadedProgramme } from './programme-loading.ts';
import { createLine, type SessionLine } from './session-line.ts';
import { createStore } from './store.ts';
import { tallyFrame, tallyOf } from './tally.ts';
import { createTrackControl } from './track-control.ts';
import { createTroubleWatch, isAboutMedia } from './trouble.ts';
import { makeWishes } from './wishes.ts';

export type { Player } from './player-intents.ts';

/** Makes the one player of a terminal. */
export function createPlayer(ports: PlayerPorts): Player {
  const store = createStore<PlayerState>(PLAYER_AT_REST);
  const change = (next: Partial<PlayerState>): void => store.set({ ...store.getSnapshot(), ...next });
  let life: ModuleLife = 'starting';
  let errand = new AbortController();
  let line: SessionLine | null = null;
  const own = createOwnSessions();
  const loader = createProgrammeLoader(ports);
  const foresight = createForesight(ports, loader);
  const pointing = createPointing({
    ports,
    loader,
    sessions: async () => own.among(await foresight.sessions()),
    mayPrepare: () => store.getSnapshot().phase === 'idle' && life === 'ready',
    makeLine: (programme, deliveryId) => {
      tracks.adopt(programme.manifest);
      return makeLine(programme, 0, deliveryId);
    },
  });
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
    onGrown: () => line?.delivery.grow(),
    onTrouble: (trouble) => change({ trouble }),
    onFailed: (code) => reject(code),
  });
  // Events and answers come on two ports: a list may be here before the answer that names its session.
  let newestList: Extract<ModuleEvent, { type: 'wanted' }> | null = null;
  // Reports sent before the module took a seek would throw the place of play back.
  let seeksUnderway = 0;
  /** Whether the display last said that it waits for its next picture. */
  let standsStill = false;
  const watch = createTroubleWatch();

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
        line?.stop();
        line = null;
        live.stop();
        change({ buffered: [], trouble: null });
        break;
      case 'begin':
        // The programme's own function each time: the weak one is nobody's default.
        change({ tally: null, pictureShown: false, statistics: null, sequence: null });
        beginWith(pointing.take(effect.programmeId), effect.programmeId, effect.seekMs);
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
        if (live.isBefore(effect.positionMs)) {
          beginAnew(0, effect.positionMs);
          break;
        }
        seeksUnderway += 1;
        send(
          ports.module.call('seek', { session: effect.session, positionMs: effect.positionMs }).finally(() => {
            seeksUnderway -= 1;
            // It was said while the seek was under way, and is not said again while it stays so.
            if (seeksUnderway === 0 && standsStill) line?.delivery.starve();
          }),
        );
        // After the command, so that the display stands there when the frame comes.
        line?.delivery.moveTo(effect.positionMs, true);
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
    change({ measures: measuresOf(programme.manifest) });
    tracks.adopt(programme.manifest);
    return programme;
  }

  /** What is ready plays at once: no turn of the page stands before it. */
  function beginWith(ready: ReadySession | null, programmeId: string, seekMs: number | null): void {
    if (ready?.open) dispatch(adopt(ready, ready.open, errand.signal));
    else run((signal) => begin(ready, programmeId, seekMs, signal));
  }

  function adopt({ deliveryId }: ReadySession, { view, programme, line: readyLine }: OpenAhead, signal: AbortSignal) {
    change({ measures: measuresOf(programme.manifest) });
    line = readyLine;
    readyLine.take();
    return activate(view, deliveryId, signal);
  }

  async function begin(
    ready: ReadySession | null,
    programmeId: string,
    seekMs: number | null,
    signal: AbortSignal,
  ): Promise<MachineEvent> {
    const ahead = (await ready?.whenOpen) ?? null;
    if (ready !== null && signal.aborted) pointing.giveBack(ready);
    signal.throwIfAborted();
    if (ready !== null && ahead !== null) return adopt(ready, ahead, signal);
    loader.prepare(programmeId);
    // What the module still has open for a programme that was only pointed at would count against the person's allowance.
    await pointing.whenEnded();
    const sessions = own.among(await foresight.sessions());
    const open = findOpenSession(sessions, programmeId, ports.wallClockMs());
    if (open?.live === null) return takeUp(await load(programmeId, signal), open.session);
    return beginSession(programmeId, seekMs, signal, sessions);
  }

  /** Programme and first frames are fetched while module and provider still agree, so that the first picture waits for neither. */
  async function beginSession(
    programmeId: string,
    placeMs: number | null,
    signal: AbortSignal,
    known?: readonly SessionView[],
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
    // Waited for below: by then it may have failed.
    material.catch(() => undefined);
    const { sequence } = store.getSnapshot();
    const chosen = sequence === null ? {} : { sequence };
    const sessions = known ?? own.among(await ports.module.call('sessions', {}));
    const firstRung = () => line?.delivery.rungOf(from) ?? null;
    const wanted = { programmeId, material, from, ...chosen, sessions, firstRung, deliveryId, signal };
    const view = await pointing.withCredit(() => ports.relay.beginSession({ ...wanted, mode: 'display' }));
    return activate(view, deliveryId, signal);
  }

  /** Goes on with another session; of a board it begins with this stroke. */
  function beginAnew(frame: number, positionMs: number): void {
    live.beginAt(frame);
    dispatch({ type: 'grant-over', positionMs });
  }

  async function beginLive(
    programme: LoadedProgramme,
    placeMs: number | null,
    signal: AbortSignal,
  ): Promise<MachineEvent> {
    const joined = await joinLive({ ports, live, deliverFrom }, programme, placeMs, signal);
    const { seekMs } = store.getSnapshot();
    if (seekMs !== null) change({ seekMs: live.wishedMs(seekMs) });
    return activate(joined.view, joined.deliveryId, signal);
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
    own.note(view.session);
    if (!signal.aborted) {
      change({ tally: tallyOf(view), sequence: view.sequence === 'logistic' ? view.sequence : null });
      line?.delivery.activate(view.session, view.granted, view.contract?.deliveryId ?? deliveryId, runsForwards(view));
      tracks.activate(view.session);
      if (newestList?.session === view.session) {
        line?.delivery.want(newestList.frames);
        line?.sideDelivery.want(view.session, newestList);
      }
    }
    return { type: 'opened', session: view.session, atMs: view.positionMs, kept: view.offline };
  }

  function deliverFrom(programme: LoadedProgramme, positionMs: number, deliveryId: string): void {
    line?.stop();
    line = makeLine(programme, positionMs, deliveryId);
    line.take();
  }

  function makeLine(programme: LoadedProgramme, positionMs: number, deliveryId: string): SessionLine {
    const { manifest } = programme;
    const { edge } = live;
    const listener: DeliveryListener = {
      onBuffered: (buffered) => change({ buffered }),
      onTrouble: speakOf,
      onGrantOver: () => beginAnew(newestList?.frames[0] ?? 0, store.getSnapshot().positionMs),
      onLost: (next) =>
        manifest.begins !== undefined
          ? beginAnew(next, store.getSnapshot().positionMs)
          : dispatch(eventBehind(manifest, next)),
      onFailed: reject,
    };
    return createLine({ ports, store, programme, positionMs, deliveryId, edge, listener });
  }

  function hear(event: ModuleEvent): void {
    const { session, phase, tally, trouble } = store.getSnapshot();
    if (event.type === 'wanted') newestList = event;
    foresight.hear(event);
    const about = 'session' in event ? event.session : null;
    if (session === null || (about !== null && about !== session)) return;
    switch (event.type) {
      case 'wanted':
        line?.delivery.want(event.frames);
        line?.sideDelivery.want(event.session, event);
        break;
      case 'display':
        standsStill = event.state === 'waiting';
        if (seeksUnderway > 0) break;
        dispatch({ type: 'display', state: event.state, positionMs: event.positionMs });
        if (isActive(phase)) change({ statistics: event.statistics });
        line?.delivery.moveTo(event.positionMs, false);
        if (event.state === 'waiting') line?.delivery.starve();
        if (event.state === 'playing') followLive(session, event);
        break;
      case 'picture':
        change({ pictureShown: true, firstPictures: store.getSnapshot().firstPictures + 1 });
        line?.delivery.begin();
        break;
      case 'frame':
        if (tally !== null) change({ tally: tallyFrame(tally, event) });
        if (event.outcome === 'failed') {
          watch.note(event.frame);
          change({ trouble: event.code });
        } else if (watch.isOverWith(event) && isAboutMedia(trouble)) change({ trouble: null });
        break;
      case 'closed':
        dispatch({ type: 'closed' });
        break;
      case 'failed':
        if (watch.ridesOver(event.code, () => line?.delivery.lower() === true)) speakOf(event.code);
        else reject(event.code);
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

  /** Trouble that play goes on in spite of; what is about a piece of the programme is about where play stands. */
  function speakOf(trouble: FareboxErrorCode | null): void {
    const { measures, positionMs } = store.getSnapshot();
    if (isAboutMedia(trouble) && measures !== null) watch.note(frameAt(measures, positionMs));
    change({ trouble });
  }

  function tellVolume(): void {
    const { volume, muted } = store.getSnapshot();
    // A module that cannot hear this now is told again when it is ready.
    ports.module.call('setVolume', { volume, muted }).catch(() => undefined);
  }

  const endEvents = ports.module.onEvent(hear);
  ports.onHidden?.(() => pointing.letGo());
  const endLife = ports.module.onState((next) => {
    life = next;
    if (next !== 'ready') pointing.letGo();
    if (next === 'restarting') dispatch({ type: 'module-lost' });
    if (next === 'ready') {
      tellVolume();
      tracks.tellLook();
      pointing.wake();
      dispatch({ type: 'module-ready' });
    }
    if (next === 'failed') dispatch({ type: 'failed', code: 'module/dead' });
  });

  return {
    state: store,
    offer: (programmeId) => foresight.foresee(programmeId, false),
    prepare: (programmeId) => foresight.foresee(programmeId, true),
    point(programmeId, pressed = false) {
      if (!pointing.holds(programmeId)) foresight.foresee(programmeId, true);
      pointing.point(programmeId, pressed);
    },
    unpoint: (programmeId) => pointing.unpoint(programmeId),
    ...makeWishes({ ports, store, live, dispatch, change, tellVolume, beginAnew }),
    setRung(choice) {
      change({ choice });
      line?.delivery.choose(choice);
    },
    tracks,
    destroy() {
      dispatch({ type: 'leave' });
      pointing.letGo();
      endEvents();
      endLife();
    },
  };
}
