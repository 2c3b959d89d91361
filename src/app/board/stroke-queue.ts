// What the drawer has drawn and the provider has not confirmed: kept on this device, sent in order, a few at a time, and again until it is
// answered. None is lost and none drawn twice, whatever happens to the line or to this page. draw-page.tsx makes one for a board.

import { createStore, type ReadableStore } from '../../player/store.ts';
import { fromBase64Url, toBase64Url } from '../../protocol/bytes.ts';
import { ERRORS, FareboxError, type FareboxErrorCode, toErrorData } from '../../protocol/errors.ts';
import { decodeStroke, encodeStroke, type Stroke } from '../../protocol/strokes.ts';
import type { BoardAnswer, BoardClient } from './board-client.ts';

/** How it stands with the board. `away`: the provider cannot be reached; what is drawn waits. `over`: nothing more can be drawn. */
export type QueueState = {
  readonly phase: 'opening' | 'ready' | 'away' | 'over' | 'failed';
  /** Null until the provider was reached. */
  readonly board: BoardAnswer | null;
  /** Everything that was drawn, in order, what waits included. */
  readonly strokes: readonly Stroke[];
  /** How many of them the provider does not have yet. */
  readonly waiting: number;
  /** Why it is away or failed. */
  readonly code: FareboxErrorCode | null;
};

/** What the queue needs of the world. */
export type QueuePorts = {
  readonly client: BoardClient;
  /** What is kept on this device: null where there is nothing. */
  readonly notes: { read(): string | null; write(text: string): void };
  /** Milliseconds since 1970. */
  nowMs(): number;
  /** Resolves after that long; rejects when aborted. */
  pause(ms: number, signal: AbortSignal): Promise<void>;
};

/** The strokes of one board's drawer. */
export type StrokeQueue = {
  readonly state: ReadableStore<QueueState>;
  /** Draws; `beganMs` since 1970. Nothing once the board is over. */
  draw(stroke: Stroke, beganMs: number): void;
  /** Closes the board once everything is sent. */
  end(): void;
  /** Asks again now: the line may be back. */
  retry(): void;
};

type Waiting = { readonly bytes: Uint8Array; readonly beganMs: number };

/** Strokes that go in one request. */
const AT_ONCE = 16;
/** Pauses between two attempts while the provider is away. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 8_000;
/** A stroke that waited longer is said to be that old. */
const OLDEST_MS = 7 * 86_400_000;

/** Opens the queue and begins; it goes on until `signal`. */
export function openStrokeQueue({ client, notes, nowMs, pause }: QueuePorts, signal: AbortSignal): StrokeQueue {
  const store = createStore<QueueState>({ phase: 'opening', board: null, strokes: [], waiting: 0, code: null });
  const change = (next: Partial<QueueState>): void => store.set({ ...store.getSnapshot(), ...next });
  let { base, waiting } = readNotes(notes.read());
  /** What the provider has, in order; the first of `waiting` comes behind it. */
  let sent: readonly Stroke[] = [];
  let ending = false;
  let wake = Promise.withResolvers<void>();

  const rouse = (): void => {
    wake.resolve();
    wake = Promise.withResolvers<void>();
  };

  function keep(next: readonly Waiting[]): void {
    waiting = next;
    notes.write(JSON.stringify([base, next.map(({ bytes, beganMs }) => [toBase64Url(bytes), beganMs])]));
    tell();
  }

  function tell(): void {
    const longestMs = store.getSnapshot().board?.longestMs ?? 0;
    const drawn = waiting.map(({ bytes }) => readOwn(bytes, longestMs)).filter((stroke) => stroke !== null);
    change({ strokes: [...sent, ...drawn], waiting: waiting.length });
  }

  /** Learns what the provider has; what of it was waiting here has arrived. */
  async function learn(): Promise<void> {
    const board = await client.view(signal);
    while (sent.length < board.strokes) {
      const more = await client.strokes(sent.length, signal);
      if (more.length === 0) throw new FareboxError('network/wrong-content', { member: 'strokes' });
      for (const bytes of more) {
        const [next, ...rest] = waiting;
        // Only what came after the first of them could have been sent: many strokes, an undoing for one, look alike.
        if (next !== undefined && sent.length >= base && isSame(next.bytes, bytes)) waiting = rest;
        sent = [...sent, decodeStroke(bytes, board.longestMs)];
      }
    }
    base = sent.length;
    change({ board });
    keep(waiting);
  }

  async function send(): Promise<void> {
    const some = waiting.slice(0, AT_ONCE);
    const now = nowMs();
    const listed = some.map(({ bytes, beganMs }) => ({
      agoMs: Math.min(OLDEST_MS, Math.max(0, Math.round(now - beganMs))),
      stroke: bytes,
    }));
    await client.draw(sent.length, listed, signal);
    const longestMs = store.getSnapshot().board?.longestMs ?? 0;
    sent = [...sent, ...some.map(({ bytes }) => decodeStroke(bytes, longestMs))];
    base = sent.length;
    keep(waiting.slice(some.length));
  }

  /** One step of the work; false where there is nothing to do. */
  async function work(): Promise<boolean> {
    const { board } = store.getSnapshot();
    const isLast = board !== null && waiting.length === 0;
    if (board === null) await learn();
    else if (!isLast) await send();
    else if (ending) await client.end(signal);
    else return false;
    const isOver = isLast || store.getSnapshot().board?.ended === true;
    change({ phase: isOver ? 'over' : 'ready', code: null });
    return true;
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!signal.aborted && store.getSnapshot().phase !== 'over') {
      const awake = wake.promise;
      try {
        const worked = await work();
        failures = 0;
        if (!worked) await Promise.race([awake, untilAborted(signal)]);
      } catch (error) {
        if (signal.aborted) return;
        const { code } = toErrorData(error);
        // Somebody draws with the same link elsewhere, or this page knows less than the provider: it learns, and goes on behind that.
        if (code === 'live/taken' || code === 'live/gap') change({ board: null });
        else if (code === 'live/ended') change({ phase: 'over', code });
        else if (isOut(code)) change({ phase: 'away', code });
        else {
          change({ phase: 'failed', code });
          return;
        }
        failures += 1;
        const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
        await Promise.race([pause(pauseMs, signal).catch(() => undefined), awake]);
      }
    }
  }

  void run();
  return {
    state: store,
    draw(stroke, beganMs) {
      if (store.getSnapshot().phase === 'over') return;
      keep([...waiting, { bytes: encodeStroke(stroke), beganMs }]);
      rouse();
    },
    end() {
      ending = true;
      rouse();
    },
    retry: rouse,
  };
}

/** The provider is away, or on its way back; anything else it refuses again. */
function isOut(code: FareboxErrorCode): boolean {
  return code.startsWith('network/') || ERRORS[code].retry === 'same-request' || code === 'request/rate';
}

function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, at) => byte === other[at]);
}

/** What this page drew, read as everybody else will read it. Null before the provider has said how long a stroke may take. */
function readOwn(bytes: Uint8Array, longestMs: number): Stroke | null {
  return longestMs === 0 ? null : decodeStroke(bytes, longestMs);
}

/** What was kept, and the number that the first of it has. This page's own, but a person may have looked at it; what does not fit is left. */
function readNotes(text: string | null): { base: number; waiting: readonly Waiting[] } {
  try {
    const kept: unknown = JSON.parse(text ?? '[0, []]');
    const [base, listed]: readonly unknown[] = Array.isArray(kept) ? kept : [];
    if (typeof base !== 'number' || !Array.isArray(listed)) return { base: 0, waiting: [] };
    const waiting = listed.flatMap((one: unknown) => {
      const [stroke, beganMs]: readonly unknown[] = Array.isArray(one) ? one : [];
      return typeof stroke === 'string' && typeof beganMs === 'number'
        ? [{ bytes: fromBase64Url(stroke), beganMs }]
        : [];
    });
    return { base, waiting };
  } catch {
    return { base: 0, waiting: [] };
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
