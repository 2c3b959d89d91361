// A whiteboard's display, BT-12: each stroke is counted once and before it is drawn, in its order and its own time; a place is everything
// before it; nobody waits at the edge; and a stroke that is none costs itself.

import { describe, expect, it } from 'vitest';
import { decodeContentHash, decodeProgrammeId } from '../../protocol/ids.ts';
import { LIMITS } from '../../protocol/limits.ts';
import type { Manifest } from '../../protocol/manifest.ts';
import { type DrawnStroke, encodeStroke, STROKES_LABEL, type Stroke } from '../../protocol/strokes.ts';
import type { ModuleEvent } from '../events.ts';
import type { FrameSink } from '../frame-gateway.ts';
import { DISPLAY_LIMITS } from './display-limits.ts';
import { makeBoardSinks, strokesPartOf } from './make-board.ts';
import { runTasks } from './testing/run-tasks.ts';

const hash = decodeContentHash('00'.repeat(32));

/** A line of three points, of 400 ms, told by its colour. */
const line = (colour: number): Stroke => ({
  ...{ kind: 'draw', colour, width: 4 },
  points: [0, 200, 400].map((atMs) => ({ x: atMs, y: colour, atMs })),
});

function boards() {
  const time = { now: 10_000 };
  const events: ModuleEvent[] = [];
  /** What is on the paper: colour → points of it that are drawn, in the order in which they were begun. */
  let paper: { colour: number; points: number }[] = [];
  let ground: typeof paper = [];
  const ticks = new Set<(nowMs: number) => void>();
  const colourOf = (stroke: DrawnStroke): number => (stroke.kind === 'draw' ? stroke.colour : -1);
  const makeSink = makeBoardSinks({
    nowMs: () => time.now,
    emit: (event) => void events.push(event),
    startRefresh: (onTick) => {
      ticks.add(onTick);
      return () => void ticks.delete(onTick);
    },
    makePainter: () => ({
      bare: () => {
        ground = [];
      },
      add: (stroke) => {
        ground = [...ground, { colour: colourOf(stroke), points: stroke.points.length }];
      },
      show: (growing, points) => {
        paper = [...ground, ...(growing === null ? [] : [{ colour: colourOf(growing), points }])];
      },
    }),
  });
  const begins: number[] = [];
  const manifest: Manifest = {
    ...{ programme: decodeProgrammeId('00'.repeat(16)), frameCount: 64, frameDurationMs: 2_000, durationMs: 128_000 },
    parts: [
      {
        ...{ kind: 'strokes', label: STROKES_LABEL, codec: 'fbst', bitrate: 1, init: new Uint8Array(), segments: [] },
        ...{ width: 1_600, height: 1_000 },
      },
    ],
    ...{ commitments: new Uint8Array(0), poster: hash, playlists: new Map(), chapters: [], previews: null, begins },
  };
  const outcomes: string[] = [];
  let ended: number | null = null;

  function open(firstFrame = 0, startMs = 0) {
    const part = strokesPartOf(manifest);
    if (part === null) throw new Error('no board');
    const noteStall = async () => undefined;
    const show = makeSink({ session: 's', manifest, startMs, firstFrame, endFrame: () => ended, noteStall }, part);
    return {
      show,
      give: (frame: number, stroke: Stroke | Uint8Array, how: Given = {}) => give(show, frame, stroke, how),
    };
  }

  type Given = { readonly refuse?: boolean; readonly until?: Promise<void> };
  async function give(show: FrameSink, frame: number, stroke: Stroke | Uint8Array, how: Given) {
    const bytes = stroke instanceof Uint8Array ? stroke : encodeStroke(stroke);
    show.accept({
      ...{ frame, rung: STROKES_LABEL, replay: false, parts: new Map([[STROKES_LABEL, bytes]]) },
      count: async () => {
        expect(paper.some(({ colour }) => stroke instanceof Uint8Array || colour === strokeColour(stroke))).toBe(false);
        await how.until;
        if (how.refuse === true) throw new TypeError('the record is full');
        outcomes.push(`counted ${frame}`);
      },
      withhold: async () => void outcomes.push(`withheld ${frame}`),
    });
    await runTasks();
  }

  return {
    ...{ open, events, outcomes, begins },
    paper: () => paper.map(({ colour, points }) => `${colour}:${points}`).join(' '),
    end: (show: FrameSink) => {
      ended = begins.length;
      show.grew();
    },
    /** Strokes that are out; the show is told. */
    tell: (show: FrameSink, ...beganMs: number[]) => {
      begins.push(...beganMs);
      show.grew();
    },
    /** Time passes, in refreshes of 50 ms. */
    pass: async (ms: number) => {
      for (let passed = 0; passed < ms; passed += 50) {
        time.now += 50;
        for (const tick of ticks) tick(time.now);
        await runTasks();
      }
    },
    wanted: () => events.flatMap((event) => (event.type === 'wanted' ? [event.frames] : [])).at(-1),
    state: () => events.flatMap((event) => (event.type === 'display' ? [event.state] : [])).at(-1),
    failed: () => events.flatMap((event) => (event.type === 'failed' ? [event.code] : [])),
    refreshes: () => ticks.size,
  };
}

const strokeColour = (stroke: Stroke): number => (stroke.kind === 'draw' ? stroke.colour : -2);

describe('BT-12: a board that plays', () => {
  it('counts each stroke once, before it is drawn, and draws it in its own time and order', async () => {
    const at = boards();
    const { show, give } = at.open();
    at.tell(show, 5_000, 6_000);
    await give(0, line(1));
    await give(1, line(2));
    expect([at.paper(), at.outcomes]).toEqual(['', []]);
    show.play();
    await runTasks();
    // Nobody waits for the five seconds before the first.
    expect([at.paper(), at.outcomes]).toEqual(['1:1', ['counted 0']]);
    await at.pass(200);
    expect(at.paper()).toBe('1:2');
    await at.pass(250);
    expect(at.paper()).toBe('1:3');
    await at.pass(500);
    expect([at.paper(), at.outcomes]).toEqual(['1:3', ['counted 0']]);
    await at.pass(100);
    expect([at.paper(), at.outcomes]).toEqual(['1:3 2:1', ['counted 0', 'counted 1']]);
    await at.pass(400);
    expect(at.paper()).toBe('1:3 2:3');
    expect(at.outcomes).toEqual(['counted 0', 'counted 1']);
  });

  it('shows nothing of a stroke before it is written down, and nothing of one that the record refuses', async () => {
    const at = boards();
    const { show, give } = at.open();
    at.tell(show, 0, 500);
    const written = Promise.withResolvers<void>();
    await give(0, line(1), { until: written.promise });
    show.play();
    await at.pass(300);
    expect(at.paper()).toBe('');
    written.resolve();
    await runTasks();
    // The clock has stood still for it.
    expect(at.paper()).toBe('1:1');
    await give(1, line(2), { refuse: true });
    await at.pass(600);
    expect([at.paper(), at.state(), at.failed()]).toEqual(['1:3', 'paused', ['module/internal']]);
  });

  it('holds where it is paused, and goes at its speed', async () => {
    const at = boards();
    const { show, give } = at.open();
    at.tell(show, 0, 1_000);
    await give(0, line(1));
    await give(1, line(2));
    show.play();
    await runTasks();
    await at.pass(200);
    show.pause();
    await at.pass(5_000);
    expect([at.paper(), at.state()]).toEqual(['1:2', 'paused']);
    show.setRate(2);
    show.play();
    await at.pass(100);
    expect(at.paper()).toBe('1:3');
    await at.pass(300);
    expect(at.paper()).toBe('1:3 2:1');
  });

  it('wants the strokes that come next, and takes no other', async () => {
    const at = boards();
    const { show, give } = at.open(4);
    at.tell(show, 0, 0, 0, 0, 100, 200, 300);
    expect(at.wanted()).toEqual([4, 5, 6].slice(0, 1 + DISPLAY_LIMITS.framesAhead));
    await give(2, line(2));
    await give(9, line(3));
    expect(at.outcomes).toEqual(['withheld 2', 'withheld 9']);
  });

  it('says that it waits only where a stroke that is out does not come', async () => {
    const at = boards();
    const { show, give } = at.open();
    show.play();
    await at.pass(2_000);
    expect(at.state()).toBe('playing');
    at.tell(show, 60_000);
    await at.pass(DISPLAY_LIMITS.lateMs + 100);
    expect(at.state()).toBe('waiting');
    await give(0, line(1));
    expect([at.state(), at.paper()]).toEqual(['playing', '1:1']);
  });
});

describe('BT-12: a board that goes on', () => {
  it('waits at its edge for nobody: the next stroke is drawn when it is here, with its own time behind it', async () => {
    const at = boards();
    const { show, give } = at.open();
    at.tell(show, 0);
    await give(0, line(1));
    show.play();
    await at.pass(900);
    expect(show.positionMs()).toBe(400);
    at.tell(show, 90_000, 90_700);
    await give(1, line(2));
    await give(2, line(3));
    expect([at.paper(), show.positionMs()]).toEqual(['1:3 2:1', 90_000]);
    await at.pass(650);
    expect(at.paper()).toBe('1:3 2:3');
    await at.pass(50);
    expect(at.paper()).toBe('1:3 2:3 3:1');
  });

  it('ends when its last stroke is whole, and at once where there is none', async () => {
    const at = boards();
    const { show, give } = at.open();
    at.tell(show, 0);
    await give(0, line(1));
    show.play();
    at.end(show);
    await at.pass(350);
    expect(at.state()).toBe('playing');
    await at.pass(100);
    expect(at.state()).toBe('ended');
    const late = at.open(1);
    late.show.play();
    expect(at.state()).toBe('ended');
  });
});

describe('BT-12: a place on a board', () => {
  async function drawn() {
    const at = boards();
    const { show, give } = at.open();
    at.tell(show, 0, 1_000, 2_000, 3_000);
    for (const frame of [0, 1, 2]) await give(frame, line(frame + 1));
    show.play();
    await at.pass(2_500);
    expect(at.paper()).toBe('1:3 2:3 3:3');
    return { at, show, give };
  }

  it('back takes away what came later, and plays it again without counting it', async () => {
    const { at, show } = await drawn();
    show.seek(1_200);
    await runTasks();
    expect(at.paper()).toBe('1:3 2:2');
    await at.pass(1_000);
    expect(at.paper()).toBe('1:3 2:3 3:2');
    expect(at.outcomes).toEqual(['counted 0', 'counted 1', 'counted 2']);
  });

  it('ahead opens, counts and draws all that lies between, at once', async () => {
    const at = boards();
    const { show, give } = at.open();
    at.tell(show, 0, 1_000, 2_000, 9_000);
    show.play();
    show.seek(2_900);
    await runTasks();
    for (const frame of [0, 1, 2, 3]) await give(frame, line(frame + 1));
    expect([at.paper(), at.outcomes]).toEqual(['1:3 2:3 3:3', ['counted 0', 'counted 1', 'counted 2']]);
    expect(show.positionMs()).toBe(2_900);
    await at.pass(6_200);
    expect(at.paper()).toBe('1:3 2:3 3:3 4:1');
  });

  it('knows what was cleared and what was undone', async () => {
    const at = boards();
    const { show, give } = at.open();
    at.tell(show, 0, 500, 600, 700);
    show.play();
    await give(0, line(1));
    await give(1, { kind: 'clear' });
    await give(2, { kind: 'undo' });
    await at.pass(550);
    expect(at.paper()).toBe('');
    await at.pass(50);
    expect(at.paper()).toBe('1:3');
    await give(3, line(2));
    await at.pass(600);
    expect(at.paper()).toBe('1:3 2:3');
    show.seek(550);
    await runTasks();
    expect(at.paper()).toBe('');
  });
});

describe('BT-12: a board and what is wrong with it', () => {
  it.each([
    ['what is no stroke', Uint8Array.of(1, 2, 3)],
    [
      'a stroke that takes longer than it may',
      encodeStroke({ kind: 'erase', width: 1, points: [0, 2_001].map((atMs) => ({ x: 0, y: 0, atMs })) }),
    ],
    [
      'a stroke of more points than it may have',
      encodeStroke({
        kind: 'erase',
        width: 1,
        points: Array.from({ length: LIMITS.strokePoints + 1 }, () => ({ x: 0, y: 0, atMs: 0 })),
      }),
    ],
  ])('passes over %s, withholds it and says so', async (_what, bytes) => {
    const at = boards();
    const { show, give } = at.open();
    at.tell(show, 0, 500);
    show.play();
    await give(0, bytes);
    await give(1, line(2));
    await at.pass(1_000);
    expect([at.paper(), at.outcomes, at.failed()]).toEqual(['2:3', ['withheld 0', 'counted 1'], ['strokes/malformed']]);
  });

  it('that is stopped shows what was counted, withholds the rest and takes nothing more', async () => {
    const at = boards();
    const { show, give } = at.open();
    at.tell(show, 0, 500);
    const written = Promise.withResolvers<void>();
    await give(0, line(1), { until: written.promise });
    await give(1, line(2));
    show.play();
    const stopped = show.stop();
    written.resolve();
    await stopped;
    expect([at.paper(), at.outcomes]).toEqual(['1:3', ['counted 0', 'withheld 1']]);
    await give(1, line(2));
    expect(at.outcomes.at(-1)).toBe('withheld 1');
    expect(at.refreshes()).toBe(0);
  });
});

describe('BT-12: a session that follows another of the same board', () => {
  async function followed(firstFrame: number) {
    const at = boards();
    const { show, give } = at.open();
    at.tell(show, 0, 1_000, 2_000);
    await give(0, line(1));
    await give(1, line(2));
    show.play();
    await at.pass(1_500);
    await show.stop();
    return { at, ...at.open(firstFrame) };
  }

  it('keeps what is on the board, and plays nothing of it again', async () => {
    const { at, show, give } = await followed(2);
    expect(at.paper()).toBe('1:3 2:3');
    show.play();
    await give(2, line(3));
    await at.pass(500);
    expect(at.paper()).toBe('1:3 2:3 3:3');
    show.seek(0);
    await runTasks();
    expect(at.paper()).toBe('1:3 2:3');
  });

  it('begins with a bare board where it goes back, or leaves strokes out', async () => {
    expect((await followed(0)).at.paper()).toBe('');
    expect((await followed(2 + DISPLAY_LIMITS.lostStrokes + 1)).at.paper()).toBe('');
  });
});
