// A session made ready while a person points at a programme (docs/protocol.md §5): everything up to its first count, and nothing of that. Called by
// player.ts. At most one at a time; what no press comes for is ended with nothing counted, and its receipt brings back what was set aside.
//
//            point, and stays                  granted, opened                    take
//   nothing ──────────────────► being made ready ─────────────► ready ─────────────────► the player's
//      ▲  unpoint before             │ refused, cut              │ unpoint and a while, another one, page hidden
//      └─────────────────────────────┴◄───── settled ◄───────────┘ (one that is being made ready is let go of when it is open: its money is set aside)

import { toErrorData } from '../protocol/errors.ts';
import { coversFrame } from '../protocol/ranges.ts';
import type { SessionView } from '../worker-module/commands.ts';
import { drawDeliveryId } from './cmcd.ts';
import { PLAYER_LIMITS } from './limits.ts';
import type { PlayerPorts } from './ports.ts';
import { findOpenSession, type LoadedProgramme, type ProgrammeLoader } from './programme-loading.ts';
import type { SessionLine } from './session-line.ts';

/** A session that is ready for a press, or on its way there. */
export type ReadySession = {
  readonly programmeId: string;
  readonly deliveryId: string;
  /** What is open, and the line that brings its first frame; null until then. */
  open: OpenAhead | null;
  /** The same when it is known; null where nothing could be made ready. Never rejects. */
  readonly whenOpen: Promise<OpenAhead | null>;
};
/** A session of which nothing was counted. */
export type OpenAhead = {
  readonly view: SessionView;
  readonly programme: LoadedProgramme;
  readonly line: SessionLine;
};

/** What a person points at. */
export type Pointing = {
  /** A programme is pointed at. `pressed`: a press has begun, so that nothing is waited for. */
  point(programmeId: string, pressed: boolean): void;
  /** Whether a session of this programme is ready, or being made so. */
  holds(programmeId: string): boolean;
  /** It is pointed at no more. What is ready stays so for a while: people come back. */
  unpoint(programmeId: string): void;
  /** The module is ready now: what somebody has stayed on meanwhile is made ready. */
  wake(): void;
  /** Nobody looks, or the module begins anew: what was made ready is ended. */
  letGo(): void;
  /** What was made ready of a programme that is opened now, from now on the caller’s; null where there is nothing. Of any other programme it is let go of. */
  take(programmeId: string): ReadySession | null;
  /** What was taken is not wanted after all. */
  giveBack(taken: ReadySession): void;
  /** Resolves when the module holds nothing any more of what was let go of. */
  whenEnded(): Promise<void>;
  /** Asks for a session; once more where the credit for it was on its way back from one that was let go of. Rejects as `ask` does. */
  withCredit<T>(ask: () => Promise<T>): Promise<T>;
};

/** Makes it for one player. `mayPrepare`: nothing plays. `makeLine` begins to fetch the first frame. */
export function createPointing({
  ports,
  loader,
  sessions,
  mayPrepare,
  makeLine,
}: {
  readonly ports: PlayerPorts;
  readonly loader: ProgrammeLoader;
  sessions(): Promise<readonly SessionView[]>;
  mayPrepare(): boolean;
  makeLine(programme: LoadedProgramme, deliveryId: string): SessionLine;
}): Pointing {
  /** `ended`: it is nobody's any more, or the player's. */
  type Held = ReadySession & { isUnwanted: boolean; line: SessionLine | null; readonly ended: AbortController };
  let pointed: { readonly programmeId: string; readonly ended: AbortController; stayed: boolean } | null = null;
  let held: Held | null = null;
  let lingering: AbortController | null = null;
  let ending: Promise<unknown> = Promise.resolve();
  let settling: Promise<unknown> | null = null;
  /** Programmes whose session cannot be made ready on this page: live, refused, beyond the allowance or the credit. */
  const unfit = new Set<string>();
  /** When the last ones were begun. */
  let begunMs: readonly number[] = [];

  function rest(): void {
    pointed?.ended.abort();
    pointed = null;
    lingering?.abort();
    lingering = null;
  }

  function mayBegin(programmeId: string): boolean {
    const nowMs = ports.nowMs();
    begunMs = begunMs.filter((atMs) => nowMs - atMs < PLAYER_LIMITS.preparedWithinMs);
    return mayPrepare() && !unfit.has(programmeId) && begunMs.length < PLAYER_LIMITS.preparedSessions;
  }

  function begin(programmeId: string, pressed: boolean): void {
    if (!mayBegin(programmeId)) return;
    begunMs = [...begunMs, ports.nowMs()];
    const deliveryId = drawDeliveryId();
    const { promise, resolve } = Promise.withResolvers<OpenAhead | null>();
    const fresh = { isUnwanted: false, line: null, ended: new AbortController() };
    const own: Held = { programmeId, deliveryId, open: null, whenOpen: promise, ...fresh };
    held = own;
    void makeReady(own, pressed)
      .catch((error: unknown) => {
        // Pressing meets the same again, and tells it. A bad line may be good by the next time.
        if (!toErrorData(error).code.startsWith('network/')) unfit.add(programmeId);
        return null;
      })
      .then((open) => {
        own.open = open;
        if (open === null) own.line?.stop();
        if (open === null && held === own) held = null;
        else if (held === own) wait(PLAYER_LIMITS.readyMs, own.ended, drop);
        resolve(open);
      });
  }

  async function makeReady(own: Held, pressed: boolean): Promise<OpenAhead | null> {
    const { programmeId, deliveryId } = own;
    // One at a time: the credit and the allowance of the last one are back before the next one takes of them.
    await ending;
    if ((await loader.terms(programmeId, unaborted())) !== null) return pass(programmeId);
    if (findOpenSession(await sessions(), programmeId, ports.wallClockMs()) !== null || own.isUnwanted) return null;
    const loading = loader.load(programmeId, unaborted()).then((programme) => {
      own.line = makeLine(programme, deliveryId);
      return programme;
    });
    // What is granted and cannot be opened keeps its money: nothing is asked for before all is here, but for somebody who waits.
    if (!pressed) await loading;
    if (own.isUnwanted) return null;
    const view = await beginAhead(own, loading);
    const programme = await loading;
    return view === null || own.line === null ? null : { view, programme, line: own.line };
  }

  /** From the question to the provider on nothing cuts it: what is granted is opened, so that it can be given back. */
  async function beginAhead(own: Held, loading: Promise<LoadedProgramme>): Promise<SessionView | null> {
    const { programmeId, deliveryId } = own;
    const material = loading.then(({ programme, manifestBytes }) => ({ programme, manifest: manifestBytes }));
    const firstRung = () => own.line?.delivery.rungOf(0) ?? null;
    const order = { programmeId, material, from: 0, firstRung, mode: 'display', deliveryId } as const;
    const view = await ports.relay.beginSession({ ...order, sessions: [], ahead: true, signal: unaborted() });
    if (view.state === 'open' && coversFrame(view.granted, view.frameCount - 1) && firstRung() !== null) return view;
    // Short of credit or allowance, or nothing to see: it is left to the press.
    end(view.session);
    return pass(programmeId);
  }

  function pass(programmeId: string): null {
    unfit.add(programmeId);
    return null;
  }

  function end(session: string): void {
    const closed = ports.module.call('closeSession', { session }).catch(() => undefined);
    ending = Promise.all([ending, closed]);
    const settled = closed.then(() => ports.relay.release(session)).catch(() => undefined);
    const all = Promise.all([settling, settled]).then(() => {
      if (settling === all) settling = null;
    });
    settling = all;
  }

  function giveBack(given: ReadySession): void {
    const ended = given.whenOpen.then((open) => {
      open?.line.stop();
      if (open !== null) end(open.view.session);
    });
    ending = Promise.all([ending, ended]);
  }

  function drop(): void {
    if (held === null) return;
    held.isUnwanted = true;
    held.ended.abort();
    giveBack(held);
    held = null;
  }

  function wait(ms: number, own: AbortController, then: () => void): void {
    ports.pause(ms, own.signal).then(
      () => {
        if (!own.signal.aborted) then();
      },
      () => undefined,
    );
  }

  return {
    point(programmeId, pressed) {
      lingering?.abort();
      lingering = null;
      if (held?.programmeId === programmeId) {
        pointed ??= { programmeId, ended: new AbortController(), stayed: true };
        return;
      }
      if (pointed?.programmeId === programmeId && !pressed) return;
      rest();
      drop();
      const ended = new AbortController();
      const own = { programmeId, ended, stayed: pressed };
      pointed = own;
      if (pressed) begin(programmeId, true);
      else
        wait(PLAYER_LIMITS.pointedMs, ended, () => {
          own.stayed = true;
          begin(programmeId, false);
        });
    },
    holds: (programmeId) => held?.programmeId === programmeId,
    unpoint(programmeId) {
      if (pointed?.programmeId !== programmeId) return;
      rest();
      if (held === null) return;
      lingering = new AbortController();
      wait(PLAYER_LIMITS.unpointedMs, lingering, drop);
    },
    wake() {
      if (pointed?.stayed && held === null) begin(pointed.programmeId, false);
    },
    letGo() {
      rest();
      drop();
    },
    take(programmeId) {
      rest();
      const own = held;
      if (own?.programmeId !== programmeId) {
        drop();
        return null;
      }
      own.ended.abort();
      held = null;
      return own;
    },
    giveBack,
    whenEnded: async () => void (await ending),
    withCredit: (ask) =>
      ask().catch(async (error: unknown) => {
        if (toErrorData(error).code !== 'credit/exhausted' || settling === null) throw error;
        await settling;
        return ask();
      }),
  };
}

function unaborted(): AbortSignal {
  return new AbortController().signal;
}
