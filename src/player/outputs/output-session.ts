// The session behind an output: begun or taken up for one way out, taken up again when the worker died, begun anew where its grant is over. It
// counts nothing and opens nothing; frame-source.ts asks for frames within it. A session that is left is settled first.

import { type FareboxErrorCode, toErrorData } from '../../protocol/errors.ts';
import type { OutputMode } from '../../protocol/output-modes.ts';
import { coversFrame } from '../../protocol/ranges.ts';
import type { SessionView } from '../../worker-module/commands.ts';
import { drawDeliveryId } from '../cmcd.ts';
import { PLAYER_LIMITS } from '../limits.ts';
import type { PlayerPorts } from '../ports.ts';
import type { LoadedProgramme } from '../programme-loading.ts';

/** The session of an output. */
export type OutputSession = {
  /** The session as it was begun or taken up last. */
  view(): SessionView;
  /**
   * Asks for something of one frame in the session: again in the next one where the grant was over, again where the worker had died. What is
   * asked has to bear being asked twice. @throws FareboxError what `ask` threw, and what beginning a session throws.
   */
  within<T>(frame: number, ask: (session: string) => Promise<T>): Promise<T>;
  /** Under which its content is asked for: 32 hex digits. */
  deliveryId(): string;
  /** Settles the session; its receipt is durable in the module even where this throws for want of a line. */
  close(): Promise<void>;
};

/** Refusals after which the next session is asked for, from the frame on. */
const GRANT_OVER: ReadonlySet<FareboxErrorCode> = new Set(['grant/not-covered', 'grant/expired', 'session/full']);
/** Refusals of a worker that knows the session and does not play it: it was begun anew. */
const NOT_TAKEN_UP: ReadonlySet<FareboxErrorCode> = new Set(['session/not-active', 'module/dead']);

/** Begins or takes up a session from frame `from` on. `onNext` hears of each one that follows, and of this one when it is taken up again. */
export async function beginOutputSession(order: {
  readonly ports: Pick<PlayerPorts, 'module' | 'relay'>;
  readonly loaded: LoadedProgramme;
  readonly mode: Exclude<OutputMode, 'display'>;
  readonly from: number;
  readonly signal: AbortSignal;
  readonly onNext: (view: SessionView) => void;
  /** What a session has to be told before anything is asked of it: of a live programme what is out. */
  readonly attach?: (session: string) => Promise<void>;
}): Promise<OutputSession> {
  const { ports, loaded, mode, signal, onNext, attach = async () => undefined } = order;
  const { programmeId, programme, manifestBytes } = loaded;
  const material = Promise.resolve({ programme, manifest: manifestBytes });

  let deliveryId = drawDeliveryId();
  const attached = async (begun: SessionView): Promise<SessionView> => {
    await attach(begun.session);
    return begun;
  };
  const begin = async (from: number): Promise<SessionView> => {
    // One session, one delivery, for good.
    deliveryId = drawDeliveryId();
    return attached(await ports.relay.beginSession({ programmeId, material, from, mode, deliveryId, signal }));
  };
  const takeUp = async (session: string): Promise<SessionView> =>
    attached(await ports.module.call('resumeSession', { session, manifest: manifestBytes }));
  const renew = async (session: string, from: number): Promise<SessionView> => {
    await ports.relay.settle(session);
    return begin(from);
  };

  let view = await begin(order.from);
  /** Whoever was refused together goes on together: one session follows another. */
  let change: Promise<void> | null = null;
  /** Frames that are being asked for. */
  const asking: number[] = [];

  /** Where the next session begins: at the first frame that waits for one, whichever was refused first. */
  const firstBeyond = ({ granted }: SessionView, refused: number): number =>
    Math.min(refused, ...asking.filter((frame) => !coversFrame(granted, frame)));

  async function follow(refused: SessionView, make: () => Promise<SessionView>): Promise<void> {
    // Another one that was refused has seen to it already.
    if (change === null && view !== refused) return;
    change ??= make()
      .then((next) => {
        view = next;
        onNext(next);
      })
      .finally(() => {
        change = null;
      });
    await change;
  }

  async function askWithin<T>(frame: number, ask: (session: string) => Promise<T>): Promise<T> {
    for (let refusals = 0; ; refusals += 1) {
      signal.throwIfAborted();
      const before = view;
      const { session } = before;
      try {
        return await ask(session);
      } catch (error) {
        const { code } = toErrorData(error);
        if (signal.aborted || refusals >= PLAYER_LIMITS.outputRefusals) throw error;
        if (GRANT_OVER.has(code)) await follow(before, () => renew(session, firstBeyond(before, frame)));
        else if (NOT_TAKEN_UP.has(code)) await follow(before, () => takeUp(session));
        else throw error;
      }
    }
  }

  return {
    view: () => view,
    // A session that is gone on with keeps the one of its contract.
    deliveryId: () => view.contract?.deliveryId ?? deliveryId,
    async within(frame, ask) {
      asking.push(frame);
      try {
        return await askWithin(frame, ask);
      } finally {
        asking.splice(asking.indexOf(frame), 1);
      }
    },
    close: () => ports.relay.settle(view.session),
  };
}
