// The player: carries out what its machine asks for and turns what the module, the provider and the person do into events of
// that machine. Made once by the app. It moves sealed bytes and shows numbers; it never sees a clear byte or a key.

import { type FareboxErrorCode, toErrorData } from '../protocol/errors.ts';
import { coversFrame } from '../protocol/ranges.ts';
import { runsForwards } from '../protocol/sequence/names.ts';
import type { SessionView } from '../worker-module/commands.ts';
import type { ModuleEvent } from '../worker-module/events.ts';
import { drawDeliveryId } from './cmcd.ts';
import { createDelivery, type Delivery } from './delivery.ts';
import { createForesight } from './foresight.ts';
import { createLiveControl } from './live/live-control.ts';
import { isActive, type MachineEffect, type MachineEvent, step } from './machine.ts';
import { eventBehind, frameAt, measuresOf } from './media-plan.ts';
import type { Player } from './player-intents.ts';
import { PLAYER_AT_REST, type PlayerState } from './player-state.ts';
import type { ModuleLife, PlayerPorts } from './ports.ts';
import { createProgrammeLoader, findOpenSession, type LoadedProgramme } from './programme-loading.ts';
import { createSideDelivery, type SideDelivery } from './side-delivery.ts';
import { createStore } from './store.ts';
import { FRAME_MARKS, tallyFrame, tallyOf } from './tally.ts';
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
        delivery?.stop();
        sideDelivery?.stop();
        delivery = null;
        sideDelivery = null;
        live.stop();
        change({ buffered: [], trouble: null });
        break;
      case 'begin':
        // The programme's own function each time: the weak one is nobody's default.
        change({ tally: null, pictureShown: false, statistics: null, sequence: null });
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
        if (live.isBefore(effect.positionMs)) {
          beginAnew(0, effect.positionMs);
          break;
        }
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
    change({ measures: measuresOf(programme.manifest) });
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
    const { sequence } = store.getSnapshot();
    const chosen = sequence === null ? {} : { sequence };
    const order = { programmeId, material, from, ...chosen, ...(sessions === undefined ? {} : { sessions }) };
    const firstRung = () => delivery?.rungOf(from) ?? null;
    return activate(
      await ports.relay.beginSession({ ...order, firstRung, mode: 'display', deliveryId, signal }),
      deliveryId,
      signal,
    );
  }

  /** Goes on with another session; of a board it begins with this stroke. */
  function beginAnew(frame: number, positionMs: number): void {
    live.beginAt(frame);
    dispatch({ type: 'grant-over', positionMs });
  }

  /** Where a live programme is to be joined only its news says; a session that does not reach there is ended first. */
  async function beginLive(
    programme: LoadedProgramme,
    placeMs: number | null,
    signal: AbortSignal,
  ): Promise<MachineEvent> {
    const deliveryId = drawDeliveryId();
    const { programmeId, programme: signed, manifestBytes } = programme;
    const findOpen = async (): Promise<SessionView | null> =>
      findOpenSession(await ports.module.call('sessions', {}), programmeId, ports.wallClockMs());
    const held = async () => (await findOpen())?.granted[0]?.[0] ?? null;
    const { manifest, fromMs, from } = await live.join(programme, placeMs, signal, held);
    const open = await findOpen();
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
      change({ tally: tallyOf(view), sequence: view.sequence === 'logistic' ? view.sequence : null });
      delivery?.activate(view.session, view.granted, view.contract?.deliveryId ?? deliveryId, runsForwards(view));
      tracks.activate(view.session);
      if (newestList?.session === view.session) {
        delivery?.want(newestList.frames);
        sideDelivery?.want(view.session, newestList);
      }
    }
    return { type: 'opened', session: view.session, atMs: view.positionMs, kept: view.offline };
  }

  function deliverFrom({ manifest }: LoadedProgramme, positionMs: number, deliveryId: string): void {
    delivery?.stop();
    sideDelivery?.stop();
    const chosen = () => [store.getSnapshot().tracks.sound, store.getSnapshot().tracks.shownCaptions];
    const isLive = live.edge() !== null;
    sideDelivery = createSideDelivery({ ports, manifest, deliveryId, isLive, labels: chosen });
    delivery = createDelivery({
      ports,
      manifest,
      positionMs,
      deliveryId,
      choice: store.getSnapshot().choice,
      tracks: chosen,
      isCounted: (frame) => store.getSnapshot().tally?.marks[frame] !== FRAME_MARKS.toCome,
      edge: live.edge,
      rate: () => (store.getSnapshot().phase === 'paused' ? 0 : store.getSnapshot().tracks.rate),
      listener: {
        onBuffered: (buffered) => change({ buffered }),
        onTrouble: speakOf,
        onGrantOver: () => beginAnew(newestList?.frames[0] ?? 0, store.getSnapshot().positionMs),
        onLost: (next) =>
          manifest.begins !== undefined
            ? beginAnew(next, store.getSnapshot().positionMs)
            : dispatch(eventBehind(manifest, next)),
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
        change({ pictureShown: true, firstPictures: store.getSnapshot().firstPictures + 1 });
        delivery?.begin();
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
        if (watch.ridesOver(event.code, () => delivery?.lower() === true)) speakOf(event.code);
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
    ...makeWishes({ ports, store, live, dispatch, change, tellVolume }),
    setRung(choice) {
      change({ choice });
      delivery?.choose(choice);
    },
    setSequence(sequence) {
      const { tally, positionMs, ...before } = store.getSnapshot();
      if (sequence === before.sequence) return;
      change({ sequence });
      // A session has one function from its beginning to its end: another one is another session.
      if (tally !== null) beginAnew(0, positionMs);
    },
    tracks,
    destroy() {
      dispatch({ type: 'leave' });
      endEvents();
      endLife();
    },
  };
}
