// What the drawer drew and the provider has not confirmed, BT-12: sent in order, kept while the provider is away and over a reload, never
// lost and never drawn twice.

import { describe, expect, test } from 'vitest';
import { FareboxError, type FareboxErrorCode } from '../../protocol/errors.ts';
import { decodeStroke, encodeStroke, type Stroke } from '../../protocol/strokes.ts';
import type { BoardClient } from './board-client.ts';
import { openStrokeQueue, type QueueState, type StrokeQueue } from './stroke-queue.ts';

const LONGEST_MS = 2_000;
const UNDO: Stroke = { kind: 'undo' };
const dot = (colour: number): Stroke => ({ kind: 'draw', colour, width: 4, points: [{ x: 1, y: 1, atMs: 0 }] });

/** A provider with a board, and this device. */
function world() {
  const kept: Uint8Array[] = [];
  const at = { now: 1_000_000, note: null as string | null, ended: false };
  /** What becomes of the next requests: thrown before it arrives, or its answer lost. */
  const faults: ({ readonly code: FareboxErrorCode; readonly arrives: boolean } | null)[] = [];
  const ages: number[] = [];
  const meet = async <T>(work: () => T): Promise<T> => {
    const fault = faults.shift() ?? null;
    if (fault !== null && !fault.arrives) throw new FareboxError(fault.code);
    const answer = work();
    if (fault !== null) throw new FareboxError(fault.code);
    return answer;
  };
  const client: BoardClient = {
    view: () =>
      meet(() => ({
        ...{ title: 'Lesson', width: 16, height: 10, longestMs: LONGEST_MS, room: 64 },
        ...{ strokes: kept.length, ended: at.ended },
      })),
    strokes: (from) => meet(() => kept.slice(from, from + 2)),
    draw: (number, strokes) =>
      meet(() => {
        for (const [more, { agoMs, stroke }] of strokes.entries()) {
          const known = kept[number + more];
          if (known !== undefined && known.join() !== stroke.join()) throw new FareboxError('live/taken');
          if (known === undefined && number + more > kept.length) throw new FareboxError('live/gap');
          if (known !== undefined) continue;
          kept.push(stroke);
          ages.push(agoMs);
        }
        return kept.length;
      }),
    end: () =>
      meet(() => {
        at.ended = true;
        return kept.length;
      }),
  };

  function open(): {
    queue: StrokeQueue;
    close: () => void;
    until: (is: (state: QueueState) => boolean) => Promise<QueueState>;
  } {
    const closing = new AbortController();
    const notes = {
      read: () => at.note,
      write: (text: string) => {
        at.note = text;
      },
    };
    const pause = async (): Promise<void> => {
      at.now += 500;
    };
    const queue = openStrokeQueue({ client, notes, nowMs: () => at.now, pause }, closing.signal);
    const until = (is: (state: QueueState) => boolean): Promise<QueueState> =>
      new Promise((resolve) => {
        const look = (): void => {
          const state = queue.state.getSnapshot();
          if (!is(state)) return;
          end();
          resolve(state);
        };
        const end = queue.state.subscribe(look);
        look();
      });
    return { queue, close: () => closing.abort(), until };
  }
  return { open, at, faults, ages, kept, arrived: () => kept.map((bytes) => decodeStroke(bytes, LONGEST_MS)) };
}

const allSent = ({ phase, waiting, board }: QueueState): boolean =>
  board !== null && phase === 'ready' && waiting === 0;
const away = { code: 'network/unreachable', arrives: false } as const;
const lost = { code: 'network/timeout', arrives: true } as const;

describe('BT-12: strokes that are drawn', () => {
  test('arrive in order, with their age', async () => {
    const { open, arrived, ages, at } = world();
    const { queue, until } = open();
    await until(allSent);
    queue.draw(dot(1), at.now - 300);
    queue.draw(dot(2), at.now);
    const { strokes } = await until(({ waiting, strokes: all }) => waiting === 0 && all.length === 2);
    expect(arrived()).toEqual([dot(1), dot(2)]);
    expect([strokes, ages]).toEqual([
      [dot(1), dot(2)],
      [300, 0],
    ]);
  });

  test('while the provider is away are kept, said to wait, and sent when it is back', async () => {
    const { open, arrived, faults, ages, at } = world();
    const { queue, until } = open();
    await until(allSent);
    faults.push(away, away, away);
    queue.draw(dot(1), at.now);
    queue.draw(dot(2), at.now);
    expect(await until(({ phase }) => phase === 'away')).toMatchObject({ code: 'network/unreachable', waiting: 2 });
    await until(allSent);
    expect(arrived()).toEqual([dot(1), dot(2)]);
    // As old as they are by then.
    expect(ages.every((age) => age > 0)).toBe(true);
  });

  test('before the provider was ever reached are kept as well', async () => {
    const { open, arrived, faults, at } = world();
    faults.push(away, away);
    const { queue, until } = open();
    queue.draw(dot(1), at.now);
    await until(allSent);
    expect(arrived()).toEqual([dot(1)]);
  });

  test('whose answer is lost are drawn once', async () => {
    const { open, arrived, faults, at } = world();
    const { queue, until } = open();
    await until(allSent);
    faults.push(lost, lost);
    queue.draw(UNDO, at.now);
    queue.draw(UNDO, at.now);
    await until(({ waiting, strokes }) => waiting === 0 && strokes.length === 2);
    expect(arrived()).toEqual([UNDO, UNDO]);
  });

  test('are not lost where the page is loaded anew, nor drawn again where they had arrived', async () => {
    const { open, arrived, faults, at } = world();
    const first = open();
    await first.until(allSent);
    first.queue.draw(UNDO, at.now);
    await first.until(({ waiting, strokes }) => waiting === 0 && strokes.length === 1);
    faults.push(lost, away);
    first.queue.draw(UNDO, at.now);
    await first.until(({ phase }) => phase === 'away');
    first.close();
    // The line is still bad when the page is back; more is drawn meanwhile.
    faults.push(away);
    const second = open();
    second.queue.draw(dot(3), at.now);
    await second.until(({ waiting, strokes }) => waiting === 0 && strokes.length === 3);
    expect(arrived()).toEqual([UNDO, UNDO, dot(3)]);
  });

  test('go behind what somebody else drew with the same link', async () => {
    const { open, arrived, kept, at } = world();
    const { queue, until } = open();
    await until(allSent);
    kept.push(encodeStroke(dot(7)), encodeStroke(dot(6)), encodeStroke(dot(5)));
    queue.draw(dot(1), at.now);
    const { strokes } = await until(({ waiting, strokes: all }) => waiting === 0 && all.length === 4);
    expect(arrived()).toEqual([dot(7), dot(6), dot(5), dot(1)]);
    expect(strokes).toEqual(arrived());
  });

  test('are all sent before the board is closed, and none after', async () => {
    const { open, arrived, at } = world();
    const { queue, until } = open();
    await until(allSent);
    queue.draw(dot(1), at.now);
    queue.end();
    await until(({ phase }) => phase === 'over');
    queue.draw(dot(2), at.now);
    expect([arrived(), at.ended]).toEqual([[dot(1)], true]);
  });

  test('are not sent with a link that is none', async () => {
    const { open, arrived, faults, at } = world();
    faults.push({ code: 'board/link', arrives: false });
    const { queue, until } = open();
    queue.draw(dot(1), at.now);
    expect(await until(({ phase }) => phase === 'failed')).toMatchObject({ code: 'board/link' });
    expect(arrived()).toEqual([]);
  });

  test('are nothing where what was kept is no note of this page', async () => {
    for (const note of ['', '{}', '[0]', '[0,[[1,2]]]', 'null', '["0",[]]']) {
      const { open, at, arrived } = world();
      at.note = note;
      await open().until(allSent);
      expect(arrived()).toEqual([]);
    }
  });
});
